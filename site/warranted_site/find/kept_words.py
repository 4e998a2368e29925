"""The index of all words, kept from one site to the next.

    pagefind/              the index of the pages as they were when it was made
    pagefind/newer/        beside it, if there is need: those that changed or came since
    pagefind/newer.json    whether it is there, and what of the larger one it replaces

Making an index takes a second for each thousand pages, whatever changed. So what changed is indexed
beside it, and the page searches both, passing over what the larger one says of pages that the newer one
has. When too much has changed, or anything was removed, all is indexed anew: words of what is removed
must stand nowhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from warranted_site.find.words import ENTRY, FOLDER, Indexing, Stub, fragments, index_words, write

NEWER: Final = f"{FOLDER}/newer"
TOLD: Final = f"{FOLDER}/newer.json"
SHARE, LEAST = 20, 20
"""The newer index holds at most one page for so many of the larger one, or a few."""
Keep = Callable[[Path | str, Path | str], None]
"""Puts a file of the site before where it stands now."""
Read = Callable[[Iterable[str]], Iterator[Stub]]
"""Paths of pages → the pages, as they are indexed."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index that is there.

    Attributes:
        key: what it was made with. pages: path → digest of its words, and its name in the larger index.
        newer: path → digest of its words, of those in the newer index.
    """

    key: str
    pages: dict[str, tuple[str, str]]
    newer: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"key": self.key, "pages": self.pages, "newer": self.newer}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Indexed:
        """What `to_json` gave, also after a file has made lists of its pairs."""
        pages = {path: (digest, name) for path, (digest, name) in told["pages"].items()}
        return cls(told["key"], pages, dict(told["newer"]))


@dataclass(frozen=True, slots=True)
class Earlier:
    """The index of the site before: its folder, and what is known of it."""

    site: Path
    indexed: Indexed


@dataclass(frozen=True, slots=True)
class Written:
    """Pages that were written as they are indexed, all in one language: the folder, and the language."""

    folder: Path
    language: str


@contextmanager
def indexing(
    words: Mapping[str, str],
    read: Read,
    out: Path,
    written: Written,
    *,
    key: str,
    earlier: Earlier | None,
    keep: Keep,
) -> Iterator[Callable[[], Indexed | None]]:
    """Begin to write the index of some pages below `out`, while other things are done.

    What it gives waits for the index, when it is called: None, and nothing there, if it could not be made.

    Args:
        words: path of each page → digest of its words (`Stub.digest`). read: see `Read`.
        written: those pages that need not be read; others are written beside them, if all are indexed.
        key: what it is made with; an index made with anything else is not kept.
        earlier: what may be kept; None where something was removed since.
        keep: puts a file of the site before where it stands now.
    """
    if earlier is not None and earlier.indexed.key == key:
        made = _beside(words, read, out, earlier, keep)
        if made is not None:
            yield lambda: made
            return
    for stub in read(path for path in sorted(words) if not (written.folder / path).is_file()):
        write(stub, written.folder)
    started = Indexing.start(written.folder, written.language, out) if words else None
    if started is None:
        yield lambda: None
        return

    def finish() -> Indexed | None:
        if not started.finish():
            return None
        _tell(out, newer=False, replaced=[])
        names = fragments(out / FOLDER)
        return Indexed(key, {path: (digest, names[path]) for path, digest in words.items()}, {})

    try:
        yield finish
    finally:
        started.stop()


def _beside(
    words: Mapping[str, str],
    read: Read,
    out: Path,
    earlier: Earlier,
    keep: Keep,
) -> Indexed | None:
    """The larger index as it was, and what changed since; None where all is better made anew.

    What changed is little, so this waits for it.
    """
    known, before = earlier.indexed, earlier.site / FOLDER
    changed = {
        path: digest
        for path, digest in words.items()
        if path not in known.pages or known.pages[path][0] != digest
    }
    most = max(LEAST, len(known.pages) // SHARE)
    if known.pages.keys() - words.keys() or len(changed) > most or not (before / ENTRY).is_file():
        return None
    if changed and changed != known.newer:
        entry = json.loads((before / ENTRY).read_bytes())
        (language,) = entry["languages"]
        if not index_words(read(sorted(changed)), out, folder=NEWER, beside=language):
            return None
    elif changed:
        _keep_all(earlier.site / NEWER, out / NEWER, keep)
    _keep_all(before, out / FOLDER, keep)
    replaced = sorted(known.pages[path][1] for path in changed if path in known.pages)
    _tell(out, newer=bool(changed), replaced=replaced)
    return Indexed(known.key, known.pages, changed)


def _keep_all(source: Path, target: Path, keep: Keep) -> None:
    """Keep an index with its folders, but not what stands beside it."""
    for name in ("", "index/", "fragment/"):
        with os.scandir(source / name) as files:
            for file in files:
                if file.is_file() and file.name != Path(TOLD).name:
                    keep(file.path, f"{target}/{name}{file.name}")


def _tell(out: Path, *, newer: bool, replaced: list[str]) -> None:
    told = {"newer": newer, "replaced": replaced}
    (out / TOLD).write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
