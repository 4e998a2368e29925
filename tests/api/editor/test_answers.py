"""The query page where it answers: tables, graphs, charts, files, and what goes wrong in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route
from query_page import LABELS, TALLY, Open, ask, write


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_literals_are_exact_and_never_markup(visit: Open) -> None:
    page = visit()
    hostile = "<img src=x onerror=alert(1)>  two"
    ask(
        page,
        f'SELECT ("{hostile}"@en AS ?a) (IRI("javascript:alert(1)") AS ?b) (007 AS ?c) ?d {{}}',
    )
    cells = page.get_by_role("table").locator("td")
    assert cells.nth(0).locator("span").text_content() == hostile
    assert cells.nth(0).get_attribute("lang") == "en"
    assert cells.nth(1).inner_text() == "javascript:alert(1)"
    assert cells.nth(1).locator("a").count() == 0
    assert cells.nth(2).locator("span").get_attribute("title") == "xsd:integer"
    assert cells.nth(3).inner_text() == ""


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_yes_no_and_a_graph(visit: Open) -> None:
    page = visit()
    ask(page, "ASK { ?s a <https://example.org/none> }")
    page.locator(".verdict", has_text="No").wait_for()
    assert not page.get_by_role("tablist").is_visible()
    ask(page, "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 2")
    graph = page.get_by_role("region", name="The graph as Turtle")
    graph.wait_for()
    assert "@prefix nic:" in graph.inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download JSON-LD").click()
    assert json.loads(Path(saved.value.path()).read_bytes())


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_errors_are_said_in_words(visit: Open) -> None:
    page = visit()
    ask(page, LABELS)
    page.get_by_role("table").wait_for()
    ask(page, "SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }")
    alert = page.get_by_role("alert")
    alert.get_by_role("heading").wait_for()
    assert "SERVICE is refused" in alert.inner_text()
    assert page.get_by_role("table").count() == 0
    ask(page, "SELECT")
    alert.get_by_text("does not parse").wait_for()
    ask(page, " ")
    assert "There is no query yet" in alert.inner_text()
    page.route("**/sparql", lambda route: route.fulfill(status=499, body="<b>no</b>"))
    ask(page, LABELS)
    alert.get_by_text("It said 499 and nothing else.").wait_for()


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_a_long_query_is_stopped(visit: Open) -> None:
    page = visit()
    ask(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(?a != ?d) }")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("status").filter(has_text="Stopped.").wait_for()
    assert not page.get_by_role("button", name="Stop").is_visible()
    assert page.get_by_role("alert").inner_text() == ""


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_large_answers_say_what_is_left_out(visit: Open) -> None:
    page = visit()

    def cut(route: Route) -> None:
        answer = route.fetch()
        headers = answer.headers | {"warranted-row-limit": "1500"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/sparql", cut)
    ask(page, "SELECT ?s ?p { ?s ?p ?o } LIMIT 1500")
    page.get_by_role("table").wait_for()
    assert page.locator("tbody tr").count() == 1000
    notice = page.locator("#notice").inner_text()
    assert "cut off after 1,500 rows: there are more" in notice
    assert "first 1,000 of 1,500 rows" in notice


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_what_is_shown_is_downloaded_and_cited(visit: Open, server: Any) -> None:
    page = visit()
    ask(page, LABELS)
    page.get_by_role("table").wait_for()
    write(page, "ASK {}")  # typed since: it is not what is shown
    for name, begins in {"CSV": "s,l", "TSV": "?s\t?l", "JSON": '{"head"', "XML": "<?xml"}.items():
        with page.expect_download() as saved:
            page.get_by_role("button", name=f"Download {name}", exact=True).click()
        assert saved.value.suggested_filename.endswith(f".{name.lower()}")
        assert Path(saved.value.path()).read_text(encoding="utf-8").startswith(begins)
    page.get_by_role("button", name="Cite this answer").click()
    cited = page.locator("#citation")
    cited.get_by_role("link", name="BibTeX").wait_for()
    assert "[SPARQL query]" in cited.inner_text()
    address = cited.get_by_role("link").first.get_attribute("href")
    told = httpx.get(f"{server.url}{address}", headers={"Accept": "application/json"}).json()
    assert told["query"] == LABELS
    assert told["result"]["rows"] == 3
    bibtex = cited.get_by_role("link", name="BibTeX").get_attribute("href")
    assert httpx.get(f"{server.url}{bibtex}").text.startswith("@")


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_numbers_are_drawn(visit: Open) -> None:
    page = visit()
    fetched: list[str] = []
    page.on("request", lambda r: fetched.append(r.url))
    ask(page, TALLY)
    page.get_by_role("table").wait_for()
    assert not any("plot" in url for url in fetched)
    page.get_by_role("tab", name="Chart").click()
    chart = page.locator("#chart svg")
    marks = {"Bars": "rect", "A line": "marker", "Dots": "circle:not(marker circle)"}
    for kind, mark in marks.items():
        page.get_by_label("Draw").select_option(kind)
        chart.locator(mark).first.wait_for(state="attached")
    assert chart.get_attribute("aria-label") == "n by kind"
    assert page.get_by_label("Value").input_value() == "n"
    assert page.locator("#chart-note").inner_text() == "n by kind."
    assert "nic:Aim" in (chart.text_content() or "")
    page.get_by_label("One chart for each").select_option("kind")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download SVG").click()
    assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("<svg")
