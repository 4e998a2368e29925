"""A release described for machines: DCAT 3, VoID and PROV-O, with counts that are true.

The description is part of the dataset, in a graph named as the release, and of its N-Quads dump. Told
on its own it also has the SHA-256 of each dump, which a dump cannot hold of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from warranted.dumps import FORMATS, PACKED, WHOLE
from warranted.namespaces import DCAT, DCTERMS, NIC, PROV, RDF, RDFS, VOID, XSD

FOAF: Final = "http://xmlns.com/foaf/0.1/"
SPDX: Final = "http://spdx.org/rdf/terms#"
PREFIXES: Final = {
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "nic": NIC,
    "prov": PROV,
    "rdfs": RDFS,
    "spdx": SPDX,
    "void": VOID,
    "xsd": XSD,
}
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_PACKING: Final = {"": "", ".gz": "application/gzip", ".zst": "application/zstd"}


def release_iri(base: str, name: str) -> str:
    """The IRI of the release of that name."""
    return f"{base}/release/{name}"


def describe(
    manifest: Mapping[str, Any], base: str, *, sums: Mapping[str, str] | None = None
) -> Iterator[ox.Quad]:
    """The quads that describe a release; all are in the graph named as it.

    Args:
        manifest: see `manifest`; `dataset` holds what is counted in the whole dataset.
        sums: SHA-256 of each dump by its name, to be told, too.
    """
    told = _Told(ox.NamedNode(release_iri(base, manifest["id"])))
    yield from _dataset(told, manifest, base)
    yield from _made(told, manifest, base)
    yield from _dumps(told, told.release, WHOLE, manifest["id"], base, sums)
    yield from _counts(told, told.release, manifest["classes"])
    for package in manifest["packages"]:
        yield from _package(told, package, manifest["id"], base, sums)


def catalogue(manifests: Sequence[Mapping[str, Any]], base: str, title: str) -> Iterator[ox.Triple]:
    """All releases as a DCAT catalogue, the newest first in `manifests`."""
    node = ox.NamedNode(f"{base}/releases/")
    say = _Told(node).triple
    yield say(node, f"{RDF}type", f"{DCAT}Catalog")
    yield say(node, f"{DCTERMS}title", ox.Literal(title, language="en"))
    for manifest in manifests:
        release = release_iri(base, manifest["id"])
        yield say(node, f"{DCAT}dataset", release)
        for quad in _dataset(_Told(ox.NamedNode(release)), manifest, base):
            yield quad.triple


class _Told:
    """Makes statements about a release."""

    def __init__(self, release: ox.NamedNode) -> None:
        self.release = release

    def part(self, name: str) -> ox.NamedNode:
        """A node within the release."""
        return ox.NamedNode(f"{self.release.value}#{name}")

    @staticmethod
    def triple(
        subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal | str
    ) -> ox.Triple:
        """A statement; a text is an IRI."""
        object_ = ox.NamedNode(value) if isinstance(value, str) else value
        return ox.Triple(subject, ox.NamedNode(predicate), object_)

    def __call__(
        self, subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal | str
    ) -> ox.Quad:
        """A statement in the release's graph; a text is an IRI."""
        said = self.triple(subject, predicate, value)
        return ox.Quad(said.subject, said.predicate, said.object, self.release)


def _dataset(say: _Told, manifest: Mapping[str, Any], base: str) -> Iterator[ox.Quad]:
    release, publisher = say.release, say.part("publisher")
    title = ox.Literal(f"Warranted, release {manifest['id']}", language="en")
    yield say(release, f"{RDF}type", f"{DCAT}Dataset")
    yield say(release, f"{RDF}type", f"{VOID}Dataset")
    yield say(release, f"{DCTERMS}title", title)
    yield say(release, f"{DCTERMS}issued", _typed(manifest["created"], "dateTime"))
    yield say(release, f"{DCTERMS}identifier", ox.Literal(manifest["digest"]))
    yield say(release, f"{DCAT}version", ox.Literal(manifest["id"]))
    yield say(release, f"{DCTERMS}publisher", publisher)
    yield say(publisher, f"{RDF}type", f"{FOAF}Organization")
    yield say(publisher, f"{FOAF}name", ox.Literal(manifest["publisher"]))
    yield say(release, f"{DCAT}landingPage", f"{base}/releases/{manifest['id']}/")
    if manifest["previous"]:
        yield say(release, f"{DCAT}previousVersion", release_iri(base, manifest["previous"]))
    counted = manifest["dataset"]
    yield say(release, f"{VOID}triples", _number(counted["triples"]))
    yield say(release, f"{VOID}distinctSubjects", _number(counted["subjects"]))
    yield say(release, f"{VOID}properties", _number(counted["properties"]))
    yield say(release, f"{VOID}entities", _number(manifest["records"]))
    yield say(release, f"{VOID}vocabulary", NIC)
    yield say(release, f"{VOID}uriSpace", ox.Literal(f"{base}/id/"))
    yield say(release, f"{VOID}sparqlEndpoint", f"{base}/sparql?release={manifest['id']}")


def _made(say: _Told, manifest: Mapping[str, Any], base: str) -> Iterator[ox.Quad]:
    """How it came about. Who pressed the button is not told: a release names no person."""
    release, making, software = say.release, say.part("making"), say.part("software")
    yield say(release, f"{RDF}type", f"{PROV}Entity")
    yield say(release, f"{PROV}generatedAtTime", _typed(manifest["created"], "dateTime"))
    yield say(release, f"{PROV}wasGeneratedBy", making)
    yield say(release, f"{PROV}wasAttributedTo", say.part("publisher"))
    if manifest["previous"]:
        yield say(release, f"{PROV}wasRevisionOf", release_iri(base, manifest["previous"]))
    yield say(making, f"{RDF}type", f"{PROV}Activity")
    label = "gathered, judged by the shapes and the competency questions, weighed, written"
    yield say(making, f"{RDFS}label", ox.Literal(label, language="en"))
    yield say(making, f"{PROV}endedAtTime", _typed(manifest["created"], "dateTime"))
    yield say(making, f"{PROV}wasAssociatedWith", software)
    for used in (manifest["ontology"], *manifest["policies"]):
        yield say(making, f"{PROV}used", used)
    yield say(software, f"{RDF}type", f"{PROV}SoftwareAgent")
    yield say(software, f"{RDFS}label", ox.Literal(f"Warranted {manifest['software']}"))
    yield say(software, f"{DCAT}version", ox.Literal(manifest["software"]))


def _dumps(
    say: _Told,
    dataset: ox.NamedNode,
    stem: str,
    release: str,
    base: str,
    sums: Mapping[str, str] | None,
) -> Iterator[ox.Quad]:
    for fmt in FORMATS:
        for packing in PACKED:
            name = f"{stem}.{fmt.extension}{packing}"
            file = ox.NamedNode(f"{base}/releases/{release}/dumps/{name}")
            copy = say.part(name)
            yield say(dataset, f"{VOID}dataDump", file)
            yield say(dataset, f"{DCAT}distribution", copy)
            yield say(copy, f"{RDF}type", f"{DCAT}Distribution")
            yield say(copy, f"{DCAT}downloadURL", file)
            yield say(copy, f"{DCAT}mediaType", _IANA + fmt.media_type)
            if packing:
                yield say(copy, f"{DCAT}compressFormat", _IANA + _PACKING[packing])
            if sums is not None:
                check = say.part(f"sum-{name}")
                yield say(copy, f"{SPDX}checksum", check)
                yield say(check, f"{RDF}type", f"{SPDX}Checksum")
                yield say(check, f"{SPDX}algorithm", f"{SPDX}checksumAlgorithm_sha256")
                value = ox.Literal(sums[name], datatype=ox.NamedNode(f"{XSD}hexBinary"))
                yield say(check, f"{SPDX}checksumValue", value)


def _counts(say: _Told, dataset: ox.NamedNode, classes: Mapping[str, int]) -> Iterator[ox.Quad]:
    """How many things of each class there are."""
    start = dataset.value.partition("#")[2]
    for name, count in classes.items():
        local = name.rpartition("#")[2].rpartition("/")[2]
        part = say.part(f"{start}-{local}" if start else local)
        yield say(dataset, f"{VOID}classPartition", part)
        yield say(part, f"{VOID}class", name if name.startswith("http") else NIC + name)
        yield say(part, f"{VOID}entities", _number(count))


def _package(
    say: _Told,
    package: Mapping[str, Any],
    release: str,
    base: str,
    sums: Mapping[str, str] | None,
) -> Iterator[ox.Quad]:
    """A package as a dataset of its own within the release."""
    part = say.part(f"package-{package['slug']}")
    yield say(say.release, f"{DCTERMS}hasPart", part)
    yield say(say.release, f"{VOID}subset", part)
    yield say(part, f"{RDF}type", f"{DCAT}Dataset")
    yield say(part, f"{RDF}type", f"{VOID}Dataset")
    yield say(part, f"{DCTERMS}title", ox.Literal(package["title"]))
    yield say(part, f"{FOAF}primaryTopic", package["iri"])
    if package["rights"]:
        yield say(part, f"{DCTERMS}rights", ox.Literal(package["rights"]))
    yield say(part, f"{VOID}entities", _number(package["records"]))
    yield from _dumps(say, part, package["slug"], release, base, sums)
    yield from _counts(say, part, package["classes"])


def _number(value: int) -> ox.Literal:
    return _typed(str(value), "integer")


def _typed(text: str, kind: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(f"{XSD}{kind}"))
