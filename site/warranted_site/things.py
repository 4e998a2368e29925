"""The records of a release as things with properties, every literal digit for digit as stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import pyoxigraph as ox

from warranted.language import ENGLISH, Language
from warranted.namespaces import NIC, RDF, RDFS, SKOS
from warranted.records import Record

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
_Value = TypeVar("_Value")
_NO_IRIS: tuple[str, ...] = ()


class Things:
    """Every thing of a release by its IRI: records, their parts, and the schemes' concepts.

    Args:
        language: whose texts are chosen where a property has them in several.
        own: the language that texts without a tag are taken to be in.
        base: things that are known already, and are not read again.
    """

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        language: Language = ENGLISH,
        own: Language = ENGLISH,
        base: Things | None = None,
    ) -> None:
        self.language, self.own = language, own
        self._literals: dict[tuple[str, str], list[Said]] = {}
        self._objects: dict[tuple[str, str], list[str]] = {}
        self._named_by: dict[tuple[str, str], list[str]] = {}
        self._known: set[str] = set()
        self._marked: dict[tuple[str, str], Said] = {}
        self._chosen: dict[tuple[str, str], list[Said]] = {}
        self._labels: dict[str, Said] = {}
        self._made: dict[str, Thing] = {}
        self.remembered: dict[tuple[str, str], Any] = {}
        """(what, IRI) → what was worked out of the records: the same in every language."""
        for triple in triples:
            subject, object_ = triple.subject, triple.object
            if not isinstance(subject, ox.NamedNode):
                continue
            key = iri, predicate = subject.value, triple.predicate.value
            self._known.add(iri)
            if isinstance(object_, ox.Literal):
                text = Said.of(object_.value, object_.language or "")
                self._literals.setdefault(key, []).append(text)
            elif isinstance(object_, ox.NamedNode):
                self._objects.setdefault(key, []).append(object_.value)
                self._named_by.setdefault((object_.value, predicate), []).append(iri)
        if base is not None:
            self._known |= base._known
            self._literals = _both(base._literals, self._literals)
            self._objects = _both(base._objects, self._objects)
            self._named_by = _both(base._named_by, self._named_by)

    def told_in(self, language: Language) -> Things:
        """The same things for readers of another language; nothing is read again."""
        other = copy(self)
        other.language = language
        other._marked, other._chosen, other._labels, other._made = {}, {}, {}, {}
        return other

    def __contains__(self, iri: str) -> bool:
        return iri in self._known

    def get(self, iri: str) -> Thing:
        """The thing with that IRI; one nothing is said of has no properties."""
        found = self._made.get(iri)
        if found is None:
            found = self._made[iri] = Thing(self, iri)
        return found

    def of_class(self, *names: str) -> list[Thing]:
        """Things of these classes (local names of the ontology), in the order of their IRIs."""
        found = {iri for name in names for iri in self._named_by.get((NIC + name, _TYPE), ())}
        return [self.get(iri) for iri in sorted(found)]

    def texts(self, iri: str, predicate: str) -> list[Said]:
        """The literals of a property in the reader's language, or in the stated fallback's."""
        held = self._literals.get((iri, predicate))
        if held is None:
            return []
        if len(held) == 1:
            return [self._seen(held[0])]
        found = self._chosen.get((iri, predicate))
        if found is None:
            best = self.language.pick((text, text.tag) for text in held)
            found = sorted(self._seen(text) for text in held if text.tag in (best.tag, ""))
            self._chosen[iri, predicate] = found
        return found

    def _seen(self, text: Said) -> Said:
        tag = text.tag
        if not tag and " " in text:  # prose; a number or a code is the same in every language
            tag = self.own.code
        if not tag or tag.partition("-")[0] == self.language.code:
            return text
        marked = self._marked.get((text, tag))
        if marked is None:
            marked = self._marked[text, tag] = Said.of(text, tag, is_fallback=True)
        return marked

    def text(self, iri: str, predicate: str) -> Said:
        """The first of `texts`, or an empty text."""
        held = self._literals.get((iri, predicate))
        if held is None:
            return _NONE
        return self._seen(held[0]) if len(held) == 1 else self.texts(iri, predicate)[0]

    def label(self, iri: str) -> Said:
        """See `Thing.label`."""
        found = self._labels.get(iri)
        if found is None:
            found = (
                self.text(iri, _BY_NAME["label"])
                or self.text(iri, f"{SKOS}prefLabel")
                or Said.of(self.get(iri).id.replace("-", " "), "")
            )
            self._labels[iri] = found
        return found

    def objects(self, iri: str, predicate: str) -> Sequence[str]:
        """IRIs that one thing names by `predicate`."""
        return self._objects.get((iri, predicate), _NO_IRIS)

    def naming(self, iri: str, predicate: str) -> Sequence[str]:
        """IRIs of the things that name `iri` by `predicate`."""
        return self._named_by.get((iri, predicate), _NO_IRIS)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing; `name` in the methods is a local name of the ontology, or a whole IRI."""

    things: Things
    iri: str

    def texts(self, name: str) -> list[Said]:
        """Literals, sorted so that the order does not depend on the file's."""
        return self.things.texts(self.iri, _iri(name))

    def text(self, name: str) -> Said:
        """The literal (the first of several), or an empty text."""
        return self.things.text(self.iri, _iri(name))

    def number(self, name: str) -> int | None:
        """The literal as a whole number, if it is one."""
        text = self.text(name)
        return int(text) if text.lstrip("-").isdigit() else None

    def flag(self, name: str) -> bool:
        """Whether the literal is true."""
        return self.text(name) in ("true", "1")

    def all(self, name: str) -> list[Thing]:
        """Things named, in their `nic:sequence`, then in the order of their IRIs."""
        iris = self.things.objects(self.iri, _iri(name))
        if not iris:
            return []
        found = list(map(self.things.get, iris))
        if len(found) > 1:
            found.sort(key=lambda t: (t.number("sequence") or 0, natural(t.iri)))
        return found

    def one(self, name: str) -> Thing | None:
        """The thing named (the first of several), or None."""
        found = self.all(name)
        return found[0] if found else None

    def back(self, name: str) -> list[Thing]:
        """Things that name this one."""
        found = set(self.things.naming(self.iri, _iri(name)))
        return [self.things.get(iri) for iri in sorted(found, key=natural)]

    def classes(self) -> set[str]:
        """Local names of its classes."""
        return {iri.removeprefix(NIC) for iri in self.things.objects(self.iri, _TYPE)}

    @property
    def label(self) -> Said:
        """Its name: `rdfs:label`, a concept's `skos:prefLabel`, or the last part of its IRI."""
        return self.things.label(self.iri)

    @property
    def id(self) -> str:
        """The last part of its IRI."""
        return self.iri.rstrip("/").replace("#", "/").rpartition("/")[2]

    @property
    def record(self) -> str:
        """IRI of the record it is, or is a part of."""
        return self.iri.partition("#")[0]


def things_of(
    records: Iterable[Record],
    more: Iterable[ox.Triple] = (),
    language: Language = ENGLISH,
    base: Things | None = None,
) -> Things:
    """Things of records and of other triples, beside those of `base` (the schemes, one or the other)."""
    told = (triple for record in records for triple in record.triples)
    return Things(chain(told, more), language, language, base)


def _both(
    one: dict[tuple[str, str], list[_Value]], other: dict[tuple[str, str], list[_Value]]
) -> dict[tuple[str, str], list[_Value]]:
    """What either says; neither is changed."""
    return one | other | {key: one[key] + other[key] for key in one.keys() & other.keys()}


@lru_cache(maxsize=1024)
def _iri(name: str) -> str:
    return name if ":" in name else _BY_NAME.get(name, NIC + name)


@lru_cache(maxsize=65536)
def natural(iri: str) -> tuple[tuple[int, str], ...]:
    """A key that puts t2 before t10."""
    return tuple((int(p), "") if p.isdigit() else (0, p) for p in _DIGITS.split(iri))
