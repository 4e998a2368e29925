"""The query page of the site: what its template needs, and the files that are made once a release."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from warranted import description, dumps, rdfio
from warranted.language import ENGLISH, Language
from warranted.namespaces import ROOT
from warranted.query import editor
from warranted.questions import questions
from warranted.release_data import ReleaseData
from warranted_site.browser_query import engine, slices, summarising

MOST: Final = 150_000
"""Triples up to which the whole release is one slice: a phone loads as many in about two seconds."""
_SCRIPTS: Final = ("guard.js", "browser.js")


def values(data: ReleaseData, cache: Path, language: Language = ENGLISH) -> dict[str, Any]:
    """What `query.html` needs beside what every page has.

    Args:
        cache: a folder where the packed engine is kept from build to build.
    """
    size = len(engine.packed(cache)) / 1e6 if engine.bundled() else 0.0
    own = [engine.OURS / name for name in _SCRIPTS]
    shared = [path for name in editor.SCRIPTS if (path := editor.asset(name))]
    return {
        "parts": editor.parts(language),
        "groups": editor.groups(),
        "first": questions()[0].text,
        "scripts": [*editor.SCRIPTS, *_SCRIPTS],
        "sentences": editor.sentences([*shared, *own], language),
        "engine": f"{size:.1f}" if size else "",
        "engine_said": language.number(size, 1),
        "editor": editor.asset("yasqe.min.js") is not None,
        "charts": editor.asset("plot.umd.min.js") is not None,
        "iri_roots": f"{data.base} {ROOT}",
    }


def write_all(
    data: ReleaseData,
    packages: Sequence[tuple[str, str]],
    pages: Mapping[str, str],
    out: Path,
    *,
    cache: Path,
    most: int = MOST,
) -> None:
    """Write everything but the packages' slices, which must be there.

    Args:
        packages: short name and title of each, in the order in which they are offered.
        pages: record IRI → path of where it is shown, from the site's root.
        out: the site's folder. cache: see `values`.
        most: triples up to which the whole release is one slice.
    """
    write_fixed(out, cache, editor.terms())
    told = [summarising.answers([*data.records, *data.computed])]
    write_data(data, packages, pages, out, told=told, most=most)


def write_fixed(out: Path, cache: Path, terms: str) -> list[str]:
    """Write what of it is the same for every release; gives the paths.

    Args:
        cache: see `values`. terms: see `editor.terms`.
    """
    asked = {q.key: [q.text, q.example_text if q.example else ""] for q in questions()}
    texts = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
    slices.write_script("warrantedQuestions", texts, "questions", out)
    slices.write_script("warrantedTerms", terms, "terms", out)
    own = [f"{slices.FOLDER}/{name}.js" for name in ("questions", "terms")]
    return [*engine.write(out, cache), *own]


def write_data(
    data: ReleaseData,
    packages: Sequence[tuple[str, str]],
    pages: Mapping[str, str],
    out: Path,
    *,
    told: Collection[summarising.Answers],
    most: int = MOST,
) -> list[str]:
    """Write what of it a release's data make; see `write_all`. Gives the paths.

    Args:
        told: what each part of the site answers for the summary of a large release.
    """
    _write_words(data, out)
    if data.manifest["triples"] <= most:
        name, held = slices.WHOLE, tuple[str, ...]()
        slices.write([*data.records, *data.computed], name, pages, out)
    else:
        summary = summarising.summary(told)
        name, held = slices.SUMMARY, summary.parts
        shown = {iri: path for iri, path in pages.items() if iri in summary.records}
        slices.write_text(summary.nquads, summary.triples, name, shown, out)
    listed = {
        "release": data.id,
        "triples": data.manifest["triples"],
        "first": _figures(name, "", out),
        "parts": held,
        "words": _figures(slices.WORDS, "", out),
        "packages": [_figures(f"data/{slug}", title, out) for slug, title in packages],
    }
    slices.write_script("warrantedSlices", json.dumps(listed, ensure_ascii=False), "slices", out)
    return [f"{slices.FOLDER}/{one}.js" for one in (name, slices.WORDS, "slices")]


def _write_words(data: ReleaseData, out: Path) -> None:
    """What goes with every slice."""
    described = map(rdfio.line, description.describe(data.manifest, data.base))
    lines = sorted(_vocabulary().union(described))
    slices.write_text("".join(lines), len(lines), slices.WORDS, {}, out)


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """The ontology and its schemes, as lines of N-Quads."""
    return frozenset(map(rdfio.line, dumps.vocabulary()))


def _figures(name: str, title: str, out: Path) -> list[str | int]:
    """A slice as the page lists it: its name, its title, its triples, the bytes of its file."""
    found = slices.figures(name, out)
    return [name, title, found.triples, found.bytes]
