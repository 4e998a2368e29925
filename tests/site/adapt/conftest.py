"""A page that notes faults, and every record of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from tests.site.filled_in import BASE

from warranted import records
from warranted.namespaces import ROOT
from warranted.records import Record


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of its own storage that notes faults and requests; read `page.faults`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = context.new_page()
    made.faults = []
    made.on("pageerror", lambda e: made.faults.append(str(e)))
    made.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))
            else made.faults.append(f"a request to {r.url}")
        ),
    )
    yield made
    context.close()
    assert made.faults == []


@pytest.fixture(scope="session")
def published(demo: Any) -> list[Record]:
    """Every record of the demo's release."""
    dump = next(iter((demo.folder / "var" / "current" / "dumps").glob("all.nq")))
    quads = ox.parse(dump.read_bytes(), format=ox.RdfFormat.N_QUADS)
    own = (q for q in quads if str(q.subject.value).startswith(f"{BASE}/"))  # type: ignore[union-attr]
    return records.split(own, base=ROOT)
