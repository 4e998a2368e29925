"""Small changes to a record's triples: its status, its network, what replaces it, its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import pyoxigraph as ox

from warranted.namespaces import DCTERMS, NIC, OWL, PROV, RDFS, SCHEME, XSD
from warranted.records import Record

LIFECYCLE: Final = f"{NIC}lifecycle"
NETWORK: Final = f"{NIC}ofNetwork"
CLEARED: Final = f"{NIC}cleared"
DEPRECATED: Final = f"{OWL}deprecated"
REPLACED_BY: Final = f"{DCTERMS}isReplacedBy"
DERIVED_FROM: Final = f"{PROV}wasDerivedFrom"
LABEL: Final = f"{RDFS}label"

TRUE: Final = ox.Literal("true", datatype=ox.NamedNode(f"{XSD}boolean"))


def values(record: Record, predicate: str) -> list[str]:
    """The record's own values of a property, as text."""
    return [
        t.object.value
        for t in record.triples
        if t.predicate.value == predicate
        and isinstance(t.subject, ox.NamedNode)
        and t.subject.value == record.iri
        and isinstance(t.object, ox.NamedNode | ox.Literal)
    ]


def put(record: Record, predicate: str, *objects: ox.NamedNode | ox.Literal) -> Record:
    """The record with these values of a property of its own, and no others."""
    kept = [
        t
        for t in record.triples
        if not (t.predicate.value == predicate and t.subject == ox.NamedNode(record.iri))
    ]
    made = [ox.Triple(ox.NamedNode(record.iri), ox.NamedNode(predicate), o) for o in objects]
    return _of(record, [*kept, *made])


def add(record: Record, triples: Iterable[ox.Triple]) -> Record:
    """The record with more triples."""
    return _of(record, [*record.triples, *triples])


def status(record: Record) -> str:
    """The last part of its lifecycle status, or empty."""
    return next((v.rpartition("/")[2] for v in values(record, LIFECYCLE)), "")


def with_status(record: Record, name: str) -> Record:
    """The record with that lifecycle status; empty takes it off."""
    return put(record, LIFECYCLE, *([ox.NamedNode(f"{SCHEME}lifecycle/{name}")] if name else []))


def network(record: Record) -> str:
    """The network that keeps it, or empty; a network keeps itself."""
    if record.type == "network":
        return record.iri
    return next(iter(values(record, NETWORK)), "")


def renamed(record: Record, iri: str) -> Record:
    """The same record under another IRI, its parts with it."""

    def moved(value: str) -> str:
        own = value == record.iri or value.startswith(f"{record.iri}#")
        return iri + value.removeprefix(record.iri) if own else value

    made = mapped(record, moved)
    return Record(iri, record.type, made.triples)


def mapped(record: Record, change: Callable[[str], str]) -> Record:
    """The record with each IRI in it, as subject or object, put through `change`."""

    def term(t: Any) -> Any:
        return ox.NamedNode(change(t.value)) if isinstance(t, ox.NamedNode) else t

    return _of(
        record, (ox.Triple(term(t.subject), t.predicate, term(t.object)) for t in record.triples)
    )


def _of(record: Record, triples: Iterable[ox.Triple]) -> Record:
    return Record(record.iri, record.type, tuple(sorted(set(triples), key=str)))
