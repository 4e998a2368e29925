"""The query page in a real browser, and the packages from npm that it uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from query_page import Open

from warranted.query import editor


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
