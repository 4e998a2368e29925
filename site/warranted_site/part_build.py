"""Builds one part of a site, in a process of its own if there are many."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import dumps, rdfio, resources
from warranted.language import Language
from warranted.records import Record
from warranted.release_data import ReleaseData
from warranted_site import browser_query, find, linkcheck, spent, takeaway
from warranted_site.filling import Filler, Page, folders, words_of
from warranted_site.links import Links
from warranted_site.once import once
from warranted_site.parts import Sent, received
from warranted_site.record_pages import Around, RecordPages
from warranted_site.shell import Kind, shell
from warranted_site.summary import Row, summary
from warranted_site.things import Things, things_of
from warranted_site.views import Views, is_made_up

Version = tuple[str, str, str]
"""A release, its digest, and that of a page but for the release it names; see `Page.bare`."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The part in the site before: where it stands, and since which release each of its pages was so.

    `printed`: see `Built`. `is_same`: the records are the same, and only how they are shown may differ.
    """

    site: Path
    pages: dict[str, Version]
    printed: dict[str, str]
    is_same: bool


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a part.

    Attributes:
        files: paths of what was written, from the site's root.
        paths: IRI of a record → the page that shows it, with an anchor if it has one.
        summaries: language → see `summary`.
        found: language → rows of the search; see `find.Row`.
        words: path of a page whose words are searched → their digest.
        made_up: IRIs of its illustrative records.
        answers: what its records answer for the summary of a large release; see `browser_query`.
        reasons: language → idea → why its level moved since the release before; see `Changed`.
        pages: path of a page → the release since which it is as it is, and that release's digest.
        printed: path of a PDF → a digest of what it says.
        outward: (page, path) of links that lead out of the part; of those that lead to one path, the first.
        faults: links of the part that lead nowhere within it.
        spent: stage → seconds of the processor.
    """

    files: list[str]
    paths: dict[str, str]
    summaries: dict[str, Row]
    found: dict[str, list[Any]]
    words: dict[str, str]
    made_up: list[str]
    answers: dict[str, list[str]]
    reasons: dict[str, dict[str, Any]]
    pages: dict[str, Version]
    printed: dict[str, str]
    outward: list[tuple[str, str]]
    faults: list[str]
    spent: spent.Seconds


@dataclass(frozen=True, slots=True)
class Job:
    """A part to be built, and where.

    Attributes:
        cache: a folder for what is the same for every site. software: a digest of what pages come from, but
            for records.
    """

    part: Sent
    earlier: Earlier | None
    around: Around
    out: Path
    cache: Path
    software: str
    words: Path


def begin() -> None:
    """Make a process ready that does nothing but build parts.

    A part makes some hundred thousand small objects and lets go of them together; looking through them
    as often as Python does takes an eighth of the time. Typst would start a thread a core in each of as
    many processes.
    """
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def build_part(job: Job) -> Built:
    """Write the pages of a part, in each language, with the data beside the first language's."""
    took: spent.Seconds = {}
    pages: list[Page] = []
    since: dict[str, Version] = {}
    summaries: dict[str, Row] = {}
    found: dict[str, list[Any]] = {}
    reasons: dict[str, dict[str, Any]] = {}
    taken: list[str] = []
    printed: dict[str, str] = {}
    paths: dict[str, str] = {}
    with spent.counted(took, "data"):
        data = received(job.part)
    with spent.counted(took, "pages"):
        told = _Told(data, job)
    with spent.counted(took, "take-away"):  # before the pages, which say how large the files are
        for one in _take_away(told, job):
            taken += one.files
            printed |= one.printed
    for language in job.around.languages:
        with spent.counted(took, "pages"):
            views, links = told.in_(language, is_last=True)
            filler = _filler(language, told.folders[language.code], job.around.shell, job.cache)
        with spent.counted(took, "search"):
            found[language.code] = [row.to_json() for row in find.rows(views, links)]
        with spent.counted(took, "pages"):
            changes = views.changes  # before the pages, which are made of copies of the views
            made = _made(views, links, filler, job)
            since |= {page.path: version for page, version in made}
            pages += [page for page, _ in made]
            summaries[language.code] = summary(views, links, filler.words)
            reasons[language.code] = {idea: one.to_json() for idea, one in changes.items()}
            paths = paths or links.all()
    with spent.counted(took, "search"):
        words = _words(pages, found[job.around.languages[0].code], job.words)
    with spent.counted(took, "pages"):
        files = {page.path: page.html.encode() for page in pages}
        for page in pages:
            files |= page.beside
        _write(files, job.out)
    with spent.counted(took, "data"):
        beside = dict(_beside(pages, {r.iri: r for r in (*data.records, *data.computed)}))
        _write(beside, job.out)
        taken += [*beside, *_slices(views, data, paths, job.out)]
        answers = browser_query.answers([*data.records, *data.computed])
    with spent.counted(took, "checks"):
        outward, faults = _links(pages, {*files, *taken})
    held = {r.iri for r in (*data.records, *data.computed)}
    return Built(
        sorted({*files, *taken}),
        {iri: path for iri, path in paths.items() if iri in held},
        summaries,
        found,
        words,
        [r.iri for r in data.records if is_made_up(views.things.get(r.iri))],
        answers,
        reasons,
        since,
        printed,
        outward,
        faults,
        took,
    )


def _write(files: Mapping[str, bytes], out: Path) -> None:
    for folder in sorted({path.rpartition("/")[0] for path in files}):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (out / path).write_bytes(content)


def _words(pages: list[Page], rows: list[Any], folder: Path) -> dict[str, str]:
    """Write what the index of words is to hold of the part: path of a page → digest of its words."""
    searched, digests = {find.Row.from_json(row).path for row in rows}, {}
    for page in pages:
        if page.path in searched:
            stub = find.Stub(page.path, *words_of(page.html))
            find.write_stub(stub, folder)
            digests[page.path] = stub.digest
    return digests


def _made(views: Views, links: Links, filler: Filler, job: Job) -> list[tuple[Page, Version]]:
    """The pages, each with the release since which it is as it is.

    A part changes when one of its records does; most of its pages do not show that record. A page that
    comes out as it was, but for the release it names, stays what it was, to the byte.
    """
    now = views.data.id, views.data.manifest["digest"]
    earlier = job.earlier
    if earlier is None:
        return [(page, (*now, page.bare)) for page in _rendered(views, now, links, filler, job)]
    if earlier.is_same:
        return list(_again(earlier, now, views, links, filler, job))
    made = []
    for page in _rendered(views, now, links, filler, job):
        was = earlier.pages.get(page.path)
        html = _held(earlier.site / page.path) if was and was[2] == page.bare else None
        if was and html is not None:
            made.append((replace(page, html=html), was))
        else:
            made.append((page, (*now, page.bare)))
    return made


def _again(
    earlier: Earlier,
    now: tuple[str, str],
    views: Views,
    links: Links,
    filler: Filler,
    job: Job,
) -> Iterator[tuple[Page, Version]]:
    """Pages of the same records in another form, each of the release it was of."""
    versions = {(id_, digest) for id_, digest, _ in earlier.pages.values()} | {now}
    for version in sorted(versions):
        for page in _rendered(views, version, links, filler, job):
            was = earlier.pages.get(page.path)
            if (was[:2] if was else now) == version:
                yield page, (*version, page.bare)


def _rendered(
    views: Views, version: tuple[str, str], links: Links, filler: Filler, job: Job
) -> Iterator[Page]:
    return RecordPages(views.of_release(*version), links, filler, job.around, job.out).pages()


def _held(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _slices(views: Views, data: ReleaseData, paths: Mapping[str, str], out: Path) -> Iterator[str]:
    """Write what the page that queries in the browser loads of each package; gives the paths."""
    if len(views.packages) == 1:  # the part is what the package needs; see `parts_of`
        (package,) = views.packages
        members = [*data.records, *data.computed]
        yield browser_query.write_slice(members, package.slug, paths, out)
        return
    by_iri, about = {r.iri: r for r in data.records}, dumps.by_idea(data.computed)
    for package in views.packages:
        members = dumps.members(by_iri[package.thing.iri], by_iri, about)
        yield browser_query.write_slice(members, package.slug, paths, out)


class _Told:
    """A part as readers of each language are told it; of a language not asked for nothing is made."""

    def __init__(self, data: ReleaseData, job: Job) -> None:
        self.folders = folders(job.around.languages)
        first = job.around.languages[0]
        self._latest = Views(data, _things(data, first))
        self._held = {first.code: (self._latest, Links(self._latest))}

    def in_(self, language: Language, *, is_last: bool = False) -> tuple[Views, Links]:
        """The part in a language, and where its pages are; let go of where it is asked for a last time."""
        found = self._held.pop(language.code, None)
        if found is None:
            views = self._latest.told_in(language)
            found = views, Links(views)
        self._latest = found[0]
        if not is_last:
            self._held[language.code] = found
        return found


def _take_away(told: _Told, job: Job) -> Iterator[takeaway.Taken]:
    """Write what can be taken away of each package, in the languages it is told in."""
    first, *others = job.around.languages
    earlier = takeaway.Earlier(job.earlier.site, job.earlier.printed) if job.earlier else None
    views, _ = told.in_(first)
    data = views.data
    day = date.fromisoformat(data.id[:10])  # a release is named by its day
    for package in views.packages:
        yield takeaway.write(
            package,
            _edition(told, first, job),
            job.out,
            release=data.id,
            created=datetime.combine(day, time(), UTC),
            publisher=data.manifest["publisher"],
            further=[
                _edition(told, language, job)
                for language in others
                if takeaway.is_told_in(package, language)
            ],
            earlier=earlier,
        )


def _edition(told: _Told, language: Language, job: Job) -> takeaway.Edition:
    """A language in which PDFs are made."""
    views, links = told.in_(language)
    asked = once(
        job.cache / f"pdsa-{job.software[:24]}-{language.code}.json",
        partial(takeaway.asked, language.say, language),
    )
    return takeaway.Edition(views, links, language.say, told.folders[language.code], asked)


@lru_cache(maxsize=8)
def _filler(language: Language, folder: str, kind: Kind, cache: Path) -> Filler:
    compiled = cache / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    return Filler(shell(cache, kind=kind), language, folder, compiled=compiled)


def _things(data: ReleaseData, language: Language) -> Things:
    return things_of(data.records, (), language, base=schemes(language))


@lru_cache(maxsize=8)
def schemes(language: Language) -> Things:
    """The ontology and its schemes as things, in one language."""
    return Things(vocabulary(), language, language)


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
    first: dict[str, str] = {}
    faults: list[str] = []
    for path, found in read.items():
        out = {target for target, _ in found.targets if target not in files}
        for target in out:
            first.setdefault(target, path)
        faults += linkcheck.wrong(path, found, {*files, *out}, read)
    return [(page, target) for target, page in sorted(first.items())], faults
