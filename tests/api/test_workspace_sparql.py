"""Members query what their networks hold, drafts included, and nothing of another network."""

from __future__ import annotations

from typing import Any

import pytest
from hub import Hub, Member

SITES = """PREFIX nic: <https://w3id.org/warranted/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name { ?site a nic:Site ; rdfs:label ?name FILTER(STRSTARTS(?name, "Asked")) } ORDER BY ?name"""


def names(member: Member, query: str = SITES) -> list[str]:
    answer = member("POST", "/api/v1/sparql", data={"query": query})
    assert answer.status_code == 200, answer.text
    return [row["name"]["value"] for row in answer.json()["results"]["bindings"]]


@pytest.fixture
def asked(any_hub: Hub) -> Hub:
    """A hub where each of two networks has a site of its own."""
    for network, who in ((any_hub.network, "one"), (any_hub.elsewhere, "two")):
        any_hub.administrator.create(
            "site", f'<> a nic:Site ; rdfs:label "Asked {who}"@en ; nic:ofNetwork <{network}> .'
        )
    return any_hub


def test_each_asks_of_its_own_networks(asked: Hub) -> None:
    assert set(names(asked.contributor)) == {"Asked one"}
    assert set(names(asked.outsider)) == {"Asked two"}
    assert set(names(asked.administrator)) == {"Asked one", "Asked two"}
    every = "SELECT (STR(?g) AS ?name) { GRAPH ?g { ?s ?p ?o } }"
    assert set(names(asked.contributor, every)) & set(names(asked.outsider, every)) <= {
        name for name in names(asked.contributor, every) if "/policy/" in name
    }


def test_what_was_written_is_found_at_once_and_in_every_format(asked: Hub) -> None:
    asked.administrator.create(
        "site", f'<> a nic:Site ; rdfs:label "Asked late"@en ; nic:ofNetwork <{asked.network}> .'
    )
    assert "Asked late" in names(asked.contributor)
    for media in ("text/csv", "application/sparql-results+xml", "text/tab-separated-values"):
        answer = asked.contributor(
            "GET", "/api/v1/sparql", params={"query": SITES}, headers={"Accept": media}
        )
        assert answer.headers["content-type"].partition(";")[0] == media
        assert "Asked late" in answer.text
        assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <{other}> {{ ?s ?p ?o }}",
        "INSERT DATA {{ <urn:a> <urn:b> <urn:c> }}",
        "SELECT * {{ SERVICE <http://127.0.0.1:1/> {{ ?s ?p ?o }} }}",
    ],
)
def test_there_is_no_way_around(asked: Hub, query: str) -> None:
    text = query.format(other=asked.elsewhere)
    answer = asked.contributor("POST", "/api/v1/sparql", data={"query": text})
    assert answer.status_code == 403
    for more in ({"default-graph-uri": asked.elsewhere}, {"release": "latest"}):
        given: dict[str, Any] = {"query": "ASK {}"} | more
        assert asked.contributor("POST", "/api/v1/sparql", data=given).status_code == 400


def test_strangers_are_not_answered(asked: Hub) -> None:
    assert asked.stranger.get("/api/v1/sparql", params={"query": SITES}).status_code == 401
    assert asked.stranger.post("/api/v1/sparql", data={"query": SITES}).status_code == 401
