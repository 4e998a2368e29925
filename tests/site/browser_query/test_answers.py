"""SPARQL in the browser: the same answers as the release's own store gives, from a file, too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from tests.site.asking import LABELS, Open, ask, rows_here, rows_there, write

from warranted.questions import questions
from warranted.release import ReleaseData


@pytest.mark.browser
def test_every_question_is_answered_as_the_release_itself_answers(
    visit: Open, site: str, store: ox.Store
) -> None:
    page = visit(site)
    answered = 0
    for question in questions():
        for text in {question.text, question.example_text}:
            expected = rows_there(store, text)
            assert rows_here(page, text) == expected, question.key
            answered += bool(expected)
    assert answered >= len(questions())
    whole = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert rows_here(page, whole) == rows_there(store, whole)


@pytest.mark.browser
def test_a_question_is_taken_run_and_followed_to_its_page(visit: Open, site: str) -> None:
    page = visit(site)
    page.get_by_label("Find a question by a word").fill("RURAL school")
    assert page.locator("#found").inner_text() == "1 question"
    question = page.locator("[data-question]:visible")
    question.locator("summary").click()
    question.get_by_role("button", name="Use it, example filled in").click()
    page.keyboard.press("Enter")  # Run has the focus
    table = page.get_by_role("table")
    table.wait_for()
    assert re.search(r"from release 20\d\d-\d\d-\d\d, everything", table.inner_text())
    record = table.get_by_role("link", name="id/idea/z1il-c").first
    assert (record.get_attribute("title") or "").startswith("https://w3id.org/warranted/id/idea/")
    record.click()
    page.get_by_role("heading", name="Has it been tested elsewhere?").wait_for()


@pytest.mark.browser
def test_every_link_of_an_answer_leads_somewhere(visit: Open, prefixed: str, demo: Any) -> None:
    page = visit(prefixed)
    ask(page, "SELECT DISTINCT ?s ?t { ?s a ?t } ORDER BY ?t ?s LIMIT 900")
    page.get_by_role("table").wait_for()
    links = page.locator("#result td a")
    hrefs = links.evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    ours = [h for h in hrefs if not h.startswith("http")]
    assert len(set(ours)) > 200
    for href in set(ours):
        assert (demo.html / "query" / href.partition("#")[0]).resolve().is_file(), href
    assert not any("w3id.org/warranted" in h for h in hrefs)


@pytest.mark.browser
def test_one_package_is_asked_alone(visit: Open, site: str, data: ReleaseData) -> None:
    page = visit(site)
    chosen = page.get_by_label("Data", exact=True)
    chosen.select_option("data/nclabsi-neonatal")
    count = (
        "PREFIX nic: <https://w3id.org/warranted/ns#>\n"
        "SELECT (COUNT(*) AS ?n) { ?idea a nic:ChangeIdea }"
    )
    ask(page, count)
    cell = page.get_by_role("table").locator("td")
    cell.wait_for()
    assert cell.inner_text() == "7"
    assert "(NCLABSI)" in page.locator("caption").inner_text()
    chosen.select_option("all")
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("caption", has_text="everything").wait_for()
    ideas = sum(r.type == "idea" for r in data.records)
    assert page.get_by_role("table").locator("td").inner_text() == str(ideas)


@pytest.mark.browser
def test_yes_no_a_graph_and_files(visit: Open, site: str, store: ox.Store) -> None:
    page = visit(site)
    ask(page, "ASK { ?s a <https://example.org/none> }")
    page.locator(".verdict", has_text="No").wait_for()
    construct = (
        "PREFIX nic: <https://w3id.org/warranted/ns#>\nCONSTRUCT { ?s ?p ?o } WHERE "
        "{ ?s a nic:Aim ; ?p ?o }"
    )
    ask(page, construct)
    graph = page.get_by_role("region", name="The graph as Turtle")
    graph.wait_for()
    assert "@prefix nic: <https://w3id.org/warranted/ns#> ." in graph.inner_text()
    answer = store.query(construct, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QueryTriples)
    expected = set(answer)
    del answer  # it may only be let go of by this thread, and the server has others
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download Turtle").click()
    got = ox.parse(Path(saved.value.path()).read_bytes(), format=ox.RdfFormat.TURTLE)
    assert {q.triple for q in got} == expected
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download JSON-LD").click()
    assert json.loads(Path(saved.value.path()).read_bytes())
    ask(page, LABELS)
    page.get_by_role("table").wait_for()
    write(page, "ASK {}")  # typed since: it is not what is shown
    for name, begins in {"CSV": "s,l", "TSV": "?s\t?l", "JSON": '{"head"', "XML": "<?xml"}.items():
        with page.expect_download() as saved:
            page.get_by_role("button", name=f"Download {name}", exact=True).click()
        assert re.fullmatch(rf"answer-20[\d-]+\.{name.lower()}", saved.value.suggested_filename)
        assert Path(saved.value.path()).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.browser
def test_numbers_are_drawn(visit: Open, site: str) -> None:
    page = visit(site)
    ask(
        page,
        "PREFIX nic: <https://w3id.org/warranted/ns#>\n"
        "SELECT ?kind (COUNT(*) AS ?n) { ?s a ?kind . VALUES ?kind { nic:Aim nic:Driver } }"
        " GROUP BY ?kind ORDER BY ?kind",
    )
    page.get_by_role("table").wait_for()
    page.get_by_role("tab", name="Chart").click()
    page.locator("#chart svg rect").first.wait_for(state="attached")
    assert page.locator("#chart svg").get_attribute("aria-label") == "n by kind"
    assert "nic:Aim" in (page.locator("#chart svg").text_content() or "")


@pytest.mark.browser
def test_a_large_answer_is_cut_off_and_says_so(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    ask(page, "SELECT ?a ?b { ?a a ?x . ?b a ?y }")
    page.get_by_role("table").wait_for(timeout=60_000)
    notice = page.locator("#notice").inner_text()
    assert "cut off after 100,000 rows: there are more" in notice
    assert "first 1,000 of 100,000 rows" in notice


@pytest.mark.browser
def test_a_limit_in_a_string_or_a_part_is_not_the_query_s_own(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    look = "text => { const { limited, limit } = warrantedQuery.look(text); return [limited(5), limit]; }"
    for text, expected, own in [
        ("SELECT * { ?s ?p ?o } LIMIT 9", "SELECT * { ?s ?p ?o } LIMIT 5", 9),
        ("SELECT * { ?s ?p ?o } LIMIT 2", "SELECT * { ?s ?p ?o } LIMIT 2", 2),
        ('SELECT * { ?s ?p "LIMIT 9" } # LIMIT 9', 'SELECT * { ?s ?p "LIMIT 9" } # LIMIT 9\nLIMIT 5\n', None),
        ("SELECT * {{SELECT * {?s ?p ?o} LIMIT 9}}", "SELECT * {{SELECT * {?s ?p ?o} LIMIT 9}}\nLIMIT 5\n", None),
        ("SELECT * {?s ?p ?o} VALUES ?s { 1 }", "SELECT * {?s ?p ?o} \nLIMIT 5\nVALUES ?s { 1 }", None),
    ]:  # fmt: skip
        assert page.evaluate(look, text) == [expected, own]
        assert ox.Store().query(expected) is not None
