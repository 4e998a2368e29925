"""Records: a thing with an IRI of its own, the parts embedded in it, and nothing else.

A record's IRI is `{base}/id/{type}/{id}`; its parts are fragments of it (`{record}#finding`). Blank
nodes are given fragments when a record is read, the same ones each time, so that none is stored.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox
from pyld import jsonld

from warranted import rdfio
from warranted.errors import InputError, UnknownType
from warranted.namespaces import ID_PATTERN, RDF, RECORD_CLASSES, TYPE_OF_CLASS

_TYPE = ox.NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Record:
    """One record: its IRI, the path segment of its type, and its triples, its parts' included."""

    iri: str
    type: str
    triples: tuple[ox.Triple, ...]

    @cached_property
    def nquads(self) -> str:
        """Canonical N-Quads of the record in its own named graph."""
        return rdfio.canonical(self.quads())

    def quads(self) -> Iterator[ox.Quad]:
        """The record's triples in its own named graph."""
        graph = ox.NamedNode(self.iri)
        return (ox.Quad(t.subject, t.predicate, t.object, graph) for t in self.triples)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `nquads`, in hexadecimal."""
        return hashlib.sha256(self.nquads.encode()).hexdigest()

    @classmethod
    def from_nquads(cls, iri: str, type_: str, nquads: str) -> Record:
        """The record whose `nquads` these are."""
        quads = ox.parse(nquads.encode(), format=ox.RdfFormat.N_QUADS)
        return cls(iri, type_, tuple(q.triple for q in quads))


def mint(type_: str, base: str) -> str:
    """A new record IRI of that type; its id is 60 random bits and says nothing.

    Raises:
        UnknownType: there is no record type of that name.
    """
    known(type_)
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return f"{base}/id/{type_}/" + "".join(secrets.choice(alphabet) for _ in range(12))


def known(type_: str) -> str:
    """`type_` itself, if it is the name of a record type.

    Raises:
        UnknownType: it is not; the message lists those there are.
    """
    if type_ not in RECORD_CLASSES:
        raise UnknownType(
            f"There is no record type '{type_[:40]}'.",
            field="type",
            fix="The types are: " + ", ".join(RECORD_CLASSES) + ".",
        )
    return type_


def type_of(iri: str, base: str) -> str:
    """The type that a record's IRI names.

    Raises:
        InputError: the IRI is not that of a record below `base`.
    """
    prefix = f"{base}/id/"
    type_, _, id_ = iri.removeprefix(prefix).partition("/")
    if not iri.startswith(prefix) or type_ not in RECORD_CLASSES or not ID_PATTERN.fullmatch(id_):
        raise InputError(
            f"<{iri}> is not the IRI of a record here.",
            field="IRI",
            fix=f"Use {prefix}<type>/<id>, with a type of: {', '.join(RECORD_CLASSES)}; "
            "an id is lower case letters, digits and hyphens.",
        )
    return type_


def split(quads: Iterable[ox.Quad], *, base: str) -> list[Record]:
    """The records in `quads`, whatever graphs they stand in, in the order of their IRIs.

    Raises:
        InputError: a subject is no record and no part of one, or a record's class does not agree
            with its IRI; it names the record and the fix.
    """
    triples = _skolemised([q.triple for q in quads])
    by_record: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        subject = triple.subject
        assert isinstance(subject, ox.NamedNode)
        by_record.setdefault(subject.value.partition("#")[0], []).append(triple)
    records = []
    for iri, own in sorted(by_record.items()):
        type_ = type_of(iri, base)
        _check_class(iri, type_, own)
        records.append(Record(iri, type_, tuple(sorted(set(own), key=str))))
    return records


def _check_class(iri: str, type_: str, triples: list[ox.Triple]) -> None:
    node = ox.NamedNode(iri)
    classes = {
        t.object.value
        for t in triples
        if t.subject == node and t.predicate == _TYPE and isinstance(t.object, ox.NamedNode)
    }
    types = {TYPE_OF_CLASS[c] for c in classes if c in TYPE_OF_CLASS}
    if types != {type_}:
        wanted = " or ".join(f"nic:{name}" for name in RECORD_CLASSES[type_])
        said = ", ".join(sorted(classes)) or "nothing"
        raise InputError(
            f"<{iri}> should be a {wanted}, and says it is {said}.",
            field="type",
            fix="Put its class or its IRI right.",
        )


def _skolemised(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The same triples with each blank node replaced by a fragment of the record it hangs from."""
    if not any(isinstance(x, ox.BlankNode) for t in triples for x in (t.subject, t.object)):
        return triples
    nquads = "".join(f"{t} .\n" for t in triples)
    canonical = jsonld.normalize(
        nquads,
        {
            "algorithm": "URDNA2015",
            "inputFormat": "application/n-quads",
            "format": "application/n-quads",
        },
    )
    triples = [q.triple for q in ox.parse(canonical.encode(), format=ox.RdfFormat.N_QUADS)]
    owner: dict[ox.BlankNode, str] = {}
    pending = [t for t in triples if isinstance(t.object, ox.BlankNode)]
    while pending:
        left = []
        for t in pending:
            assert isinstance(t.object, ox.BlankNode)
            if isinstance(t.subject, ox.NamedNode):
                owner.setdefault(t.object, t.subject.value.partition("#")[0])
            elif isinstance(t.subject, ox.BlankNode) and t.subject in owner:
                owner.setdefault(t.object, owner[t.subject])
            else:
                left.append(t)
        if len(left) == len(pending):
            break
        pending = left

    def named(node: ox.BlankNode) -> ox.NamedNode:
        if node not in owner:
            raise InputError(
                "A part hangs from no record.", fix="Link it from the record it belongs to."
            )
        # The label comes from the canonical form, so it follows from the content alone.
        return ox.NamedNode(f"{owner[node]}#{re.sub('[^a-z0-9]', '', node.value)}")

    return [
        ox.Triple(
            named(t.subject) if isinstance(t.subject, ox.BlankNode) else t.subject,
            t.predicate,
            named(t.object) if isinstance(t.object, ox.BlankNode) else t.object,
        )
        for t in triples
    ]
