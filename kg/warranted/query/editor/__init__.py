"""The query page: an editor that knows the ontology, tables, charts, downloads, citations.

Without scripts it is a form; without the packages from npm (see `frontend`) the editor is a plain
field and there are no charts. It asks nobody but the server it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2

from warranted import context, frontend, reference, shape_model, vocabulary
from warranted.namespaces import NIC, PREFIXES, ROOT
from warranted.questions import Question, questions

_FOLDER: Final = Path(__file__).parent
_OURS: Final = ("editor.js", "charts.js", "editor.css")
_THEIRS: Final = {
    "yasqe.min.js": "@zazuko/yasqe/build/yasqe.min.js",
    "yasqe.min.css": "@zazuko/yasqe/build/yasqe.min.css",
    "d3.min.js": "d3/dist/d3.min.js",
    "plot.umd.min.js": "@observablehq/plot/dist/plot.umd.min.js",
}
"""Name of a file as the page asks for it → where it is among the packages."""
FORMATS: Final = {
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "xml": "XML",
    "ttl": "Turtle, of a graph",
    "jsonld": "JSON-LD, of a graph",
}
"""What an endpoint with a parameter for the format is offered to take → what it is called."""
_ASKERS: Final = {
    "Trying an idea": ("Someone", "Anyone", "A teacher", "A nurse", "A principal", "A member"),
    "Research and analysis": ("A researcher", "An analyst"),
    "Review": ("A reviewer", "A reader"),
    "Hubs and networks": ("A hub", "A network", "A curator"),
}
"""Group of questions → how the words begin that say who asks."""
_OTHERS: Final = "Others"


def asset(name: str) -> Path | None:
    """The file that the page asks for by that name; None if there is no such name or file."""
    if name in _OURS:
        return _FOLDER / name
    return frontend.file(_THEIRS[name]) if name in _THEIRS else None


def page(
    *,
    endpoint: str,
    assets: str,
    release: str,
    releases: Sequence[str],
    cite: str,
    format_parameter: str = "",
    resolves: bool = True,
) -> str:
    """The page, as HTML.

    Args:
        endpoint, assets, cite: paths on this server; no `cite`, no citing.
        release: the one that is chosen at first.
        releases: all there are, the latest first.
        format_parameter: the parameter by which the endpoint takes one of `FORMATS`, for browsers
            without scripts; empty if it has none.
        resolves: this server answers for the IRIs of the ontology, the schemes and the records.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            endpoint=endpoint,
            assets=assets,
            root=endpoint.removesuffix("/sparql"),
            release=release,
            releases=releases,
            cite=cite,
            format_parameter=format_parameter,
            formats=FORMATS,
            iri_root=ROOT if resolves else "",
            editor=asset("yasqe.min.js") is not None and asset("yasqe.min.css") is not None,
            charts=asset("d3.min.js") is not None and asset("plot.umd.min.js") is not None,
            first=questions()[0].text,
            groups=_groups(),
        )
    )


@lru_cache(maxsize=1)
def terms() -> str:
    """What the editor completes names from, as JSON.

    `prefixes`: prefix → namespace, each scheme's own among them. `terms`: for each class, property,
    scheme and value of a scheme its `name` with prefix, `iri`, `kind`, `label` and `definition`; the
    properties that records borrow from elsewhere are among them.
    """
    schemes = vocabulary.shipped().values()
    prefixes = dict(PREFIXES) | {s.key: f"{s.iri}/" for s in schemes}
    found: list[dict[str, str]] = [
        _term(f"nic:{t.key}", t.iri, t.kind, t.label, t.definition)
        for t in reference.terms()
        if not t.deprecated
    ]
    borrowed: dict[str, dict[str, str]] = {}
    for field in shape_model.shipped().paths():
        if not field.path.startswith(NIC):
            name = context.curie(field.path)
            borrowed.setdefault(
                field.path,
                _term(name, field.path, "property", field.name.lower(), field.description),
            )
    found += [borrowed[path] for path in sorted(borrowed)]
    for scheme in schemes:
        found.append(
            _term(f"nics:{scheme.key}", scheme.iri, "scheme", scheme.label, scheme.definition)
        )
        kind = f"value of {scheme.label.lower()}"
        found += [
            _term(f"{scheme.key}:{c.key}", c.iri, kind, c.label, c.definition)
            for c in scheme.concepts
        ]
    return json.dumps({"prefixes": prefixes, "terms": found}, ensure_ascii=False)


def _term(name: str, iri: str, kind: str, label: str, definition: str) -> dict[str, str]:
    return {"name": name, "iri": iri, "kind": kind, "label": label, "definition": definition}


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, tuple[dict[str, Any], ...]], ...]:
    """The competency questions by who asks them, each as the template wants it."""
    order = [*_ASKERS, _OTHERS]
    ranked = sorted(questions(), key=lambda q: (order.index(_group(q)), q.key))
    return tuple(
        (
            group,
            tuple(
                {
                    "key": q.key,
                    "title": q.title,
                    "asked_by": q.asked_by,
                    "text": q.text,
                    "encoded": quote(q.text, safe=""),
                    "example": q.example_text if q.example else "",
                    "slots": q.query.slots,
                }
                for q in members
            ),
        )
        for group, members in groupby(ranked, key=_group)
    )


def _group(question: Question) -> str:
    asker = question.asked_by
    return next((group for group, words in _ASKERS.items() if asker.startswith(words)), _OTHERS)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
