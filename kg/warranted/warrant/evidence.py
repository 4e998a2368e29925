"""The records that one idea's warrant rests on, found from the idea outward: never the whole graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import pyoxigraph as ox

from warranted.namespaces import NIC

_TO_IDEA: Final = tuple(ox.NamedNode(NIC + n) for n in ("specificationOf", "aboutIdea"))
_FROM_IDEA: Final = (ox.NamedNode(f"{NIC}hasSpecification"),)
_ON: Final = tuple(
    ox.NamedNode(NIC + n) for n in ("atSite", "hasSeries", "ofMeasure", "inheritsEvidenceFrom")
)
_NOT_READ: Final = ("/id/package/", "/id/assessment/")
"""Records that name an idea and are no evidence on it."""

_UP: Final = tuple(
    ox.NamedNode(NIC + n) for n in ("tests", "specificationOf", "aboutIdea", "assesses")
)
"""From a record towards its idea."""

_BY: Final = {
    "specification": ("hasSpecification", "inheritsEvidenceFrom"),
    "site": ("atSite",),
    "series": ("hasSeries",),
    "measure": ("ofMeasure",),
}
"""Record type → properties by which records nearer to an idea name it."""

_TESTS: Final = ox.NamedNode(f"{NIC}tests")
_ASSESSES: Final = ox.NamedNode(f"{NIC}assesses")


class Patterns(Protocol):
    """Anything that finds quads by a pattern, as `pyoxigraph.Store` does."""

    def quads_for_pattern(
        self,
        subject: Any,
        predicate: Any,
        object: Any,  # noqa: A002
        graph_name: Any,
        /,
    ) -> Iterable[ox.Quad]:
        """Quads that have these terms; None is any."""


def evidence_quads(store: Patterns, idea: str, *, policies: bool = True) -> list[ox.Quad]:
    """The quads of the records the rules read about an idea, and of the graph's policies.

    These are the idea, its versions and those they inherit from, their tests with sites, series and
    measures, claims with boundary conditions, and judgements. The time this takes grows with their
    number and not with the graph's.

    Args:
        store: a graph in which each record is a named graph, as the workspace and releases have it.
    """
    start = ox.NamedNode(idea)
    seen: set[ox.NamedNode] = set()
    ahead = [start]
    found: list[ox.Quad] = []

    def record(node: object) -> None:
        if isinstance(node, ox.NamedNode) and not any(part in node.value for part in _NOT_READ):
            ahead.append(ox.NamedNode(node.value.partition("#")[0]))

    while ahead:
        node = ahead.pop()
        if node in seen:
            continue
        seen.add(node)
        quads = list(store.quads_for_pattern(None, None, None, node))
        found += quads
        for quad in quads:
            if quad.predicate in _ON or quad.predicate in _FROM_IDEA:
                record(quad.object)
        if node == start:
            for predicate in _TO_IDEA:
                for quad in store.quads_for_pattern(None, predicate, node, None):
                    record(quad.subject)
        for predicate in (_TESTS, _ASSESSES):  # tests of a version, judgements of a claim
            for quad in store.quads_for_pattern(None, predicate, node, None):
                record(quad.subject)
    if policies:
        kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        for quad in store.quads_for_pattern(None, kind, ox.NamedNode(f"{NIC}WarrantPolicy"), None):
            found += store.quads_for_pattern(None, None, None, quad.graph_name)
    return found


def ideas_touched(store: Patterns, record: str) -> set[str]:
    """The ideas whose warrant a change of that record can change: those to assess anew, and no others.

    A test touches the idea it tried, a version its idea, a site or a series the ideas of its tests, a
    measure those of its series, a claim or a judgement the idea it is about. A policy touches every
    idea it judges; ask for all of them.
    """
    found: set[str] = set()
    seen: set[str] = set()
    ahead = [record]
    while ahead:
        iri = ahead.pop()
        if iri in seen:
            continue
        seen.add(iri)
        type_ = iri.rpartition("/id/")[2].partition("/")[0]
        if type_ == "idea":
            found.add(iri)
            continue
        node = ox.NamedNode(iri)
        ahead += [
            quad.object.value.partition("#")[0]
            for quad in store.quads_for_pattern(None, None, None, node)
            if quad.predicate in _UP and isinstance(quad.object, ox.NamedNode)
        ]
        ahead += [
            quad.graph_name.value
            for name in _BY.get(type_, ())
            for quad in store.quads_for_pattern(None, ox.NamedNode(NIC + name), node, None)
            if isinstance(quad.graph_name, ox.NamedNode)
        ]
    return found
