"""Every page reads from a folder on disk and below any prefix, and asks no other host for anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.site.pages import PATHS, Watched, hosting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def prefixed(demo: Any) -> Iterator[str]:
    """The site on a plain file server below a prefix."""
    with hosting(demo.html, "/some/prefix/") as address:
        yield address


@pytest.fixture(scope="module")
def watched(browser: Any) -> Iterator[Watched]:
    """One page for all: opening a page costs more than reading it."""
    watched = Watched(browser)
    yield watched
    watched.page.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_reads_from_a_file_and_below_a_prefix(
    watched: Watched, prefixed: str, demo: Any, path: str
) -> None:
    page = watched.page
    for start in (prefixed, f"file://{demo.html}/"):
        watched.faults.clear()
        page.goto(start + path, wait_until="load")
        assert page.locator("h1").count() == 1
        page.evaluate("document.fonts.ready")
        assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded')")
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (start, width)
        assert watched.faults == []


def test_every_link_of_the_shell_names_its_page(demo: Any) -> None:
    # From file:// a link to a folder opens a listing.
    for path in PATHS:
        html = (demo.html / path).read_text(encoding="utf-8")
        header = html.partition("<header")[2].partition("</header>")[0]
        assert 'href="' in header
        assert 'href="/' not in header, path
        assert '/"' not in header, path


def test_the_typeface_comes_with_its_licence(demo: Any) -> None:
    licence = demo.html / "assets" / "fonts" / "LICENSE.txt"
    assert "SIL Open Font License, Version 1.1" in licence.read_text(encoding="utf-8")
