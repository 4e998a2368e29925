"""What a page's head tells machines: what to cite, where its data is, its languages."""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from tests.site.told import ADDRESS, node, read_head

from warranted import dumps
from warranted.errors import InputError
from warranted.language import Language
from warranted.namespaces import DCTERMS, NIC, ROOT
from warranted_site.machine import Page, Site, address
from warranted_site.things import Thing, Things
from warranted_site.views import Views


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
