"""SPARQL in the browser: the same answers as the release's own store gives, with no server and from a
file; what goes wrong is told."""

from __future__ import annotations

import base64
import functools
import gzip
import http.server
import json
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, BrowserContext, Page

from warranted import dumps, frontend
from warranted.language import ENGLISH, Language
from warranted.namespaces import NIC
from warranted.query import editor
from warranted.questions import questions
from warranted.records import Record
from warranted.release import ReleaseData
from warranted_site import browser_query
from warranted_site.browser_query import engine, slices, summarising
from warranted_site.filling import Filler
from warranted_site.parts import parts_of
from warranted_site.shell import shell

LABELS = (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "SELECT ?s ?l { ?s rdfs:label ?l } ORDER BY ?s ?l LIMIT 3"
)
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(?a != ?d) }"
ENGINE = re.compile(r"oxigraph\.wasm|engine\.js|worker\.js|query/data/|query/all\.js|words\.js")
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def installed() -> None:
    """Oxigraph's WebAssembly. Without it tests fail in CI and are skipped elsewhere."""
    if not engine.bundled() or editor.asset("yasqe.min.js") is None:
        told = "the packages of package.json are not installed: make npm"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)


def release_of(demo: Any) -> ReleaseData:
    """What the demo's release was made of, from its dump."""
    folder = (demo.folder / "var" / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    base = "https://w3id.org/warranted"
    bodies: dict[str, list[str]] = {}
    for line in (folder / "dumps" / "all.nq").read_text(encoding="utf-8").splitlines(True):
        bodies.setdefault(line.rstrip(" .\n").rpartition(" ")[2][1:-1], []).append(line)
    made: dict[bool, list[Record]] = {True: [], False: []}
    for iri, lines in sorted(bodies.items()):
        if iri.startswith(f"{base}/id/"):
            type_ = iri.removeprefix(f"{base}/id/").partition("/")[0]
            made[type_ == "assessment"].append(Record.from_nquads(iri, type_, "".join(lines)))
    created = datetime.fromisoformat(manifest["created"])
    return ReleaseData(manifest["id"], created, base, made[False], made[True], manifest)


@pytest.fixture(scope="module")
def data(demo: Any) -> ReleaseData:
    return release_of(demo)


@pytest.fixture(scope="module")
def store(demo: Any) -> ox.Store:
    """The release's own dataset."""
    return ox.Store.read_only(str((demo.folder / "var" / "current").resolve() / "dataset"))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        # What a careful host allows a site: the engine needs no more than 'wasm-unsafe-eval'.
        self.send_header(
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
            "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:",
        )
        super().end_headers()


@pytest.fixture(scope="module")
def prefixed(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site served by a plain file server below a prefix."""
    root = tmp_path_factory.mktemp("host")
    (root / "some").mkdir()
    (root / "some" / "prefix").symlink_to(demo.html)
    handler = functools.partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{host.server_address[1]}/some/prefix"
        host.shutdown()
        thread.join()


@pytest.fixture(params=["http", "file"])
def site(request: pytest.FixtureRequest, demo: Any) -> str:
    """Where the site begins: below a prefix of a plain file server, and as a folder of files."""
    if request.param == "http":
        return str(request.getfixturevalue("prefixed"))
    return f"file://{demo.html}"


@pytest.fixture
def visit(browser: Browser, installed: None) -> Iterator[Open]:  # noqa: ARG001
    """Opens the page: `visit(site, "#query=…", width=360)`. What it must never do fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def watch(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "file://", "blob:", "data:")):
            faults.append(f"a request to {request.url}")

    def opened(
        site: str, address: str = "", *, width: int = 1280, before: str = "", **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.on("request", watch)
        context.on("weberror", lambda e: faults.append(str(e.error)))
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.goto(f"{site}/query/index.html{address}")
        page.locator("#ask").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def write(page: Page, text: str) -> None:
    """Put a query where it is written, as somebody would who pastes it."""
    page.locator("#query-label").click()
    page.locator(".CodeMirror").wait_for()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def ask(page: Page, text: str) -> None:
    write(page, text)
    page.get_by_role("button", name="Run", exact=True).click()


def complaint(page: Page) -> str:
    page.get_by_role("alert").get_by_role("heading").wait_for()
    return page.get_by_role("alert").inner_text()


def rows_here(page: Page, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The rows that the page's engine answers, each term with its type, language and datatype."""
    told = page.evaluate("text => warrantedQuery.source.ask(text)", text)
    found = json.loads(told["body"])["results"]["bindings"]
    return Counter(
        tuple(sorted((name, _term(value)) for name, value in row.items())) for row in found
    )


def _term(value: dict[str, str]) -> str:
    return json.dumps(value, sort_keys=True)


def rows_there(store: ox.Store, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The same of the release's own store."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    told = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))
    return Counter(
        tuple(sorted((name, _term(value)) for name, value in row.items()))
        for row in told["results"]["bindings"]
    )


# --- Answers ----------------------------------------------------------------------------------------


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


# --- What is had when -------------------------------------------------------------------------------


@pytest.mark.browser
def test_nothing_large_is_had_before_it_is_asked_for(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').map((r) => [r.name, r.encodedBodySize])"
    )
    assert not [name for name, _ in sizes if ENGINE.search(name) or "yasqe" in name]
    own = sum(size for name, size in sizes if "/query/" in name)
    assert own < 120_000  # as a host sends it that packs nothing
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


# --- What goes wrong --------------------------------------------------------------------------------


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


# --- Slices -----------------------------------------------------------------------------------------


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


# --- For everybody ----------------------------------------------------------------------------------


@pytest.mark.browser
def test_by_keyboard_alone(visit: Open, site: str) -> None:
    page = visit(site)
    page.locator(".w-crumbs a").last.focus()
    page.keyboard.press("Tab")
    page.locator(".CodeMirror").wait_for()  # the editor comes where the field had the focus
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(LABELS)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "data"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "run"
    page.keyboard.press("Enter")
    page.get_by_role("table").wait_for()
    tab = page.get_by_role("tab", name="Table")
    tab.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-chart"


@pytest.mark.browser
def test_the_editor_completes_names(visit: Open, site: str) -> None:
    page = visit(site)
    write(page, "SELECT * WHERE {\n  ?idea ")
    page.keyboard.type("nic:addressesD")
    page.locator(".CodeMirror-line", has_text="PREFIX nic:").wait_for()
    page.wait_for_timeout(300)
    hint = page.locator(".CodeMirror-hint").first
    hint.wait_for()
    assert hint.inner_text().startswith("nic:addressesDriver")


@pytest.mark.browser
def test_without_the_editor_the_plain_field_stays(visit: Open, prefixed: str) -> None:
    page = visit(prefixed)
    page.route("**/yasqe.min.js", lambda route: route.abort())
    page.get_by_label("Query (SPARQL 1.1)").fill("SELECT ?s\nWHERE ]")
    page.keyboard.press("Control+Enter")
    assert "Line 2, character 7" in complaint(page)
    page.get_by_role("button", name="Show the place").click()
    assert page.locator("#query").evaluate("f => [f.selectionStart, f.selectionEnd]") == [16, 17]


@pytest.mark.browser
def test_without_scripts_it_says_where_to_go(browser: Browser, prefixed: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{prefixed}/query/index.html")
    assert page.locator("noscript p", has_text="This page needs scripts").is_visible()
    assert not page.locator("#ask").is_visible()
    page.locator("#questions summary").first.click()
    page.get_by_role("link", name="Read it").first.click()
    page.wait_for_url("**/questions/cq*/index.html")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_it_fits(visit: Open, site: str, width: int, scheme: Any) -> None:
    axe = frontend.file("axe-core/axe.min.js")
    if axe is None:
        assert not os.environ.get("CI"), "axe-core is not installed"
        pytest.skip("axe-core is not installed: make npm")
    page = visit(site, width=width, color_scheme=scheme)

    def found() -> list[str]:
        page.evaluate(axe.read_text(encoding="utf-8"))
        told = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{v['id']}: {v['nodes'][0]['html'][:200]}"
            for v in told["violations"]
            if v["impact"] in ("serious", "critical") and not _in_shell(v)
        ]

    assert found() == []
    shoot(page, f"query-{width}-{scheme}-first")
    page.locator("#questions summary").first.click()
    ask(page, questions()[0].text)
    page.get_by_role("table").wait_for()
    assert found() == []
    shoot(page, f"query-{width}-{scheme}-answer")
    page.get_by_role("tab", name="Chart").click()
    page.locator("#chart svg").wait_for()
    ask(page, "SELECT ]")
    complaint(page)
    assert found() == []
    shoot(page, f"query-{width}-{scheme}-error")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1


def _in_shell(violation: dict[str, Any]) -> bool:
    """Whether it is about the shell around the page, which other tests look at."""
    return all("md-header" in n["html"] or "md-dialog" in n["html"] for n in violation["nodes"])


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("WARRANTED_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.browser
def test_what_scripts_say_can_be_translated(visit: Open, prefixed: str) -> None:
    ours = [engine.OURS / name for name in ("guard.js", "browser.js")]
    shared = [path for name in editor.SCRIPTS if (path := editor.asset(name))]
    told = editor.sentences([*shared, *ours], Language.pseudo())
    assert editor.sentences([*shared, *ours], ENGLISH) == {}
    before = f"""document.addEventListener("readystatechange", () => {{
        const held = document.getElementById("sentences");
        if (held) held.textContent = {json.dumps(json.dumps(told))}; }}, {{ once: true }})"""
    page = visit(prefixed, before=before)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("table").wait_for()
    for part in ("#status", "#slice", "caption", "#after", "#engine", "#data"):
        assert "⟦" in page.locator(part).inner_text(), part
    assert "42" in page.locator("#status").inner_text()


@pytest.mark.browser
def test_the_page_in_another_language_asks_the_same_data(visit: Open, site: str) -> None:
    page = visit(f"{site}/es")
    assert page.locator("html").get_attribute("lang") == "es"
    page.locator("#run").click()
    table = page.get_by_role("table")
    table.wait_for()
    assert table.locator("tbody tr").count() == 42
    table.get_by_role("link", name="id/idea/").first.click()
    page.wait_for_url("**/es/ideas/*/index.html")


def test_the_page_is_lean(demo: Any) -> None:
    assert len(gzip.compress((demo.html / "query" / "index.html").read_bytes())) <= 10_240
