"""Each constraint of each field is broken once, and says so: exact node, path, shape and component.

The records are the valid examples; the fault comes from the shape, so a new field is covered as soon
as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pyoxigraph as ox
import pytest
from rdflib import Literal, URIRef

from warranted import neighbourhood, resources, shape_model, validation
from warranted.namespaces import NIC, RDF, TYPE_OF_CLASS, XSD
from warranted.record_types import Field, RecordType
from warranted.records import Record

MODEL = shape_model.shipped()
BASE = "https://example.org/id/"
TYPE = ox.NamedNode(f"{RDF}type")
UNKNOWN = {f"{c}ConstraintComponent" for c in ("Class", "Or", "MinCount")}
"""What an example alone cannot meet: it names a record nobody has, and is one value."""
FOREIGN = ox.NamedNode("https://example.org/elsewhere/thing")


@cache
def examples() -> dict[str, tuple[Record, str]]:
    """Class → a valid record that holds a node of it, and that node."""
    found: dict[str, tuple[Record, str]] = {}
    for file in sorted(resources.shapes().glob("examples/*/valid/*.ttl")):
        triples = tuple(q.triple for q in ox.parse(path=file, format=ox.RdfFormat.TURTLE))
        iri = min((t.subject.value for t in triples), key=len).partition("#")[0]
        record = Record(iri, iri.removeprefix(BASE).partition("/")[0], triples)
        for triple in triples:
            if triple.predicate == TYPE:
                found.setdefault(triple.object.value, (record, triple.subject.value))
    for child, parent in shape_model.subclasses():
        if child in found:
            found.setdefault(parent, found[child])
    return found


def literal(text: str, datatype: str | None) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text)


def good(field: Field) -> ox.NamedNode | ox.Literal:
    text = field.example or ""
    return ox.NamedNode(text) if field.is_iri or field.scheme else literal(text, field.datatype)


def faults(field: Field) -> Iterator[tuple[str, str, list[ox.NamedNode | ox.Literal]]]:
    """(shape, component, values that break it) for each constraint of the field."""
    graph = MODEL.graph
    for iri in field.shapes:
        shape = URIRef(iri)
        for predicate, value in graph.predicate_objects(shape):
            number = int(str(value)) if isinstance(value, Literal) and value.isdigit() else 0
            match str(predicate).rpartition("#")[2]:
                case "minCount":
                    yield iri, "MinCount", []
                case "maxCount" if not field.choices:
                    yield iri, "MaxCount", [good(field), FOREIGN]
                case "nodeKind" if field.is_iri:
                    yield iri, "NodeKind", [ox.Literal("a text")]
                case "nodeKind":
                    yield iri, "NodeKind", [FOREIGN]
                case "datatype":
                    yield iri, "Datatype", [literal("no such value", f"{XSD}token")]
                case "class":
                    yield iri, "Class", [FOREIGN]
                case "minLength":
                    yield iri, "MinLength", [literal("x" * (number - 1), field.datatype)]
                case "maxLength":
                    yield iri, "MaxLength", [literal("x" * (number + 1), field.datatype)]
                case "pattern":
                    yield iri, "Pattern", [literal("? no ?", field.datatype)]
                case "in":
                    yield iri, "In", [ox.Literal("neither")]
                case "node":
                    yield iri, "Node", [FOREIGN]
                case "minInclusive":
                    low = str(number - 1)
                    yield iri, "MinInclusive", [literal(low, field.datatype)]
                case "uniqueLang":
                    yield iri, "UniqueLang", [ox.Literal(t, language="en") for t in ("a", "b")]
                case _:
                    pass


def cases() -> Iterator[tuple[RecordType, Field, str, str, list[ox.NamedNode | ox.Literal]]]:
    seen: set[tuple[str, str]] = set()
    for of in sorted(MODEL.types.values(), key=lambda t: t.shape):
        for field in of.fields:
            for shape, component, values in faults(field):
                if (shape, component) not in seen:
                    seen.add((shape, component))
                    yield of, field, shape, component, values


def name(case: object) -> str:
    return case.rpartition("#")[2] if isinstance(case, str) else ""


@pytest.mark.parametrize(("of", "field", "shape", "component", "values"), list(cases()), ids=name)
def test_constraint_names_its_fault(
    of: RecordType,
    field: Field,
    shape: str,
    component: str,
    values: list[ox.NamedNode | ox.Literal],
) -> None:
    record, node = examples()[of.cls]
    focus, path = ox.NamedNode(node), ox.NamedNode(field.path)
    kept = [t for t in record.triples if t.subject != focus or t.predicate != path]
    broken = (*kept, *(ox.Triple(focus, path, v) for v in values))
    spoilt = Record(record.iri, record.type, broken)
    near = list(neighbourhood.neighbourhood(spoilt))
    results = validation.validate(spoilt, near)
    wanted = (node, field.path, shape, f"{component}ConstraintComponent")
    found = {(r.focus, r.path, r.shape, r.constraint) for r in results}
    assert wanted in found, f"{shape} lets {values} pass; put its {component} right"


@pytest.mark.parametrize("cls", sorted(MODEL.types), ids=name)
def test_type_has_a_valid_example(cls: str) -> None:
    assert cls in examples(), f"write a valid example that holds a {cls}"


@pytest.mark.parametrize("cls", sorted(c for c in TYPE_OF_CLASS if c in MODEL.types), ids=name)
def test_example_values_conform(cls: str) -> None:
    of = MODEL.types[cls]
    record, node = examples()[cls]
    for field in of.fields:
        path = ox.NamedNode(field.path)
        kept = [t for t in record.triples if (t.subject.value, t.predicate) != (node, path)]
        value = good(field)
        made = Record(record.iri, record.type, (*kept, ox.Triple(ox.NamedNode(node), path, value)))
        near = list(neighbourhood.neighbourhood(made))
        bad = [
            r
            for r in validation.validate(made, near)
            if r.focus == node and r.shape in field.shapes and r.constraint not in UNKNOWN
        ]
        assert not bad, f"{field.shapes[0]}: put its skos:example right; {bad[0].message}"


@pytest.mark.parametrize("denominator", ['"many"', '"many"@en', '"2026-01-05"', "<urn:x>", '"x"'])
@pytest.mark.parametrize("datatype", ["", "integer", "date"])
def test_what_cannot_be_compared_is_a_result_and_no_crash(denominator: str, datatype: str) -> None:
    record, node = examples()[f"{NIC}Observation"]
    path = ox.NamedNode(f"{NIC}denominator")
    text = denominator.strip('"<>').removesuffix('"@en')
    value: ox.NamedNode | ox.Literal = (
        ox.NamedNode(text)
        if denominator[0] == "<"
        else literal(text, f"{XSD}{datatype}" if datatype else None)
    )
    kept = [t for t in record.triples if (t.subject.value, t.predicate) != (node, path)]
    made = Record(record.iri, record.type, (*kept, ox.Triple(ox.NamedNode(node), path, value)))
    results = validation.validate(made, neighbourhood.neighbourhood(made))
    names = {(r.field, r.constraint) for r in results}
    assert ("Numerator", "LessThanOrEqualsConstraintComponent") in names
