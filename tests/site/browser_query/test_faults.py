"""What goes wrong on the query page is told, and the next query answers."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.site.asking import LABELS, Open, ask, complaint, rows_here, rows_there

from warranted import frontend
from warranted.namespaces import NIC
from warranted.release import ReleaseData
from warranted_site import browser_query
from warranted_site.browser_query import engine
from warranted_site.filling import Filler
from warranted_site.shell import shell

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(?a != ?d) }"


@pytest.mark.browser
def test_a_runaway_query_is_stopped_and_the_next_one_answers(visit: Open, site: str) -> None:
    page = visit(site)
    ask(page, RUNAWAY)
    stop = page.get_by_role("button", name="Stop")
    page.get_by_role("status").filter(has_text="Asking …").wait_for()
    page.wait_for_timeout(500)
    assert stop.is_visible()
    assert not page.get_by_role("table").is_visible()
    stop.click()
    page.get_by_role("status").filter(has_text="Stopped.").wait_for()
    assert not stop.is_visible()
    assert page.get_by_role("alert").inner_text() == ""
    ask(page, LABELS)
    page.get_by_role("table").wait_for()
    assert page.locator("#status").inner_text() == "Answered: 3 rows."


@pytest.mark.browser
def test_a_malformed_query_names_the_place(visit: Open, site: str) -> None:
    page = visit(site)
    ask(page, "SELECT ?s\nWHERE ]")
    assert "Line 2, character 7: expected" in complaint(page)
    page.get_by_role("button", name="Show the place").click()
    cursor = page.locator(".CodeMirror").evaluate("box => box.CodeMirror.getCursor()")
    assert (cursor["line"], cursor["ch"]) == (1, 6)
    ask(page, "SELECT ?s { ?s nic:summary ?o }")
    told = complaint(page)
    assert "the prefix nic: is not declared" in told
    assert f"PREFIX nic: <{NIC}>" in told
    assert not page.locator("#answer").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT * { SERVICE SILENT <https://example.org/s> { ?s ?p ?o } }", "SERVICE is refused"),
        ("LOAD <https://example.org/data.ttl>", "LOAD is refused"),
        ("DELETE WHERE { ?s ?p ?o }", "DELETE is refused"),
        ("PREFIX e: <https://example.org/>", "has no SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("SELECT * FROM <https://example.org/g> { ?s ?p ?o }", "no graph <https://example.org/g>"),
        ("PREFIX e: <https://example.org/> ASK FROM NAMED e:g {}", "no graph <https://example.org/g>"),
        (" ", "There is no query yet"),
    ],
)  # fmt: skip
def test_what_is_not_answered_is_told(visit: Open, prefixed: str, text: str, told: str) -> None:
    page = visit(prefixed)
    ask(page, text)
    assert told in complaint(page)
    assert not page.locator("#answer").is_visible()


@pytest.mark.browser
def test_words_in_strings_and_comments_are_no_commands(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    ask(page, 'SELECT ("SERVICE <x>" AS ?a) {} # LOAD, FROM <https://example.org/>')
    page.get_by_role("table").wait_for()
    assert page.locator("td").inner_text() == "SERVICE <x>"


@pytest.mark.browser
def test_a_graph_of_one_record_is_asked(visit: Open, prefixed: str, store: ox.Store) -> None:
    page = visit(prefixed)
    record = "<https://w3id.org/warranted/id/idea/7qf3-c1>"
    named = "SELECT * { GRAPH RECORD { ?s ?p ?o } }".replace("RECORD", record)
    alone = "SELECT * FROM RECORD { ?s ?p ?o }".replace("RECORD", record)
    assert rows_here(page, named) == rows_there(store, named)
    assert rows_here(page, alone) == rows_there(store, named)


@pytest.mark.browser
def test_an_engine_at_its_end_is_told_and_started_anew(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    page.route("**/yasqe.min.js", lambda route: route.abort())  # it takes minutes over such a query
    field, run = page.locator("#query"), page.get_by_role("button", name="Run", exact=True)
    field.fill("ASK { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ") }")
    run.click()
    assert "The query was too much for this browser" in complaint(page)
    field.fill(LABELS)
    run.click()
    page.get_by_role("table").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("lost", ["WebAssembly", "DecompressionStream"])
def test_a_browser_that_cannot_is_told_what_to_do(visit: Open, prefixed: str, lost: str) -> None:
    page = visit(prefixed, before=f"delete globalThis.{lost}")
    page.get_by_role("button", name="Run", exact=True).click()
    told = complaint(page)
    assert "This browser cannot run the query engine" in told
    assert "warranted sparql all.nq.gz" in told


@pytest.mark.browser
def test_what_does_not_come_is_told_and_tried_again(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    for lost, told in {
        "oxigraph.wasm.gz": "The query engine could not be loaded",
        "all.js": "The data could not be loaded",
    }.items():
        page.route(f"**/{lost}", lambda route: route.abort())
        page.get_by_role("button", name="Run", exact=True).click()
        assert told in complaint(page)
        page.unroute_all()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("table").wait_for()


def test_without_the_engine_the_page_says_so(
    data: ReleaseData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(frontend.VARIABLE, str(tmp_path / "none"))
    values = browser_query.values(data, tmp_path) | {"release": data.id, "counts": data.manifest}
    text = Filler(shell(tmp_path)).fill("query/index.html", "query", "Query", **values).html
    assert "The query engine was not bundled with this site." in text
    assert "warranted sparql all.nq.gz" in text
    assert "Load the query engine" not in text
    engine.write(tmp_path / "site", tmp_path)
    written = {p.name for p in (tmp_path / "site" / engine.FOLDER).iterdir()}
    assert "browser.js" in written
    assert not written & {"engine.js", "oxigraph.wasm.gz", "worker.js", "yasqe.min.js"}
