"""The parts of a release that are asked in the browser: a package, all of it, a summary."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.site.asking import Open, rows_here, rows_there

from warranted import dumps
from warranted.namespaces import NIC
from warranted.questions import questions
from warranted.release import ReleaseData
from warranted_site import browser_query
from warranted_site.browser_query import slices, summarising
from warranted_site.parts import parts_of


def unpacked(path: Path) -> tuple[set[ox.Quad], dict[str, str]]:
    """The quads and pages of a slice."""
    parts = re.fullmatch(r'warrantedData\("[^"]+",\{.*?\},"(.*)","(.*)"\);\n', path.read_text())
    assert parts is not None
    nquads, pages = (gzip.decompress(base64.b64decode(part)) for part in parts.groups())
    return set(ox.parse(nquads, format=ox.RdfFormat.N_QUADS)), json.loads(pages)


def test_a_slice_holds_its_package_and_its_pages(data: ReleaseData, tmp_path: Path) -> None:
    by_iri = {record.iri: record for record in data.records}
    package = next(r for r in data.records if dumps.value(r, f"{NIC}slug") == "nclabsi-neonatal")
    members = dumps.members(package, by_iri, dumps.by_idea(data.computed))
    pages = {record.iri: f"there/{record.type}.html" for record in data.records}
    path = browser_query.write_slice(members, "nclabsi-neonatal", pages, tmp_path)
    assert path == "query/data/nclabsi-neonatal.js"
    browser_query.write_slice(members[::-1], "again", pages, tmp_path)
    folder = tmp_path / "query" / "data"
    quads, shown = unpacked(folder / "nclabsi-neonatal.js")
    assert quads == {quad for record in members for quad in record.quads()}
    assert shown == {r.iri: pages[r.iri] for r in members if r.iri in pages}
    again = (folder / "again.js").read_text().replace('"data/again"', '"data/nclabsi-neonatal"')
    assert again == (folder / "nclabsi-neonatal.js").read_text()
    told = slices.figures("data/nclabsi-neonatal", tmp_path)
    assert told.triples == len(quads)


def test_the_same_release_gives_the_same_bytes(data: ReleaseData, tmp_path: Path) -> None:
    written = []
    for turn in ("one", "two"):
        out = tmp_path / turn
        browser_query.write_all(data, [], {}, out, cache=tmp_path / f"cache-{turn}")
        files = sorted(p for p in out.rglob("*") if p.is_file())
        written.append({p.relative_to(out): p.read_bytes() for p in files})
    assert written[0] == written[1]
    assert any(path.name == "slices.js" for path in written[0])


@pytest.fixture(scope="module")
def answers(data: ReleaseData) -> summarising.Answers:
    return summarising.answers([*data.records, *data.computed])


def test_a_summary_is_the_same_whole_or_part_by_part(
    data: ReleaseData, answers: summarising.Answers
) -> None:
    by_part = [summarising.answers([*p.records, *p.computed]) for p in parts_of(data)]
    assert len(by_part) > 2
    assert summarising.summary(by_part) == summarising.summary([answers])


@settings(max_examples=25, deadline=None)
@given(most=st.integers(0, 12_000))
def test_a_summary_fits_and_says_nothing_of_its_own(
    store: ox.Store, answers: summarising.Answers, most: int
) -> None:
    made = summarising.summary([answers], most)
    quads = list(ox.parse(made.nquads, format=ox.RdfFormat.N_QUADS))
    assert len(quads) == made.triples <= most
    assert list(made.parts) == summarising.parts()[: len(made.parts)]
    assert all(quad in store for quad in quads)
    assert {quad.graph_name.value for quad in quads} == made.records


def test_a_summary_with_room_holds_every_part(
    store: ox.Store, answers: summarising.Answers
) -> None:
    made = summarising.summary([answers])
    assert list(made.parts) == summarising.parts()
    kept = ox.Store()
    kept.extend(ox.parse(made.nquads, format=ox.RdfFormat.N_QUADS))
    strongest = (
        "PREFIX nic: <https://w3id.org/warranted/ns#>\n"
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "SELECT ?label ?level { ?a nic:aboutIdea ?idea ; nic:warrantLevel ?level ."
        " ?idea rdfs:label ?label }"
    )
    assert rows_there(kept, strongest) == rows_there(store, strongest)
    assert made.triples < len(store) / 5


@pytest.mark.browser
def test_a_large_release_is_asked_by_its_summary(
    visit: Open, demo: Any, data: ReleaseData, store: ox.Store, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    shutil.copytree(demo.html, site, ignore=shutil.ignore_patterns("dumps", "*.ttl", "*.jsonld"))
    named = [("nclabsi-neonatal", "Newborn intensive care")]
    (site / "query" / "all.js").unlink()
    pages = json.loads((site / "pages.json").read_text())
    cache = tmp_path / "cache"
    browser_query.write_all(data, named, pages, site, cache=cache, most=10_000)
    page = visit(f"file://{site}")
    assert "A summary of this release" in page.get_by_label("Data", exact=True).inner_text()
    told = page.locator("#slice").inner_text()
    assert "too many for a phone" in told
    assert "leaves out tests of change" in told
    text = questions()[0].text
    assert rows_here(page, text) == rows_there(store, text)


@pytest.mark.browser
def test_among_many_packages_one_is_found_by_a_word(visit: Open, prefixed: str) -> None:
    many = [[f"data/p{n}", f"Package {n}", 10, 10] for n in range(40)]
    context_script = f"""addEventListener("DOMContentLoaded", () => {{
        const told = {json.dumps(many)}; warrantedSlices({{ release: "r", triples: 9, parts: [],
        first: ["all", "", 9, 9], words: ["words", "", 9, 9], packages: told }}); }}, true)"""
    page = visit(prefixed, before=context_script)
    page.get_by_label("Find a package by a word").fill("package 39")
    options = page.locator("#data option").all_inner_texts()
    assert options == ["Everything in this release (9 triples)", "Package 39 (10 triples)"]
