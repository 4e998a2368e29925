"""The sitemap and robots.txt."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from tests.site.told import ADDRESS, Line

from warranted.namespaces import ROOT
from warranted_site.machine import Page, sitemap
from warranted_site.machine.history import days
from warranted_site.views import Views, is_made_up


def test_a_sitemap_lists_every_page_that_may_be_found(
    pages: dict[str, Page], views: Views, line: Line
) -> None:
    made_up = {r.iri for r in views.data.records if is_made_up(views.things.get(r.iri))}
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
