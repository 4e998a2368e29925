"""Looks for circles: properties that the shapes mark `nsh:acyclic`, along which nothing may come back
to itself (a driver that contributes to itself by way of others)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
from rdflib import SH, Literal, URIRef

from warranted import shape_model
from warranted.namespaces import RDF
from warranted.records import Record
from warranted.validation import Result

Named = Callable[[str, str], Iterable[str]]
"""Given a record's IRI and a property's, the IRIs that the stored record names by it."""

MOST: Final = 10_000
"""Records that are walked over before a search is given up; no theory has so many drivers."""


@dataclass(frozen=True, slots=True)
class _Marked:
    path: str
    shape: str
    cls: str | None


@lru_cache(maxsize=1)
def _marked() -> tuple[_Marked, ...]:
    model = shape_model.shipped()
    found = []
    for shape in model.graph.subjects(shape_model.NSH.acyclic, Literal(True)):
        path = model.graph.value(shape, SH.path)
        owner = model.graph.value(None, SH.property, shape)
        target = model.graph.value(owner, SH.targetClass) if isinstance(owner, URIRef) else None
        found.append(_Marked(str(path), str(shape), str(target) if target else None))
    return tuple(sorted(found, key=lambda m: m.shape))


def check(records: Iterable[Record], stored: Named) -> list[Result]:
    """A violation for each of `records` that comes back to itself.

    Args:
        records: as they should be from now on; they stand before what is stored.
        stored: asks for the links of the others.
    """
    given = {record.iri: record for record in records}
    return [
        _result(record, marked, circle)
        for record in given.values()
        for marked in _for(record)
        if (circle := _circle(record.iri, marked.path, given, stored))
    ]


def _for(record: Record) -> Iterator[_Marked]:
    used = {t.predicate.value for t in record.triples}
    seen: set[str] = set()
    classes = {str(t.object.value) for t in record.triples if t.predicate.value == f"{RDF}type"}  # type: ignore[union-attr]
    for marked in _marked():
        # a property may be marked on the shapes of several classes; it is looked at once
        if (
            marked.path in used
            and marked.path not in seen
            and (marked.cls is None or marked.cls in classes or len(_paths(marked.path)) == 1)
        ):
            seen.add(marked.path)
            yield marked


def _paths(path: str) -> list[_Marked]:
    return [m for m in _marked() if m.path == path]


def _circle(start: str, path: str, given: Mapping[str, Record], stored: Named) -> list[str] | None:
    """The way from `start` back to `start`, or None."""
    came: dict[str, str] = {}
    ahead = [start]
    while ahead and len(came) < MOST:
        node = ahead.pop()
        for other in _named(node, path, given, stored):
            if other == start:
                way = [start, node]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if other not in came:
                came[other] = node
                ahead.append(other)
    return None


def _named(iri: str, path: str, given: Mapping[str, Record], stored: Named) -> list[str]:
    record = given.get(iri)
    if record is None:
        return sorted(stored(iri, path))
    return sorted(
        t.object.value
        for t in record.triples
        if t.predicate.value == path and isinstance(t.object, ox.NamedNode)
    )


def _result(record: Record, marked: _Marked, circle: list[str]) -> Result:
    info = shape_model.shipped().info(marked.shape)
    assert info is not None  # it came from the model
    way = " → ".join(f"<{iri}>" for iri in circle)
    return Result(
        record=record.iri,
        focus=record.iri,
        field=info.name,
        path=marked.path,
        value=circle[1],
        severity="Violation",
        message=f"{info.name}: it comes back to itself ({way}); take one of these links out.",
        shape=marked.shape,
        constraint="AcyclicConstraint",
        order=info.order,
        group=info.group,
    )
