"""The rows of the shipped packages, a site of them, and a reader of it on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.site.finding import records_of, rows_of, serving, site

from warranted import resources
from warranted_site import find


@pytest.fixture(scope="session")
def shipped() -> list[find.Row]:
    """The rows of the shipped packages."""
    return rows_of(records_of(*sorted(p.stem for p in resources.packages().glob("*.ttl"))))


@pytest.fixture(scope="session")
def small(shipped: list[find.Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped packages."""
    folder = tmp_path_factory.mktemp("find")
    return site(shipped, folder / "host" / "some" / "prefix", folder / "shell")


@pytest.fixture(scope="session")
def served(small: Path) -> Iterator[str]:
    with serving(small) as address:
        yield address


@pytest.fixture(scope="module")
def reader(browser: Any) -> Iterator[Any]:
    """A page on a phone that fails on any error of a script or request to another host."""
    opened = browser.new_page(viewport={"width": 360, "height": 800})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("http://127.0.0.1:", "file://", "data:"))
            else faults.append(r.url)
        ),
    )
    yield opened
    assert faults == []
    opened.close()
