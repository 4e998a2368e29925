"""Checks the shapes themselves: what forms, messages and schemas need must be there and be right.

Each fault names the shape by its IRI and says how to repair it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from warranted.namespaces import XSD

DATATYPES = tuple(
    f"{XSD}{name}"
    for name in ("anyURI", "boolean", "date", "dateTime", "decimal", "integer", "string")
)
"""Datatypes that a form has a widget for."""

_TOLD = (
    (SH.name, "give it the field's name as a form shows it"),
    (SH.description, "say in a sentence what goes in"),
    (SH.order, "give its place within its group, as a whole number"),
    (SH.group, "name the group of fields it stands in"),
    (SH.severity, "say sh:Violation, sh:Warning or sh:Info"),
    (SH.message, "write '<name>: <what to do>.'"),
)
_SEVERITIES = {SH.Violation, SH.Warning, SH.Info}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a shape, and the repair."""

    shape: str
    wrong: str
    repair: str

    def __str__(self) -> str:
        return f"<{self.shape}>: {self.wrong}; {self.repair}."


def faults(shapes: Graph, ontology: Graph) -> list[Fault]:
    """Every fault of the shapes, in the order of their IRIs.

    Args:
        shapes: the SHACL.
        ontology: the ontology and its schemes, in which paths, classes and schemes are declared.
    """
    found = set(_terms(shapes))
    listed = {p for s in shapes.subjects(SH.closed, None) for p in shapes.objects(s, SH.property)}
    declared = set(ontology.subjects(RDF.type, None)) | {RDFS.label, RDFS.comment, RDF.type}
    declared |= {DCTERMS.title, OWL.deprecated}
    for shape in set(shapes.subjects(RDF.type, SH.PropertyShape)) | listed:
        found |= set(_property(shapes, shape, declared, in_record=shape in listed))
    for cls in set(shapes.objects(None, SH.targetClass)):
        if cls not in declared:
            for shape in shapes.subjects(SH.targetClass, cls):
                wrong = f"its target class <{cls}> is not declared"
                found.add(Fault(str(shape), wrong, "declare the class, or name another"))
    return sorted(found)


def _property(
    graph: Graph, shape: Node, declared: set[Node], *, in_record: bool
) -> Iterator[Fault]:
    def fault(wrong: str, repair: str) -> Fault:
        return Fault(str(shape), wrong, repair)

    if (shape, RDF.type, SH.PropertyShape) not in graph:
        yield fault("a record shape lists it and it is not there", "write it, or take it out")
        return
    paths = list(graph.objects(shape, SH.path))
    if len(paths) != 1:
        yield fault(f"it has {len(paths)} paths", "give it one sh:path")
    for path in paths:
        for step in _steps(graph, path):
            if not isinstance(step, URIRef):
                yield fault("its path is broken", "name a property, or a list of two or more")
            elif step not in declared and not _personal(graph, shape):
                yield fault(f"its path <{step}> is not declared", "declare it in the ontology")
    for term, repair in _TOLD:
        if len(set(graph.objects(shape, term))) != 1:
            yield fault(f"it has not one {_short(term)}", repair)
    name, message = graph.value(shape, SH.name), str(graph.value(shape, SH.message) or "")
    if message and not (message.startswith(f"{name}: ") and message.endswith(".")):
        yield fault("its message does not begin with its name or has no full stop", _TOLD[-1][1])
    for severity in graph.objects(shape, SH.severity):
        if severity not in _SEVERITIES:
            yield fault(f"<{severity}> is no severity", _TOLD[4][1])
    for datatype in graph.objects(shape, SH.datatype):
        if str(datatype) not in DATATYPES:
            known = ", ".join(f"xsd:{_short(URIRef(d))}" for d in DATATYPES)
            yield fault(f"its datatype <{datatype}> is unknown here", f"use one of {known}")
    for group in graph.objects(shape, SH.group):
        if graph.value(group, RDFS.label) is None or graph.value(group, SH.order) is None:
            yield fault(f"its group <{group}> has no label or order", "write the group")
    for cls in graph.objects(shape, SH["class"]):
        if cls not in declared:
            yield fault(f"its class <{cls}> is not declared", "declare it in the ontology")
    if in_record and graph.value(shape, SKOS.example) is None:
        yield fault("it has no example value", "give one as skos:example")


def _steps(graph: Graph, path: Node) -> list[Node | None]:
    if isinstance(path, URIRef):
        return [path]
    steps: list[Node | None] = list(Collection(graph, path))
    return steps if len(steps) > 1 and not isinstance(path, Literal) else [None]


def _personal(graph: Graph, shape: Node) -> bool:
    """Whether the shape forbids its path: foreign words for people need no declaration here."""
    return str(graph.value(shape, SH.maxCount)) == "0"


def _terms(graph: Graph) -> Iterator[Fault]:
    """Words that look like SHACL and are not: a misspelt constraint would be skipped unseen."""
    known = {f"{SH}{name}" for name in {*SH.__annotations__, *SH._extras}}
    for shape, predicate in graph.subject_predicates():
        if str(predicate).startswith(str(SH)) and str(predicate) not in known:
            wrong = f"sh:{_short(predicate)} is no term of SHACL"
            yield Fault(str(shape), wrong, "spell it as the SHACL recommendation does")


def _short(term: Node) -> str:
    return str(term).rpartition("#")[2]
