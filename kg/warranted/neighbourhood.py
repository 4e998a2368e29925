"""What the shapes look at beyond a record: a few triples about the IRIs it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from warranted import resources
from warranted.records import Record
from warranted.validation import NEIGHBOUR_PROPERTIES

Lookup = Callable[[str], Iterable[ox.Triple]]
"""Given an IRI, the triples with it as subject and one of `NEIGHBOUR_PROPERTIES`."""

_WANTED = frozenset(NEIGHBOUR_PROPERTIES)


class Index:
    """Neighbour triples of some records, by subject."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self._by_subject: dict[str, list[ox.Triple]] = {}
        for triple in triples:
            if triple.predicate.value in _WANTED and isinstance(triple.subject, ox.NamedNode):
                self._by_subject.setdefault(triple.subject.value, []).append(triple)

    def __call__(self, iri: str) -> Iterable[ox.Triple]:
        return self._by_subject.get(iri, ())


@lru_cache(maxsize=1)
def shipped() -> Index:
    """What the ontology's schemes and the shipped policies say of their own terms."""
    files = [p for f in ("schemes", "policies") for p in (resources.ontology() / f).glob("*.ttl")]
    return Index(
        quad.triple
        for file in sorted(files)
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    )


def neighbourhood(record: Record, *lookups: Lookup) -> Iterator[ox.Triple]:
    """Triples about what `record` names, and about what these name in turn (a level's rank).

    The first of `lookups` that knows an IRI answers for it; the shipped schemes come last.
    """
    own = {t.subject.value for t in record.triples if isinstance(t.subject, ox.NamedNode)}
    ahead = {t.object.value for t in record.triples if isinstance(t.object, ox.NamedNode)} - own
    seen: set[str] = set(own)
    for _ in range(2):
        found: list[ox.Triple] = []
        chain: tuple[Lookup, ...] = (*lookups, shipped())
        for iri in sorted(ahead - seen):
            for lookup in chain:
                if triples := list(lookup(iri)):
                    found += triples
                    break
        yield from found
        seen |= ahead
        ahead = {t.object.value for t in found if isinstance(t.object, ox.NamedNode)}
