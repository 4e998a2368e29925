"""The reader's way through Find, and what the page says when it cannot search."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.site.finding import SHOWN, show, status, titles

from warranted import frontend
from warranted.language import ENGLISH
from warranted_site import find
from warranted_site.filling import Filler
from warranted_site.shell import shell

EVIL = "</script><img src=x onerror=alert(1)>\u2028\"'&"


@pytest.mark.browser
def test_a_mistyped_word_still_finds_the_idea(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html", q="exit tikets")
    reader.get_by_role("link", name="Exit ticket with a reason line").wait_for()
    item = reader.locator(
        "#find-results li", has_text="Exit ticket with a reason line"
    ).inner_text()
    assert "Dependable across settings" in item
    assert "went as predicted at 6 of 7 places" in item
    assert "Illustrative" in item
    assert "a made-up change package" in item
    reader.get_by_role("link", name="Exit ticket with a reason line").click()
    reader.wait_for_url("**/ideas/z1il-c1/index.html")


@pytest.mark.browser
def test_other_kinds_are_found_beside_the_ideas(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html", q="Better Math Teaching Network")
    also = reader.locator("#find-also")
    also.get_by_role("heading", name="Networks").wait_for()
    assert also.get_by_role("link", name="Better Math Teaching Network", exact=True).count() == 1
    reader.locator("#find-q").fill("heard explaining")
    reader.locator("#find-status", has_text="0 of 48 change ideas").wait_for()
    assert also.get_by_role("heading", name="Measures").count() == 1
    assert "Others do" in reader.locator("#find-hint").inner_text()


@pytest.mark.browser
def test_the_address_holds_the_search_and_back_goes_back(reader: Any, served: str) -> None:
    show(reader, served)
    reader.locator("#find-filters > summary").click()
    reader.locator("[data-facet=level] > summary").click()
    reader.get_by_label("Upper secondary").check()
    assert "level=upper-secondary" in reader.url
    assert status(reader) == "3 of 48 change ideas"
    reader.locator("[data-facet=warrant] > summary").click()
    reader.get_by_label("Replicated or stronger").check()
    assert status(reader) == "2 of 48 change ideas"
    shared = reader.url
    reader.locator("#find-q").press_sequentially("sentence")
    reader.wait_for_url("**q=sentence**")
    assert titles(reader) == ["Sentence starters on a card"]
    reader.go_back()
    reader.wait_for_url(shared)
    assert status(reader) == "2 of 48 change ideas"
    assert reader.locator("#find-q").input_value() == ""
    reader.go_back()
    assert status(reader) == "3 of 48 change ideas"
    assert reader.locator("#find-chips li").all_inner_texts() == ["School level: Upper secondary ×"]
    reader.get_by_role("button", name="Remove the filter School level: Upper secondary").click()
    assert status(reader) == "48 of 48 change ideas"
    reader.goto("about:blank")
    reader.goto(shared)
    reader.wait_for_selector("#find[data-complete]")
    assert status(reader) == "2 of 48 change ideas"
    assert reader.locator("[data-facet=warrant] input[value='3']").is_checked()


@pytest.mark.browser
def test_an_address_with_a_filter_that_is_no_more_says_so(reader: Any, small: Path) -> None:
    address = f"file://{small}/find/index.html"
    assert show(reader, address, level="moon", q="") == "48 of 48 change ideas"
    assert "no such filter: moon" in reader.get_by_role("alert").inner_text()


@pytest.mark.browser
def test_more_results_come_by_button_and_keyboard(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html")
    assert len(titles(reader)) == SHOWN
    reader.get_by_role("button", name="Show 20 more").focus()
    reader.keyboard.press("Enter")
    assert len(titles(reader)) == 2 * SHOWN
    reader.keyboard.press("Tab")
    assert len(titles(reader)) == 2 * SHOWN
    focused = reader.evaluate("document.activeElement.closest('li')?.parentElement.id")
    assert focused == "find-results"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("pagefind/pagefind.js", "The index of all words could not be loaded"),
        ("assets/find/catalogue.js", "nothing can be searched"),
        ("assets/find/pages.js", "the results are not links"),
        ("assets/find/more.js", "change ideas and packages can be searched"),
    ],
)
def test_what_cannot_be_loaded_is_said(browser: Any, served: str, missing: str, told: str) -> None:
    opened = browser.new_page()
    opened.route(f"**/{missing}*", lambda route: route.abort())
    opened.goto(f"{served}?q=ticket&in=words" if "pagefind" in missing else f"{served}?q=ticket")
    opened.get_by_role("alert").get_by_text(told).wait_for()
    if "catalogue" not in missing:
        opened.locator("#find-results li", has_text="Exit ticket with a reason line").wait_for()
    opened.close()


@pytest.mark.browser
def test_without_minisearch_parts_of_words_are_looked_for(
    reader: Any,
    small: Path,
    shipped: list[find.Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets", ignore=shutil.ignore_patterns("find"))
    shutil.copytree(small / "find", tmp_path / "find")
    monkeypatch.setenv(frontend.VARIABLE, str(tmp_path))
    find.write(shipped, tmp_path, language=ENGLISH)
    assert not (tmp_path / "assets" / "find" / "minisearch.js").exists()
    address = f"file://{tmp_path}/find/index.html"
    assert show(reader, address, q="ICKET reason line") == "1 of 48 change ideas"
    assert reader.locator("#find-note").is_hidden()


@pytest.mark.browser
def test_without_javascript_the_page_leads_elsewhere(browser: Any, small: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"file://{small}/find/index.html")
    assert "needs JavaScript" in opened.locator("article").inner_text()
    assert opened.get_by_role("link", name="All change packages").is_visible()
    assert opened.locator("#find-q").is_hidden()
    context.close()


@pytest.mark.browser
def test_texts_never_become_markup(
    reader: Any, small: Path, shipped: list[find.Row], tmp_path: Path
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets")
    shutil.copytree(small / "find", tmp_path / "find")
    spoilt = [
        replace(
            row,
            title=EVIL,
            packages=tuple((path, EVIL) for path, _ in row.packages),
            values=tuple((f, label, key, text and EVIL) for f, label, key, text in row.values),
        )
        for row in shipped
    ]
    find.write(spoilt, tmp_path, language=ENGLISH)
    show(reader, f"file://{tmp_path}/find/index.html", q="img")
    assert reader.locator("#find-results li").count() == SHOWN
    assert reader.locator("#find img").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_and_is_accessible(browser: Any, small: Path, width: int, theme: str) -> None:
    axe = frontend.file("axe-core/axe.min.js")
    if axe is None:
        if os.environ.get("CI"):
            pytest.fail("axe-core is not installed")
        pytest.skip("axe-core is not installed: make frontend")
    viewport = {"width": width, "height": 800}
    opened = browser.new_page(viewport=viewport, color_scheme=theme)
    show(opened, f"file://{small}/find/index.html", q="reason", locality="city", warrant="1")
    opened.evaluate("for (const d of document.querySelectorAll('#find details')) d.open = true")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.evaluate(axe.read_text(encoding="utf-8"))
    found = opened.evaluate(
        "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))"
    )
    assert found == []
    opened.close()


@pytest.mark.browser
def test_the_field_of_the_home_page_leads_here(reader: Any, small: Path) -> None:
    environment = Filler(shell(small.parents[2] / "shell")).environment
    box = environment.from_string(
        '{% from "find_box.html" import find_box %}<!doctype html><title>Home</title>{{ find_box("") }}'
    )
    (small / "index.html").write_text(box.render(), encoding="utf-8")
    reader.goto(f"file://{small}/index.html")
    reader.get_by_label("What are you trying to improve?").fill("ticket")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/find/index.html?q=ticket")
    reader.get_by_role("link", name="Exit ticket with a reason line").wait_for()
