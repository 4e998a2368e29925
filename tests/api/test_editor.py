"""The query page in a real browser: with scripts, without, and without the packages from npm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from warranted import frontend
from warranted.namespaces import NIC, PREFIXES
from warranted.query import editor
from warranted.questions import questions

LABELS = (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "SELECT ?s ?l { ?s rdfs:label ?l } ORDER BY ?s LIMIT 3"
)
TALLY = (
    "PREFIX nic: <https://w3id.org/warranted/ns#>\n"
    "SELECT ?kind (COUNT(*) AS ?n) { ?s a ?kind . VALUES ?kind { nic:Aim nic:Driver nic:Measure } }"
    " GROUP BY ?kind ORDER BY ?kind"
)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def installed() -> None:
    """The packages from npm. Without them tests of the editor fail in CI and are skipped elsewhere."""
    if editor.asset("yasqe.min.js") is None or editor.asset("plot.umd.min.js") is None:
        told = "npm install --prefix build/npm --no-save @zazuko/yasqe @observablehq/plot d3"
        if os.environ.get("CI"):
            pytest.fail(f"the packages of package.json are not installed: {told}")
        pytest.skip(told)


@pytest.fixture
def visit(browser: Browser, server: Any) -> Iterator[Open]:
    """Opens the page: `visit("#query=…", width=360)`. What it must never do fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def watch(request: Any) -> None:
        if not request.url.startswith((f"{server.url}/", "blob:", "data:")):
            faults.append(f"a request to {request.url}")

    def noted(message: Any) -> None:
        # The browser reports a refused query by itself; what the page says of it is asserted.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            faults.append(message.text)

    def opened(
        address: str = "", *, width: int = 1280, page_text: str = "", **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.on("request", watch)
        context.on("console", noted)
        context.on("weberror", lambda e: faults.append(str(e.error)))
        page = context.new_page()
        if page_text:
            page.route(f"{server.url}/sparql", _instead(page_text))
        page.goto(f"{server.url}/sparql{address}")
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _instead(text: str) -> Callable[[Route], None]:
    """The page itself is `text`; whatever else goes to that address goes to the server."""

    def answer(route: Route) -> None:
        if route.request.is_navigation_request():
            route.fulfill(body=text, content_type="text/html")
        else:
            route.continue_()

    return answer


def write(page: Page, query: str) -> None:
    """Put a query into the editor as somebody would who pastes it."""
    page.get_by_text("Query (SPARQL 1.1)").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(query)


def ask(page: Page, query: str) -> None:
    write(page, query)
    page.get_by_role("button", name="Run", exact=True).click()


def written(page: Page) -> str:
    text = page.locator(".CodeMirror").evaluate("box => box.CodeMirror.getValue()")
    assert isinstance(text, str)
    return text


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
