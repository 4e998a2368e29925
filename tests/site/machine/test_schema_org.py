"""What pages say in schema.org's words, whatever stands in a title."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld
from tests.site.told import ADDRESS, ATOM, EVIL, NOW, atom, node, parsed, read_head

from warranted.namespaces import DCTERMS, NIC, RDF, ROOT
from warranted_site.machine import Download, Page, Site
from warranted_site.things import Things


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
