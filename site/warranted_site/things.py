"""The records of a release as things with properties, every literal digit for digit as stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from warranted.namespaces import NIC, RDF, RDFS, SKOS
from warranted.records import Record

_BY_NAME = {"label": f"{RDFS}label", "comment": f"{RDFS}comment"}


class Things:
    """Every thing of a release by its IRI: records, their parts, and the schemes' concepts."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._said: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        self._named_by: dict[str, list[tuple[str, str]]] = {}
        self._of_class: dict[str, list[str]] = {}
        for triple in triples:
            subject, object_ = triple.subject, triple.object
            if not isinstance(subject, ox.NamedNode):
                continue
            predicate = triple.predicate.value
            if isinstance(object_, ox.NamedNode):
                self._named_by.setdefault(object_.value, []).append((predicate, subject.value))
                if predicate == f"{RDF}type":
                    self._of_class.setdefault(object_.value, []).append(subject.value)
            if isinstance(object_, ox.NamedNode | ox.Literal):
                said = self._said.setdefault(subject.value, {})
                said.setdefault(predicate, []).append(object_)

    def __contains__(self, iri: str) -> bool:
        return iri in self._said

    def get(self, iri: str) -> Thing:
        """The thing with that IRI; one nothing is said of has no properties."""
        return Thing(self, iri)

    def of_class(self, *names: str) -> list[Thing]:
        """Things of these classes (local names of the ontology), in the order of their IRIs."""
        found = {iri for name in names for iri in self._of_class.get(NIC + name, ())}
        return [Thing(self, iri) for iri in sorted(found)]

    def said(self, iri: str) -> dict[str, list[ox.NamedNode | ox.Literal]]:
        """Predicate → objects of one thing."""
        return self._said.get(iri, {})

    def naming(self, iri: str, predicate: str) -> list[str]:
        """IRIs of the things that name `iri` by `predicate`."""
        return sorted({s for p, s in self._named_by.get(iri, ()) if p == predicate})


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing; `name` in the methods is a local name of the ontology, or a whole IRI."""

    things: Things
    iri: str

    def _objects(self, name: str) -> list[ox.NamedNode | ox.Literal]:
        return self.things.said(self.iri).get(_iri(name), [])

    def texts(self, name: str) -> list[str]:
        """Literals, sorted so that the order does not depend on the file's."""
        return sorted(o.value for o in self._objects(name) if isinstance(o, ox.Literal))

    def text(self, name: str) -> str:
        """The literal (the first of several), or an empty text."""
        return next(iter(self.texts(name)), "")

    def number(self, name: str) -> int | None:
        """The literal as a whole number, if it is one."""
        text = self.text(name)
        return int(text) if text.lstrip("-").isdigit() else None

    def flag(self, name: str) -> bool:
        """Whether the literal is true."""
        return self.text(name) in ("true", "1")

    def all(self, name: str) -> list[Thing]:
        """Things named, in their `nic:sequence`, then in the order of their IRIs."""
        found = [
            Thing(self.things, o.value) for o in self._objects(name) if isinstance(o, ox.NamedNode)
        ]
        return sorted(found, key=lambda t: (t.number("sequence") or 0, _natural(t.iri)))

    def one(self, name: str) -> Thing | None:
        """The thing named (the first of several), or None."""
        return next(iter(self.all(name)), None)

    def back(self, name: str) -> list[Thing]:
        """Things that name this one."""
        found = [Thing(self.things, iri) for iri in self.things.naming(self.iri, _iri(name))]
        return sorted(found, key=lambda t: _natural(t.iri))

    def classes(self) -> set[str]:
        """Local names of its classes."""
        objects = self.things.said(self.iri).get(f"{RDF}type", [])
        return {o.value.removeprefix(NIC) for o in objects if isinstance(o, ox.NamedNode)}

    @property
    def label(self) -> str:
        """Its name: `rdfs:label`, a concept's `skos:prefLabel`, or the last part of its IRI."""
        return self.text("label") or self.text(f"{SKOS}prefLabel") or self.id.replace("-", " ")

    @property
    def id(self) -> str:
        """The last part of its IRI."""
        return self.iri.rstrip("/").replace("#", "/").rpartition("/")[2]

    @property
    def record(self) -> str:
        """IRI of the record it is, or is a part of."""
        return self.iri.partition("#")[0]


def things_of(records: Iterable[Record], more: Iterable[ox.Triple]) -> Things:
    """Things of records and of other triples (the schemes)."""

    def triples() -> Iterator[ox.Triple]:
        for record in records:
            yield from record.triples
        yield from more

    return Things(triples())


def _iri(name: str) -> str:
    return name if ":" in name else _BY_NAME.get(name, NIC + name)


def _natural(iri: str) -> tuple[tuple[int, str], ...]:
    """A key that puts t2 before t10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for char in iri + " ":
        if char.isdigit():
            digits += char
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((0, char))
    return tuple(parts)
