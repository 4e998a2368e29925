"""What pages tell machines: head lines, schema.org, sitemap, feed; and the changes readers are told."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pyld import jsonld

from warranted import changes, checking, dumps, release, resources, warrant
from warranted.errors import InputError
from warranted.language import ENGLISH, Language
from warranted.namespaces import DCTERMS, NIC, RDF, RDFS, ROOT
from warranted.records import Record
from warranted_site.filling import Filler
from warranted_site.links import FOLDERS, Links
from warranted_site.machine import Download, Page, Site, address, cite, feed, head, sitemap
from warranted_site.machine.history import KEPT, PATH, days, history, to_json
from warranted_site.shell import shell
from warranted_site.things import Thing, Things, things_of
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


@pytest.fixture(scope="module")
def views() -> Views:
    return views_of(made(read("nclabsi-neonatal", "illustrative-algebra-talk")))


@pytest.fixture(scope="module")
def links(views: Views) -> Links:
    return Links(views)


@pytest.fixture(scope="module")
def pages(views: Views, links: Links) -> dict[str, Page]:
    return {page.path: page for page in pages_of(views, links)}


@pytest.fixture(scope="module")
def plain(views: Views, links: Links) -> Site:
    """A site that does not know where it will stand."""
    return Site(views.data, links.path)


@pytest.fixture(scope="module")
def placed(plain: Site) -> Site:
    return replace(plain, address=ADDRESS, folders=LANGUAGES, image="assets/card.png")


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


# ---- head ---------------------------------------------------------------------------------


def test_a_record_s_page_says_what_to_cite_and_where_its_data_is(
    plain: Site, pages: dict[str, Page]
) -> None:
    idea = read_head(plain, pages["ideas/7qf3-c1/index.html"])
    assert idea.to("cite-as") == [f"{ROOT}/id/idea/7qf3-c1"]
    assert idea.to("describedby") == ["index.ttl", "index.jsonld"]
    assert idea.to("type") == ["https://schema.org/CreativeWork", "https://schema.org/AboutPage"]
    assert idea.to("collection") == ["../../nclabsi-neonatal/index.html"]
    package = read_head(plain, pages["nclabsi-neonatal/index.html"])
    assert package.to("item") == [
        f"../data/dumps/nclabsi-neonatal.{ending}" for ending in ("ttl", "jsonld", "nq")
    ]
    assert package.to("author") == [f"{ROOT}/id/network/7qf3-n"]
    assert package.metas["description"].startswith("A collaborative of 100 newborn")
    assert package.metas["og:description"] == package.metas["description"]


def test_without_an_address_no_line_names_one_and_every_link_leads_somewhere(
    plain: Site, pages: dict[str, Page], views: Views, tmp_path: Path
) -> None:
    data = views.data
    dumps.write(data.records, data.computed, tmp_path / "data" / "dumps")
    for path in pages:
        page = tmp_path / path
        page.parent.mkdir(parents=True, exist_ok=True)
        for ending in (".html", ".ttl", ".jsonld"):
            page.with_suffix(ending).touch()
    for also in ("index.html", "packages/index.html", "changes.atom"):
        (tmp_path / also).parent.mkdir(exist_ok=True)
        (tmp_path / also).touch()
    looked = 0
    for path, page in pages.items():
        told = read_head(plain, page)
        assert not told.to("canonical")
        assert not {"og:url", "og:image"} & told.metas.keys()
        targets = [link["href"] for link in told.links]
        for said in told.graph:
            targets += [file["contentUrl"] for file in said.get("distribution", ())]
            targets += [crumb["item"] for crumb in said.get("itemListElement", ())]
        for target in targets:
            if "://" not in target:
                looked += 1
                whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target)))
                assert (tmp_path / whole).is_file(), f"{path}: {target}"
            else:
                assert target.startswith((ROOT, "https://schema.org/")), target
    assert looked > 5 * len(pages)


def test_with_an_address_the_page_and_its_languages_are_named(
    placed: Site, pages: dict[str, Page]
) -> None:
    page = pages["nclabsi-neonatal/index.html"]
    english = read_head(placed, page)
    assert english.to("canonical") == [f"{ADDRESS}nclabsi-neonatal/index.html"]
    assert english.metas["og:url"] == f"{ADDRESS}nclabsi-neonatal/index.html"
    assert english.metas["og:image"] == f"{ADDRESS}assets/card.png"
    languages = {x["hreflang"]: x["href"] for x in english.links if "hreflang" in x}
    assert languages == {
        "en": f"{ADDRESS}nclabsi-neonatal/index.html",
        "es": f"{ADDRESS}es/nclabsi-neonatal/index.html",
        "x-default": f"{ADDRESS}nclabsi-neonatal/index.html",
    }
    spanish = read_head(replace(placed, language=Language("es", "ltr", "Español")), page)
    assert spanish.to("canonical") == [languages["es"]]
    assert spanish.metas["og:locale"] == "es_ES"
    assert spanish.metas["og:locale:alternate"] == "en_US"
    assert spanish.to("describedby") == [
        f"../../nclabsi-neonatal/index.{ending}" for ending in ("ttl", "jsonld")
    ]
    assert spanish.to("collection") == []
    assert [x["href"] for x in spanish.links if x.get("type") == "application/atom+xml"] == [
        "../changes.atom"
    ]


def test_a_made_up_record_asks_not_to_be_found_and_says_so_wherever_it_is_shared(
    plain: Site, pages: dict[str, Page]
) -> None:
    found = {"made up": 0, "real": 0}
    for page in pages.values():
        told = read_head(plain, page)
        said = json.dumps(told.graph[0])
        if page.made_up:
            found["made up"] += 1
            assert told.metas["robots"] == "noindex"
            assert told.metas["og:title"] == f"{page.title} (illustrative, made up)"
            assert told.graph[0]["disambiguatingDescription"].startswith("Illustrative")
        else:
            found["real"] += 1
            assert "robots" not in told.metas
            assert told.metas["og:title"] == page.title
            assert "llustrative" not in said
    assert min(found.values()) > 20


def test_the_page_for_what_is_missing_is_no_one_s_canonical_page(placed: Site) -> None:
    told = read_head(placed, Page("404.html", "No such page", "missing"))
    assert told.metas["robots"] == "noindex"
    assert not told.to("canonical")
    assert not told.scripts


def test_a_licence_is_named_only_where_the_rights_are_its_address(plain: Site) -> None:
    def thing(rights: str) -> Thing:
        iri = f"{ROOT}/id/package/x"
        rows = [(f"{DCTERMS}rights", rights), (f"{DCTERMS}title", "A"), (f"{NIC}slug", "a")]
        node = ox.NamedNode(iri)
        return Things(ox.Triple(node, ox.NamedNode(p), ox.Literal(o)) for p, o in rows).get(iri)

    link = "https://creativecommons.org/licenses/by/4.0/"
    free = Page("a/index.html", "A", "package", thing(link))
    assert read_head(plain, free).to("license") == [link]
    assert node(plain, free)["license"] == link
    facts = Page("a/index.html", "A", "package", thing("https://x.example: use the facts only"))
    assert read_head(plain, facts).to("license") == []
    assert "license" not in node(plain, facts)
    assert node(plain, facts)["copyrightNotice"] == "https://x.example: use the facts only"


@pytest.mark.parametrize(
    ("given_", "held"),
    [
        ("", ""),
        ("https://a.example", "https://a.example/"),
        (" http://a.example/b// ", "http://a.example/b/"),
    ],
)
def test_an_address_ends_in_one_slash(given_: str, held: str) -> None:
    assert address(given_) == held


@pytest.mark.parametrize("wrong", ["a.example", "ftp://a.example/", "javascript:x", "http://a/?b"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="no address of a site"):
        address(wrong)


# ---- schema.org ---------------------------------------------------------------------------


def test_a_package_is_a_dataset_with_what_dataset_search_reads(
    placed: Site, pages: dict[str, Page]
) -> None:
    extra = (Download("nclabsi-neonatal/package.pdf", "application/pdf"),)
    page = replace(pages["nclabsi-neonatal/index.html"], downloads=extra)
    told = node(placed, page)
    assert told["@type"] == "Dataset"
    assert told["@id"] == told["identifier"] == f"{ROOT}/id/package/7qf3"
    assert told["version"] == "1"
    assert told["url"] == f"{ADDRESS}nclabsi-neonatal/index.html"
    assert told["copyrightNotice"].startswith("US federal agency (AHRQ) web report")
    assert "license" not in told
    assert "datePublished" not in told
    assert told["isPartOf"]["@id"] == f"{ROOT}/release/2026-11-23"
    assert [file["encodingFormat"] for file in told["distribution"]] == [
        "text/turtle",
        "application/ld+json",
        "application/n-quads",
        "application/pdf",
    ]
    assert {c["@type"] for c in told["citation"]} == {"CreativeWork"}
    assert all(c["name"] for c in told["citation"])
    assert told["variableMeasured"]
    assert {c["@type"] for c in told["creator"]} == {"Organization"}


def test_an_idea_is_a_how_to_only_where_its_steps_are_recorded(
    plain: Site, pages: dict[str, Page]
) -> None:
    bare = node(plain, pages["ideas/7qf3-c1/index.html"])
    assert bare["@type"] == "CreativeWork"
    assert not {"step", "estimatedCost", "tool"} & bare.keys()
    full = node(plain, pages["ideas/z1il-c1/index.html"])
    assert full["@type"] == "HowTo"
    assert full["creativeWorkStatus"] == "Illustrative, made up"
    assert [step["position"] for step in full["step"]] == [*range(1, len(full["step"]) + 1)]
    assert all(step["name"] and step["text"] for step in full["step"])


def test_a_source_s_year_is_told_only_where_it_is_one_and_nobody_is_made_a_person(
    plain: Site, pages: dict[str, Page]
) -> None:
    for page in pages.values():
        told = node(plain, page)
        assert '"Person"' not in json.dumps(told)
        if page.kind == "source":
            year = page.thing.text("yearText") if page.thing else ""
            assert told.get("datePublished", "") == (year if re.fullmatch(r"\d{4}", year) else "")
            assert told.get("url", "https://").startswith(("http://", "https://"))


def test_home_is_a_web_site_with_a_catalogue_and_the_release(plain: Site) -> None:
    site, catalogue = read_head(plain, Page("index.html", "Warranted", "home")).graph
    assert (site["@type"], catalogue["@type"]) == ("WebSite", "DataCatalog")
    assert catalogue["dataset"]["version"] == "2026-11-23"
    assert [f["contentUrl"] for f in catalogue["dataset"]["distribution"]] == [
        f"data/dumps/all.{ending}.gz" for ending in ("ttl", "jsonld", "nq")
    ]
    bare = replace(plain, dumps=False)
    (_, without) = read_head(bare, Page("index.html", "Warranted", "home")).graph
    assert "distribution" not in without["dataset"]


VOCAB = {"@context": {"@vocab": "https://schema.org/"}}


def _offline(url: str, _options: Any) -> dict[str, Any]:
    assert url.rstrip("/") == "https://schema.org", f"a request for {url}"
    return {"document": VOCAB, "documentUrl": url, "contextUrl": None, "contentType": None}


def _single(value: Any) -> Any:
    """Lists of one as their one member, as JSON-LD's compact form has them."""
    if isinstance(value, dict):
        return {key: _single(held) for key, held in value.items()}
    if isinstance(value, list):
        held = [_single(one) for one in value]
        return held[0] if len(held) == 1 else held
    return value


def test_the_json_ld_of_every_page_expands_without_loss(
    plain: Site, pages: dict[str, Page]
) -> None:
    home = Page("index.html", "Warranted", "home")
    for page in [home, *pages.values()]:
        (told,) = read_head(plain, page).scripts
        document = json.loads(told)
        expanded = jsonld.expand(document, {"documentLoader": _offline})
        back = jsonld.compact(expanded, VOCAB, {"documentLoader": _offline})
        assert _single(back["@graph"]) == _single(document["@graph"]), page.path
        for one in expanded:
            assert one["@type"][0].startswith("https://schema.org/")


TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda t: bool(t.strip()) and not re.search("[\ufffe\uffff]", t)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(title=TITLES)
def test_any_title_comes_back_from_head_json_ld_and_feed(plain: Site, title: str) -> None:
    iri = f"{ROOT}/id/package/x"
    subject = ox.NamedNode(iri)
    thing = Things(
        [
            ox.Triple(subject, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{NIC}ChangePackage")),
            ox.Triple(subject, ox.NamedNode(f"{DCTERMS}title"), ox.Literal(title)),
        ]
    ).get(iri)
    told = read_head(plain, Page("x/index.html", title, "package", thing))
    assert told.metas["og:title"] == title
    assert told.graph[0]["name"] == title
    assert told.graph[1]["itemListElement"][-1]["name"] == title
    package = {
        "iri": iri, "slug": "x", "title": title, "change": "new", "illustrative": False,
        "counts": {}, "records": [], "levels": [],
    }  # fmt: skip
    of = [{"id": "r", "created": NOW.isoformat(), "from": "q", "packages": [package]}]
    entries = parsed(atom(of)).findall(f"{ATOM}entry")
    assert entries[1].findtext(f"{ATOM}title") == " ".join(title.split())


def test_a_hostile_title_ends_no_script_and_starts_no_tag(plain: Site) -> None:
    told = read_head(plain, Page("x/index.html", EVIL, "packages", trail=((EVIL, "y"),)))
    assert set(told.tags) <= {"meta", "link", "script"}
    assert told.tags.count("script") == 1
    assert told.graph[0]["itemListElement"][1]["name"] == EVIL


# ---- what changed -------------------------------------------------------------------------


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


def _named(record: Record, name: str) -> Record:
    label = f"{RDFS}label"
    return Record(
        record.iri,
        record.type,
        tuple(
            ox.Triple(t.subject, t.predicate, ox.Literal(name, language="en"))
            if t.predicate.value == label and str(t.subject) == f"<{record.iri}>"
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

    def publish(self, records: list[Record], day: int) -> list[dict[str, Any]]:
        now = NOW + timedelta(days=day)
        data = made(records, now.date().isoformat(), now)
        reasons = {}
        if self.before is not None:
            was = self.before
            earlier = release.Previous(was.id, was.created.date(), was.records, was.computed)
            data = replace(data, previous=earlier)
            found = views_of(data).changes
            reasons = {"en": {idea: why.to_json() for idea, why in found.items()}}
            told = changes.changes(
                data.id, (data.records, data.computed), was.id, (was.records, was.computed)
            )
        else:
            told = changes.changes(data.id, (data.records, data.computed), None, ([], []))
        self.told = history(
            self.site, told, data.created, data.id, records=data.records, reasons=reasons
        )
        self.site = self.folder / data.id
        (self.site / PATH).parent.mkdir(parents=True)
        (self.site / PATH).write_bytes(to_json(self.told))
        self.before = data
        return self.told


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Three releases: a package without its test T10; with it; an idea renamed."""
    line = Line(tmp_path_factory.mktemp("line"))
    records = read("illustrative-algebra-talk")
    line.publish([r for r in records if not r.iri.endswith("/test/z1il-t10")], 0)
    line.publish(records, 1)
    line.publish(
        [_named(r, "Reason line") if r.iri.endswith("/idea/z1il-c1") else r for r in records], 2
    )
    return line


def test_each_release_is_told_in_the_field_s_words_with_the_reason_for_a_level(line: Line) -> None:
    third, second, first = feed.shown(line.told, ENGLISH, {})
    assert first.sentence == "The first release, with 1 package."
    (package,) = first.packages
    assert package.sentence.startswith("New, with 8 change ideas, 12 versions of ideas, 33 tests,")
    assert package.lines == []
    assert second.sentence == third.sentence == "1 package changed."
    (package,) = second.packages
    moved = next(one for one in package.lines if one.kind == "warrant")
    assert moved.iri == f"{ROOT}/id/idea/z1il-c1"
    assert moved.text == (
        "rose from Replicated to Dependable across settings because test T10 at Site A (city, "
        "lower secondary) supported it."
    )
    assert [(one.kind, one.text) for one in package.lines if one.iri.endswith("-t10")] == [
        ("test", "new.")
    ]
    assert [(one.name, one.text) for one in third.packages[0].lines] == [
        ("Reason line", "Name: from ‘Exit ticket with a reason line’ to ‘Reason line’.")
    ]
    assert {one.name for one in second.packages[0].lines if one.iri == moved.iri} == {"Reason line"}


def test_a_release_that_is_built_again_is_told_once_and_the_same(line: Line) -> None:
    data, site = line.before, line.site
    assert data is not None
    again = history(site, {}, data.created, data.id, records=data.records)
    assert [r["id"] for r in again] == [r["id"] for r in line.told]
    assert again[1:] == line.told[1:]


def test_what_is_gone_is_named_nowhere_any_more(tmp_path: Path) -> None:
    """It may have been removed for privacy: no sentence about it remains, whoever it stood with."""
    line = Line(tmp_path)
    records = read("illustrative-algebra-talk")
    test, site = (f"{ROOT}/id/{key}" for key in ("test/z1il-t10", "site/z1il-a"))
    records = [_named(r, "Nobody's Pupil") if r.iri == test else r for r in records]
    records = [_named(r, "Pupil School") if r.iri == site else r for r in records]
    without = [r for r in records if r.iri != test]
    line.publish(without, 0)
    line.publish(records, 1)
    for name in ("Nobody's Pupil", "at Pupil School (city"):
        assert name in json.dumps(line.told)
    line.publish(without, 2)
    told = json.dumps(line.told)
    assert "Nobody's Pupil" not in told
    assert test not in told
    newest = feed.shown(line.told, ENGLISH, {})[0].packages[0]
    assert "No longer published: 1 test." in newest.sentence
    assert "at Pupil School (city" in told
    assert line.before is not None
    gone = {"iri": site, "type": "site", "label": "Pupil School", "change": "gone", "said": []}
    package = line.told[0]["packages"][0] | {"records": [gone], "levels": []}
    after = history(
        line.site,
        {"from": "2026-11-25", "packages": [package]},
        NOW + timedelta(days=3),
        "2026-11-26",
        records=[r for r in without if r.iri != site],
    )
    assert "Pupil School" not in json.dumps(after)
    moved = feed.shown(after, ENGLISH, {})[2].packages[0].lines[0]
    assert moved.text == "rose from Replicated to Dependable across settings."


def test_a_package_that_is_gone_is_told_and_then_loses_its_name(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.publish(read("teln-early-literacy", "nclabsi-neonatal"), 0)
    line.publish(read("nclabsi-neonatal"), 1)
    newest, first = feed.shown(line.told, ENGLISH, {})
    assert newest.sentence == "1 package is no longer published."
    assert newest.packages[0].sentence == "No longer published."
    assert {p.title for p in first.packages} == {
        "A package",
        "Preventing central-line infection in newborn intensive care (NCLABSI)",
    }


def test_a_new_day_alone_changes_no_package(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.publish(read("nclabsi-neonatal"), 0)
    line.publish(read("nclabsi-neonatal"), 1)
    assert line.told[0]["packages"] == []
    assert feed.shown(line.told, ENGLISH, {})[0].sentence == "No package changed."


def test_no_more_releases_are_kept_than_readers_need(tmp_path: Path) -> None:
    site = None
    for n in range(KEPT + 3):
        now = NOW + timedelta(days=n)
        told = history(site, None, now, now.date().isoformat(), records=[])
        site = tmp_path / str(n)
        (site / "data").mkdir(parents=True)
        (site / PATH).write_bytes(to_json(told))
    assert len(told) == KEPT
    assert told[0]["created"] > told[-1]["created"]


def test_a_page_of_many_changes_stays_small() -> None:
    def package(n: int) -> dict[str, Any]:
        said = {"iri": f"{ROOT}/id/idea/{n}", "type": "idea", "label": "I", "change": "new"}
        return {
            "iri": f"{ROOT}/id/package/{n}", "slug": f"p{n}", "title": f"P{n}",
            "change": "changed", "illustrative": False, "counts": {"idea": {"new": 30, "changed": 0, "gone": 0}},
            "records": [said | {"said": []}] * 30, "levels": [],
        }  # fmt: skip

    def of(count: int) -> dict[str, Any]:
        packages = [package(n) for n in range(count)]
        return {"id": str(count), "created": NOW.isoformat(), "from": "x", "packages": packages}

    shown = feed.shown([of(2), of(60), of(500), of(3)], ENGLISH, {})
    assert sum(1 + len(p.lines) for r in shown for p in r.packages) <= feed.LINES
    assert len(shown[0].packages[0].lines) == 30
    assert [p.lines for p in shown[1].packages] == [[]] * 60
    assert shown[3].packages == []
    assert [r.more for r in shown] == [0, 0, 500 - 28, 3]
    assert shown[2].sentence == "500 packages changed."


def test_the_feed_is_atom_and_its_ids_are_the_releases_(line: Line) -> None:
    where = {f"{ROOT}/id/package/z1il-p1": "illustrative-algebra-talk/index.html"}.get
    root = parsed(atom(line.told, where=where, address=ADDRESS))
    assert [link.get("href") for link in root.findall(f"{ATOM}link")] == [
        f"{ADDRESS}changes/index.html",
        f"{ADDRESS}changes.atom",
    ]
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids[:2] == [
        f"{ROOT}/release/2026-11-25#changes",
        f"{ROOT}/release/2026-11-25#changes-illustrative-algebra-talk",
    ]
    assert root.findtext(f"{ATOM}updated") == "2026-11-25T12:00:05+00:00"
    link = entries[1].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{ADDRESS}illustrative-algebra-talk/index.html"
    assert "illustrative, made up" in (entries[1].findtext(f"{ATOM}title") or "")
    told = " ".join(entries[3].itertext())
    assert "because test T10 at Site A (city, lower secondary) supported it." in told
    moved = parsed(atom(line.told, where=where))  # where it does not know its address
    assert [e.findtext(f"{ATOM}id") for e in moved.findall(f"{ATOM}entry")] == ids
    assert moved.find(f"{ATOM}link[@rel='self']") is None
    other = parsed(atom(line.told, language=Language("es", "ltr", "Español"), folder="es/"))
    assert not {e.findtext(f"{ATOM}id") for e in other.iter(f"{ATOM}entry")} & set(ids)


def test_a_feed_holds_what_xml_cannot(line: Line) -> None:
    spoilt = json.loads(json.dumps(line.told))
    spoilt[0]["packages"][0]["title"] = f"{EVIL}\x00\x0b\ud800\uffff ]]>"
    root = parsed(atom(spoilt))
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in root.findall(f"{ATOM}entry")]
    assert titles[1].startswith(EVIL)
    assert "\ufffd" in titles[1]


def test_levels_are_told_in_the_reader_s_words(line: Line, views: Views) -> None:
    assert feed.level_names(views.things)["Replicated"] == "Replicated"
    told = feed.shown(line.told, ENGLISH, {"Replicated": "Repetida"})[1]
    assert any("rose from Repetida to" in one.text for one in told.packages[0].lines)


# ---- the page -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def changes_page(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in its shell, beside what it links to."""
    folder = tmp_path_factory.mktemp("page")
    frame = shell(tmp_path_factory.mktemp("shell"))
    filler = Filler(frame)
    where = {
        f"{ROOT}/id/package/z1il-p1": "../illustrative-algebra-talk/index.html",
        f"{ROOT}/id/idea/z1il-c1": "../ideas/z1il-c1/index.html",
    }
    page = filler.fill(
        feed.PAGE,
        "changes",
        "What changed",
        releases=feed.shown(line.told, ENGLISH, {}),
        where=where.get,
        release="2026-11-25",
        counts={"records": 1},
    )
    (folder / "assets").symlink_to(frame.assets)
    (folder / "changes").mkdir()
    (folder / feed.PAGE).write_text(page.html, encoding="utf-8")
    return folder / feed.PAGE


def test_the_page_tells_the_newest_first_and_links_what_is_there(changes_page: Path) -> None:
    html = changes_page.read_text(encoding="utf-8")
    places = [html.index(f'id="r-2026-11-{day}"') for day in (25, 24, 23)]
    assert places == sorted(places)
    assert '<a href="../ideas/z1il-c1/index.html">Reason line</a>' in html
    assert 'href="../changes.atom"' in html
    assert 'href="../data/changes.json"' in html
    assert '<time datetime="2026-11-25">25 November 2026</time>' in html
    assert "There is one release so far" not in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_the_screen(changes_page: Path, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(changes_page.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("section[id^=r-]").count() == 3
    page.close()


# ---- sitemap ------------------------------------------------------------------------------


def test_a_sitemap_lists_every_page_that_may_be_found(
    pages: dict[str, Page], views: Views, line: Line
) -> None:
    made_up = sitemap.made_up(views.data.records)
    every = [(p.path, p.thing.iri if p.thing else None) for p in pages.values()]
    every += [("index.html", None), ("404.html", None), ("es/404.html", None)]
    listed = [*sitemap.listed(every, made_up)]
    day = {f"{ROOT}/id/package/7qf3": "2026-11-23"}
    files = sitemap.files(ADDRESS, listed, day)
    assert files["robots.txt"].decode().splitlines()[-1] == f"Sitemap: {ADDRESS}sitemap.xml"
    root = ET.fromstring(files["sitemap.xml"])  # noqa: S314 - we wrote it
    space = f"{{{sitemap.NAMESPACE}}}"
    assert root.tag == f"{space}urlset"
    found = {}
    for url in root:
        assert url.tag == f"{space}url"
        assert [child.tag for child in url] in ([f"{space}loc"], [f"{space}loc", f"{space}lastmod"])
        found[url.findtext(f"{space}loc")] = url.findtext(f"{space}lastmod")
    shown = {p.path for p in pages.values() if not p.made_up} | {"index.html"}
    assert found.keys() == {ADDRESS + path for path in shown}
    assert found[f"{ADDRESS}nclabsi-neonatal/index.html"] == "2026-11-23"
    assert found[f"{ADDRESS}index.html"] is None
    assert days(line.told)[f"{ROOT}/id/idea/z1il-c1"] == "2026-11-25"


def test_without_an_address_there_is_no_sitemap_and_robots_name_none() -> None:
    files = sitemap.files("", [("index.html", "")], {})
    assert files == {"robots.txt": b"User-agent: *\nDisallow:\n"}


def test_more_pages_than_a_sitemap_holds_are_listed_in_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sitemap, "MOST", 3)
    files = sitemap.files(ADDRESS, [(f"{n}&/index.html", "") for n in range(7)], {})
    root = ET.fromstring(files["sitemap.xml"])  # noqa: S314 - we wrote it
    assert root.tag.endswith("sitemapindex")
    parts = [str(loc.text).removeprefix(ADDRESS) for loc in root.iter() if loc.tag.endswith("loc")]
    assert parts == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    places = [
        loc.text
        for part in parts
        for loc in ET.fromstring(files[part]).iter()  # noqa: S314 - we wrote it
        if loc.tag.endswith("loc")
    ]
    assert places == [f"{ADDRESS}{n}&/index.html" for n in range(7)]


# ---- how to cite --------------------------------------------------------------------------


def test_a_package_is_cited_by_its_release_and_its_network(
    plain: Site, pages: dict[str, Page]
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    assert found is not None
    assert found.latest == f"{ROOT}/id/package/7qf3"
    assert found.version == f"{ROOT}/release/2026-11-23#package-nclabsi-neonatal"
    network = pages["networks/7qf3-n/index.html"].title
    assert found.apa == (
        f"{network}. (2026, November 23). Preventing central-line infection in newborn intensive "
        f"care (NCLABSI) (Version 2026-11-23) [Data set]. Warranted. {ROOT}/id/package/7qf3"
    )
    texts = {f.key: f.text for f in found.formats}
    assert texts["bib"].startswith("@dataset{warranted-package-7qf3,")
    (item,) = json.loads(texts["csl"])
    assert item["author"] == [{"literal": network}]
    told = yaml.safe_load(texts["cff"])
    assert told["date-released"].isoformat() == "2026-11-23"
    assert told["identifiers"][0]["value"] == f"sha256:{'0' * 64}"


def test_an_idea_is_cited_with_the_network_of_its_package(
    plain: Site, pages: dict[str, Page]
) -> None:
    page = pages["ideas/7qf3-c1/index.html"]
    found = cite.box(plain, page)
    assert found is not None
    assert found.apa.startswith(pages["networks/7qf3-n/index.html"].title)
    assert found.apa.endswith(f"{ROOT}/id/idea/7qf3-c1")
    assert found.version == f"{ROOT}/release/2026-11-23"
    assert found.formats == ()  # they state the release's digest, which was not given


def test_nobody_is_told_how_to_cite_what_is_made_up(plain: Site, pages: dict[str, Page]) -> None:
    boxes = {path: cite.box(plain, page, "0" * 64) for path, page in pages.items()}
    told = {path for path, found in boxes.items() if found is not None}
    real = {p.path for p in pages.values() if p.kind in ("package", "idea") and not p.made_up}
    assert told == real


@pytest.mark.browser
@pytest.mark.parametrize("clipboard", [True, False])
def test_a_reference_is_copied_or_selected(
    plain: Site, pages: dict[str, Page], browser: Any, tmp_path: Path, clipboard: bool
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    assert found is not None
    filler = Filler(shell(tmp_path / "shell"))
    macro = '{% from "cite.html" import cite_box with context %}{{ cite_box(c) }}'
    html = filler.environment.from_string(macro).render(c=found, assets="")
    page_ = f"<!doctype html><html lang=en><title>Cite</title><body>{html}<textarea></textarea>"
    (tmp_path / "index.html").write_text(page_, encoding="utf-8")
    (tmp_path / "assets").mkdir()
    script = Path(feed.__file__).parents[1] / "assets" / "cite.js"
    (tmp_path / "assets" / "cite.js").write_bytes(script.read_bytes())
    page = browser.new_page()
    if clipboard:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_text("BibTeX", exact=True).click()
    page.get_by_role("button", name="Copy BibTeX").click()
    text = next(f.text for f in found.formats if f.key == "bib")
    status = page.get_by_role("status")
    if clipboard:
        status.get_by_text("Copied.").wait_for()
    else:
        status.get_by_text("Selected: copy it with your keyboard.").wait_for()
        assert page.evaluate("getSelection().toString()").strip() == text
        page.keyboard.press("Control+c")
    page.locator("textarea").focus()
    page.keyboard.press("Control+v")
    assert page.locator("textarea").input_value().strip() == text
    page.close()


def test_references_can_be_read_without_a_script(
    plain: Site, pages: dict[str, Page], tmp_path: Path
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    filler = Filler(shell(tmp_path / "shell"))
    macro = '{% from "cite.html" import cite_box with context %}{{ cite_box(c) }}'
    html = filler.environment.from_string(macro).render(c=found, assets="../")
    assert found is not None
    for text in (found.apa, found.version, found.latest, *(f.text for f in found.formats)):
        assert str(escape(text)) in html
    assert html.count("<button") == html.count("hidden>") == 4
