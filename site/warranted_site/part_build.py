"""Builds one part of a site, in a process of its own if there are many."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import dumps, rdfio, resources
from warranted.language import Language
from warranted.records import Record
from warranted.release import ReleaseData
from warranted_site import browser_query, find, linkcheck, takeaway
from warranted_site.filling import Filler, Page, folders
from warranted_site.links import Links
from warranted_site.parts import Sent, received
from warranted_site.record_pages import Around, RecordPages
from warranted_site.shell import Kind, shell
from warranted_site.summary import Row, summary
from warranted_site.things import things_of
from warranted_site.views import Views


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a part.

    Attributes:
        files: paths of what was written, from the site's root.
        paths: IRI of a record → the page that shows it, with an anchor if it has one.
        summaries: language → see `summary`.
        found: language → rows of the search; see `find.Row`.
        reasons: language → idea → why its level moved since the release before; see `Changed`.
        outward: (page, path) of links that lead out of the part.
        faults: links of the part that lead nowhere within it.
    """

    files: list[str]
    paths: dict[str, str]
    summaries: dict[str, Row]
    found: dict[str, list[Any]]
    reasons: dict[str, dict[str, Any]]
    outward: list[tuple[str, str]]
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Job:
    """A part to be built, and where."""

    part: Sent
    around: Around
    out: Path
    cache: Path


def build_part(job: Job) -> Built:
    """Write the pages of a part, in each language, with the data beside the first language's."""
    data = received(job.part)
    pages: list[Page] = []
    summaries: dict[str, Row] = {}
    found: dict[str, list[Any]] = {}
    reasons: dict[str, dict[str, Any]] = {}
    taken: list[str] = []
    paths: dict[str, str] = {}
    views = Views(data, things_of(data.records, vocabulary(), job.around.languages[0]))
    for language in job.around.languages:
        views = views if language is views.things.language else views.told_in(language)
        links = Links(views)
        filler = _filler(
            language, folders(job.around.languages)[language.code], job.around.shell, job.cache
        )
        if not pages:
            taken = list(_take_away(views, links, job.out, filler))
        found[language.code] = [row.to_json() for row in find.rows(views, links)]
        pages += RecordPages(views, links, filler, job.around, job.out).pages()
        summaries[language.code] = summary(views, links, filler.words)
        reasons[language.code] = {idea: one.to_json() for idea, one in views.changes.items()}
        paths = paths or links.all()
    files = dict(_beside(pages, {r.iri: r for r in (*data.records, *data.computed)}))
    files |= {page.path: page.html.encode() for page in pages}
    taken += _slices(views, data, paths, job.out)
    for path, content in files.items():
        target = job.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    outward, faults = _links(pages, {*files, *taken})
    held = {r.iri for r in (*data.records, *data.computed)}
    return Built(
        sorted({*files, *taken}),
        {iri: path for iri, path in paths.items() if iri in held},
        summaries,
        found,
        reasons,
        outward,
        faults,
    )


def _slices(views: Views, data: ReleaseData, paths: Mapping[str, str], out: Path) -> Iterator[str]:
    """Write what the page that queries in the browser loads of each package; gives the paths."""
    by_iri = {record.iri: record for record in data.records}
    for package in views.packages:
        members = dumps.members(by_iri[package.thing.iri], by_iri, data.computed)
        yield browser_query.write_slice(members, package.slug, paths, out)


def _take_away(views: Views, links: Links, out: Path, filler: Filler) -> Iterator[str]:
    """Write what can be taken away of each package; gives the paths."""
    for package in views.packages:
        yield from takeaway.write(
            package,
            views,
            links,
            out,
            release=views.data.id,
            created=views.data.created,
            say=filler.language.say,
            publisher=views.data.manifest["publisher"],
        )


@lru_cache(maxsize=8)
def _filler(language: Language, folder: str, kind: Kind, cache: Path) -> Filler:
    compiled = cache / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    return Filler(shell(cache, kind=kind), language, folder, compiled=compiled)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[ox.Triple, ...]:
    """The ontology and its schemes, with their labels in every language."""
    folder = resources.ontology()
    files = [folder / "warranted.ttl"]
    files += sorted((folder / "schemes").glob("*.ttl"))
    files += sorted((folder / "languages").glob("*.ttl"))
    return tuple(
        quad.triple
        for file in files
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    )


def _beside(pages: list[Page], records: Mapping[str, Record]) -> Iterator[tuple[str, bytes]]:
    """The data beside the pages of records, where it stands once for all languages."""
    done: set[str] = set()
    for page in pages:
        if page.record is None or page.record in done:
            continue
        done.add(page.record)  # the first language's pages come first
        record, stem = records[page.record], page.path.removesuffix(".html")
        turtle = rdfio.serialise(record.triples, rdfio.Format.TURTLE, root=record.iri)
        yield f"{stem}.ttl", turtle
        tree = json.dumps(record.jsonld, indent=2, ensure_ascii=False)
        yield f"{stem}.jsonld", f"{tree}\n".encode()


def _links(pages: list[Page], files: Collection[str]) -> tuple[list[tuple[str, str]], list[str]]:
    read = {page.path: linkcheck.read(page.path, page.html) for page in pages}
    outward: list[tuple[str, str]] = []
    faults: list[str] = []
    for path, found in read.items():
        out = {target for target, _ in found.targets if target not in files}
        outward += [(path, target) for target in sorted(out)]
        faults += linkcheck.wrong(path, found, {*files, *out}, read)
    return outward, faults
