"""The shapes, read once into a typed model that all who describe a record read.

A record type (see `record_types`) has `Field`s in the order of its form. A field's datatype, class or
scheme, its cardinality and its messages all come from the SHACL; nothing is added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from rdflib import RDF, RDFS, SH, SKOS, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from warranted import resources
from warranted.errors import StoreUnavailable
from warranted.namespaces import NIC, SHAPES
from warranted.record_types import (
    AllOf,
    AnyOf,
    Beyond,
    Condition,
    Count,
    Field,
    Has,
    Longest,
    Not,
    RecordType,
    Rule,
    ShapeInfo,
)

NSH = Namespace(SHAPES)
SEVERITIES = ("Violation", "Warning", "Info")


class ShapeModel:
    """All shapes of a folder. `graph` is the SHACL as rdflib read it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._info: dict[str, ShapeInfo] = {}
        self._on_text = self._text_shapes()
        self.types: dict[str, RecordType] = {}
        for shape in graph.subjects(SH.targetClass, None):
            if graph.value(shape, SH.closed) is not None and isinstance(shape, URIRef):
                record_type = self._record_type(shape)
                self.types[record_type.cls] = record_type

    @classmethod
    def read(cls, folder: Path) -> ShapeModel:
        """The model of every `*.ttl` directly in `folder`.

        Raises:
            StoreUnavailable: there are no shapes; without any, everything would be accepted.
        """
        graph = Graph()
        for file in sorted(folder.glob("*.ttl")):
            graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
        model = cls(graph)
        if not model.types:
            raise StoreUnavailable(f"There are no shapes in {folder}.", fix="Install it again.")
        return model

    def paths(self) -> Iterator[Field]:
        """Every field of every type; the same property may come several times."""
        for record_type in self.types.values():
            yield from record_type.fields

    def info(self, shape: str) -> ShapeInfo | None:
        """What is known of the shape with that IRI, or None for an IRI that names none."""
        node = URIRef(shape)
        if (node, None, None) not in self.graph:
            return None
        if shape not in self._info:
            path = self.graph.value(node, NSH.onPath) or self.graph.value(node, SH.path)
            self._info[shape] = ShapeInfo(
                name=self._text(node, SH.name),
                path=str(path) if isinstance(path, URIRef) else None,
                message=self._text(node, SH.message),
                severity=self._severity(node),
                group=self._group(node),
                order=self._order(node),
                holds=self._text(node, NSH.holds) != "false",
            )
        return self._info[shape]

    def _record_type(self, shape: URIRef) -> RecordType:
        by_path: dict[str, list[URIRef]] = {}
        for prop in self.graph.objects(shape, SH.property):
            path = self.graph.value(prop, SH.path)
            if isinstance(path, URIRef) and isinstance(prop, URIRef):
                by_path.setdefault(str(path), []).append(prop)
        fields = (self._field(path, shapes) for path, shapes in by_path.items())
        cls = self.graph.value(shape, SH.targetClass)
        return RecordType(
            shape=str(shape),
            cls=str(cls),
            label=self._text(shape, RDFS.label) or str(shape),
            fields=tuple(sorted(fields, key=lambda f: (f.order, f.path))),
            rules=tuple(self._rules(shape, cls, set(by_path))),
        )

    def _rules(self, shape: URIRef, cls: Node | None, paths: set[str]) -> Iterator[Rule]:
        """The shapes beside the record's own that look at such records."""
        beside = set(self.graph.subjects(SH.targetClass, cls)) - {shape}
        for path in paths:
            beside |= set(self.graph.subjects(SH.targetSubjectsOf, URIRef(path)))
        for other in sorted(map(str, beside)):
            node = URIRef(other)
            if (node, SH.property, None) in self.graph and not self._text(node, SH.message):
                inner = sorted(map(str, self.graph.objects(node, SH.property)))
                found = [URIRef(i) for i in inner if URIRef(i) not in self._on_text]
            else:
                found = [node]
            for rule in found:
                info = self.info(str(rule))
                if info is None or info.path is None:
                    continue
                must = self._condition(rule)
                if SH.targetSubjectsOf in set(self.graph.predicates(node)):
                    held = self.graph.value(node, SH.targetSubjectsOf)
                    others = must.of if isinstance(must, AnyOf) else (must,)
                    must = AnyOf((Count(str(held), 0, 0), *others))
                yield Rule(
                    shape=str(rule),
                    path=info.path,
                    name=info.name or "",
                    description=self._text(rule, SH.description) or "",
                    severity=info.severity,
                    message=info.message or "",
                    must=must,
                )

    def _condition(self, node: Node) -> Condition:
        """What a rule's shape, or a shape within it, asks."""
        value = self.graph.value
        path = value(node, SH.path)
        if path is not None:
            return self._on_path(node, path)
        objects = self.graph.objects
        asked: list[Condition] = [
            *(self._condition(inner) for inner in objects(node, SH.property)),
            *(self._condition(inner) for inner in objects(node, SH.node)),
            *(Not(self._condition(inner)) for inner in objects(node, SH["not"])),
            *(
                AnyOf(tuple(map(self._condition, Collection(self.graph, listed))))
                for listed in objects(node, SH["or"])
            ),
        ]
        if value(node, SH.sparql) is not None:
            asked.append(Beyond("it compares several nodes (SPARQL)"))
        return asked[0] if len(asked) == 1 else AllOf(tuple(asked))

    def _on_path(self, node: Node, path: Node) -> Condition:
        if not isinstance(path, URIRef):
            return Beyond("it looks beyond the record's own properties")
        value, number, key = self.graph.value, self._number, str(path)
        held = value(node, SH.hasValue)
        if held is not None:
            return Has(key, str(held), isinstance(held, URIRef))
        least, most = number(node, SH.minCount), number(node, SH.maxCount)
        if least is not None or most is not None:
            return Count(key, least or 0, most)
        if (longest := number(node, SH.maxLength)) is not None:
            return Longest(key, longest)
        return Beyond("it compares two values")

    def _text_shapes(self) -> dict[Node, tuple[str, str, tuple[str, ...]]]:
        """Property shape on a text → (path, severity, patterns that it may not match)."""
        found: dict[Node, tuple[str, str, tuple[str, ...]]] = {}
        for shape, refused in self.graph.subject_objects(SH["not"]):
            path = self.graph.value(shape, SH.path)
            listed = self.graph.value(refused, SH["or"])
            options = list(Collection(self.graph, listed)) if listed is not None else [refused]
            patterns = [p for o in options if (p := self.graph.value(o, SH.pattern)) is not None]
            if path is not None and patterns:
                texts = tuple(map(str, patterns))
                found[shape] = (str(path), self._severity(shape), texts)
        return found

    def _field(self, path: str, shapes: list[URIRef]) -> Field:
        ranked = sorted(shapes, key=lambda s: SEVERITIES.index(self._severity(s)))
        first, rest = ranked[0], ranked[1:]
        value = self.graph.value
        number = self._number
        required = (number(first, SH.minCount) or 0) if self._severity(first) == "Violation" else 0
        wanted = [s for s in rest if (number(s, SH.minCount) or 0) > 0]
        listed = value(first, SH["in"])
        node_shape = value(first, SH.node)
        inner = value(node_shape, SH.property) if node_shape is not None else None
        scheme = value(inner, SH.hasValue) if inner is not None else None
        if scheme is not None and not isinstance(value(inner, SH.path), URIRef):
            scheme = None
        datatype, cls, pattern = (value(first, p) for p in (SH.datatype, SH["class"], SH.pattern))
        least = value(first, SH.minInclusive)
        banned = value(value(first, SH["not"]), SH["in"]) if value(first, SH["not"]) else None
        forbidden = [
            pattern
            for on, severity, patterns in self._on_text.values()
            if on == path and severity == "Violation"
            for pattern in patterns
        ]
        longer = [n for s in wanted if (n := number(s, SH.minLength)) is not None]
        return Field(
            path=path,
            name=self._text(first, SH.name) or path,
            description=self._text(first, SH.description) or "",
            group=self._group(first),
            order=self._order(first),
            datatype=str(datatype) if datatype else None,
            cls=str(cls) if cls else None,
            scheme=str(scheme) if scheme else None,
            is_iri=value(first, SH.nodeKind) == SH.IRI,
            choices=tuple(map(str, Collection(self.graph, listed))) if listed else (),
            min_count=required,
            max_count=number(first, SH.maxCount),
            min_length=number(first, SH.minLength),
            max_length=number(first, SH.maxLength),
            pattern=str(pattern) if pattern else None,
            min_inclusive=None if least is None else Decimal(str(least)),
            unique_lang=self._text(first, SH.uniqueLang) == "true",
            not_above=self._text(first, SH.lessThanOrEquals),
            facet=inner is not None and scheme is None and value(inner, SH.hasValue) is not None,
            forbidden=tuple(sorted(set(forbidden))),
            taken=tuple(map(str, Collection(self.graph, banned))) if banned else (),
            example=self._text(first, SKOS.example),
            message=self._text(first, SH.message) or "",
            shapes=tuple(map(str, ranked)),
            wanted=self._severity(wanted[0]) if wanted else None,
            wanted_length=max(longer, default=None),
            advice=self._text(wanted[0], SH.message) if wanted else None,
        )

    def _text(self, node: Node, path: URIRef) -> str | None:
        text = self.graph.value(node, path)
        return None if text is None else str(text)

    def _number(self, node: Node, path: URIRef) -> int | None:
        found = self.graph.value(node, path)
        return None if found is None else int(str(found))

    def _severity(self, node: Node) -> str:
        found = self.graph.value(node, SH.severity)
        return "Violation" if found is None else str(found).rpartition("#")[2]

    def _group(self, node: Node) -> str:
        group = self.graph.value(node, SH.group)
        return "" if group is None else (self._text(group, RDFS.label) or "")

    def _order(self, node: Node) -> tuple[int, int]:
        group = self.graph.value(node, SH.group)
        section = self._number(group, SH.order) if group is not None else None
        return (section or 0, self._number(node, SH.order) or 0)


@lru_cache(maxsize=1)
def shipped() -> ShapeModel:
    """The model of the shapes that ship with the project."""
    return ShapeModel.read(resources.shapes())


@lru_cache(maxsize=1)
def subclasses() -> tuple[tuple[str, str], ...]:
    """(subclass, superclass) for every pair of the ontology's own classes."""
    graph = Graph().parse(
        data=(resources.ontology() / "warranted.ttl").read_text(encoding="utf-8"), format="turtle"
    )
    return tuple(
        (str(child), str(parent))
        for child, parent in graph.subject_objects(RDFS.subClassOf)
        if str(child).startswith(NIC) and str(parent).startswith(NIC)
    )


def shape_iris(model: ShapeModel) -> Iterator[str]:
    """IRIs of all node and property shapes that have one."""
    for kind in (SH.NodeShape, SH.PropertyShape):
        for shape in model.graph.subjects(RDF.type, kind):
            if isinstance(shape, URIRef):
                yield str(shape)
