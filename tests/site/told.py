"""Shipped packages as pages and releases, and how a machine reads them: what the tests of `machine` share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox

from warranted import changes, checking, release, resources, warrant
from warranted.language import ENGLISH
from warranted.namespaces import DCTERMS, RDFS, ROOT
from warranted.records import Record
from warranted_site.links import FOLDERS, Links
from warranted_site.machine import Page, Site, feed, head
from warranted_site.machine.history import PATH, history, to_json
from warranted_site.things import things_of
from warranted_site.views import Views

NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
ADDRESS = "https://packages.example/some/"
EVIL = "</script><script>alert(1)</script><!--\"'&{{7*7}}"
ATOM = f"{{{feed.ATOM}}}"
LANGUAGES = {"en": "", "es": "es/"}


def read(*names: str) -> list[Record]:
    found = [
        record
        for name in names
        for record in checking.read_file(resources.packages() / f"{name}.ttl", base=ROOT)
    ]
    policy = resources.ontology() / "policies" / "default-1.ttl"
    return found + checking.read_file(policy, base=ROOT)


def made(records: list[Record], id_: str = "2026-11-23", now: datetime = NOW) -> Any:
    computed = warrant.assessment_records(records, as_of=now.date(), base=ROOT)
    return release.ReleaseData(id_, now, ROOT, records, computed, {"id": id_})


def views_of(data: release.ReleaseData) -> Views:
    ontology = resources.ontology()
    files = [ontology / "warranted.ttl", *sorted((ontology / "schemes").glob("*.ttl"))]
    words = [q.triple for f in files for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE)]
    return Views(data, things_of(data.records, words))


KINDS = {
    "aims": "aim",
    "drivers": "driver",
    "ideas": "idea",
    "measures": "measure",
    "sources": "source",
    "networks": "network",
}


def pages_of(views: Views, links: Links) -> Iterator[Page]:
    """Every record's page, as the renderer names it."""
    for package in views.packages:
        path = links.path(package.thing) or ""
        trail = (("Packages", "packages/index.html"),)
        yield Page(path, package.title, "package", package.thing, trail=trail)
    for name, folder in FOLDERS.items():
        for thing in views.things.of_class(name):
            path = links.path(thing) or ""
            if thing.iri == thing.record and path:
                title = thing.text(f"{DCTERMS}title") or thing.label
                trail = tuple((p.title, links.path(p.thing) or "") for p in views.packages[:1])
                yield Page(path, title, KINDS[folder], thing, trail=trail)


class Head(HTMLParser):
    """The lines of a head as a parser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[dict[str, str]] = []
        self.metas: dict[str, str] = {}
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "link":
            self.links.append(said)
        elif tag == "meta":
            self.metas[said.get("name") or said.get("property", "")] = said["content"]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.scripts.append(data)

    def to(self, rel: str) -> list[str]:
        return [link["href"] for link in self.links if rel in link["rel"].split()]

    @property
    def graph(self) -> list[dict[str, Any]]:
        (told,) = self.scripts
        found: list[dict[str, Any]] = json.loads(told)["@graph"]
        return found


def read_head(site: Site, page: Page) -> Head:
    return Head(head.lines(site, page))


def node(site: Site, page: Page) -> dict[str, Any]:
    return read_head(site, page).graph[0]


def atom(of: list[dict[str, Any]], **more: Any) -> bytes:
    given_ = {"base": ROOT, "publisher": "A hub", "language": ENGLISH, "levels": {}}
    return feed.atom(of, **(given_ | {"where": lambda _iri: None} | more))


DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def parsed(content: bytes) -> ET.Element:
    """The feed, if it holds to RFC 4287, sections 4.1.1, 4.1.2, 4.1.3, 4.2.6, 4.2.7, 3.3."""
    root = ET.fromstring(content)  # noqa: S314 - we wrote it
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    for holder in [root, *entries]:
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{ATOM}{name}")) == 1, name
        assert DATE.fullmatch(holder.findtext(f"{ATOM}updated") or "")
        alternates = [
            link for link in holder.findall(f"{ATOM}link") if link.get("rel") == "alternate"
        ]
        assert len(alternates) == 1
        assert all(link.get("href") for link in alternates)
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    ids = [holder.findtext(f"{ATOM}id") or "" for holder in [root, *entries]]
    assert len(set(ids)) == len(ids)
    assert all(re.match(r"[a-z]+:\S+$", id_) for id_ in ids)
    for entry in entries:
        content_ = entry.find(f"{ATOM}content")
        assert content_ is not None
        assert content_.get("type") == "xhtml"
        (div,) = content_
        assert div.tag == f"{{{feed.XHTML}}}div"
    return root


def named(record: Record, name: str) -> Record:
    """The record with another English name; what it is called in other languages stays."""
    label = f"{RDFS}label"
    return Record(
        record.iri,
        record.type,
        tuple(
            ox.Triple(t.subject, t.predicate, ox.Literal(name, language="en"))
            if t.predicate.value == label
            and str(t.subject) == f"<{record.iri}>"
            and getattr(t.object, "language", None) == "en"
            else t
            for t in record.triples
        ),
    )


class Line:
    """Releases one after the other, each with the site it leaves behind."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder, None
        self.site: Path | None = None
        self.told: list[dict[str, Any]] = []

    def publish(
        self, records: list[Record], day: int, purged: frozenset[str] = frozenset()
    ) -> list[dict[str, Any]]:
        now = NOW + timedelta(days=day)
        data = made(records, now.date().isoformat(), now)
        reasons = {}
        if self.before is not None:
            was = self.before
            earlier = release.Previous(was.id, was.created.date(), was.records, was.computed)
            data = replace(data, previous=earlier)
            found = views_of(data).changes
            reasons = {"en": {idea: why.to_json() for idea, why in found.items()}}
            old = was.records, was.computed
            told = changes.changes(
                data.id, (data.records, data.computed), was.id, old, purged=purged
            )
            removed = [r for r in was.records if r.iri in purged]
        else:
            told = changes.changes(data.id, (data.records, data.computed), None, ([], []))
            removed = []
        self.told = history(
            self.site,
            told,
            data.created,
            data.id,
            records=data.records,
            removed=removed,
            reasons=reasons,
        )
        self.site = self.folder / data.id
        (self.site / PATH).parent.mkdir(parents=True)
        (self.site / PATH).write_bytes(to_json(self.told))
        self.before = data
        return self.told
