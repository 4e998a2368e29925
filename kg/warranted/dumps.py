"""The dumps of a release, and the release's own description (DCAT, VoID).

Every file is made from the records' stored text, so a printed 2.040 stays 2.040. Archives carry no
time, so the same release gives the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted.namespaces import DCAT, DCTERMS, NIC, RDF, VOID, XSD
from warranted.rdfio import Format, serialise
from warranted.records import Record


def write(records: list[Record], computed: list[Record], folder: Path) -> dict[str, str]:
    """Write all dumps; returns the SHA-256 of each file by its name.

    `all.nq`, `all.ttl`, `all.jsonld` hold everything, each also gzipped; `<slug>.…` hold a package
    with its parts and their computed assessments.
    """
    folder.mkdir(parents=True)
    everything = [*records, *computed]
    _write_set(everything, folder, "all", packed=True)
    by_iri = {record.iri: record for record in everything}
    for record in records:
        if record.type == "package":
            slug = _value(record, f"{NIC}slug")
            parts = [by_iri[i] for i in _parts(record) if i in by_iri]
            own = {part.iri for part in parts}
            parts += [c for c in computed if _about(c) & own]
            _write_set([record, *parts], folder, slug, packed=False)
    sums = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (folder / "SHA256SUMS").write_text(listed, encoding="ascii")
    return sums


def _write_set(records: list[Record], folder: Path, name: str, *, packed: bool) -> None:
    nquads = "".join(sorted(r.nquads for r in records)).encode()
    triples = {t for r in records for t in r.triples}
    for fmt in (Format.NQUADS, Format.TURTLE, Format.JSONLD):
        data = nquads if fmt is Format.NQUADS else serialise(triples, fmt)
        path = folder / f"{name}.{fmt.extension}"
        path.write_bytes(data)
        if packed:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))


def description(manifest: dict[str, Any], base: str) -> Iterator[ox.Quad]:
    """The release described as a DCAT and VoID dataset, with true counts, in a graph of its own."""
    release = ox.NamedNode(f"{base}/release/{manifest['id']}")

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(subject, ox.NamedNode(predicate), value, release)

    def number(value: int) -> ox.Literal:
        return ox.Literal(str(value), datatype=ox.NamedNode(f"{XSD}integer"))

    yield say(release, f"{RDF}type", ox.NamedNode(f"{DCAT}Dataset"))
    yield say(release, f"{RDF}type", ox.NamedNode(f"{VOID}Dataset"))
    yield say(
        release,
        f"{DCTERMS}title",
        ox.Literal(f"Warranted, release {manifest['id']}", language="en"),
    )
    when = ox.Literal(manifest["created"], datatype=ox.NamedNode(f"{XSD}dateTime"))
    yield say(release, f"{DCTERMS}issued", when)
    yield say(release, f"{DCTERMS}identifier", ox.Literal(manifest["digest"]))
    yield say(release, f"{VOID}triples", number(manifest["triples"]))
    yield say(release, f"{VOID}entities", number(manifest["records"]))
    for name, count in manifest["classes"].items():
        part = ox.NamedNode(f"{release.value}#{name.rpartition('#')[2].rpartition('/')[2]}")
        cls = name if name.startswith("http") else NIC + name
        yield say(release, f"{VOID}classPartition", part)
        yield say(part, f"{VOID}class", ox.NamedNode(cls))
        yield say(part, f"{VOID}entities", number(count))


def _value(record: Record, predicate: str) -> str:
    return next(
        t.object.value
        for t in record.triples
        if t.predicate.value == predicate and isinstance(t.object, ox.Literal)
    )


def _parts(record: Record) -> list[str]:
    return sorted(
        t.object.value
        for t in record.triples
        if t.predicate.value == f"{DCTERMS}hasPart" and isinstance(t.object, ox.NamedNode)
    )


def _about(record: Record) -> set[str]:
    return {
        t.object.value
        for t in record.triples
        if t.predicate.value == f"{NIC}aboutIdea" and isinstance(t.object, ox.NamedNode)
    }
