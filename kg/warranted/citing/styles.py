"""Works in the formats people cite with: BibTeX, CSL-JSON, APA, CITATION.cff."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from warranted.citing.works import Work

_LATEX: Final = {
    "\\": r"{\textbackslash}",
    "{": r"\{",
    "}": r"\}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{c: rf"\{c}" for c in "#$%&_"},
}


def bibtex(work: Work) -> str:
    """A BibLaTeX entry: `@dataset`, of a query `@misc`. Names of organisations are kept whole."""
    fields = {
        "title": f"{{{_latex(work.title)}}}",
        "author": " and ".join(f"{{{_latex(a)}}}" for a in work.authors),
        "publisher": _latex(work.publisher),
        "year": f"{work.issued.year:04}",
        "date": work.issued.isoformat(),
        "version": _latex(work.version),
        "url": work.iri,
        "note": _latex(work.notes),
    }
    key = re.sub(r"[^a-z0-9]+", "-", f"warranted-{work.kind}-{work.iri.rpartition('/')[2]}".lower())
    kind = "misc" if work.kind == "query" else "dataset"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key.strip('-')},", *lines, "}", ""])


def csl(work: Work) -> dict[str, Any]:
    """CSL-JSON (citationstyles.org, schema 1.0)."""
    made: dict[str, Any] = {
        "id": work.iri,
        "type": "dataset",
        "title": work.title,
        "author": [{"literal": name} for name in work.authors],
        "publisher": work.publisher,
        "version": work.version,
        "issued": {"date-parts": [[work.issued.year, work.issued.month, work.issued.day]]},
        "URL": work.iri,
        "note": work.notes,
        "container-title": work.part_of,
        "abstract": work.abstract,
    }
    return {key: value for key, value in made.items() if value}


def apa(work: Work) -> str:
    """A reference in the manner of APA 7 (10.9, data sets), as plain text.

    Without an author the title comes first; a publisher that is the author is not said again.
    """
    day = f"{work.issued:%Y, %B} {work.issued.day}"
    kind = "SPARQL query" if work.kind == "query" else "Data set"
    title = f"{_line(work.title)} (Version {work.version}) [{kind}]"
    authors = [_line(name) for name in work.authors]
    listed = ", ".join(authors[:-1]) + (", & " if authors[1:] else "") + "".join(authors[-1:])
    start = f"{listed.rstrip('.')}. ({day}). {title}." if authors else f"{title}. ({day})."
    publisher = "" if (work.publisher,) == work.authors else f" {_line(work.publisher)}."
    return f"{start}{publisher} {work.iri}"


def cff(work: Work) -> str:
    """CITATION.cff (Citation File Format 1.2.0); its scalars are written as JSON, which YAML takes."""
    names = work.authors or (work.publisher,)
    lines = [
        "cff-version: 1.2.0",
        f"message: {_json('If you use this, please cite it as below.')}",
        "type: dataset",
        f"title: {_json(work.title)}",
        "authors:",
        *(f"  - name: {_json(name)}" for name in names),
        f"version: {_json(work.version)}",
        f"date-released: {work.issued.isoformat()}",
        f"url: {_json(work.iri)}",
        "identifiers:",
        f"  - {{type: other, value: {_json(f'sha256:{work.digest}')}, description: SHA-256 of the release}}",
    ]
    if work.result_digest:
        value = _json(f"sha256:{work.result_digest}")
        lines.append(f"  - {{type: other, value: {value}, description: SHA-256 of the result}}")
    if work.abstract:
        lines.append(f"abstract: {_json(work.abstract)}")
    return "\n".join([*lines, ""])


FORMATS: Final[Mapping[str, tuple[str, Callable[[Work], bytes]]]] = {
    "bib": ("application/x-bibtex", lambda work: bibtex(work).encode()),
    "csl.json": (
        "application/vnd.citationstyles.csl+json",
        lambda work: (json.dumps([csl(work)], indent=1, ensure_ascii=False) + "\n").encode(),
    ),
    "txt": ("text/plain", lambda work: (apa(work) + "\n").encode()),
    "cff": ("text/yaml", lambda work: cff(work).encode()),
}
"""Ending → media type and writer."""


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def _json(text: str) -> str:
    # YAML 1.2 takes JSON's strings; some readers do not take its pairs of surrogates
    return json.dumps(_line(text), ensure_ascii=False).replace("\x7f", "\\x7f")
