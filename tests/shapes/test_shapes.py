"""What every shape must be, so that forms, messages and schemas can be made from it."""

from __future__ import annotations

import re

import pyshacl
import pytest
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from warranted import resources, shape_model
from warranted.namespaces import NIC, SHAPES

MODEL = shape_model.shipped()
GRAPH = MODEL.graph
PROPERTY_SHAPES = sorted(
    s for s in GRAPH.subjects(RDF.type, SH.PropertyShape) if isinstance(s, URIRef)
)
TARGETED = sorted(
    {s for p in (SH.targetClass, SH.targetSubjectsOf) for s in GRAPH.subjects(p, None)}
)


def ontology() -> Graph:
    graph = Graph()
    for file in resources.ontology().rglob("*.ttl"):
        graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return graph


def short(node: Node) -> str:
    return str(node).removeprefix(SHAPES)


@pytest.mark.parametrize("shape", PROPERTY_SHAPES, ids=short)
def test_property_shape_describes_its_field(shape: URIRef) -> None:
    for needed in (SH.name, SH.description, SH.order, SH.group, SH.severity, SH.message):
        assert GRAPH.value(shape, needed) is not None, f"{shape} has no {needed}"
    name = str(GRAPH.value(shape, SH.name))
    message = str(GRAPH.value(shape, SH.message))
    assert message.startswith(f"{name}: "), f"{shape}: the message must begin with '{name}: '"
    assert "http" not in message.replace("http://", "").replace("https://", "")
    assert message.endswith("."), f"{shape}: end the message with a full stop"


@pytest.mark.parametrize("shape", TARGETED, ids=short)
def test_targeted_shape_is_covered_by_an_invalid_example(shape: URIRef) -> None:
    named = "\n".join(
        f.read_text(encoding="utf-8").splitlines()[0]
        for f in resources.shapes().glob("examples/*/invalid/*.ttl")
    )
    own = {short(shape), *(short(p) for p in GRAPH.objects(shape, SH.property))}
    shared = {n for n in own if n.startswith("any-")}
    closed = GRAPH.value(shape, SH.closed) is not None
    seen = set(re.findall(r"nsh:(\S+)", named))
    if closed:
        assert seen & own, f"no invalid example for {shape}"
    elif not any(short(shape).startswith(p) for p in ("text-", "person-")):
        assert seen & (own - shared), f"no invalid example for {shape}"


def test_shapes_are_valid_shacl() -> None:
    conforms, _, text = pyshacl.validate(
        GRAPH, shacl_graph="http://www.w3.org/ns/shacl-shacl", advanced=False
    )
    assert conforms, text


def test_only_terms_of_shacl_are_used() -> None:
    known = {f"{SH}{name}" for name in {*SH.__annotations__, *SH._extras}}
    used = {str(p) for p in GRAPH.predicates() if str(p).startswith(str(SH))}
    assert used <= known, f"misspelt: {sorted(used - known)}"


def test_patterns_cannot_run_away() -> None:
    for pattern in GRAPH.objects(None, SH.pattern):
        assert not re.search(r"[+*}]\)?[+*{]", str(pattern)), f"nested quantifier: {pattern}"


def test_every_path_and_class_is_declared_in_the_ontology() -> None:
    declared = {str(s) for s in ontology().subjects(RDF.type, None)} | {str(RDFS.label)}
    declared |= {str(RDFS.comment), "http://www.w3.org/2002/07/owl#deprecated"}
    for record_type in MODEL.types.values():
        assert record_type.cls in declared, f"{record_type.cls} is not declared"
        for field in record_type.fields:
            assert field.path in declared, f"{field.path} is not declared"
            if field.scheme:
                assert field.scheme in declared, f"{field.scheme} is not declared"


def test_every_own_class_that_is_stored_has_a_closed_shape() -> None:
    abstract = {"TestOfChange", "WarrantAssessment", "ContextFacet"}
    covered = set(MODEL.types)
    parents = dict(shape_model.subclasses())
    classes = {
        str(c)
        for c in ontology().subjects(RDF.type, URIRef("http://www.w3.org/2002/07/owl#Class"))
        if str(c).startswith(NIC)
    }
    for cls in classes:
        if cls.removeprefix(NIC) not in abstract:
            assert cls in covered or parents.get(cls) in covered, f"no shape for {cls}"
