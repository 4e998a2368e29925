"""A faulty shape is named by its IRI, with the repair."""

from __future__ import annotations

from functools import cache

import pytest
from rdflib import SH, SKOS, Graph, Literal, URIRef

from warranted import resources, shape_check, shape_model
from warranted.namespaces import NIC, SHAPES, XSD

STAGE = URIRef(f"{SHAPES}test-stage")
START = URIRef(f"{SHAPES}test-startDate")


@cache
def ontology() -> Graph:
    graph = Graph()
    for file in resources.ontology().rglob("*.ttl"):
        graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return graph


def copy() -> Graph:
    graph = Graph()
    for triple in shape_model.shipped().graph:
        graph.add(triple)
    return graph


def test_shipped_shapes_have_no_fault() -> None:
    found = shape_check.faults(shape_model.shipped().graph, ontology())
    assert not found, "\n".join(map(str, found))


BROKEN = {
    "no message": (STAGE, SH.message, None, "it has not one message"),
    "no name": (STAGE, SH.name, None, "it has not one name"),
    "message of another field": (STAGE, SH.message, Literal("Start: no."), "does not begin"),
    "unknown datatype": (START, SH.datatype, URIRef(f"{XSD}dat"), "is unknown here"),
    "broken path": (START, SH.path, Literal("startDate"), "its path is broken"),
    "path nobody declared": (START, SH.path, URIRef(f"{NIC}startDay"), "is not declared"),
    "no path": (START, SH.path, None, "it has 0 paths"),
    "no severity there is": (START, SH.severity, URIRef(f"{SH}Error"), "is no severity"),
    "misspelt constraint": (START, URIRef(f"{SH}minCuont"), Literal(1), "is no term of SHACL"),
    "no example": (
        START,
        SKOS.example,
        None,
        "no example value",
    ),
    "group nobody wrote": (START, SH.group, URIRef(f"{SHAPES}group-none"), "no label or order"),
    "class nobody declared": (
        URIRef(f"{SHAPES}test-atSite"),
        SH["class"],
        URIRef(f"{NIC}Sight"),
        "is not declared",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_fault_is_found_and_says_the_repair(name: str) -> None:
    shape, predicate, value, wrong = BROKEN[name]
    graph = copy()
    graph.remove((shape, predicate, None))
    if value is not None:
        graph.add((shape, predicate, value))
    found = shape_check.faults(graph, ontology())
    assert [f.shape for f in found if wrong in f.wrong] == [str(shape)]
    assert all(f.repair for f in found)
