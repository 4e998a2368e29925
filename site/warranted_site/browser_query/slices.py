"""The release's graph in slices, each a script that hands its data to the page.

A slice is `warrantedData("<name>", {figures}, "<graph>", "<pages>")`. The graph is N-Quads, a named
graph a record, as the records are stored; the pages are a JSON object of record IRI → path from the
site's root. Both are packed with gzip and written in base64, which is what a script can hold and every
browser unpacks.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warranted.records import Record

FOLDER: Final = "query"
"""The folder of the page and its data below the site's root."""
WORDS, WHOLE, SUMMARY = "words", "all", "summary"
"""Names of the slices that are no package's."""
_LEVEL: Final = 6  # level 9 is four times as slow and 7% smaller on N-Quads
_HEAD = re.compile(rb'warrantedData\("([^"]+)",(\{[^{}]*\}),"')


@dataclass(frozen=True, slots=True)
class Figures:
    """What a slice holds: its name, its triples, the bytes of its file."""

    name: str
    triples: int
    bytes: int


def write_slice(records: Sequence[Record], slug: str, pages: Mapping[str, str], out: Path) -> str:
    """Write a package's slice, `query/data/<slug>.js`; returns its path from the site's root.

    Args:
        records: the package with the records it needs and the assessments of its ideas, as
            `dumps.members` finds them.
        pages: record IRI → path of where it is shown, from the site's root; others may be in it.
        out: the site's folder.
    """
    write(records, f"data/{slug}", pages, out)
    return f"{FOLDER}/data/{slug}.js"


def write(records: Iterable[Record], name: str, pages: Mapping[str, str], out: Path) -> None:
    """Write a slice of whole records under a name, each in its named graph."""
    ordered = sorted(records, key=lambda r: r.iri)
    shown = {r.iri: pages[r.iri] for r in ordered if r.iri in pages}
    nquads = "".join(r.nquads for r in ordered)
    write_text(nquads, nquads.count("\n"), name, shown, out)


def write_text(nquads: str, triples: int, name: str, pages: Mapping[str, str], out: Path) -> None:
    """Write a slice of that text, which holds so many triples."""
    told = json.dumps(dict(sorted(pages.items())), separators=(",", ":"))
    parts = f'{{"triples":{triples}}},"{packed(nquads)}","{packed(told)}"'
    _write(out / FOLDER / f"{name}.js", f'warrantedData("{name}",{parts});\n')


def write_script(call: str, told: str, name: str, out: Path) -> None:
    """Write `query/<name>.js`, which calls a function of the page with a value, given as JSON."""
    _write(out / FOLDER / f"{name}.js", f"{call}({told});\n")


def figures(name: str, out: Path) -> Figures:
    """What the head of a written slice says."""
    path = out / FOLDER / f"{name}.js"
    with path.open("rb") as file:
        head = _HEAD.match(file.read(512))
    assert head is not None, f"{path} is no slice"
    return Figures(name, json.loads(head[2])["triples"], path.stat().st_size)


def packed(text: str) -> str:
    """The text in gzip, in base64; no time is in it, so the same text gives the same bytes."""
    return base64.b64encode(gzip.compress(text.encode(), _LEVEL, mtime=0)).decode("ascii")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
