"""What the ontology, the schemes and the shapes say, in the language of the pages that show it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
from markupsafe import Markup

from warranted import reference, resources
from warranted.language import ENGLISH, Language
from warranted.language.terms import SH
from warranted.namespaces import DCTERMS, SKOS
from warranted_site import part_build
from warranted_site.things import Said, Things
from warranted_site.words import web

_Any = TypeVar("_Any")


class Texts:
    """What the ontology, the schemes and the shapes say, in the reader's language where they have it.

    Where they do not, a text is the stated fallback's, and a page marks it with its language.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        shapes = (triples(file.read_bytes()) for file in shape_files())
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

    def in_order(self, found: Iterable[_Any], key: Callable[[_Any], tuple[Any, str]]) -> list[_Any]:
        """The things in alphabetical order within their groups, as readers of the language look for them.

        Args:
            key: thing → its group, and the IRI of what it is called by.
        """

        def place(one: _Any) -> tuple[Any, str, str]:
            group, iri = key(one)
            return group, _without_accents(self.label(iri)), iri

        return sorted(found, key=place)


def triples(turtle: bytes) -> list[ox.Triple]:
    """What a Turtle file says."""
    return [q.triple for q in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def shape_files() -> list[Path]:
    """The files of the shapes that ship, in one order."""
    return sorted(resources.shapes().glob("*.ttl"))


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
