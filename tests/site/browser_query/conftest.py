"""The demo's release, its site on a plain file server and as files, and who visits its query page."""

from __future__ import annotations

import functools
import http.server
import json
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.site.asking import Open

from warranted.query import editor
from warranted.records import Record
from warranted.release import ReleaseData
from warranted_site.browser_query import engine


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
