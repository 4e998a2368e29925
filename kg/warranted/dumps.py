"""The dumps of a release, and the release's own description (DCAT, VoID).

Every file is made from the records' stored text, so a printed 2.040 stays 2.040. Archives carry no
time, so the same release gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import documents, rdfio, resources
from warranted.errors import GateFailed
from warranted.namespaces import DCAT, DCTERMS, ID_PATTERN, NIC, RDF, SCHEME, VOID, XSD
from warranted.rdfio import Format
from warranted.records import Record

FORMATS = (Format.NQUADS, Format.TURTLE, Format.JSONLD)
WHOLE = "all"
"""The name of the files that hold everything; no package may have it."""


def write(
    records: list[Record],
    computed: list[Record],
    folder: Path,
    *,
    description: Iterable[ox.Quad] = (),
) -> dict[str, str]:
    """Write all dumps into the new `folder`; returns the SHA-256 of each file by its name.

    `all.nq` holds every named graph: records, computed assessments, ontology, schemes and the
    `description` of the release. `all.ttl` and `all.jsonld` hold the records and assessments; all
    three are also there gzipped. `<slug>.…` hold a package with the records it needs and the
    assessments of its ideas.

    Raises:
        GateFailed: a package has no short name that a file can bear, or one that is taken.
    """
    folder.mkdir(parents=True)
    everything = sorted([*records, *computed], key=lambda r: r.iri)
    paths = _write_set(everything, folder, WHOLE)
    with paths[0].open("ab") as file:
        file.write(rdfio.canonical([*vocabulary(), *description]).encode())
    for path in paths:
        documents.pack(path)
    by_iri = {record.iri: record for record in records}
    taken = {WHOLE}
    for package in records:
        if package.type == "package":
            slug = value(package, f"{NIC}slug")
            if not ID_PATTERN.fullmatch(slug) or slug in taken:
                reason = (
                    f"package <{package.iri}> has the short name '{slug}', which is no file name "
                    "or is taken; choose another."
                )
                raise GateFailed([reason])
            taken.add(slug)
            _write_set(members(package, by_iri, computed), folder, slug)
    sums = {path.name: _sum(path) for path in sorted(folder.iterdir())}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (folder / "SHA256SUMS").write_text(listed, encoding="ascii")
    return sums


def members(
    package: Record, by_iri: dict[str, Record], computed: Iterable[Record] = ()
) -> list[Record]:
    """A package, the records of `by_iri` it needs, and the assessments of its ideas.

    What is needed is found by following the names of records, though never into another package.
    """
    found = {package.iri: package}
    ahead = [package]
    while ahead:
        for iri in named(ahead.pop()):
            other = by_iri.get(iri)
            if other is not None and iri not in found and other.type != "package":
                found[iri] = other
                ahead.append(other)
    about = ox.NamedNode(f"{NIC}aboutIdea")
    for record in computed:
        if any(t.predicate == about and _iri(t.object) in found for t in record.triples):
            found[record.iri] = record
    return [found[iri] for iri in sorted(found)]


def named(record: Record) -> set[str]:
    """IRIs, without fragments, that a record's triples point to; its own left out."""
    iris = {_iri(t.object).partition("#")[0] for t in record.triples}
    return iris - {record.iri, ""}


def vocabulary() -> Iterator[ox.Quad]:
    """The ontology and its schemes, each in its named graph; blank nodes always named the same."""
    ontology = resources.ontology()
    schemes = sorted((ontology / "schemes").glob("*.ttl"))
    for file, graph in [
        (ontology / "warranted.ttl", NIC.rstrip("#")),
        *((file, SCHEME) for file in schemes),
    ]:
        named_graph = ox.NamedNode(graph)
        names: dict[ox.BlankNode, ox.BlankNode] = {}

        def own(term: Any, stem: str = file.stem, names: Any = names) -> Any:
            if not isinstance(term, ox.BlankNode):
                return term
            return names.setdefault(term, ox.BlankNode(f"{stem}-{len(names) + 1}"))

        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
            subject, object_ = own(quad.subject), own(quad.object)
            yield ox.Quad(subject, quad.predicate, object_, named_graph)


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
    yield say(release, f"{DCAT}version", ox.Literal(manifest["id"]))
    yield say(release, f"{VOID}vocabulary", ox.NamedNode(NIC))
    yield say(release, f"{VOID}uriSpace", ox.Literal(f"{base}/id/"))
    for fmt in FORMATS:
        name = f"{WHOLE}.{fmt.extension}.gz"
        file = ox.NamedNode(f"{base}/releases/{manifest['id']}/{name}")
        copy = ox.NamedNode(f"{release.value}#{name}")
        yield say(release, f"{VOID}dataDump", file)
        yield say(release, f"{DCAT}distribution", copy)
        yield say(copy, f"{RDF}type", ox.NamedNode(f"{DCAT}Distribution"))
        yield say(copy, f"{DCAT}downloadURL", file)
        iana = "https://www.iana.org/assignments/media-types/"
        yield say(copy, f"{DCAT}mediaType", ox.NamedNode(iana + fmt.media_type))
        yield say(copy, f"{DCAT}compressFormat", ox.NamedNode(f"{iana}application/gzip"))
    for name, count in manifest["classes"].items():
        part = ox.NamedNode(f"{release.value}#{name.rpartition('#')[2].rpartition('/')[2]}")
        cls = name if name.startswith("http") else NIC + name
        yield say(release, f"{VOID}classPartition", part)
        yield say(part, f"{VOID}class", ox.NamedNode(cls))
        yield say(part, f"{VOID}entities", number(count))


def value(record: Record, predicate: str) -> str:
    """The literal that the record itself has for `predicate`; empty if it has none."""
    node = ox.NamedNode(record.iri)
    for t in record.triples:
        if (
            t.subject == node
            and t.predicate.value == predicate
            and isinstance(t.object, ox.Literal)
        ):
            return t.object.value
    return ""


def _write_set(records: list[Record], folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}.{fmt.extension}" for fmt in FORMATS]
    for path, fmt in zip(paths, FORMATS, strict=True):
        with path.open("wb") as file:
            documents.write(records, fmt, file)
    return paths


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
