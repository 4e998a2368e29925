"""The query page by keyboard, without scripts, on a phone, in other languages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.site.asking import LABELS, Open, ask, complaint, write

from warranted import frontend
from warranted.language import ENGLISH, Language
from warranted.query import editor
from warranted.questions import questions
from warranted_site.browser_query import engine


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
