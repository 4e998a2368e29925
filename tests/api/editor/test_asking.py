"""The query page where a query is written: with scripts, without, and without the packages from npm."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from query_page import LABELS, TALLY, Open, ask, write, written

from warranted import frontend
from warranted.namespaces import NIC, PREFIXES
from warranted.query import editor
from warranted.questions import questions


@pytest.mark.browser
def test_without_scripts_it_is_a_form(visit: Open, server: Any) -> None:
    page = visit(java_script_enabled=False)
    page.get_by_label("Query (SPARQL 1.1)").fill("ASK { ?s ?p ?o }")
    release = page.get_by_label("Release").locator("option").nth(1).inner_text()
    page.get_by_label("Release").select_option(release)
    question = page.locator("[data-question=cq01-ideas-under-an-aim]")
    question.locator("summary").click()
    assert "SELECT ?aim" in question.locator("pre").inner_text()
    href = question.get_by_role("link", name="Ask this with the example").get_attribute("href")
    assert "aim/z1il-a1" in httpx.get(f"{server.url}{href}").text
    with page.expect_navigation() as told:
        page.get_by_role("button", name="Run").click()
    answer = told.value
    assert answer is not None
    assert answer.status == 200
    assert f"release={release}" in answer.url
    assert "<boolean>true</boolean>" in answer.text()


def test_a_format_is_chosen_where_the_endpoint_takes_one() -> None:
    given = {"endpoint": "/sparql", "assets": "/sparql/assets", "release": "a", "cite": ""}
    assert "Answer as" not in editor.page(releases=["a"], **given)  # type: ignore[arg-type]
    page = editor.page(releases=["a"], format_parameter="format", **given)  # type: ignore[arg-type]
    assert '<select id="format" name="format">' in page
    assert "Cite this answer" not in page


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_a_question_is_found_used_and_answered(visit: Open) -> None:
    page = visit()
    page.get_by_label("Find a question by a word").fill("RURAL school")
    assert page.locator("#found").inner_text() == "1 question"
    question = page.locator("[data-question]:visible")
    question.locator("summary").click()
    question.get_by_role("button", name="Use it, example filled in").click()
    assert written(page) == {q.key: q for q in questions()}["cq18-a-place-like-mine"].example_text
    assert not page.get_by_role("table").is_visible()
    page.keyboard.press("Enter")  # Run has the focus
    table = page.get_by_role("table")
    table.wait_for()
    assert "from release 20" in table.locator("caption").inner_text()
    record = table.get_by_role("link", name="id/idea/z1il-c").first
    assert (record.get_attribute("title") or "").startswith("https://w3id.org/warranted/id/idea/")
    record.click()
    page.get_by_role("heading", name="Has it been tested elsewhere?").wait_for()


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_the_editor_reads_every_question(visit: Open) -> None:
    page = visit()
    box = page.locator(".CodeMirror")
    for question in questions():
        for text in (question.text, question.example_text):
            box.evaluate("(box, text) => box.CodeMirror.setValue(text)", text)
            assert not page.locator("#syntax").is_visible(), question.key
    box.evaluate("box => box.CodeMirror.setValue('SELECT ?s\\nWHERE ]')")
    assert page.locator("#syntax").inner_text() == "Line 2 cannot be read as SPARQL yet."


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_names_are_completed_and_their_prefixes_declared(visit: Open) -> None:
    page = visit()
    write(page, "SELECT * WHERE {\n  ?idea ")
    page.keyboard.type("nic:addressesD")
    # The prefix is declared a moment later, and the names are then offered anew.
    page.locator(".CodeMirror-line", has_text="PREFIX nic:").wait_for()
    page.wait_for_timeout(300)
    hint = page.locator(".CodeMirror-hint").first
    hint.wait_for()
    assert hint.inner_text().startswith("nic:addressesDriver")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?driver ; nic:lifecycle publ")
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hint", has_text="lifecycle:published").click()
    page.wait_for_function(
        "document.querySelector('.CodeMirror').contains(document.activeElement)"
        " && !document.querySelector('.CodeMirror-hints')"
    )
    page.keyboard.type(" }")
    text = written(page)
    assert f"PREFIX nic: <{NIC}>" in text
    assert "PREFIX lifecycle: <https://w3id.org/warranted/scheme/lifecycle/>" in text
    assert "?idea nic:addressesDriver ?driver ; nic:lifecycle lifecycle:published }" in text
    assert not page.locator("#syntax").is_visible()


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_by_keyboard_alone(visit: Open) -> None:
    page = visit()
    write(page, LABELS)
    page.keyboard.press("Control+Enter")
    page.get_by_role("table").wait_for()
    assert page.locator("#status").inner_text() == "Answered: 3 rows."
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "release"
    tab = page.get_by_role("tab", name="Table")
    tab.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-chart"
    assert page.get_by_role("tabpanel").get_by_label("Draw").is_visible()


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
def test_a_link_carries_the_query_and_runs_nothing(visit: Open, server: Any) -> None:
    page = visit()
    write(page, LABELS)
    page.get_by_label("Release").select_option(index=1)
    page.get_by_role("button", name="Copy a link").click()
    link = page.get_by_label("Address of this query").input_value()
    assert link.startswith(f"{server.url}/sparql#query=")
    asked: list[str] = []
    other = visit(link.removeprefix(f"{server.url}/sparql"))
    other.on("request", lambda r: asked.append(r.url))
    assert written(other) == LABELS
    assert other.get_by_label("Release").input_value() != "latest"
    assert not other.get_by_role("heading", name="Answer").is_visible()
    assert asked == []
    lost = visit("#query=ASK%7B%7D&release=1999-01-01")
    assert "release 1999-01-01" in lost.get_by_role("alert").inner_text()


@pytest.mark.browser
def test_without_the_packages_everything_else_works(
    visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(frontend.VARIABLE, str(tmp_path / "none"))
    assert frontend.packages() is None
    assert editor.asset("d3.min.js") is None
    text = editor.page(
        endpoint="/sparql", assets="/sparql/assets", release="", releases=[], cite="/cite"
    )
    assert "yasqe" not in text
    page = visit(page_text=text)
    page.get_by_label("Query (SPARQL 1.1)").fill(TALLY)
    page.keyboard.press("Control+Enter")
    page.get_by_role("table").wait_for()
    page.get_by_role("tab", name="Chart").click()
    assert page.get_by_text("Charts are not installed").is_visible()


@pytest.mark.browser
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_its_fields_have_names(visit: Open, width: int, scheme: Any) -> None:
    page = visit(width=width, color_scheme=scheme)
    page.locator("#questions summary").first.click()
    ask(page, TALLY)
    page.get_by_role("table").wait_for()
    page.get_by_role("button", name="Cite this answer").click()
    page.locator("#citation a").first.wait_for()
    shoot(page, f"editor-{width}-{scheme}")
    page.get_by_role("tab", name="Chart").click()
    page.locator("#chart svg").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    unnamed = page.evaluate(
        """[...document.querySelectorAll("input, select, textarea")].filter((field) =>
        field.checkVisibility() && !field.labels.length && !field.ariaLabel).length"""
    )
    assert unnamed == 0


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("WARRANTED_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_terms_have_names_that_a_query_can_use() -> None:
    told = json.loads(editor.terms())
    assert PREFIXES.items() <= told["prefixes"].items()
    by_name = {term["name"]: term for term in told["terms"]}
    assert len(by_name) == len(told["terms"])
    for name, term in by_name.items():
        prefix, _, local = name.partition(":")
        assert told["prefixes"][prefix] + local == term["iri"]
        assert term["label"], name
    assert by_name["nic:ChangeIdea"]["kind"] == "class"
    assert by_name["stage:complete"]["definition"] == "Finished and reported."
    assert "rdfs:label" in by_name


@pytest.mark.parametrize("name", ["", ".", "page.html.j2", "__init__.py", "../editor.js", "d3.js"])
def test_only_the_files_of_the_page_are_given(name: str) -> None:
    assert editor.asset(name) is None


def test_files_come_with_their_type(server: Any) -> None:
    for name, media in {"editor.js": "text/javascript", "editor.css": "text/css"}.items():
        got = httpx.get(f"{server.url}/sparql/assets/{name}")
        assert got.status_code == 200
        assert got.headers["content-type"].startswith(media)
    assert httpx.get(f"{server.url}/sparql/assets/page.html.j2").status_code == 404
    page = httpx.get(f"{server.url}/sparql", headers={"Accept": "text/html"})
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert " onclick=" not in page.text
