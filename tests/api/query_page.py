"""How somebody asks on the query page of a server: what its tests share."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

LABELS = (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "SELECT ?s ?l { ?s rdfs:label ?l } ORDER BY ?s LIMIT 3"
)
TALLY = (
    "PREFIX nic: <https://w3id.org/warranted/ns#>\n"
    "SELECT ?kind (COUNT(*) AS ?n) { ?s a ?kind . VALUES ?kind { nic:Aim nic:Driver nic:Measure } }"
    " GROUP BY ?kind ORDER BY ?kind"
)
Open = Callable[..., Page]


def write(page: Page, query: str) -> None:
    """Put a query into the editor as somebody would who pastes it."""
    page.get_by_text("Query (SPARQL 1.1)").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(query)


def ask(page: Page, query: str) -> None:
    write(page, query)
    page.get_by_role("button", name="Run", exact=True).click()


def written(page: Page) -> str:
    text = page.locator(".CodeMirror").evaluate("box => box.CodeMirror.getValue()")
    assert isinstance(text, str)
    return text
