"""Files of a site: those that are written, and those that are kept from the site before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Group(NamedTuple):
    """Files that are kept together: a digest of what they come from, and their paths."""

    key: str
    files: list[str]


def link(source: Path | str, target: Path | str) -> None:
    """The same file at another place; releases never change a file, so two may share it."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  # 300,000 files
        link_or_copy(source, target)
    except OSError:
        shutil.copyfile(source, target)


def link_or_copy(source: Path | str, target: Path | str) -> None:
    """The same file where the disk can do that, else a copy; the folder is there."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def keep(paths: Iterable[str], before: Path, out: Path) -> None:
    """Keep files of the site before where they stand."""
    source, target = f"{before}/", f"{out}/"
    for path in paths:
        link(source + path, target + path)


@dataclass(slots=True)
class Files:
    """The files of a site as they are written.

    Attributes:
        out: the site's folder. before: that of the site before, and its `groups`.
        paths: of all that was written or kept. made: the groups as they are now.
    """

    out: Path
    before: Path | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    made: dict[str, Group] = field(default_factory=dict)

    def put(self, files: Iterable[tuple[str, bytes]]) -> list[str]:
        """Write files; gives their paths."""
        written = []
        for path, content in files:
            target = self.out / path
            try:
                target.write_bytes(content)
            except FileNotFoundError:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            written.append(path)
        self.paths.update(written)
        return written

    def copy(self, folder: Path, where: str) -> list[str]:
        """Copy what a folder holds; gives the paths."""
        copied = []
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                path = f"{where}/{file.relative_to(folder).as_posix()}"
                target = self.out / path
                target.parent.mkdir(parents=True, exist_ok=True)
                # Not a link: the folder may be changed where it stands, a site never is.
                shutil.copyfile(file, target)
                copied.append(path)
        self.paths.update(copied)
        return copied

    def group(self, name: str, key: str, make: Callable[[], Any]) -> None:
        """Files that need not be made where the site before has them, made from the same.

        Args:
            key: a digest of what they come from. make: writes them; gives their paths.
        """
        was = self.groups.get(name)
        if was is not None and self.before is not None and was.key == key:
            keep(was.files, self.before, self.out)
            self.made[name] = was
        else:
            self.made[name] = Group(key, sorted(set(make())))
        self.paths.update(self.made[name].files)
