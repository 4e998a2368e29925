"""The pages of the ontology, the schemes and the shapes in each language, and the files beside them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
from markupsafe import Markup, escape

from warranted import context, json_schema, rdfio, reference, resources, vocabulary
from warranted.language import ENGLISH, Language
from warranted.language.terms import SH
from warranted.namespaces import DCTERMS, NIC, RECORD_CLASSES, SCHEME, SHAPES, SKOS
from warranted_site import part_build
from warranted_site.things import Said, Things
from warranted_site.words import marked, web

Fill = Callable[..., Any]
"""(path, template, title, **values) → page."""
_Any = TypeVar("_Any")


def pages(fill: Fill, language: Language) -> Iterator[Any]:
    """Every page of the reference in a language."""
    say, texts = language.gettext, Texts(language)
    schemes = texts.in_order(vocabulary.shipped().values(), lambda s: (s.is_facet, s.iri))
    kinds = [kind for _, kind in reference.KINDS]
    yield fill(
        "ns/index.html",
        "ontology",
        say("The ontology"),
        terms=texts.in_order(reference.terms(), lambda t: (kinds.index(t.kind), t.iri)),
        versions=reference.versions(),
        shape=SHAPES,
        texts=texts,
    )
    yield fill("scheme/index.html", "schemes", say("Schemes"), schemes=schemes, texts=texts)
    for scheme in schemes:
        title = texts.label(scheme.iri)
        yield fill(f"scheme/{scheme.key}/index.html", "scheme", title, s=scheme, texts=texts)
    tables = reference.tables(language=language)
    yield fill(
        "shapes/index.html",
        "fields",
        say("The fields of each record"),
        tables=texts.in_order(tables, lambda t: (t.type is None, t.shape)),
        shared=reference.shared_rows(language=language),
        curie=reference.short,
        shape=SHAPES,
        texts=texts,
    )


class Texts:
    """What the ontology, the schemes and the shapes say, in the reader's language where they have it.

    Where they do not, a text is the stated fallback's, and a page marks it with its language.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        shapes = (_triples(file.read_bytes()) for file in _shapes())
        every = (triple for file in shapes for triple in file)
        self._things = Things([*part_build.vocabulary(), *every], language)

    def label(self, iri: str) -> Said:
        """What a term, a scheme, a concept, a type of record or a field is called."""
        thing = self._things.get(iri)
        return thing.text(f"{SH}name") or thing.label

    def facet(self, iri: str) -> Said:
        """What a scheme is called, without saying that it is a facet."""
        label = self.label(iri)
        return Said.of(label.partition(" (")[0], label.tag, is_fallback=label.is_fallback)

    def definition(self, iri: str) -> Said:
        """What it is; of a rule, what it asks."""
        thing = self._things.get(iri)
        return thing.text(f"{SKOS}definition") or thing.text(f"{SH}description")

    def source(self, iri: str) -> Said:
        """What a term is taken from."""
        return self._things.get(iri).text(f"{DCTERMS}source")

    def example(self, row: reference.Row) -> str:
        """An example of a field: a concept's label, or a value as a record has it."""
        if row.concept:
            return self.label(row.concept)
        if web(row.example):
            return Markup('<code class="w-break">{}</code>').format(row.example)
        return self.english(row.example)

    def english(self, text: str) -> Said:
        """A text that is told in English alone; a number or a code is the same in every language."""
        foreign = self._language.code != ENGLISH.code and " " in text
        return Said.of(text, ENGLISH.code, is_fallback=foreign)

    def linked(self, iris: Iterable[str]) -> Markup:
        """Terms by their labels, ours as links from the ontology's page."""
        return Markup(", ").join(map(self._linked, iris))

    def _linked(self, iri: str) -> Markup:
        if iri.startswith(NIC):
            path = f"#{iri.removeprefix(NIC)}"
        elif iri.startswith(SCHEME):
            path = f"../scheme/{iri.removeprefix(SCHEME)}/index.html"
        else:
            return Markup("<code>{}</code>").format(reference.short(iri))
        return Markup('<a href="{}">{}</a>').format(path, marked(self.label(iri)))

    def in_order(self, found: Iterable[_Any], key: Callable[[_Any], tuple[Any, str]]) -> list[_Any]:
        """The things in alphabetical order within their groups, as readers of the language look for them.

        Args:
            key: thing → its group, and the IRI of what it is called by.
        """

        def place(one: _Any) -> tuple[Any, str, str]:
            group, iri = key(one)
            return group, _without_accents(self.label(iri)), iri

        return sorted(found, key=place)


def redirects() -> dict[str, str]:
    """Path → HTML that leads on: a concept's own address leads to its place on its scheme's page."""
    found = {}
    for scheme in vocabulary.shipped().values():
        for concept in scheme.concepts:
            target = escape(f"../index.html#{concept.key}")
            found[f"scheme/{scheme.key}/{concept.key}/index.html"] = (
                '<!doctype html><html lang="en"><meta charset="utf-8">'
                '<link rel="icon" href="data:,">'
                f"<title>{escape(concept.label)}</title>"
                f'<meta http-equiv="refresh" content="0; url={target}">'
                f'<p><a href="{target}">{escape(concept.label)}</a></p></html>\n'
            )
    return found


def files() -> dict[str, bytes]:
    """Path → content of the files beside the pages."""
    found: dict[str, bytes] = {"context.jsonld": _json(context.context())}
    ontology = resources.ontology()
    _add(found, "ns/index", [(ontology / "warranted.ttl").read_bytes()])
    found["ns/index.nt"] = rdfio.serialise(
        reference.ordered(_triples(found["ns/index.ttl"])), rdfio.Format.NTRIPLES
    )
    for file in sorted((ontology / "schemes").glob("*.ttl")):
        _add(found, f"scheme/{file.stem}/index", [file.read_bytes()])
    _add(found, "shapes/index", [file.read_bytes() for file in _shapes()])
    for type_ in RECORD_CLASSES:
        found[f"schema/{type_}.json"] = _json(json_schema.schema(type_))
    return found


def _add(found: dict[str, bytes], path: str, turtle: list[bytes]) -> None:
    found[f"{path}.ttl"] = b"\n".join(turtle)
    triples = [t for text in turtle for t in _triples(text)]
    found[f"{path}.jsonld"] = reference.as_jsonld(triples)


def _triples(turtle: bytes) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _shapes() -> list[Path]:
    return sorted(resources.shapes().glob("*.ttl"))


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
