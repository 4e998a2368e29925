"""What a large release is in few triples: the queries of `summary/`, one after the other, while they fit.

Each part of a site is asked by itself, and what it answered is kept with it: no answer reaches beyond
the package or the network a thing belongs to, and so beyond a part.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from warranted import queries, rdfio
from warranted.namespaces import NIC, TYPE_OF_CLASS
from warranted.records import Record

MOST: Final = 120_000
"""Triples of a summary at most; a phone loads as many in about two seconds."""
_QUERIES: Final = Path(__file__).parent / "summary"
_TERM: Final = re.compile(r"\bnic:(\w+)")

Answers = Mapping[str, Sequence[str]]
"""Name of a query → what it answers of some records: sorted lines of N-Quads, each triple in the named
graph of its subject's record.
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """The N-Quads of a summary, how many triples they are, the IRIs of the records they speak of, and
    the queries whose answers they are.
    """

    nquads: str
    triples: int
    records: frozenset[str]
    parts: tuple[str, ...]


def answers(records: Iterable[Record]) -> dict[str, list[str]]:
    """What the queries answer of a part's records; see `Answers`."""
    store = ox.Store()
    told = "".join(record.nquads for record in records if record.type in _types())
    store.load(told.encode(), format=ox.RdfFormat.N_QUADS)
    found = {}
    for name in parts():
        answer = store.query(queries.load(_QUERIES, name).text, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QueryTriples)
        found[name] = sorted({_line(triple) for triple in answer})
    return found


def summary(told: Collection[Answers], most: int = MOST) -> Summary:
    """The summary of a release, from the answers of its parts.

    A query that would make it larger than `most` is left out, and so are those after it: they speak of
    what the ones before them name.
    """
    found: set[str] = set()
    held: list[str] = []
    for name in parts():
        more = found.union(*(one[name] for one in told))
        if len(more) > most:
            break
        found = more
        held.append(name)
    records = frozenset(line.rstrip(" .\n").rpartition(" ")[2][1:-1] for line in found)
    return Summary("".join(sorted(found)), len(found), records, tuple(held))


def parts() -> list[str]:
    """Names of the summary's queries, in the order in which they are asked."""
    return queries.names(_QUERIES)


@lru_cache(maxsize=1)
def _types() -> frozenset[str]:
    """Types of the records that the queries speak of, by the classes they name."""
    texts = (queries.load(_QUERIES, name).text for name in parts())
    named = {NIC + name for text in texts for name in _TERM.findall(text)}
    return frozenset(TYPE_OF_CLASS[name] for name in named & TYPE_OF_CLASS.keys())


def _line(triple: ox.Triple) -> str:
    subject = triple.subject
    assert isinstance(subject, ox.NamedNode), "records hold no blank nodes"
    graph = ox.NamedNode(subject.value.partition("#")[0])
    return rdfio.line(ox.Quad(subject, triple.predicate, triple.object, graph))
