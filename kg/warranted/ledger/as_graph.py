"""The ledger's current records asked as a graph, within a transaction: what the warrant is read from.

The workspace graph may be a moment behind; what is stored with a write must not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
import sqlalchemy as sa

from warranted.ledger import tables
from warranted.ledger.versions import Ledger
from warranted.namespaces import RDF, TYPE_OF_CLASS
from warranted.validation import NEIGHBOUR_PROPERTIES

_TYPE: Final = f"{RDF}type"
_NEAR: Final = frozenset(NEIGHBOUR_PROPERTIES)


@lru_cache(maxsize=20_000)
def _near(body: str) -> dict[str, tuple[ox.Triple, ...]]:
    """Of a version's body: subject → the triples a neighbour's shapes look at."""
    found: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(body.encode(), format=ox.RdfFormat.N_QUADS):
        if quad.predicate.value in _NEAR and isinstance(quad.subject, ox.NamedNode):
            found.setdefault(quad.subject.value, []).append(quad.triple)
    return {subject: tuple(triples) for subject, triples in found.items()}


class LedgerGraph:
    """`ledger`, asked by patterns as a store is; what is written in the same transaction counts."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def about(self, iri: str) -> Iterable[ox.Triple]:
        """The triples about a record or a part of one that the shapes of others look at."""
        version = self.ledger.current(iri.partition("#")[0])
        return _near(version.body).get(iri, ()) if version and version.body else ()

    def quads_for_pattern(
        self,
        subject: ox.NamedNode | None,
        predicate: ox.NamedNode | None,
        object_: ox.NamedNode | None,
        graph: ox.NamedNode | None,
    ) -> Iterator[ox.Quad]:
        """Quads of current records; a pattern gives its graph, or its predicate and an IRI as object."""
        if graph is not None:
            version = self.ledger.current(graph.value)
            bodies = [version.body] if version and version.body else []
        else:
            assert predicate is not None
            assert object_ is not None
            bodies = self._naming(predicate.value, object_.value)
        for body in bodies:
            for quad in _quads(body):
                if (
                    (subject is None or quad.subject == subject)
                    and (predicate is None or quad.predicate == predicate)
                    and (object_ is None or quad.object == object_)
                ):
                    yield quad

    def _naming(self, predicate: str, object_: str) -> list[str]:
        with self.ledger.snapshot() as connection:
            if predicate == _TYPE:
                found = connection.execute(_OF_TYPE, {"type": TYPE_OF_CLASS.get(object_, "")})
            else:
                found = connection.execute(_NAMING, {"predicate": predicate, "object": object_})
            return [body for body in found.scalars() if body]


@lru_cache(maxsize=5_000)
def _quads(body: str) -> tuple[ox.Quad, ...]:
    return tuple(ox.parse(body.encode(), format=ox.RdfFormat.N_QUADS))


_BODIES = sa.select(tables.version.c.body).join_from(
    tables.current, tables.version, tables.version.c.seq == tables.current.c.seq
)
_OF_TYPE = _BODIES.where(tables.current.c.type == sa.bindparam("type")).order_by(
    tables.current.c.record
)
_NAMING = (
    _BODIES.join(tables.link, tables.link.c.record == tables.current.c.record)
    .where(
        tables.link.c.object == sa.bindparam("object"),
        tables.link.c.predicate == sa.bindparam("predicate"),
    )
    .order_by(tables.current.c.record)
)
