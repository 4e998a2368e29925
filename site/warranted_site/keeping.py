"""Files of a site: those that are written, and those that are kept from the site before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from warranted.errors import StoreUnavailable
from warranted_site import linking
from warranted_site.linking import link_all


class Group(NamedTuple):
    """Files that are kept together: a digest of what they come from, and their paths."""

    key: str
    files: list[str]


WORTH: Final = 500
"""Files from which it is worth the start of a process to keep them."""


@contextmanager
def beside(paths: Sequence[str], before: Path, out: Path) -> Iterator[Callable[[], None]]:
    """Keep files of the site before where they stand, in a process of its own if they are many.

    To make thousands of folders is to wait for the disk, and for the interpreter, if a thread does it.

    What it gives waits until the files are there.

    Raises:
        StoreUnavailable: one could not be kept, here or while it is waited for.
    """
    if len(paths) < WORTH or not sys.executable:
        try:
            link_all(paths, before, out)
        except OSError as error:
            raise _lost(str(error)) from error
        yield lambda: None
        return
    command = [sys.executable, "-I", "-S", linking.__file__, str(before), str(out)]
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
        told.write(os.fsencode("\0".join(paths)))
        told.seek(0)
        process = subprocess.Popen(command, stdin=told, stderr=said)

        def wait() -> None:
            if process.wait():
                said.seek(0)
                raise _lost(said.read().decode(errors="replace").strip().rpartition("\n")[2])

        try:
            yield wait
        finally:
            process.kill()
            process.wait()


def _lost(why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"A file of the site before could not be kept: {why}",
        fix="See that the disk has room and the release before is whole, and publish again.",
    )


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
            link_all(was.files, self.before, self.out)
            self.made[name] = was
        else:
            self.made[name] = Group(key, sorted(set(make())))
        self.paths.update(self.made[name].files)
