"""How somebody asks on the query page of a site, and what is answered: what its tests share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pyoxigraph as ox
from playwright.sync_api import Page

LABELS = (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "SELECT ?s ?l { ?s rdfs:label ?l } ORDER BY ?s ?l LIMIT 3"
)
Open = Callable[..., Page]


def write(page: Page, text: str) -> None:
    """Put a query where it is written, as somebody would who pastes it."""
    page.locator("#query-label").click()
    page.locator(".CodeMirror").wait_for()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def ask(page: Page, text: str) -> None:
    write(page, text)
    page.get_by_role("button", name="Run", exact=True).click()


def complaint(page: Page) -> str:
    page.get_by_role("alert").get_by_role("heading").wait_for()
    return page.get_by_role("alert").inner_text()


def rows_here(page: Page, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The rows that the page's engine answers, each term with its type, language and datatype."""
    told = page.evaluate("text => warrantedQuery.source.ask(text)", text)
    found = json.loads(told["body"])["results"]["bindings"]
    return Counter(
        tuple(sorted((name, _term(value)) for name, value in row.items())) for row in found
    )


def _term(value: dict[str, str]) -> str:
    return json.dumps(value, sort_keys=True)


def rows_there(store: ox.Store, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The same of the release's own store."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    told = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))
    return Counter(
        tuple(sorted((name, _term(value)) for name, value in row.items()))
        for row in told["results"]["bindings"]
    )
