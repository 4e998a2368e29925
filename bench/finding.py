"""What a reader on a phone waits for on the page Find: bytes of the first result and of the filters, and times.

The site is served on this machine and opened in Chromium, with its processor as it is, and four times as
slow, as an old phone's.
Bytes are those of every file the page loads, as gzip packs them, which is what a web host sends.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

SLOWER = 4
_WORD = "ticket"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
# From the click on a filter until the numbers stand on the page.
_FILTERED = """() => {
  const began = performance.now();
  document.querySelector('input[value="3"]').click();
  return performance.now() - began;
}"""


@dataclass(frozen=True, slots=True)
class Found:
    """KB and seconds until the first result of a search; KB of the filters, and seconds of one."""

    first_kb: float
    first_seconds: float
    facets_kb: float
    facet_seconds: float


def find(site: Path, slower: int) -> Found | None:
    """Search the site in the folder `site`, as a reader does who comes for the first time.

    Args:
        slower: how many times slower than this machine's the processor is.

    Returns:
        None where there is no Chromium.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return None
    with _served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        page = browser.new_page(viewport={"width": 360, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        loaded: list[str] = []
        page.on("response", lambda answer: loaded.append(urlsplit(answer.url).path))
        page.goto(f"{address}/find/index.html?q={_WORD}")
        page.wait_for_selector("#find-results .f-title", timeout=60_000)
        first = sum(_packed(site / path[1:]) for path in {*loaded})
        seconds = _since_start(page)
        page.wait_for_selector("#find[data-complete]", timeout=60_000)
        filtered = float(page.evaluate(_FILTERED))
        browser.close()
    catalogue = _packed(site / "assets" / "find" / "catalogue.js")
    return Found(first / 1000, seconds, catalogue / 1000, filtered / 1000)


def _since_start(page: Page) -> float:
    return float(page.evaluate("performance.now()")) / 1000


def _packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6)) if file.is_file() else 0


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def _served(site: Path) -> Iterator[str]:
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=host.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{host.server_address[1]}"
    finally:
        host.shutdown()
