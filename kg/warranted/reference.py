"""The ontology, the schemes and the shapes as a reference to be read: terms, versions, field tables.

What the ontology's files say of a term or a field stands here as they say it; its words in another
language are found by its IRI (`warranted.language.terms`). What is put together here, such as what a
value is, is told in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from warranted import form_model, migration, resources, shape_model, vocabulary
from warranted.context import curie, terms_of
from warranted.language import ENGLISH, Language, gettext_noop
from warranted.language.terms import words
from warranted.namespaces import NIC, SHAPES, TYPE_OF_CLASS
from warranted.record_types import Field, RecordType

KINDS: tuple[tuple[URIRef, str], ...] = (
    (OWL.Class, "class"),
    (OWL.ObjectProperty, "object property"),
    (OWL.DatatypeProperty, "datatype property"),
    (OWL.AnnotationProperty, "annotation property"),
)

ONTOLOGY = URIRef(NIC.rstrip("#"))

SHARED = "shared"
"""Stands for what several types have in common where a type's anchor is asked for: no type has it."""

_NEEDED = {
    "Violation": gettext_noop("at times"),
    "Warning": gettext_noop("to be published"),
    "Info": gettext_noop("better"),
}
"""Severity at which a field that is not always needed is asked for → when it is needed."""
_TYPED = {
    "yes-no": gettext_noop("yes or no"),
    "date": gettext_noop("date"),
    "moment": gettext_noop("day and time"),
    "whole-number": gettext_noop("whole number"),
    "number": gettext_noop("number"),
    "address": gettext_noop("web address"),
}
"""Widget of a typed value (`form_model.TYPED`) → what the value is."""
_LISTED = 8
"""Values of a scheme that a table lists; its page has them all."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the ontology.

    Attributes:
        key: its local name, which is also its anchor.
        parents, domain, range_, inverse, alike: IRIs of the terms it points to.
        used_in: where the shapes use it, as (anchor of the type or `SHARED`, anchor of the field or,
            of a class, of the type).
    """

    iri: str
    key: str
    kind: str
    label: str
    definition: str
    source: str
    parents: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    range_: tuple[str, ...] = ()
    inverse: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    replaced_by: str | None = None
    deprecated: bool = False
    used_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the ontology: what it added to the one before and took from it, and its note."""

    number: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    breaking: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One field in a field table.

    Attributes:
        anchor: local name of the shape that describes the field. also: those of its other shapes.
        value, needed: what a value is and when it is needed, in the language that was asked for.
        example: a literal's text, an IRI, or the label of a value of a scheme, whose IRI is `concept`.
    """

    name: str
    anchor: str
    key: str
    path: str
    what: str
    value: str
    needed: str
    example: str
    message: str
    concept: str = ""
    also: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """IRI of the shape that describes the field."""
        return SHAPES + self.anchor


@dataclass(frozen=True, slots=True)
class Table:
    """The fields of a record type or part: its own, and the keys of those that many types share.

    Attributes:
        rules: of each rule about several fields, the local name of its shape and what it says.
    """

    label: str
    anchor: str
    cls: str
    type: str | None
    rows: tuple[Row, ...]
    shared: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]

    @property
    def shape(self) -> str:
        """IRI of the shape of the type."""
        return SHAPES + self.anchor


@lru_cache(maxsize=4096)
def short(iri: str) -> str:
    """`iri` with the prefix the ontology's file has for its namespace, or as it is."""
    for prefix, namespace in _prefixes():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return curie(iri)


@lru_cache(maxsize=1)
def _prefixes() -> tuple[tuple[str, str], ...]:
    """Prefixes of the ontology's file, the longest namespace first."""
    found = [(p, str(n)) for p, n in ontology_graph().namespaces()]
    return tuple(sorted(found, key=lambda pair: -len(pair[1])))


def ontology_graph(file: Path | None = None) -> Graph:
    """The ontology, as rdflib reads it."""
    return _read(file or resources.ontology() / "warranted.ttl")


@lru_cache(maxsize=2)
def _read(path: Path) -> Graph:
    return Graph().parse(data=path.read_text(encoding="utf-8"), format="turtle")


def ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples in one order, with the same names for blank nodes each time."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((q.triple for q in dataset), key=str)


def as_jsonld(triples: Iterable[ox.Triple]) -> bytes:
    """The triples as JSON-LD that needs no context from elsewhere."""
    prefixes = dict(_prefixes())
    found = ox.serialize(ordered(triples), format=ox.RdfFormat.JSON_LD, prefixes=prefixes)
    assert found is not None  # None only when it writes to a file
    return found + b"\n"


@lru_cache(maxsize=1)
def terms() -> tuple[Term, ...]:
    """Every term of the ontology's own namespace, classes first, each kind by its label."""
    graph = ontology_graph()
    used: dict[str, dict[tuple[str, str], None]] = {}
    for of in shape_model.shipped().types.values():
        here = of.shape.rpartition("#")[2]
        used.setdefault(of.cls, {})[here, here] = None
        for field in of.fields:
            anchor = field.shapes[0].rpartition("#")[2]
            place = SHARED if anchor.startswith("any-") else here
            used.setdefault(field.path, {})[place, anchor] = None
    found = [
        _term(graph, node, kind, tuple(used.get(str(node), {})))
        for type_, kind in KINDS
        for node in graph.subjects(RDF.type, type_)
        if isinstance(node, URIRef) and node.startswith(NIC)
    ]
    order = [kind for _, kind in KINDS]
    return tuple(sorted(found, key=lambda t: (order.index(t.kind), t.label.lower(), t.key)))


def _term(graph: Graph, node: URIRef, kind: str, used: tuple[tuple[str, str], ...]) -> Term:
    def iris(predicate: URIRef) -> tuple[str, ...]:
        found: list[str] = []
        for value in graph.objects(node, predicate):
            found += _members(graph, value)
        return tuple(sorted(found))

    replaced = graph.value(node, DCTERMS.isReplacedBy)
    return Term(
        iri=str(node),
        key=node.removeprefix(NIC),
        kind=kind,
        label=str(graph.value(node, RDFS.label)),
        definition=str(graph.value(node, SKOS.definition)),
        source=str(graph.value(node, DCTERMS.source)),
        parents=(*iris(RDFS.subClassOf), *iris(RDFS.subPropertyOf)),
        domain=iris(RDFS.domain),
        range_=iris(RDFS.range),
        inverse=iris(OWL.inverseOf),
        alike=iris(SKOS.closeMatch),
        replaced_by=None if replaced is None else str(replaced),
        deprecated=str(graph.value(node, OWL.deprecated)) == "true",
        used_in=used,
    )


def _members(graph: Graph, value: Node) -> list[str]:
    """The IRI, or those that a union of classes holds."""
    if isinstance(value, URIRef):
        return [str(value)]
    listed = graph.value(value, OWL.unionOf)
    return [] if listed is None else [str(m) for m in Collection(graph, listed)]


@lru_cache(maxsize=1)
def versions() -> tuple[Version, ...]:
    """Every version of the ontology, the newest first.

    Earlier versions are remembered as the list of their terms (`ontology/versions/`), so that what
    changed is counted and not told from memory.
    """
    graph = ontology_graph()
    present = str(graph.value(ONTOLOGY, OWL.versionInfo))
    lists = {
        file.stem: frozenset(file.read_text(encoding="utf-8").split())
        for file in (resources.ontology() / "versions").glob("*.txt")
    }
    lists[present] = frozenset(t.key for t in terms())
    order = sorted(lists, key=lambda v: tuple(map(int, v.split("."))))
    notes = {m.after: m.note for m in migration.migrations()}
    found = []
    for before, number in zip([None, *order[:-1]], order, strict=True):
        earlier = lists[before] if before else frozenset()
        found.append(
            Version(
                number=number,
                added=tuple(sorted(lists[number] - earlier)) if before else (),
                removed=tuple(sorted(earlier - lists[number])),
                breaking=notes.get(number.rpartition(".")[0]),
            )
        )
    return tuple(reversed(found))


def tables(
    model: shape_model.ShapeModel | None = None,
    schemes: Mapping[str, vocabulary.Scheme] | None = None,
    language: Language = ENGLISH,
) -> list[Table]:
    """The field tables: record types first, then the parts embedded in them; each by its label.

    Args:
        model, schemes: the shapes and the schemes; those that ship if None.
        language: what is told of values is in it.
    """
    model, schemes = model or shape_model.shipped(), schemes or vocabulary.shipped()
    terms_ = terms_of(model)
    found = []
    for of in model.types.values():
        own = [f for f in of.fields if "#any-" not in f.shapes[0]]
        found.append(
            Table(
                label=of.label,
                anchor=of.shape.rpartition("#")[2],
                cls=of.cls,
                type=TYPE_OF_CLASS.get(of.cls),
                rows=tuple(_row(f, of, terms_, schemes, language) for f in own),
                shared=tuple(terms_[f.path] for f in of.fields if f not in own),
                rules=tuple((r.shape.rpartition("#")[2], r.description) for r in of.rules),
            )
        )
    return sorted(found, key=lambda t: (t.type is None, t.label))


def shared_rows(
    model: shape_model.ShapeModel | None = None, language: Language = ENGLISH
) -> list[Row]:
    """The fields that many types share, in the order of the form."""
    model = model or shape_model.shipped()
    found: dict[str, tuple[Field, RecordType]] = {}
    for of in model.types.values():
        for field in of.fields:
            if "#any-" in field.shapes[0]:
                found.setdefault(field.path, (field, of))
    rows = sorted(found.values(), key=lambda pair: pair[0].order)
    keys, schemes = terms_of(model), vocabulary.shipped()
    return [_row(f, of, keys, schemes, language) for f, of in rows]


def _row(
    field: Field,
    of: RecordType,
    keys: Mapping[str, str],
    schemes: Mapping[str, vocabulary.Scheme],
    language: Language,
) -> Row:
    rule = next((r for r in of.rules if r.path == field.path and r.severity != "Info"), None)
    if field.min_count:
        needed = language.gettext("always")
    elif field.wanted or rule:
        severity = field.wanted or (rule.severity if rule else "")
        needed = language.gettext(_NEEDED[severity])
    else:
        needed = ""
    scheme = schemes.get(field.scheme or "")
    concept = scheme.of(field.example or "") if scheme else None
    return Row(
        name=field.name,
        anchor=field.shapes[0].rpartition("#")[2],
        key=keys[field.path],
        path=field.path,
        what=field.description,
        value=value_in_words(field, schemes, language),
        needed=needed,
        example=concept.label if concept else field.example or "",
        message=field.advice or (rule.message if rule else field.message),
        concept=concept.iri if concept else "",
        also=tuple(shape.rpartition("#")[2] for shape in field.shapes[1:]),
    )


def value_in_words(
    field: Field, schemes: Mapping[str, vocabulary.Scheme], language: Language = ENGLISH
) -> str:
    """What a value of the field is, in a few words; a label the language lacks is the English one."""
    say = language.say
    told = [_kind_in_words(field, schemes, language)]
    if field.wanted_length:
        told.append(say("%(n)s or more to be published", n=field.wanted_length))
    if field.unique_lang:
        told.append(say("one a language"))
    elif field.max_count != 1:
        told.append(say("several"))
    return "; ".join(told)


def _kind_in_words(
    field: Field, schemes: Mapping[str, vocabulary.Scheme], language: Language
) -> str:
    say, known = language.say, words(language.code)
    if field.facet:
        return say("a value of a context facet")
    scheme = schemes.get(field.scheme or "")
    if scheme or field.choices:
        concepts = scheme.concepts if scheme else ()
        values = [known.label(c.iri) or c.label for c in concepts] or list(field.choices)
        listed = ", ".join(values[:_LISTED]) + (" …" if len(values) > _LISTED else "")
        return say("one of %(n)s: %(values)s", n=len(values), values=listed)
    if field.cls:
        label = next((x.label for x in terms() if x.iri == field.cls), short(field.cls))
        return known.label(field.cls) or label
    if field.is_iri:
        return say("an IRI")
    if field.datatype in form_model.TYPED:
        what = language.gettext(_TYPED[form_model.TYPED[str(field.datatype)]])
        if field.min_inclusive is None:
            return what
        return say("%(what)s from %(least)s", what=what, least=field.min_inclusive)
    if field.max_length:
        return say("text, up to %(n)s characters", n=field.max_length)
    return say("text")
