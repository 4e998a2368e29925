"""A reader's way through the site in a real browser, and what every page must be."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

PAGES = [
    "index.html",
    "packages/index.html",
    "about/index.html",
    "data/index.html",
    "nclabsi-neonatal/index.html",
    "illustrative-algebra-talk/index.html",
    "teln-early-literacy/index.html",
    "ideas/z1il-c1/index.html",
    "ideas/7qf3-c1/index.html",
    "aims/7qf3-a1/index.html",
    "drivers/7qf3-d1/index.html",
    "measures/7qf3-m1/index.html",
    "sources/seed/index.html",
    "networks/7qf3-n/index.html",
    "ns/index.html",
    "scheme/index.html",
    "scheme/stage/index.html",
    "shapes/index.html",
    "questions/index.html",
    "wanted/index.html",
    "rules/index.html",
    "networks/z1il-n1/index.html",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


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
        yield f"http://127.0.0.1:{host.server_address[1]}/some/prefix/"
        host.shutdown()
        thread.join()


class Watched:
    """A page that notes console errors and requests to other hosts."""

    def __init__(self, browser: Any, width: int = 1280, **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "file://", "data:")):
            self.faults.append(f"a request to {request.url}")


def test_a_reader_goes_from_home_to_the_test_behind_an_idea(browser: Any, server: Any) -> None:
    watched = Watched(browser)
    page = watched.page
    page.goto(server.url)
    page.get_by_role("link", name="Illustrative: reasons in algebra talk").first.click()
    page.get_by_role("heading", name="In one minute").wait_for(state="visible")
    page.get_by_role("table").get_by_role("link", name="Exit ticket with a reason line").click()
    page.get_by_role("heading", name="Has it been tested elsewhere?").wait_for(state="visible")
    page.get_by_role("region", name="Places").get_by_role("link").first.click()
    page.wait_for_url("**#test-z1il-t*")
    target = page.locator(f"id={page.url.partition('#')[2]}")
    # The page opens what its address names, a moment after it is there.
    page.wait_for_function(
        "id => document.getElementById(id)?.open", arg=page.url.partition("#")[2]
    )
    target.get_by_text("Prediction", exact=True).wait_for(state="visible", timeout=5000)
    target.get_by_text("What a stranger should know").wait_for(state="visible")
    assert watched.faults == []
    page.close()


def test_the_neonatal_page_shows_the_points_the_verdict_and_the_claim(demo: Any) -> None:
    page = (demo.html / "nclabsi-neonatal" / "index.html").read_text(encoding="utf-8")
    for value in ["2.043", "0.988", "0.703", "1.354", "0.986", "1.125", "1.156", "1.103", "0.855"]:
        assert f"<td>{value}</td>" in page
    assert "Too few points for a verdict" in page
    assert "58 percent relative reduction" in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_fits_and_asks_nobody_else(
    browser: Any, prefixed: str, demo: Any, path: str, width: int
) -> None:
    for start in (prefixed, f"file://{demo.html}/"):
        watched = Watched(browser, width)
        watched.page.goto(start + path)
        watched.page.wait_for_load_state("networkidle")
        assert watched.faults == [], path
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert watched.page.locator("h1").count() == 1
        watched.page.close()


def test_a_phone_reaches_the_menu(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto(prefixed)
    watched.page.locator("label.md-header__button[for=__drawer]").click()
    watched.page.locator(".md-nav--primary").get_by_role("link", name="Packages").click()
    watched.page.wait_for_url("**/packages/index.html")
    watched.page.close()


def test_every_page_has_its_data_beside_it(demo: Any) -> None:
    for path in PAGES[4:]:
        if path.partition("/")[0] in ("ns", "scheme", "shapes", "questions", "wanted", "rules"):
            continue
        page: Path = demo.html / path
        assert page.with_suffix(".ttl").is_file()
        assert page.with_suffix(".jsonld").is_file()
        assert 'type="text/turtle" href="index.ttl"' in page.read_text(encoding="utf-8")


def test_made_up_records_say_so_on_every_page(demo: Any) -> None:
    for page in [*demo.html.glob("*/z1il-*/index.html"), *demo.html.glob("*/*/index.html")]:
        if "z1il" in page.parent.name:
            assert "This is made up" in page.read_text(encoding="utf-8"), page


def test_a_question_is_run_from_its_page(browser: Any, server: Any) -> None:
    watched = Watched(browser, 1280)
    watched.page.goto(f"{server.url}/questions/index.html#cq27-who-took-up-whose-idea")
    section = watched.page.locator("#cq27-who-took-up-whose-idea")
    assert "Site A" in section.inner_text()
    assert section.locator(".w-made-up").count() == 4
    section.locator("summary").click()
    with watched.page.expect_response(lambda r: "/sparql?" in r.url) as told:
        section.get_by_role("button", name="Run it").click()
    assert told.value.status == 200
    assert "uptake/z1il-u1" in told.value.text()
    watched.page.close()


def test_terms_lead_to_where_they_are_used(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto(f"{prefixed}ns/index.html#Uptake")
    # The shell fetches what it searches in; left half-way it tells the console that it could not.
    watched.page.wait_for_load_state("networkidle")
    term = watched.page.locator("#Uptake")
    assert "taking up of a change" in term.inner_text()
    term.get_by_role("link", name="uptake", exact=True).click()
    watched.page.wait_for_url("**/shapes/index.html#uptake")
    assert "Version taken up" in watched.page.locator("#uptake").inner_text()
    watched.page.wait_for_load_state("networkidle")
    watched.page.goto(f"{prefixed}scheme/stage/complete/index.html")
    watched.page.wait_for_url("**/scheme/stage/index.html#complete")
    assert "Finished and reported." in watched.page.locator("#complete").inner_text()
    assert watched.faults == []
    watched.page.close()


def test_the_header_never_shows_a_mark(demo: Any) -> None:
    for page in demo.html.rglob("index.html"):
        assert "WARRANTED-TITLE" not in page.read_text(encoding="utf-8")


def test_a_reader_asks_for_places_like_theirs(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto(f"{prefixed}ideas/z1il-c1/index.html")
    section = watched.page.locator("[data-context]")
    status = section.get_by_role("status")
    assert "Dependable across settings" in status.inner_text()
    section.get_by_label("Locality").select_option(label="Rural (2)")
    assert status.inner_text().startswith(
        "Promising at places like that: went as predicted at 2 of 2."
    )
    section.get_by_label("School level").select_option(label="Upper secondary (2)")
    assert status.inner_text() == "No completed test comes from a place like that."
    section.locator("summary").click()
    assert "Rural" in section.locator("dl").inner_text()
    assert watched.faults == []
    watched.page.close()


def test_why_leads_to_the_tests_and_to_the_query(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 1280)
    watched.page.goto(f"{prefixed}ideas/z1il-c4/index.html")
    why = watched.page.locator("details", has_text="Why this level")
    why.locator("summary").click()
    row = why.locator("tr", has_text="Consistency at least 0.75")
    assert "not met: 0.67" in row.inner_text()
    assert row.get_by_role("link", name="T24").count() == 1
    row.get_by_role("link", name="Consistency").click()
    watched.page.wait_for_url("**/rules/index.html#indicator-C")
    watched.page.locator("#indicator-C summary").click()
    assert "Formula: C" in watched.page.locator("#indicator-C pre").inner_text()
    watched.page.close()


def test_the_board_says_which_tests_are_wanted(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto(f"{prefixed}wanted/index.html")
    text = watched.page.locator("main, article").first.inner_text()
    assert "Better Math Teaching Network" in text
    assert "An unwanted effect is not resolved" in text
    assert watched.page.locator(".w-made-up").count() >= 1
    watched.page.close()
