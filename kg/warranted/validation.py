"""Judges one record by the shapes, with the few triples of its neighbours that the shapes look at.

pyshacl is the judge. It is given a small rdflib graph (never a store-backed one, on which it was
seen to err) and the shapes parsed once; only the record's own nodes are focus nodes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl.shape
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.property_pair_constraints import (
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.graph_abstraction import DataGraph
from pyshacl.monkey import apply_patches
from pyshacl.validator import Validator
from rdflib import RDF as RDF_NS
from rdflib import RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from warranted import shape_model
from warranted.namespaces import NIC, RDF, SKOS, XSD
from warranted.namespaces import RDFS as RDFS_NS

if TYPE_CHECKING:
    from warranted.records import Record

MAX_TEXT = 20_000
"""Longest literal that is judged at all: patterns run over text, so its length is capped first."""

NEIGHBOUR_PROPERTIES = (
    f"{RDF}type",
    f"{RDFS_NS}label",
    f"{SKOS}inScheme",
    f"{NIC}rank",
    f"{NIC}warrantLevel",
    f"{NIC}maxRaise",
    f"{NIC}minRationale",
    f"{NIC}minReviewersToRaise",
)
"""What a record's shapes look at beyond the record: these properties of the IRIs it names."""

logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # faults are told by the shapes

_RANK = {"Violation": 0, "Warning": 1, "Info": 2}


@dataclass(frozen=True, slots=True)
class Result:
    """One thing a shape found.

    `record` and `focus` are IRIs (the focus is the record or a part of it), `field` the form's name
    of the property with IRI `path`, `value` the offending value as text, `shape` the shape's IRI,
    `constraint` the local name of the SHACL constraint component that does not hold.
    """

    record: str
    focus: str
    field: str | None
    path: str | None
    value: str | None
    severity: str
    message: str
    shape: str
    constraint: str
    order: tuple[int, int]
    group: str

    def as_json(self) -> dict[str, Any]:
        """The result as a JSON object; `next` is the step that puts it right."""
        _, _, step = self.message.partition(": ")
        return {
            "record": self.record,
            "focus": self.focus,
            "field": self.field,
            "path": self.path,
            "value": self.value,
            "severity": self.severity,
            "message": self.message,
            "next": step or self.message,
            "shape": self.shape,
            "constraint": self.constraint,
        }


def to_rdflib(term: ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple) -> Node:
    """The rdflib term equal to a pyoxigraph one, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        if term.datatype.value == f"{XSD}string":
            return Literal(term.value)  # to rdflib a plain literal and an xsd:string differ
        return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    raise TypeError(f"{type(term).__name__} is never part of a record")


def _at_most(one: Node, other: Node) -> bool:
    """Whether two literals can be compared and the first is not above the second."""
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    try:
        return bool(one.value <= other.value)
    except TypeError:  # a text and a number, or a literal whose form is not its datatype's
        return False


def _compare(
    constraint: Any, values: Iterable[Node], others: Iterable[Node], data: Any, focus: Node
) -> tuple[bool, list[Any]]:
    """pyshacl's comparison for sh:lessThanOrEquals (0.40.1) stops at values that cannot be compared.

    By the recommendation (4.5.4) such a pair is a result like any other.
    """
    found = [
        constraint.make_v_result(data, focus, value_node=value)
        for value in values
        for other in others
        if not _at_most(value, other)
    ]
    return bool(found), found


class Judge:
    """Shapes ready to judge records. One thread at a time uses pyshacl; others wait their turn."""

    def __init__(self, model: shape_model.ShapeModel) -> None:
        apply_patches()  # type: ignore[no-untyped-call]
        # pyshacl looks each of a shape's properties up in a list of 40; a set is four times as fast.
        pyshacl.shape.module.CONSTRAINT_PARAMS = (  # type: ignore[attr-defined]
            frozenset(ALL_CONSTRAINT_PARAMETERS),
            CONSTRAINT_PARAMETERS_MAP,
        )
        LessThanOrEqualsConstraintComponent._compare_ltoe = _compare  # type: ignore[method-assign]
        self.model = model
        self._lock = threading.Lock()
        self._empty = Graph()
        # Building the shapes costs more than judging a record: it is done once and kept.
        self._shapes = Validator(
            DataGraph.from_rdflib(Graph()), shacl_graph=model.graph
        ).shacl_graph
        self._by_class: dict[Node, list[Any]] = {}
        self._by_predicate: dict[Node, list[Any]] = {}
        for shape in self._shapes.shapes:
            for cls in shape.target_classes():
                self._by_class.setdefault(cls, []).append(shape)
            for predicate in shape.target_subjects_of():
                self._by_predicate.setdefault(predicate, []).append(shape)
        self._subclasses = [
            (URIRef(child), RDFS.subClassOf, URIRef(parent))
            for child, parent in shape_model.subclasses()
        ]

    def validate(self, record: Record, neighbourhood: Iterable[ox.Triple]) -> list[Result]:
        """Every result for `record`: violations first, then in the order of its form."""
        if long := self._too_long(record):
            return long
        graph = Graph(bind_namespaces="none")
        for triple in record.triples:
            graph.add(tuple(map(to_rdflib, (triple.subject, triple.predicate, triple.object))))  # type: ignore[arg-type]
        own = set(graph.subjects(unique=True))
        for triple in neighbourhood:
            graph.add(tuple(map(to_rdflib, (triple.subject, triple.predicate, triple.object))))  # type: ignore[arg-type]
        for subclass in self._subclasses:
            graph.add(subclass)
        with self._lock:
            report = self._report(graph, own)
        return sort(
            {self._result(record.iri, report, node) for node in report.objects(None, SH.result)}
        )

    def _targets(self, graph: Graph, own: set[Node]) -> dict[Any, set[Node]]:
        """Shape → those of the nodes in `own` that it targets."""
        found: dict[Any, set[Node]] = {}
        for node in own:
            for predicate, value in graph.predicate_objects(node):
                for shape in self._by_predicate.get(predicate, ()):
                    found.setdefault(shape, set()).add(node)
                if predicate == RDF_NS.type:
                    for cls in graph.transitive_objects(value, RDFS.subClassOf):
                        for shape in self._by_class.get(cls, ()) if cls else ():
                            found.setdefault(shape, set()).add(node)
        return found

    def _report(self, graph: Graph, own: set[Node]) -> Graph:
        """The SHACL report on the nodes in `own`.

        pyshacl's own `focus_nodes` option also skips the shapes nested in sh:node, sh:not and
        sh:or, which then pass unseen (0.40.1); hence the targets are narrowed here.
        """
        data = DataGraph.from_rdflib(graph)
        executor = Validator(
            data, shacl_graph=self._empty, options={"inplace": True}
        ).make_executor()
        reports: list[Any] = []
        # A query would calculate with what is no number (rdflib 7.6 then never returns); the fault is
        # found by the datatype, and the query's turn comes when it is put right.
        broken = any(isinstance(o, Literal) and o.ill_typed for o in graph.objects())
        for shape, focus in self._targets(graph, own).items():
            if broken and (shape.node, SH.sparql, None) in self.model.graph:
                continue
            reports.extend(shape.validate(executor, data, focus=sorted(focus, key=str))[1])
        report: Graph = Validator.create_validation_report(self._shapes, not reports, reports)[0]
        return report

    def _result(self, record: str, report: Graph, node: Node) -> Result:
        value = report.value
        shape = str(value(node, SH.sourceShape))
        info = self.model.info(shape)
        found_path = value(node, SH.resultPath)
        # On a closed shape the result's path is the field that is not known there.
        path = str(found_path) if isinstance(found_path, URIRef) else info.path if info else None
        severity = str(value(node, SH.resultSeverity)).rpartition("#")[2]
        message = str(value(node, SH.resultMessage))
        name = info.name if info else None
        if name is None and path is not None:
            name = path.rpartition("#")[2].rpartition("/")[2]
        offending = value(node, SH.value)
        return Result(
            record=record,
            focus=str(value(node, SH.focusNode)),
            field=name,
            path=path,
            value=None if offending in (None, value(node, SH.focusNode)) else str(offending),
            severity=severity,
            message=message,
            shape=shape,
            constraint=str(value(node, SH.sourceConstraintComponent)).rpartition("#")[2],
            order=info.order if info else (0, 0),
            group=info.group if info else "",
        )

    def _too_long(self, record: Record) -> list[Result]:
        return [
            Result(
                record=record.iri,
                focus=str(to_rdflib(triple.subject)),
                field=triple.predicate.value.rpartition("#")[2].rpartition("/")[2],
                path=triple.predicate.value,
                value=None,
                severity="Violation",
                message=f"Text: it is longer than {MAX_TEXT} characters; shorten it.",
                shape=f"{NIC}text-length",
                constraint="MaxLengthConstraintComponent",
                order=(0, 0),
                group="",
            )
            for triple in record.triples
            if isinstance(triple.object, ox.Literal) and len(triple.object.value) > MAX_TEXT
        ]


def sort(results: Iterable[Result]) -> list[Result]:
    """Violations, then warnings, then infos; each in the order of the form."""
    return sorted(
        results, key=lambda r: (_RANK[r.severity], r.order, r.focus, r.path or "", r.value or "")
    )


@lru_cache(maxsize=1)
def shipped_judge() -> Judge:
    """A judge with the shapes that ship with the project."""
    return Judge(shape_model.shipped())


def validate(record: Record, neighbourhood: Iterable[ox.Triple] = ()) -> list[Result]:
    """Judge `record` by the shipped shapes.

    Args:
        record: the record with its embedded parts.
        neighbourhood: triples about the IRIs it names (see `NEIGHBOUR_PROPERTIES`), of other
            records and of the ontology's schemes.

    Returns:
        Results in the order a form shows them, violations first; empty if there is nothing to say.
    """
    near = tuple(sorted(set(neighbourhood), key=str))
    return list(_judged(record, near))


@lru_cache(maxsize=4096)
def _judged(record: Record, near: tuple[ox.Triple, ...]) -> tuple[Result, ...]:
    # A record is judged when it is loaded and again at the gate: the same question, the same answer.
    return tuple(shipped_judge().validate(record, near))


def forget() -> None:
    """Forget judgements of before, so that the next ones are made anew."""
    _judged.cache_clear()


def violations(results: Sequence[Result]) -> list[Result]:
    """Only those that keep a record from being stored."""
    return [r for r in results if r.severity == "Violation"]
