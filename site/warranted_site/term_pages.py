"""The pages of the ontology: an index at which every term's address lands, and a page for each class.

A property stands on the page of the class it starts from. One that starts from several classes, or from
anything, stands with its like on a page of their own; there is no third place to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from warranted import reference
from warranted.language import Language
from warranted.namespaces import NIC, SCHEME, SHAPES
from warranted.reference import SHARED, Term
from warranted_site.filling import Fill
from warranted_site.reference_texts import Texts
from warranted_site.words import marked

INDEX: Final = "ns/index.html"
VERSIONS: Final = "ns/versions/index.html"
"""Like `SHARED` it is no class's: those begin with a capital letter."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A class with what belongs to it, in alphabetical order.

    Attributes:
        own: the properties that start from this class alone; they stand on its page.
        several: the properties that start from it and from others.
        inherited: each broader class of ours with properties, and all that start from it.
        leading: the properties that lead to it.
        narrower: the classes that are kinds of it.
    """

    term: Term
    own: tuple[Term, ...]
    several: tuple[Term, ...]
    inherited: tuple[tuple[Term, tuple[Term, ...]], ...]
    leading: tuple[Term, ...]
    narrower: tuple[Term, ...]


class Terms:
    """The terms of the ontology, where each stands, and links to it.

    Attributes:
        all: every term. entries: its classes. shared: the properties that stand on no class's page.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.all = tuple(texts.in_order(reference.terms(), lambda t: (0, t.iri)))
        self._classes = {t.iri: t for t in self.all if t.kind == "class"}
        self._places = {t.iri: self._place(t) for t in self.all}
        self.entries = tuple(map(self._entry, self._classes.values()))
        self.shared = tuple(t for t in self.all if self._places[t.iri] == SHARED)

    def path(self, iri: str) -> str:
        """Where a term, a scheme or a concept stands, from the language's folder; "" if it is not ours."""
        if place := self._places.get(iri):
            key = iri.removeprefix(NIC)
            return f"ns/{place}/index.html" + ("" if key == place else f"#{key}")
        if iri.startswith(SCHEME):
            scheme, _, concept = iri.removeprefix(SCHEME).partition("/")
            return f"scheme/{scheme}/index.html" + (f"#{concept}" if concept else "")
        return ""

    def linked(self, iris: Iterable[str], root: str) -> Markup:
        """Terms by their labels, ours as links. `root`: the way to the language's folder."""
        return Markup(", ").join(self._linked(iri, root) for iri in iris)

    def _linked(self, iri: str, root: str) -> Markup:
        path = self.path(iri)
        if not path:
            return Markup("<code>{}</code>").format(reference.short(iri))
        return Markup('<a href="{}">{}</a>').format(root + path, marked(self._texts.label(iri)))

    def _place(self, term: Term) -> str:
        if term.iri in self._classes:
            return term.key
        if len(term.domain) == 1 and term.domain[0] in self._classes:
            return term.domain[0].removeprefix(NIC)
        return SHARED

    def _entry(self, of: Term) -> Entry:
        own = self._from(of)
        broader = [(up, self._from(up)) for up in self._broader(of)]
        return Entry(
            of,
            own=tuple(t for t in own if self._places[t.iri] == of.key),
            several=tuple(t for t in own if self._places[t.iri] == SHARED),
            inherited=tuple((up, found) for up, found in broader if found),
            leading=tuple(t for t in self.all if of.iri in t.range_),
            narrower=tuple(t for t in self._classes.values() if of.iri in t.parents),
        )

    def _from(self, of: Term) -> tuple[Term, ...]:
        return tuple(t for t in self.all if of.iri in t.domain)

    def _broader(self, of: Term) -> Iterator[Term]:
        for iri in of.parents:
            if iri in self._classes:
                yield self._classes[iri]
                yield from self._broader(self._classes[iri])


def pages(fill: Fill, language: Language, texts: Texts, terms: Terms) -> Iterator[Any]:
    """The pages of the ontology in a language."""
    say = language.gettext
    versions = reference.versions()
    values = {"terms": terms, "texts": texts, "versions": versions, "shape": SHAPES, "nic": NIC}
    yield fill(INDEX, "ontology", say("The ontology"), **values)
    way = ((say("The ontology"), INDEX),)
    yield fill(VERSIONS, "ontology_versions", say("Versions of the ontology"), trail=way, **values)
    for entry in terms.entries:
        yield fill(
            terms.path(entry.term.iri),
            "term",
            language.say("%(name)s: term of the ontology", name=texts.label(entry.term.iri)),
            description=texts.definition(entry.term.iri),
            trail=way,
            c=entry.term,
            e=entry,
            **values,
        )
    title = say("Properties of several classes, or of anything")
    yield fill(f"ns/{SHARED}/index.html", "shared_terms", title, trail=way, **values)
