"""Makes one folder like another, touching only what differs."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

MARK = ".warranted-site"
"""Stands in every folder this module has written, so that no other folder is ever emptied."""


def mirror(source: Path, target: Path) -> int:
    """Make `target` hold what `source` holds; returns how many files were written or removed.

    Raises:
        FileExistsError: `target` holds files that were not written by this function.
    """
    target.mkdir(parents=True, exist_ok=True)
    mark = target / MARK
    if not mark.exists() and any(target.iterdir()):
        raise FileExistsError(
            17,
            "It holds files that are not a site of ours; empty it or name another folder",
            str(target),
        )
    mark.touch()
    wanted = {p.relative_to(source) for p in source.rglob("*") if p.is_file()}
    changed = 0
    for path in sorted(wanted):
        old = target / path
        if not old.is_file() or not filecmp.cmp(source / path, old, shallow=False):
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, old)
            changed += 1
    for path in sorted(target.rglob("*"), reverse=True):
        relative = path.relative_to(target)
        if path.is_file() and relative not in wanted and relative.name != MARK:
            path.unlink()
            changed += 1
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return changed
