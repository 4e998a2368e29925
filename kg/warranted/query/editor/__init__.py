"""The query page: an editor that knows the ontology, tables, charts, downloads, citations.

Without scripts it is a form; without the packages from npm (see `frontend`) the editor is a plain
field and there are no charts. It asks nobody but the server it comes from. The static site has a query
page of its own, with an engine in the browser, made of the same parts: `SCRIPTS`, `parts`, `sentences`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2
from babel import Locale
from babel.messages.extract import extract_from_file

from warranted import context, frontend, reference, shape_model, vocabulary
from warranted.language import ENGLISH, Language
from warranted.namespaces import NIC, PREFIXES, ROOT
from warranted.questions import Question, questions

_FOLDER: Final = Path(__file__).parent
SCRIPTS: Final = ("parts.js", "charts.js", "answer.js", "editor.js", "page.js")
"""The scripts that every query page has, in the order in which they are run."""
_SERVER: Final = "server.js"
"""The script that asks a server."""
_OURS: Final = (*SCRIPTS, _SERVER, "editor.css", "server.css")
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
    "trying": ("Someone", "Anyone", "A teacher", "A nurse", "A principal", "A member"),
    "research": ("A researcher", "An analyst"),
    "review": ("A reviewer", "A reader"),
    "hubs": ("A hub", "A network", "A curator"),
}
"""Group of questions, which `parts.html.j2` names → how the words begin that say who asks."""
_OTHERS: Final = "others"


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
        _environment(ENGLISH)
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
            scripts=[*SCRIPTS, _SERVER],
            first=questions()[0].text,
            groups=groups(),
        )
    )


def parts(language: Language) -> Any:
    """The parts of a query page, in that language, as macros: `field`, `buttons`, `told`, `questions`.

    They may be called from any template; `parts.html.j2` says what each takes.
    """
    return _environment(language).get_template("parts.html.j2").module


def sentences(scripts: Iterable[Path], language: Language) -> dict[str, str | dict[str, str]]:
    """What the scripts say, in that language, for a page to hand them as its catalogue.

    A sentence → its translation; where it counts, the form for one → plural category → translation.
    What has no translation is left out: the scripts then say it in English.
    """
    found: dict[str, str | dict[str, str]] = {}
    if language.is_default:
        return found
    for message in (m for script in scripts for m in _messages(script)):
        if isinstance(message, str):
            found[message] = language.gettext(message)
        else:
            found[message[0]] = _plurals(language, *message)
    return {k: v for k, v in sorted(found.items()) if v != k}


def _plurals(language: Language, one: str, many: str) -> dict[str, str]:
    # Every category that a language has turns up among these numbers or is for fractions only.
    category = Locale.parse("en" if language.is_pseudo else language.code, sep="-").plural_form
    made = {category(n): language.ngettext(one, many, n) for n in (*range(201), 1_000_000)}
    return dict(sorted(made.items())) | {
        "other": made.get("other", language.ngettext(one, many, 2))
    }


@lru_cache(maxsize=32)
def _messages(script: Path) -> tuple[str | tuple[str, str], ...]:
    """What a script hands to `_`, and the two forms of what it hands to `ngettext`."""
    words: dict[str, Any] = {"_": None, "ngettext": (1, 2)}
    found = extract_from_file("javascript", script, keywords=words)
    return tuple(
        m if isinstance(m, str) else (m[0], m[1]) for _line, m, _comments, _context in found
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
def groups() -> tuple[tuple[str, tuple[dict[str, Any], ...]], ...]:
    """The competency questions by who asks them, each as `parts.questions` wants it."""
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
                    "slots": ", ".join(f"?{slot}" for slot in q.query.slots),
                }
                for q in members
            ),
        )
        for group, members in groupby(ranked, key=_group)
    )


def _group(question: Question) -> str:
    asker = question.asked_by
    return next((group for group, words in _ASKERS.items() if asker.startswith(words)), _OTHERS)


@lru_cache(maxsize=8)
def _environment(language: Language) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made
