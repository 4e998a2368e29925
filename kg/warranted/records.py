"""Records: a thing with an IRI of its own, the parts embedded in it, and nothing else.

A record's IRI is `{base}/id/{type}/{id}`; its parts are fragments of it (`{record}#finding`). Blank
nodes are given fragments when a record is read, the same ones each time, so that none is stored.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from warranted import jsonld_io, rdfio
from warranted.errors import InputError, UnknownType
from warranted.namespaces import ID_PATTERN, RDF, RECORD_CLASSES, TYPE_OF_CLASS

_TYPE = ox.NamedNode(f"{RDF}type")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


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
    def jsonld(self) -> dict[str, Any]:
        """The record as a JSON-LD tree that hangs from its IRI, with our context."""
        return jsonld_io.tree(self.triples, self.iri)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of `nquads`, in hexadecimal."""
        return hashlib.sha256(self.nquads.encode()).hexdigest()

    @classmethod
    def from_nquads(cls, iri: str, type_: str, nquads: str) -> Record:
        """The record whose `nquads` these are; they are kept, and parsed when its triples are asked for."""
        record = cls.__new__(cls)
        vars(record).update(iri=iri, type=type_, nquads=nquads)
        return record

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The triples of a record that was made from its N-Quads: most are never asked for them."""
            if name != "triples" or "nquads" not in vars(self):
                raise AttributeError(name)
            quads = ox.parse(self.nquads.encode(), format=ox.RdfFormat.N_QUADS)
            found = tuple(quad.triple for quad in quads)
            vars(self)["triples"] = found
            return found


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
    triples = without_blank_nodes(q.triple for q in quads)
    by_record: dict[str, list[ox.Triple]] = {}
    for triple in triples:
        subject = triple.subject
        assert isinstance(subject, ox.NamedNode)
        iri, hash_, part = subject.value.partition("#")
        if hash_ and not _PART.fullmatch(part):
            raise InputError(
                f"<{subject.value}> is not a name for a part of a record.",
                field="IRI",
                fix="After the #, use up to 128 letters, digits, hyphens, underscores and dots.",
            )
        by_record.setdefault(iri, []).append(triple)
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


def without_blank_nodes(given: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The same triples with each blank node replaced by a fragment of the record it hangs from.

    The fragment's name follows from what the part says and what it hangs from, and from nothing
    else in the file: the same record gets the same names whatever it is loaded with.
    """
    triples = list(given)
    if not any(isinstance(x, ox.BlankNode) for t in triples for x in (t.subject, t.object)):
        return triples
    names = _names(set(triples))

    def named(term: Any) -> Any:
        return names[term] if isinstance(term, ox.BlankNode) else term

    return [ox.Triple(named(t.subject), t.predicate, named(t.object)) for t in triples]


def _names(triples: set[ox.Triple]) -> dict[ox.BlankNode, ox.NamedNode]:
    says: dict[ox.BlankNode, list[ox.Triple]] = {}
    hangs: dict[ox.BlankNode, list[ox.Triple]] = {}
    for t in triples:
        if isinstance(t.subject, ox.BlankNode):
            says.setdefault(t.subject, []).append(t)
        if isinstance(t.object, ox.BlankNode):
            hangs.setdefault(t.object, []).append(t)
    order = _from_the_top(says, hangs)
    content: dict[ox.BlankNode, str] = {}
    for node in reversed(order):  # the innermost parts first
        lines = (
            f"{t.predicate} {content[t.object] if isinstance(t.object, ox.BlankNode) else t.object}"
            for t in says.get(node, ())
        )
        content[node] = _hash("\n".join(sorted(lines)))
    names: dict[ox.BlankNode, ox.NamedNode] = {}
    taken: Counter[str] = Counter()
    for node in order:
        # All that a node hangs from has its name by now.
        above = [(_called(t.subject, names), t) for t in hangs[node]]
        owners = {parent.partition("#")[0] for parent, _ in above}
        if len(owners) > 1:
            raise InputError(
                f"A part belongs to two records, <{min(owners)}> and <{max(owners)}>.",
                fix="Give each record a part of its own.",
            )
        places = sorted(f"{parent} {t.predicate}" for parent, t in above)
        iri = f"{owners.pop()}#p{_hash(content[node], *places)[:12]}"
        taken[iri] += 1  # the same thing said twice in one place is two parts
        names[node] = ox.NamedNode(iri if taken[iri] == 1 else f"{iri}-{taken[iri]}")
    return names


def _called(term: object, names: dict[ox.BlankNode, ox.NamedNode]) -> str:
    named = names[term] if isinstance(term, ox.BlankNode) else term
    assert isinstance(named, ox.NamedNode)
    return named.value


def _from_the_top(
    says: dict[ox.BlankNode, list[ox.Triple]], hangs: dict[ox.BlankNode, list[ox.Triple]]
) -> list[ox.BlankNode]:
    """Every blank node after all those it hangs from."""
    if any(node not in hangs for node in says):
        raise InputError(
            "A part hangs from no record.", fix="Link it from the record it belongs to."
        )
    waits = {
        node: sum(isinstance(t.subject, ox.BlankNode) for t in above)
        for node, above in hangs.items()
    }
    order = [node for node, count in waits.items() if count == 0]
    for node in order:  # grows while it is walked
        for t in says.get(node, ()):
            if isinstance(t.object, ox.BlankNode):
                waits[t.object] -= 1
                if waits[t.object] == 0:
                    order.append(t.object)
    if len(order) < len(waits):
        raise InputError(
            "Parts without a name refer to one another in a circle.",
            fix="Give each of them an IRI, such as <{record}#part>.",
        )
    return order


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
