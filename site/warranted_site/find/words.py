"""The index of all words of the pages, made by Pagefind over slim copies of them."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = "pagefind"
"""Where the index is, from the site's root."""
ENTRY: Final = "pagefind-entry.json"
_MARK: Final = b"pagefind_dcd"
"""Stands before what each file of Pagefind holds."""
_SECONDS: Final = 1800
"""After this the program is stopped; 12,000 pages take it half a minute."""
_NEEDED: Final = (ENTRY, "pagefind.*.pf_meta")
_SCRIPTS: Final = ("pagefind.js", "pagefind-worker.js")


@dataclass(frozen=True, slots=True)
class Stub:
    """A page as it is indexed: its path from the site's root, its title, its language, its words."""

    path: str
    title: str
    language: str
    text: str

    @property
    def digest(self) -> str:
        """The same for the same title, language and words."""
        told = "\n".join((self.title, self.language, self.text))
        return hashlib.sha256(told.encode()).hexdigest()[:24]


def write(stub: Stub, folder: Path) -> None:
    """Write a stub where Pagefind will read it: a page with its title and words."""
    target = folder / stub.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        f'<!doctype html><html lang="{escape(stub.language)}"><body data-pagefind-body>'
        f"<h1>{escape(stub.title)}</h1><p>{escape(stub.text)}</p></body></html>",
        encoding="utf-8",
    )


class Indexing:
    """Pagefind at work beside whatever else is done; `start` gives one.

    It is to be ended by `finish` or `stop`.
    """

    def __init__(
        self, program: Path, stubs: Path, language: str, target: Path, *, scripts: bool
    ) -> None:
        self._target, self._scripts, self._done = target, scripts, False
        self._process = subprocess.Popen(
            [
                str(program),
                "--site",
                str(stubs.absolute()),
                "--output-path",
                str(target.absolute()),
                "--force-language",
                language,
                "--silent",
            ],
            cwd=stubs,
            # A setting of the machine's would change what is indexed.
            env={k: v for k, v in os.environ.items() if not k.startswith("PAGEFIND_")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @classmethod
    def start(
        cls, stubs: Path, language: str, out: Path, *, folder: str = FOLDER, scripts: bool = True
    ) -> Indexing | None:
        """Begin to index the stubs of a folder, which stays until the end; see `index_words`.

        Args:
            scripts: whether what searches is wanted beside the index.

        Returns:
            None where it is certain that nothing comes of it.
        """
        program = _program()
        if program is None:
            return None
        try:
            return cls(program, stubs, language, out / folder, scripts=scripts)
        except OSError:
            return None

    def finish(self) -> bool:
        """Wait for it and keep what it made; whether there is an index."""
        try:
            made = self._process.wait(_SECONDS) == 0 and (self._target / ENTRY).is_file()
            if made:
                _prune(self._target, scripts=self._scripts)
                self._done = True
            return made
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.stop()

    def stop(self) -> None:
        """End it; half an index is none."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if not self._done:
            shutil.rmtree(self._target, ignore_errors=True)


def index_words(
    stubs: Iterable[Stub], out: Path, *, folder: str = FOLDER, beside: str | None = None
) -> bool:
    """Index the stubs into `out`/pagefind/, or another `folder`.

    All are one index, in the language most of them are in (Pagefind stems words in an index's
    language): a reader of the Spanish interface finds what is only told in English, and the same
    stubs give the same bytes.

    Args:
        beside: language of the index this one is searched with, whose scripts serve both; None: it
            stands alone.

    Returns:
        Whether there is an index: False, with nothing written, where there is no stub, the program is
        not there or it failed.
    """
    with TemporaryDirectory() as scratch:
        languages: Counter[str] = Counter()
        for stub in stubs:
            write(stub, Path(scratch))
            languages[stub.language] += 1
        if not languages:
            return False
        language = beside or min(languages, key=lambda code: (-languages[code], code))
        started = Indexing.start(
            Path(scratch), language, out, folder=folder, scripts=beside is None
        )
        return started is not None and started.finish()


def described() -> str:
    """What tells one Pagefind from another: with another one, nothing it made is kept."""
    try:
        return f"pagefind {version('pagefind_bin')}"
    except PackageNotFoundError:
        program = _program()
        return f"{program} {program.stat().st_mtime_ns}" if program else ""


def fragments(index: Path) -> dict[str, str]:
    """Path of each page of a written index → the name of the page there."""
    found = {}
    for file in (index / "fragment").glob("*.pf_fragment"):
        told = gzip.decompress(file.read_bytes()).removeprefix(_MARK)
        # It names the page of a folder by the folder.
        path = json.loads(told)["url"].removeprefix("/")
        found[f"{path}index.html" if path.endswith("/") else path or "index.html"] = file.stem
    return found


def _program() -> Path | None:
    """Pagefind's program: the one of the Python package, or the one on the path."""
    try:
        found: Path = importlib.import_module("pagefind_bin").get_executable()
    except (ImportError, OSError):
        named = shutil.which("pagefind")
        return Path(named) if named else None
    return found


def _prune(index: Path, *, scripts: bool) -> None:
    """Leave what a search loads: not Pagefind's own search boxes, and no other language's stemmer."""
    entry = json.loads((index / ENTRY).read_bytes())
    needed = list(_NEEDED)
    if scripts:
        stemmers = [one["wasm"] or "unknown" for one in entry["languages"].values()]
        needed += [*_SCRIPTS, *(f"wasm.{name}.pagefind" for name in stemmers)]
    for file in index.iterdir():
        if file.is_file() and not any(fnmatchcase(file.name, one) for one in needed):
            file.unlink()
