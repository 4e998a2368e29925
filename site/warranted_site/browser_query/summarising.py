"""What a large release is in few triples: the queries of `summary/`, one after the other, while they fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from warranted import queries, rdfio

MOST: Final = 120_000
"""Triples of a summary at most; a phone loads as many in about two seconds."""
_QUERIES: Final = Path(__file__).parent / "summary"


@dataclass(frozen=True, slots=True)
class Summary:
    """The N-Quads of a summary, how many triples they are, the IRIs of the records they speak of, and
    the queries whose answers they are.
    """

    nquads: str
    triples: int
    records: frozenset[str]
    parts: tuple[str, ...]


def summarise(dataset: ox.Store, most: int = MOST) -> Summary:
    """The summary of a release's dataset, each triple in the named graph of its subject's record.

    A part that would make it larger than `most` is left out, and so are those after it: they speak of
    what the parts before them name.
    """
    found: set[ox.Triple] = set()
    held: list[str] = []
    for name in parts():
        answer = dataset.query(queries.load(_QUERIES, name).text, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QueryTriples)
        more = found | set(answer)
        if len(more) > most:
            break
        found = more
        held.append(name)
    graphs = {triple: _record(triple) for triple in found}
    quads = (ox.Quad(t.subject, t.predicate, t.object, graph) for t, graph in graphs.items())
    records = frozenset(graph.value for graph in graphs.values())
    return Summary(rdfio.canonical(quads), len(found), records, tuple(held))


def parts() -> list[str]:
    """Names of the summary's queries, in the order in which they are asked."""
    return queries.names(_QUERIES)


def _record(triple: ox.Triple) -> ox.NamedNode:
    subject = triple.subject
    assert isinstance(subject, ox.NamedNode), "records hold no blank nodes"
    return ox.NamedNode(subject.value.partition("#")[0])
