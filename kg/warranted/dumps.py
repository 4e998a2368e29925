"""The dumps of a release: whole, and a package each.

Every file is made from the records' stored text, so a printed 2.040 stays 2.040. Archives carry no
time, so the same release gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import documents, rdfio, resources
from warranted.errors import GateFailed
from warranted.language import ENGLISH
from warranted.namespaces import ID_PATTERN, NIC, SCHEME
from warranted.rdfio import Format
from warranted.records import Record

FORMATS = (Format.NQUADS, Format.TURTLE, Format.JSONLD)
WHOLE = "all"
"""The name of the files that hold everything; no package may have it."""
PACKED = ("", ".gz", ".zst")
"""Endings of each file: as it is, and packed."""
_ABOUT = f" <{NIC}aboutIdea> <"


def write(
    records: list[Record],
    computed: list[Record],
    folder: Path,
    *,
    description: Iterable[ox.Quad] = (),
) -> dict[str, str]:
    """Write all dumps into the new `folder`; returns the SHA-256 of each file by its name.

    `all.nq` holds every named graph: records, computed assessments, ontology, schemes and the
    `description` of the release. `all.ttl` and `all.jsonld` hold the records and assessments.
    `<slug>.…` hold a package with the records it needs and the assessments of its ideas. Each is also
    there packed, with gzip and with Zstandard.

    Raises:
        GateFailed: a package has no short name that a file can bear, or one that is taken.
    """
    folder.mkdir(parents=True)
    everything = sorted([*records, *computed], key=lambda r: r.iri)
    paths = _write_set(everything, folder, WHOLE)
    with paths[0].open("ab") as file:
        file.write(rdfio.canonical([*vocabulary(), *description]).encode())
    by_iri = {record.iri: record for record in records}
    taken, about = {WHOLE}, by_idea(computed)
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
            paths += _write_set(members(package, by_iri, about), folder, slug)
    for path in paths:
        documents.pack(path)
    sums = {path.name: _sum(path) for path in sorted(folder.iterdir())}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (folder / "SHA256SUMS").write_text(listed, encoding="ascii")
    return sums


def members(
    package: Record,
    by_iri: dict[str, Record],
    computed: Mapping[str, Iterable[Record]] | None = None,
) -> list[Record]:
    """A package, the records of `by_iri` it needs, and the assessments of its ideas.

    What is needed is found by following the names of records, though never into another package.

    Args:
        computed: see `by_idea`.
    """
    found = {package.iri: package}
    ahead = [package]
    while ahead:
        for iri in ahead.pop().named:
            other = by_iri.get(iri)
            if other is not None and iri not in found and other.type != "package":
                found[iri] = other
                ahead.append(other)
    for iri in list(found):
        found |= {record.iri: record for record in (computed or {}).get(iri, ())}
    return [found[iri] for iri in sorted(found)]


def by_idea(computed: Iterable[Record]) -> dict[str, list[Record]]:
    """The assessments by the idea they are about."""
    found = dict[str, list[Record]]()
    for record in computed:
        for idea in set(_about(record.nquads)):
            found.setdefault(idea, []).append(record)
    return found


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


def value(record: Record, predicate: str) -> str:
    """The literal that the record itself has for `predicate`; empty if it has none.

    Of texts in several languages it is the English one, if there is one; see `language.pick`.
    """
    return ENGLISH.pick((text, tag) for tag, text in texts(record, predicate).items()).value


def texts(record: Record, predicate: str) -> dict[str, str]:
    """Language tag ("" for none) → the literal that the record itself has for `predicate`."""
    node, found = ox.NamedNode(record.iri), dict[str, str]()
    for t in record.triples:
        if (
            t.subject == node
            and t.predicate.value == predicate
            and isinstance(t.object, ox.Literal)
        ):
            found.setdefault(t.object.language or "", t.object.value)
    return found


def _write_set(records: list[Record], folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}.{fmt.extension}" for fmt in FORMATS]
    for path, fmt in zip(paths, FORMATS, strict=True):
        with path.open("wb") as file:
            documents.write(records, fmt, file)
    return paths


def _about(nquads: str) -> Iterator[str]:
    """The ideas that a record's text says it is about."""
    at = nquads.find(_ABOUT)
    while at >= 0:
        subject = nquads[nquads.rfind("\n", 0, at) + 1 : at]
        at += len(_ABOUT)
        if " " not in subject:  # else it stands in a text
            yield nquads[at : nquads.index(">", at)]
        at = nquads.find(_ABOUT, at)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
