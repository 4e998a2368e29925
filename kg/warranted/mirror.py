"""Makes one folder like another, touching only what differs and only what it wrote itself."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

MARK = ".warranted-site"
"""Stands in every folder this module has written, and lists the files it wrote there."""


def check(target: Path) -> None:
    """See that `target` may be written by `mirror`.

    Raises:
        FileExistsError: it holds files that were not written by `mirror`.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise FileExistsError(
            17,
            "It holds files that are not a site of ours; empty it or name another folder",
            str(target),
        )


def mirror(source: Path, target: Path) -> int:
    """Make `target` hold what `source` holds; returns how many files were written or removed.

    A file that is the same is left alone; one that this function wrote before and that is not in
    `source` any more is removed; any other file stays. Links are replaced, never followed. Each file
    changes at once, and what was there stays readable until then.

    Raises:
        FileExistsError: as `check`.
    """
    check(target)
    target.mkdir(parents=True, exist_ok=True)
    wanted = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    written = set(_listed(target))
    # Whatever happens from here on, the next run knows what may be removed.
    _write(target / MARK, "".join(f"{name}\n" for name in sorted(written | set(wanted))).encode())
    changed = 0
    for name in wanted:
        old = target / name
        _make_way(target, old)
        if old.is_symlink() or not old.is_file() or not filecmp.cmp(source / name, old, False):
            part = old.with_name(f".{old.name}.part")
            shutil.copyfile(source / name, part)
            part.replace(old)
            changed += 1
    for name in sorted(written - set(wanted)):
        old = target / name
        if _inside(target, old) and (old.is_file() or old.is_symlink()):
            old.unlink()
            changed += 1
            _prune(target, old.parent)
    _write(target / MARK, "".join(f"{name}\n" for name in wanted).encode())
    return changed


def _listed(target: Path) -> list[str]:
    try:
        lines = (target / MARK).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if line and ".." not in line.split("/") and line[0] != "/"]


def _make_way(target: Path, file: Path) -> None:
    """Folders for `file`, in place of links and files that stand in the way."""
    for folder in reversed(file.relative_to(target).parents[:-1]):
        at = target / folder
        if at.is_symlink() or at.is_file():
            at.unlink()
        at.mkdir(exist_ok=True)
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)


def _inside(target: Path, file: Path) -> bool:
    return not any((target / f).is_symlink() for f in file.relative_to(target).parents[:-1])


def _prune(target: Path, folder: Path) -> None:
    while folder != target and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)  # noqa: PTH105 (the name says what matters: it is atomic)
