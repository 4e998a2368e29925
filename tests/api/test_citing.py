"""What was asked is cited with its release and its result, and asked again: the same, or changed and how."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

NAMES = """# What are ideas called?
PREFIX nic: <https://w3id.org/warranted/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?idea ?name { ?idea a nic:ChangeIdea ; rdfs:label ?name }"""
SAME = "SELECT ?s { ?s a <https://w3id.org/warranted/ns#Aim> }"


@pytest.fixture(scope="module")
def client(serving: Any, two_releases: Any) -> Iterator[httpx.Client]:
    settings = {"WARRANTED_PUBLISHER": "Example Network"}
    with (
        serving(two_releases.folder, **settings) as server,
        httpx.Client(base_url=server.url, timeout=30) as made,
    ):
        yield made


def cite(client: httpx.Client, query: str, **more: str) -> Any:
    answer = client.post("/cite", data={"query": query} | more)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert answer.headers["location"] == told["url"]
    return told


def test_a_query_gets_a_short_name_that_follows_from_what_it_is(
    client: httpx.Client, two_releases: Any
) -> None:
    told = cite(client, NAMES)
    assert told["release"] == two_releases.second
    assert len(told["iri"].rpartition("/")[2]) == 16
    assert cite(client, NAMES) == told
    assert cite(client, NAMES, release=two_releases.first)["iri"] != told["iri"]
    got = client.get(told["url"], headers={"Accept": "application/json"})
    assert got.json() == told
    assert f'<{told["iri"]}>; rel="cite-as"' in got.headers["link"]


def test_the_digest_of_a_result_can_be_recomputed(client: httpx.Client) -> None:
    told = cite(client, NAMES)
    tsv = client.get(
        "/sparql", params={"query": NAMES}, headers={"Accept": "text/tab-separated-values"}
    ).text
    header, *rows = tsv.removesuffix("\n").split("\n")
    lines = "".join(f"{line}\n" for line in [header, *sorted(rows)])
    assert told["result"] == {
        "digest": hashlib.sha256(lines.encode()).hexdigest(),
        "rows": 1,
        "kind": "rows",
    }
    release = client.get(f"/releases/{told['release']}/manifest.json").json()
    assert told["release_digest"] == release["digest"]


def test_asked_again_of_its_release_the_answer_is_the_same(client: httpx.Client) -> None:
    told = cite(client, NAMES)
    again = client.get(told["rerun"]).json()
    assert again["same"] is True
    assert again["same_data"] is True
    assert again["cited"] == again["now"]


def test_asked_of_another_release_it_says_what_changed(
    client: httpx.Client, two_releases: Any
) -> None:
    told = cite(client, NAMES, release=two_releases.first)
    again = client.get(told["rerun"], params={"release": "latest"}).json()
    assert again["same"] is False
    assert again["now"]["release"] == two_releases.second
    (came,), (went,) = again["added"], again["removed"]
    assert "two lines" in came
    assert "a reason line" in went
    assert again["said"] == f"Changed: 1 row on release {two_releases.second}; 1 came and 1 went."
    unchanged = cite(client, SAME, release=two_releases.first)
    assert client.get(unchanged["rerun"], params={"release": "latest"}).json()["same"] is True


@pytest.mark.parametrize(
    ("query", "kind"),
    [("ASK {}", "boolean"), ("DESCRIBE <https://w3id.org/warranted/id/idea/i1>", "triples")],
)
def test_every_form_can_be_cited(client: httpx.Client, query: str, kind: str) -> None:
    told = cite(client, query)
    assert told["result"]["kind"] == kind
    assert client.get(told["rerun"]).json()["same"] is True


def test_blank_nodes_and_order_make_no_difference(client: httpx.Client) -> None:
    told = cite(
        client, "SELECT ?b ?s { ?s a <https://w3id.org/warranted/ns#Aim> BIND(BNODE() AS ?b) }"
    )
    assert told["changing"] is True
    assert client.get(told["rerun"]).json()["same"] is True


def test_a_citation_comes_in_the_formats_people_use(client: httpx.Client) -> None:
    told = cite(client, NAMES)
    texts = {name: client.get(url) for name, url in told["formats"].items()}
    bib = texts["BibTeX"].text
    assert bib.startswith("@misc{warranted-query-")
    assert f"url = {{{told['iri']}}}" in bib
    assert told["result"]["digest"] in bib
    (csl,) = texts["CSL-JSON"].json()
    assert csl["title"] == "What are ideas called?"
    assert csl["publisher"] == "Example Network"
    cff = yaml.safe_load(texts["CITATION.cff"].text)
    assert cff["cff-version"] == "1.2.0"
    assert {i["value"] for i in cff["identifiers"]} == {
        f"sha256:{told['release_digest']}",
        f"sha256:{told['result']['digest']}",
    }
    assert f"(Version {told['release']}) [SPARQL query]. (" in told["apa"]
    assert told["apa"].endswith(f"). Example Network. {told['iri']}")
    assert texts["APA"].text.strip() == told["apa"]


def unpacked(answer: httpx.Response) -> tuple[dict[str, bytes], dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    graph = json.loads(files["ro-crate-metadata.json"])["@graph"]
    return files, {node["@id"]: node for node in graph}


def test_a_crate_holds_the_query_and_what_came_of_it(client: httpx.Client) -> None:
    told = cite(client, NAMES)
    answer = client.get(told["formats"]["RO-Crate"])
    files, nodes = unpacked(answer)
    assert answer.content == client.get(told["formats"]["RO-Crate"]).content
    assert files["query.rq"].decode() == NAMES
    assert hashlib.sha256(files["result.tsv"]).hexdigest() == told["result"]["digest"]
    root = nodes["./"]
    assert {part["@id"] for part in root["hasPart"]} == {"query.rq", "result.tsv"}
    for part in root["hasPart"]:
        assert nodes[part["@id"]]["sha256"] == hashlib.sha256(files[part["@id"]]).hexdigest()
    assert nodes[root["mentions"]["@id"]]["instrument"] == {"@id": "query.rq"}


def test_a_package_and_a_release_are_cited_too(client: httpx.Client, two_releases: Any) -> None:
    apa = client.get("/cite/package/reasons-in-algebra.txt").text
    assert apa.startswith("A made-up network. (")
    assert f"Reasons in algebra (Version {two_releases.second}) [Data set]. Example Network." in apa
    earlier = client.get(
        "/cite/package/reasons-in-algebra.txt", params={"release": two_releases.first}
    ).text
    assert f"(Version {two_releases.first})" in earlier
    files, nodes = unpacked(client.get("/cite/package/reasons-in-algebra.crate.zip"))
    assert "two lines" in files["reasons-in-algebra.ttl"].decode()
    assert nodes["./"]["isBasedOn"]["@id"].endswith(f"/release/{two_releases.second}")
    files, nodes = unpacked(client.get(f"/cite/release/{two_releases.second}.crate.zip"))
    manifest = json.loads(files["manifest.json"])
    dump = next(i for i in nodes if i.endswith("/dumps/all.nq.gz"))
    assert nodes[dump]["sha256"] == manifest["files"]["all.nq.gz"]
    bib = client.get(f"/cite/release/{two_releases.first}.bib").text
    assert manifest["digest"] not in bib
    assert f"Warranted, release {two_releases.first}" in bib


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cite/aaaaaaaaaaaaaaaa", 404),
        ("/cite/..%2f..%2fledger", 404),
        ("/cite/package/nothing.bib", 404),
        ("/cite/package/reasons-in-algebra", 404),
        ("/cite/package/reasons-in-algebra.docx", 404),
        ("/cite/release/1999-01-01.bib", 404),
    ],
)
def test_what_is_not_there_is_not_cited(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["SELECT * {", "INSERT DATA { <urn:a> <urn:b> <urn:c> }"])
def test_what_cannot_be_asked_is_not_cited(client: httpx.Client, query: str) -> None:
    assert client.post("/cite", data={"query": query}).status_code in (400, 403)


def test_a_citation_has_a_page(client: httpx.Client, browser: Any) -> None:
    told = cite(client, NAMES)
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(str(client.base_url) + told["url"])
    assert page.get_by_role("heading", level=1).inner_text() == "What are ideas called?"
    page.get_by_role("link", name="Ask again").click()
    page.get_by_role("status").get_by_text("The same: 1 row").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_a_citation_outlives_the_server_that_made_it(
    client: httpx.Client, serving: Any, two_releases: Any
) -> None:
    told = cite(client, NAMES, release=two_releases.first)
    folder = f"var/releases/{two_releases.first}"
    with serving(two_releases.folder, "sparql", folder) as alone:
        again = httpx.get(alone.url + told["rerun"]).json()
        assert again["same"] is True
        assert httpx.get(f"{alone.url}/releases/{two_releases.first}/").status_code == 200
