"""The page types of the demo's site, in one place, and how tests look at them."""

from __future__ import annotations

import gzip
import http.server
import mimetypes
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from warranted import frontend


@dataclass(frozen=True)
class PageType:
    """One page of a type.

    `has_data`: `.ttl` and `.jsonld` of its record stand beside it.
    """

    path: str
    has_data: bool = False


PAGES = [
    PageType("index.html"),
    PageType("packages/index.html"),
    PageType("find/index.html"),
    PageType("report/index.html"),
    PageType("illustrative-algebra-talk/adapt/index.html"),
    PageType("about/index.html"),
    PageType("data/index.html"),
    PageType("changes/index.html"),
    PageType("404.html"),
    PageType("ns/index.html"),
    PageType("ns/versions/index.html"),
    PageType("ns/TestOfChange/index.html"),
    PageType("ns/shared/index.html"),
    PageType("scheme/index.html"),
    PageType("scheme/stage/index.html"),
    PageType("shapes/index.html"),
    PageType("shapes/test/index.html"),
    PageType("shapes/shared/index.html"),
    PageType("questions/index.html"),
    PageType("questions/cq27-who-took-up-whose-idea/index.html"),
    PageType("wanted/index.html"),
    PageType("rules/index.html"),
    # Packages and ideas differ by what is known of them: charts, tests, nothing but a source.
    PageType("nclabsi-neonatal/index.html", has_data=True),
    PageType("illustrative-algebra-talk/index.html", has_data=True),
    PageType("teln-early-literacy/index.html", has_data=True),
    PageType("ideas/z1il-c1/index.html", has_data=True),
    PageType("ideas/7qf3-c1/index.html", has_data=True),
    PageType("aims/7qf3-a1/index.html", has_data=True),
    PageType("drivers/7qf3-d1/index.html", has_data=True),
    PageType("measures/7qf3-m1/index.html", has_data=True),
    PageType("sources/seed/index.html", has_data=True),
    PageType("networks/7qf3-n/index.html", has_data=True),
    PageType("networks/z1il-n1/index.html", has_data=True),
    PageType("guides/index.html"),
    PageType("guides/hubs/index.html"),
    PageType("guides/pages/index.html"),
    PageType("es/index.html"),
    PageType("es/ns/index.html"),
    PageType("es/ns/PDSACycle/index.html"),
    PageType("es/scheme/index.html"),
    PageType("es/scheme/stage/index.html"),
    PageType("es/shapes/index.html"),
    PageType("es/shapes/test/index.html"),
    PageType("es/guides/hubs/index.html"),
    PageType("es/ideas/z1il-c1/index.html"),
]
PATHS = [page.path for page in PAGES]


class Watched:
    """A page that notes console errors and requests to other hosts."""

    def __init__(self, browser: Any, width: int = 1280, **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        self.faults: list[str] = []
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "file://", "data:", "blob:")):
            self.faults.append(f"a request to {request.url}")


class _Files(http.server.BaseHTTPRequestHandler):
    """Files of a folder, text compressed, as a static host sends them."""

    protocol_version = "HTTP/1.1"
    root: Path
    prefix: str

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).removeprefix(self.prefix)
        file = self.root / path.lstrip("/")
        if file.is_dir():
            file /= "index.html"
        status = 200 if file.is_file() and self.path.startswith(self.prefix) else 404
        body = file.read_bytes() if status == 200 else b""
        media = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.send_response(status)
        self.send_header("Content-Type", media)
        if media.startswith("text/") or media.endswith(("json", "xml", "javascript", "wasm")):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def hosting(folder: Path, prefix: str = "/") -> Iterator[str]:
    """A plain file server over `folder` while it is needed; gives the address of its root."""
    handler = type("Files", (_Files,), {"root": folder, "prefix": prefix})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        host.daemon_threads = True
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{host.server_address[1]}{prefix}"
        finally:
            host.shutdown()
            thread.join()


_COLOURS = ["color-contrast", "link-in-text-block"]


def axe_faults(page: Any, address: str, script: str) -> list[str]:
    """What axe finds on a page, a line each: phone and desktop, light and dark, all details open.

    Args:
        page: a page of Playwright. script: axe-core's.
    """
    page.emulate_media(color_scheme="light")
    page.goto(address)
    page.evaluate(script)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    found = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
            if scheme == "dark":
                # Dark changes colours and nothing else: one rule in ten looks at those.
                options["runOnly"] = _COLOURS
            told = page.evaluate("options => axe.run(document, options)", options)
            found += [
                f"{width} {scheme} {fault['id']} ({fault['impact']}): {node['html'][:200]}"
                for fault in told["violations"]
                for node in fault["nodes"]
            ]
    return found


def needed(file: str, program: str | None = None) -> Path:
    """A file from npm, and a program to run it; without them a test fails in CI and is skipped elsewhere."""
    found = frontend.file(file)
    if found is not None and (program is None or shutil.which(program)):
        return found
    missing = file.partition("/")[0] if found is None else str(program)
    if os.environ.get("CI"):
        pytest.fail(f"{missing} is not installed; .ci/run and `make test` install it")
    pytest.skip(f"{missing} is not installed: npm install")
