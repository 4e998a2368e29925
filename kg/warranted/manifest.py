"""What is said of a release in `manifest.json`: what it is made from, how much it holds, its digests."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyoxigraph as ox

from warranted import __version__, dumps, rdfio, resources
from warranted.namespaces import DCTERMS, NIC, OWL, RDF, RDFS
from warranted.records import Record


def manifest(
    id_: str,
    now: datetime,
    records: list[Record],
    computed: list[Record],
    *,
    basis: str,
    publisher: str,
    previous: str | None,
) -> dict[str, Any]:
    """The manifest of a release, but for what is known only when it is written.

    That is `dataset` (the dataset's counts) and `files` (SHA-256 of each dump by its name).

    Args:
        basis: see `basis`. previous: the name of the release before.
    """
    by_iri, about = {record.iri: record for record in records}, dumps.by_idea(computed)
    packages = [
        _package(record, dumps.members(record, by_iri, about), by_iri)
        for record in records
        if record.type == "package"
    ]
    return {
        "id": id_,
        "created": now.isoformat(timespec="seconds"),
        "publisher": publisher,
        "previous": previous,
        "digest": digest([*records, *computed]),
        "basis": basis,
        "software": __version__,
        "ontology": _ontology_version(),
        "policies": sorted(record.iri for record in records if record.type == "policy"),
        "records": len(records),
        "triples": sum(len(r.triples) for r in (*records, *computed)),
        "classes": _classes([*records, *computed]),
        "packages": sorted(packages, key=lambda p: str(p["slug"])),
    }


def basis(records: list[Record], computed: list[Record]) -> str:
    """A digest of all that a release is made from and judged by, but for the assessments' day."""
    day = ox.NamedNode(f"{NIC}assessedOn")
    timeless = (
        Record(r.iri, r.type, tuple(t for t in r.triples if t.predicate != day)) for r in computed
    )
    parts = [__version__, digest([*records, *timeless]), rdfio.canonical(dumps.vocabulary())]
    judges = [
        *sorted(resources.shapes().glob("*.ttl")),
        *sorted((resources.ontology() / "questions").glob("*.rq")),
    ]
    parts += [hashlib.sha256(file.read_bytes()).hexdigest() for file in judges]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digest(records: Iterable[Record]) -> str:
    """SHA-256 of all lines of N-Quads of `records`, sorted."""
    whole = hashlib.sha256()
    for line in sorted(line for record in records for line in record.nquads.splitlines(True)):
        whole.update(line.encode())
    return whole.hexdigest()


def _package(package: Record, members: list[Record], by_iri: dict[str, Record]) -> dict[str, Any]:
    networks = [by_iri[iri] for iri in _iris(package, f"{NIC}packageOf") if iri in by_iri]
    return {
        "iri": package.iri,
        "slug": dumps.value(package, f"{NIC}slug"),
        "title": dumps.value(package, f"{DCTERMS}title"),
        "networks": [dumps.value(network, f"{RDFS}label") for network in networks],
        "rights": dumps.value(package, f"{DCTERMS}rights"),
        "parts": sum(t.predicate.value == f"{DCTERMS}hasPart" for t in package.triples),
        "records": len(members),
        "classes": _classes(members),
    }


def _iris(record: Record, predicate: str) -> list[str]:
    node = ox.NamedNode(record.iri)
    return sorted(
        t.object.value
        for t in record.triples
        if t.subject == node
        and t.predicate.value == predicate
        and isinstance(t.object, ox.NamedNode)
    )


def _classes(records: list[Record]) -> dict[str, int]:
    """How many things of each class there are, embedded ones included."""
    count = Counter(
        t.object.value.removeprefix(NIC)
        for record in records
        for t in record.triples
        if t.predicate.value == f"{RDF}type" and isinstance(t.object, ox.NamedNode)
    )
    return dict(sorted(count.items()))


def _ontology_version() -> str:
    """The version IRI of the ontology that ships with the project."""
    version = ox.NamedNode(f"{OWL}versionIRI")
    return next((str(q.object.value) for q in dumps.vocabulary() if q.predicate == version), "")  # type: ignore[union-attr]
