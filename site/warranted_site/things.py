"""The records of a release as things with properties, every literal digit for digit as stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from warranted.language import ENGLISH, Language
from warranted.namespaces import NIC, RDF, RDFS, SKOS
from warranted.records import Record
from warranted.statements import Graph, Statements, Text, Told, joined

_BY_NAME = {"label": f"{RDFS}label", "comment": f"{RDFS}comment"}
_TYPE = f"{RDF}type"
_DIGITS = re.compile(r"(\d+)")


class Said(str):
    """A text a record says, which knows its language.

    `tag` is its language tag, "" without one. `is_fallback`: the reader's language has no such text,
    so a page marks the element with the text's own language.
    """

    __slots__ = ("is_fallback", "tag")
    tag: str
    is_fallback: bool

    @classmethod
    def of(cls, value: str, tag: str, *, is_fallback: bool = False) -> Said:
        """The text with its language."""
        said = cls(value)
        said.tag, said.is_fallback = tag, is_fallback
        return said

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


_NONE = Said.of("", "")
_NO_IRIS: Final[Mapping[str, list[str]]] = {}


class Things:
    """Every thing of a release by its IRI: records, their parts, and the schemes' concepts.

    Args:
        triples: what is said, or `Statements` of it.
        language: whose texts are chosen where a property has them in several.
        own: the language that texts without a tag are taken to be in.
        base: things that are known already, and are not read again.

    Attributes:
        statements: what is said, but for `base`.
    """

    def __init__(
        self,
        triples: Iterable[ox.Triple] | Statements,
        language: Language = ENGLISH,
        own: Language = ENGLISH,
        base: Things | None = None,
    ) -> None:
        self.language, self.own = language, own
        self.statements = (
            triples if isinstance(triples, Statements) else Statements.of(_named(triples))
        )
        below: tuple[Statements, ...] = base._layers if base else ()
        self._layers: tuple[Statements, ...] = (*below, self.statements)
        self._graph = Graph(*self._layers)
        self._ordered: dict[tuple[str, str, bool], list[str]] = {}
        self._seen: dict[Text, Said] = {}
        self._made: dict[str, Thing] = {}
        self.remembered: dict[tuple[str, str], Any] = {}
        """(what, IRI) → what was worked out of the records: the same in every language."""

    def told_in(self, language: Language) -> Things:
        """The same things for readers of another language; nothing is read again."""
        other = copy(self)
        other.language = language
        other._seen, other._made = {}, {}
        return other

    def __contains__(self, iri: str) -> bool:
        return any(iri in layer.said for layer in self._layers)

    def get(self, iri: str) -> Thing:
        """The thing with that IRI; one nothing is said of has no properties."""
        found = self._made.get(iri)
        if found is None:
            found = self._made[iri] = Thing(self, iri)
        return found

    def of_class(self, *names: str) -> list[Thing]:
        """Things of these classes (local names of the ontology), in the order of their IRIs."""
        classes = [NIC + name for name in names]
        found = {
            iri
            for layer in self._layers
            for name in classes
            for iri in layer.naming.get(name, {}).get(_TYPE, ())
        }
        return [self.get(iri) for iri in sorted(found)]

    def told(self, text: Text) -> Said:
        """A literal for the reader."""
        found = self._seen.get(text)
        if found is None:
            value, tag = text
            read_as = tag
            if not tag and " " in value:  # prose; a number or a code is the same in every language
                read_as = self.own.code
            is_own = not read_as or read_as.partition("-")[0] == self.language.code
            found = Said.of(value, tag if is_own else read_as, is_fallback=not is_own)
            self._seen[text] = found
        return found

    def chosen(self, texts: list[Text]) -> list[Said]:
        """Those of several literals that are in the reader's language, or in the stated fallback's."""
        best = self.language.pick(texts)
        return sorted(self.told(text) for text in texts if text[1] in (best.tag, ""))

    def said(self, iri: str) -> Told:
        """What is said of a thing, by property."""
        return self._graph.about(iri)

    def naming(self, iri: str) -> Mapping[str, list[str]]:
        """The things that name it, by property."""
        found = [layer.naming[iri] for layer in self._layers if iri in layer.naming]
        return joined(found) if found else _NO_IRIS

    def ordered(
        self, iri: str, predicate: str, iris: list[str], *, back: bool = False
    ) -> list[str]:
        """What it names, or (`back`) what names it, in order: the same in every language."""
        key = iri, predicate, back
        found = self._ordered.get(key)
        if found is None:
            if back:
                found = sorted(set(iris), key=natural)
            else:
                places = {i: self.get(i).number("sequence") or 0 for i in iris}
                if len(set(places.values())) == len(iris):  # as those of measurements are
                    found = sorted(iris, key=places.__getitem__)
                else:
                    found = sorted(iris, key=lambda i: (places[i], natural(i)))
            self._ordered[key] = found
        return found


class Thing:
    """One thing; `name` in the methods is a local name of the ontology, or a whole IRI.

    A thing is made once for each reader's language, and is itself: what is asked of it again and again,
    some hundred thousand times a package, is kept.
    """

    __slots__ = (
        "_all",
        "_anchor",
        "_back",
        "_classes",
        "_label",
        "_naming",
        "_said",
        "_texts",
        "iri",
        "things",
    )

    def __init__(self, things: Things, iri: str) -> None:
        self.things, self.iri = things, iri
        self._said = things.said(iri)
        self._naming: Mapping[str, list[str]] | None = None
        self._all: dict[str, list[Thing]] = {}
        self._back: dict[str, list[Thing]] = {}
        self._texts: dict[str, list[Said]] = {}
        self._label: Said | None = None
        self._anchor: str | None = None
        self._classes: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Thing({self.iri})"

    def texts(self, name: str) -> list[Said]:
        """Literals in the reader's language, or in the stated fallback's, in order."""
        predicate = _IRIS[name]
        held = self._said.get(predicate)
        if held is None:
            return []
        found = self._texts.get(predicate)
        if found is None:
            texts = [value for value in held if isinstance(value, tuple)]
            if len(texts) > 1:
                found = self.things.chosen(texts)
            else:
                found = [self.things.told(text) for text in texts]
            self._texts[predicate] = found
        return found.copy()

    def text(self, name: str) -> Said:
        """The literal (the first of several), or an empty text."""
        held = self._said.get(_IRIS[name])
        if held is None:
            return _NONE
        if len(held) == 1 and isinstance(held[0], tuple):
            return self.things.told(held[0])
        found = self.texts(name)
        return found[0] if found else _NONE

    def number(self, name: str) -> int | None:
        """The literal as a whole number, if it is one."""
        text = self.text(name)
        return int(text) if text.lstrip("-").isdigit() else None

    def flag(self, name: str) -> bool:
        """Whether the literal is true."""
        return self.text(name) in ("true", "1")

    def all(self, name: str) -> list[Thing]:
        """Things named, in their `nic:sequence`, then in the order of their IRIs."""
        predicate = _IRIS[name]
        held = self._said.get(predicate)
        if held is None:
            return []
        found = self._all.get(predicate)
        if found is None:
            things = self.things
            iris = [value for value in held if isinstance(value, str)]
            if len(iris) > 1:
                iris = things.ordered(self.iri, predicate, iris)
            found = self._all[predicate] = list(map(things.get, iris))
        return found.copy()

    def one(self, name: str) -> Thing | None:
        """The thing named (the first of several), or None."""
        held = self._said.get(_IRIS[name])
        if held is None:
            return None
        if len(held) == 1 and isinstance(held[0], str):
            return self.things.get(held[0])
        found = self.all(name)
        return found[0] if found else None

    def back(self, name: str) -> list[Thing]:
        """Things that name this one."""
        predicate = _IRIS[name]
        found = self._back.get(predicate)
        if found is None:
            things = self.things
            if self._naming is None:
                self._naming = things.naming(self.iri)
            iris = self._naming.get(predicate, [])
            if len(iris) > 1:
                iris = things.ordered(self.iri, predicate, iris, back=True)
            found = self._back[predicate] = list(map(things.get, iris))
        return found.copy()

    def classes(self) -> frozenset[str]:
        """Local names of its classes."""
        if self._classes is None:
            self._classes = frozenset(
                iri.removeprefix(NIC) for iri in self._said.get(_TYPE, ()) if isinstance(iri, str)
            )
        return self._classes

    @property
    def label(self) -> Said:
        """Its name: `rdfs:label`, a concept's `skos:prefLabel`, or the last part of its IRI."""
        if self._label is None:
            self._label = (
                self.text("label")
                or self.text(f"{SKOS}prefLabel")
                or Said.of(self.id.replace("-", " "), "")
            )
        return self._label

    @property
    def id(self) -> str:
        """The last part of its IRI."""
        return self.iri.rstrip("/").replace("#", "/").rpartition("/")[2]

    @property
    def record(self) -> str:
        """IRI of the record it is, or is a part of."""
        return self.iri.partition("#")[0]

    @property
    def anchor(self) -> str:
        """Its anchor, where it has no page of its own."""
        if self._anchor is None:
            self._anchor = f"{self.iri.rstrip('/').split('/')[-2]}-{self.id}"
        return self._anchor


def things_of(
    records: Iterable[Record],
    more: Iterable[ox.Triple] = (),
    language: Language = ENGLISH,
    base: Things | None = None,
) -> Things:
    """Things of records and of other triples, beside those of `base` (the schemes, one or the other)."""
    beside = tuple(more)
    if beside:
        base = Things(beside, language, language, base)
    return Things(Statements.of_records(records), language, language, base)


def _named(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Those between things that have an IRI."""
    for t in triples:
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode | ox.Literal):
            yield t


class _Iris(dict[str, str]):
    """Name of a property, as templates have it → its IRI."""

    def __missing__(self, name: str) -> str:
        found = self[name] = name if ":" in name else _BY_NAME.get(name, NIC + name)
        return found


_IRIS: Final = _Iris()


@lru_cache(maxsize=65536)
def natural(iri: str) -> tuple[tuple[int, str], ...]:
    """A key that puts t2 before t10."""
    return tuple((int(p), "") if p.isdigit() else (0, p) for p in _DIGITS.split(iri))
