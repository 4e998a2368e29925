"""Releases are listed, described, downloaded and read; old ones stay queryable and linked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from warranted.documents import zstd

NAME = """PREFIX nic: <https://w3id.org/warranted/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name { ?idea a nic:ChangeIdea ; rdfs:label ?name }"""


@pytest.fixture(scope="module")
def client(serving: Any, two_releases: Any) -> Iterator[httpx.Client]:
    with (
        serving(two_releases.folder) as server,
        httpx.Client(base_url=server.url, timeout=30) as made,
    ):
        yield made


def name_in(client: httpx.Client, **release: str) -> str:
    found = client.get("/sparql", params={"query": NAME} | release).json()["results"]["bindings"]
    return str(found[0]["name"]["value"])


def test_any_release_can_be_queried(client: httpx.Client, two_releases: Any) -> None:
    assert name_in(client) == "Exit ticket with two lines"
    assert name_in(client, release="latest") == "Exit ticket with two lines"
    assert name_in(client, release=two_releases.first) == "Exit ticket with a reason line"
    answer = client.get("/sparql", params={"query": "ASK {}", "release": two_releases.first})
    assert answer.headers["warranted-release"] == two_releases.first
    gone = client.get("/sparql", params={"query": "ASK {}", "release": "../../ledger"})
    assert gone.status_code == 404


def test_releases_are_listed_the_newest_first(client: httpx.Client, two_releases: Any) -> None:
    listed = client.get("/releases/").json()["releases"]
    assert [r["id"] for r in listed] == [two_releases.second, two_releases.first]
    turtle = client.get("/releases/", headers={"Accept": "text/turtle"})
    quads = list(ox.parse(turtle.content, ox.RdfFormat.TURTLE))
    datasets = [q for q in quads if q.predicate.value == "http://www.w3.org/ns/dcat#dataset"]
    assert len(datasets) == 2
    for one in listed:
        assert client.get(one["manifest"]).json()["digest"] == one["digest"]
        assert client.get(one["dump"]).status_code == 200


def test_the_iri_of_a_release_leads_to_what_is_known_of_it(
    client: httpx.Client, two_releases: Any
) -> None:
    lead = client.get(f"/release/{two_releases.first}")
    assert lead.status_code == 303
    told = client.get(lead.headers["location"])
    assert told.json()["id"] == two_releases.first
    assert 'rel="cite-as"' in told.headers["link"]
    rdf = client.get(lead.headers["location"], headers={"Accept": "application/ld+json"})
    assert two_releases.first in rdf.text
    newer = client.get(f"/releases/{two_releases.second}/")
    assert f'</releases/{two_releases.first}/>; rel="predecessor-version"' in newer.headers["link"]
    assert (
        client.get("/releases/latest/", follow_redirects=True).json()["id"] == two_releases.second
    )


def test_every_file_is_there_with_its_sum_and_stays(
    client: httpx.Client, two_releases: Any
) -> None:
    told = client.get(f"/releases/{two_releases.first}/").json()
    for name, digest in told["files"].items():
        answer = client.get(told["dumps"] + name)
        assert hashlib.sha256(answer.content).hexdigest() == digest, name
        assert "immutable" in answer.headers["cache-control"]
    plain = client.get(f"{told['dumps']}all.nq").content
    packed = client.get(f"{told['dumps']}all.nq.zst")
    assert packed.headers["content-type"] == "application/zstd"
    assert zstd.decompress(packed.content) == plain
    for path in ("dataset/CURRENT", "../../../ledger.sqlite", "dumps/../manifest.jso"):
        assert client.get(f"/releases/{two_releases.first}/{path}").status_code == 404


def test_what_changed_is_said(client: httpx.Client, two_releases: Any, browser: Any) -> None:
    changes = client.get(f"/releases/{two_releases.second}/changes.json").json()
    assert changes["from"] == two_releases.first
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(
        f"{client.base_url}/releases/{two_releases.first}/".replace("//releases", "/releases")
    )
    page.get_by_role("note").get_by_role("link", name=two_releases.second).click()
    said = "Name: from ‘Exit ticket with a reason line’ to ‘Exit ticket with two lines’"
    page.get_by_text(said).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Read it").click()
    page.get_by_role("link", name="Reasons in algebra").first.wait_for()
    page.close()


def test_a_record_leads_on_with_signposts(client: httpx.Client, two_releases: Any) -> None:
    data = client.get("/id/idea/i1", headers={"Accept": "text/turtle"})
    assert data.status_code == 200
    links = data.headers["link"]
    assert '<https://w3id.org/warranted/id/idea/i1>; rel="cite-as"' in links
    assert '<https://w3id.org/warranted/ns#ChangeIdea>; rel="type"' in links
    assert '</ideas/i1/index.html>; rel="alternate"; type="text/html"' in links
    assert f'/release/{two_releases.second}>; rel="collection"' in links
    page = client.get("/id/idea/i1", headers={"Accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["link"] == links
    assert client.head("/id/idea/i1", headers={"Accept": "text/turtle"}).headers["link"] == links
    assert client.options("/id/idea/i1").headers["access-control-allow-origin"] == "*"
