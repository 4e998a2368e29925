"""What the query page has and when: nothing large before it is asked for, and what comes is said."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from tests.site.asking import LABELS, Open, complaint, write

ENGINE = re.compile(r"oxigraph\.wasm|engine\.js|worker\.js|query/data/|query/all\.js|words\.js")


@pytest.mark.browser
def test_nothing_large_is_had_before_it_is_asked_for(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').map((r) => [r.name, r.encodedBodySize])"
    )
    assert not [name for name, _ in sizes if ENGINE.search(name) or "yasqe" in name]
    own = sum(size for name, size in sizes if "/query/" in name)
    assert own < 125_000  # as a host sends it that packs nothing
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url.rpartition("/")[2]))
    page.get_by_role("button", name="Load the query engine (1.4 MB)").click()
    page.locator("#status", has_text="The query engine and the data are loaded.").wait_for()
    assert asked.count("oxigraph.wasm.gz") == 1
    assert "engine.js" not in asked
    asked.clear()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("table").wait_for()
    assert not [name for name in asked if ENGINE.search(name)]


@pytest.mark.browser
def test_progress_is_said(visit: Open, prefixed: str) -> None:
    watching = """addEventListener("DOMContentLoaded", () => { window.said = [];
        new MutationObserver(() => said.push(document.getElementById("status").textContent))
        .observe(document.getElementById("status"), { childList: true }); })"""
    page = visit(prefixed, before=watching)
    assert page.locator("#status").get_attribute("role") == "status"
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("table").wait_for()
    said = page.evaluate("said")
    assert any(s.startswith("Loading the query engine: ") and "of 1.4 MB" in s for s in said)
    assert any(s.startswith("Loading the data: everything, ") for s in said)
    assert said[-1] == "Answered: 42 rows."


@pytest.mark.browser
def test_a_host_that_has_browsers_unpack_the_engine(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)

    def unpacking(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=gzip.decompress(answer.body()))

    page.route("**/oxigraph.wasm.gz", unpacking)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("table").wait_for()


@pytest.mark.browser
def test_a_link_carries_the_query_and_the_data_and_runs_nothing(visit: Open, site: str) -> None:
    page = visit(site)
    write(page, LABELS)
    page.get_by_label("Data", exact=True).select_option("data/nclabsi-neonatal")
    page.get_by_role("button", name="Copy a link").click()
    link = page.get_by_label("Address of this query").input_value()
    assert link.startswith(f"{site}/query/index.html#query=")
    other = visit(site, link.partition("index.html")[2])
    assert other.get_by_label("Query (SPARQL 1.1)").input_value() == LABELS
    assert other.get_by_label("Data", exact=True).input_value() == "data/nclabsi-neonatal"
    assert not other.locator("#answer").is_visible()
    assert other.get_by_role("button", name="Load the query engine").is_enabled()
    other.get_by_role("button", name="Run", exact=True).click()
    other.get_by_role("table").wait_for()
    lost = visit(site, "#query=ASK%7B%7D&data=data/gone")
    assert "That part of the data is not here" in complaint(lost)


def test_the_page_is_lean(demo: Any) -> None:
    assert len(gzip.compress((demo.html / "query" / "index.html").read_bytes())) <= 10_240
