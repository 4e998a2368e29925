"""Puts files of one folder at the same places in another. It is a program, too, which imports nothing of ours:

    python linking.py BEFORE OUT < PATHS

Paths stand apart by NUL.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

Path = str | os.PathLike[str]


def link(source: Path, target: Path) -> None:
    """The same file at another place; releases never change a file, so two may share it."""
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # 300,000 files
    _link_or_copy(source, target)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    """Copy a file where the disk has no links; it is there as a whole, or not at all."""
    fresh = f"{os.fspath(target)}.{os.getpid()}"
    shutil.copyfile(source, fresh)
    os.replace(fresh, target)  # noqa: PTH105


def link_all(paths: Iterable[str], before: Path, out: Path) -> None:
    """Each path of the folder `before` in the folder `out`."""
    source, target = f"{os.fspath(before)}/", f"{os.fspath(out)}/"
    made = set[str]()
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder not in made:
            os.makedirs(target + folder, exist_ok=True)  # noqa: PTH103
            made.add(folder)
        _link_or_copy(source + path, target + path)


if __name__ == "__main__":
    told = os.fsdecode(sys.stdin.buffer.read())
    link_all([path for path in told.split("\0") if path], sys.argv[1], sys.argv[2])
