"""A reader's way through the site in a real browser, and what its pages say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.site.pages import PAGES, Watched, hosting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def prefixed(demo: Any) -> Iterator[str]:
    """The site on a plain file server below a prefix."""
    with hosting(demo.html, "/some/prefix/") as address:
        yield address


def test_a_reader_goes_from_home_to_the_test_behind_an_idea(browser: Any, server: Any) -> None:
    watched = Watched(browser)
    page = watched.page
    page.goto(server.url)
    page.get_by_role("link", name="Illustrative: reasons in algebra talk").first.click()
    page.get_by_role("heading", name="In one minute").wait_for(state="visible")
    ideas = page.get_by_role("region", name="Change ideas")
    ideas.get_by_role("link", name="Exit ticket with a reason line").click()
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


def test_each_way_in_finds_as_many_ideas_as_the_home_page_says(browser: Any, prefixed: str) -> None:
    watched = Watched(browser)
    page = watched.page
    page.goto(prefixed)
    ways = page.get_by_role("navigation", name="Ways in").get_by_role("listitem")
    told = {
        way.get_by_role("link").get_attribute("href"): way.locator(".w-small").inner_text()
        for way in ways.all()
    }
    assert len(told) >= 2
    for href, count in told.items():
        page.goto(f"{prefixed}{href}")
        page.wait_for_selector("#find[data-complete]")
        number = count.split()[0]
        assert page.locator("#find-status").inner_text().startswith(f"{number} of "), href
    assert watched.faults == []
    page.close()


def test_the_neonatal_page_shows_the_points_the_verdict_and_the_claim(demo: Any) -> None:
    page = (demo.html / "nclabsi-neonatal" / "index.html").read_text(encoding="utf-8")
    for value in ["2.043", "0.988", "0.703", "1.354", "0.986", "1.125", "1.156", "1.103", "0.855"]:
        assert f"<td>{value}</td>" in page
    assert "Too few points for a verdict" in page
    assert "58 percent relative reduction" in page


def test_every_page_has_its_data_beside_it(demo: Any) -> None:
    with_data = [demo.html / kind.path for kind in PAGES if kind.has_data]
    assert len(with_data) > 8
    for page in with_data:
        assert page.with_suffix(".ttl").is_file()
        assert page.with_suffix(".jsonld").is_file()
        assert 'type="text/turtle" href="index.ttl"' in page.read_text(encoding="utf-8")


def test_made_up_records_say_so_on_every_page(demo: Any) -> None:
    for page in [*demo.html.glob("*/z1il-*/index.html"), *demo.html.glob("*/*/index.html")]:
        if "z1il" in page.parent.name:
            assert "This is made up" in page.read_text(encoding="utf-8"), page


def test_a_question_is_run_from_its_page(browser: Any, server: Any) -> None:
    watched = Watched(browser, 1280)
    watched.page.goto(f"{server.url}/questions/index.html")
    watched.page.get_by_role("link", name="Which site took up whose idea").click()
    watched.page.wait_for_url("**/questions/cq27-who-took-up-whose-idea/index.html")
    answer = watched.page.get_by_role("region", name="Answer to")
    assert "Site A" in answer.inner_text()
    assert answer.locator(".w-made-up").count() == 4
    with watched.page.expect_response(lambda r: "/sparql?" in r.url) as told:
        watched.page.get_by_role("button", name="Run it on the server").click()
    assert told.value.status == 200
    assert "uptake/z1il-u1" in told.value.text()
    watched.page.close()


def test_terms_lead_to_where_they_are_used(browser: Any, prefixed: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto(f"{prefixed}ns/index.html#tookUp")
    watched.page.locator(":target").click()
    watched.page.wait_for_url("**/ns/Uptake/index.html#tookUp")
    assert "taking up of a change" in watched.page.locator("#Uptake").inner_text()
    term = watched.page.locator(":target")
    assert "The version that was taken up." in term.inner_text()
    term.get_by_role("link", name="uptake", exact=True).last.click()
    watched.page.wait_for_url("**/shapes/uptake/index.html#uptake-tookUp")
    assert "Version taken up" in watched.page.locator(":target").inner_text()
    watched.page.get_by_role("link", name="All records and their fields").click()
    watched.page.wait_for_url("**/shapes/index.html#uptake")
    watched.page.wait_for_load_state("networkidle")
    watched.page.goto(f"{prefixed}scheme/stage/complete/index.html")
    watched.page.wait_for_url("**/scheme/stage/index.html#complete")
    assert "Finished and reported." in watched.page.locator("#complete").inner_text()
    assert watched.faults == []
    watched.page.close()


def test_no_page_shows_a_mark(demo: Any) -> None:
    for page in demo.html.rglob("*.html"):
        assert "@@" not in page.read_text(encoding="utf-8"), page


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
