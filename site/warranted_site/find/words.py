"""The index of all words of the pages, made by Pagefind over slim copies of them."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = "pagefind"
"""Where the index is, from the site's root."""
_SECONDS: Final = 1800
"""After this the program is stopped; 12,000 pages take it half a minute."""
_NEEDED: Final = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json", "pagefind.*.pf_meta")


@dataclass(frozen=True, slots=True)
class Stub:
    """A page as it is indexed: its path from the site's root, its title, its language, its words."""

    path: str
    title: str
    language: str
    text: str


def index_words(stubs: Iterable[Stub], out: Path) -> bool:
    """Index the stubs into `out`/pagefind/.

    All are one index, in the language most of them are in (Pagefind stems words in an index's
    language): a reader of the Spanish interface finds what is only told in English, and the same
    stubs give the same bytes.

    Returns:
        Whether there is an index: False, with nothing written, where there is no stub, the program is
        not there or it failed.
    """
    program = _program()
    if program is None:
        return False
    with TemporaryDirectory() as scratch:
        pages, index = Path(scratch) / "pages", Path(scratch) / "index"
        languages = Counter(_write(stub, pages) for stub in stubs)
        if not languages:
            return False
        language = min(languages, key=lambda code: (-languages[code], code))
        command = [str(program), "--site", str(pages), "--output-path", str(index)]
        command += ["--force-language", language, "--keep-index-url", "--silent"]
        try:
            done = subprocess.run(
                command,
                cwd=scratch,
                # A setting of the machine's would change what is indexed.
                env={k: v for k, v in os.environ.items() if not k.startswith("PAGEFIND_")},
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode != 0 or not (index / "pagefind-entry.json").is_file():
            return False
        _keep(index, out / FOLDER)
    return True


def _program() -> Path | None:
    """Pagefind's program: the one of the Python package, or the one on the path."""
    try:
        found: Path = importlib.import_module("pagefind_bin").get_executable()
    except (ImportError, OSError):
        named = shutil.which("pagefind")
        return Path(named) if named else None
    return found


def _write(stub: Stub, pages: Path) -> str:
    """Write a page with the stub's title and words; its language."""
    target = pages / stub.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        f'<!doctype html><html lang="{escape(stub.language)}"><body data-pagefind-body>'
        f"<h1>{escape(stub.title)}</h1><p>{escape(stub.text)}</p></body></html>",
        encoding="utf-8",
    )
    return stub.language


def _keep(index: Path, out: Path) -> None:
    """Copy what a search loads: not Pagefind's own search boxes, and no other language's stemmer."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    entry = json.loads((index / "pagefind-entry.json").read_bytes())
    stemmers = [one["wasm"] or "unknown" for one in entry["languages"].values()]
    for pattern in (*_NEEDED, *(f"wasm.{name}.pagefind" for name in stemmers)):
        for file in sorted(index.glob(pattern)):
            shutil.copyfile(file, out / file.name)
    for name in ("index", "fragment"):
        shutil.copytree(index / name, out / name)
