"""The gates a page must pass: axe, Lighthouse, the Nu HTML checker, sizes, keyboard, print, no script."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.site.pages import PATHS, Watched, axe_faults, hosting, needed

pytestmark = pytest.mark.browser

KB = 1024
STORY = ("index.html", "illustrative-algebra-talk/index.html", "ideas/z1il-c1/index.html")


@pytest.fixture(scope="module")
def hosted(demo: Any) -> Iterator[str]:
    """The site on a plain file server that compresses."""
    with hosting(demo.html) as address:
        yield address


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """One page for all that axe looks at."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(page: Any, hosted: str, path: str) -> None:
    script = needed("axe-core/axe.min.js").read_text(encoding="utf-8")
    assert axe_faults(page, hosted + path, script) == []


def test_the_html_checker_finds_no_error(demo: Any) -> None:
    checker = needed("vnu-jar/build/dist/vnu.jar", "java")
    done = subprocess.run(
        ["java", "-jar", checker, "--errors-only", "--format", "json", *PATHS],
        cwd=demo.html,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = [
        f"{m.get('url', '').rpartition('/html/')[2]}:{m.get('lastLine')}: {m['message']}"
        for m in json.loads(done.stderr)["messages"]
    ]
    assert told == []
    assert done.returncode == 0


def lighthouse(program: Path, address: str, out: Path) -> dict[str, int]:
    """Lighthouse's scores of a page on a throttled phone, of 100."""
    flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking "
    flags += "--disable-component-update --disable-sync"
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    done = subprocess.run(
        [
            *("node", program, address, "--quiet", "--output=json", f"--output-path={out}"),
            "--only-categories=accessibility,best-practices,performance",
            f"--chrome-flags={flags}",
        ],
        env=os.environ | {"CHROME_PATH": chromium},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(out.read_text(encoding="utf-8"))["categories"]
    return {name: round(category["score"] * 100) for name, category in told.items()}


@pytest.mark.parametrize("path", STORY)
def test_lighthouse_is_content(hosted: str, path: str, tmp_path: Path, browser: Any) -> None:
    assert browser.is_connected()  # the same Chromium
    program = needed("lighthouse/cli/index.js", "node")
    runs = [lighthouse(program, hosted + path, tmp_path / "told.json")]
    if runs[0]["performance"] < 95:
        # Speed depends on what else the machine does: the median of three counts.
        runs += [lighthouse(program, hosted + path, tmp_path / "told.json") for _ in range(2)]
    print(path, runs)
    for run in runs:
        assert run["accessibility"] == 100
        assert run["best-practices"] >= 95
    assert statistics.median(run["performance"] for run in runs) >= 90


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_lean(demo: Any, path: str) -> None:
    assert len(gzip.compress((demo.html / path).read_bytes())) <= 10 * KB


def test_the_first_view_fits(browser: Any, hosted: str) -> None:
    for path in STORY:
        context = browser.new_context()
        page = context.new_page()
        page.goto(hosted + path, wait_until="networkidle")
        sizes = page.evaluate(
            "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
            ".map(entry => [entry.name, entry.transferSize])"
        )
        context.close()
        assert len(sizes) > 4
        assert all(size > 0 for name, size in sizes if name.startswith("http")), sizes
        assert sum(size for _, size in sizes) <= 90 * KB, sizes


def test_style_and_script_of_the_shell_fit(demo: Any) -> None:
    names = ("theme.css", "warranted.css", "shell.js")
    sizes = {n: len(gzip.compress((demo.html / "assets" / n).read_bytes())) for n in names}
    assert sum(sizes.values()) <= 62 * KB, sizes


FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return {
    name: (at.getAttribute('aria-label') || at.textContent).trim().replace(/\\s+/g, ' '),
    href: at.getAttribute('href') || '',
    ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}"""


def tab_to(page: Any, name: str = "", *, href: str = "", most: int = 120) -> None:
    """Press Tab until the link or button of that name, or that leads there, has the focus.

    Each stop on the way must be visible and ringed.
    """
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert at["ringed"], at
        assert at["seen"], at
        if (name and at["name"].startswith(name)) or (href and href in at["href"]):
            return
    raise AssertionError(f"{most} presses of Tab do not reach {name or href}")


def test_a_reader_goes_from_home_to_a_test_with_the_keyboard(browser: Any, hosted: str) -> None:
    watched = Watched(browser)
    page = watched.page
    page.goto(hosted)
    tab_to(page, "Skip to content", most=1)
    tab_to(page, "Packages")
    page.keyboard.press("Enter")
    page.wait_for_url("**/packages/index.html")
    tab_to(page, "Skip to content", most=1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    tab_to(page, "Illustrative: reasons in algebra talk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/illustrative-algebra-talk/index.html")
    tab_to(page, "Exit ticket with a reason line")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ideas/z1il-c1/index.html")
    tab_to(page, href="#test-z1il-t")
    page.keyboard.press("Enter")
    page.wait_for_url("**#test-z1il-t*")
    test = page.locator(f"id={page.url.partition('#')[2]}")
    test.get_by_text("Prediction", exact=True).wait_for(state="visible")
    assert watched.faults == []
    page.close()


def test_the_menu_of_a_phone_opens_and_closes_with_the_keyboard(browser: Any, hosted: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(hosted)
    link = page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Packages")
    assert not link.is_visible()
    tab_to(page, "Menu")
    page.keyboard.press("Enter")
    tab_to(page, "Packages", most=2)
    page.keyboard.press("Escape")
    assert not link.is_visible()
    assert page.evaluate("document.activeElement.textContent").strip() == "Menu"
    page.keyboard.press("Enter")
    link.click()
    page.wait_for_url("**/packages/index.html")
    current = page.locator("header [aria-current=page]")
    assert current.text_content() == "Packages"
    page.close()


def test_dark_is_chosen_once(browser: Any, hosted: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(hosted)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    toggle = page.get_by_role("button", name="Dark colours")
    assert toggle.get_attribute("aria-pressed") == "false"
    toggle.click()
    dark = page.evaluate(paper)
    assert dark != light
    page.goto(f"{hosted}about/index.html")
    assert page.evaluate(paper) == dark
    assert toggle.get_attribute("aria-pressed") == "true"
    toggle.click()
    assert page.evaluate(paper) == light
    # What a reader chose holds against what the system prefers, too.
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(paper) == light
    context.close()


def test_a_page_reads_without_scripts(browser: Any, hosted: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 640}, color_scheme="dark"
    )
    page = context.new_page()
    page.goto(f"{hosted}ideas/z1il-c1/index.html")
    assert page.get_by_role("button", name="Menu").count() == 0
    assert page.get_by_role("button", name="Dark colours").count() == 0
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Packages").click()
    page.wait_for_url("**/packages/index.html")
    context.close()


def test_print_is_light_and_whole(browser: Any, hosted: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{hosted}ideas/z1il-c1/index.html")
    test = page.locator("details.w-test").first
    prediction = test.get_by_text("Prediction", exact=True)
    assert not prediction.is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("header").is_visible()
    # On paper nothing can be opened.
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert prediction.is_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not prediction.is_visible()
    page.close()
