"""The API over real HTTP: what a reader, a writer and a stranger get."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from typing import Any

import httpx2 as httpx
import pytest

from warranted.namespaces import RECORD_CLASSES

TOKEN = {"Authorization": "Bearer a-token-for-tests"}
TURTLE = {"Content-Type": "text/turtle"}
PREFIXES = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(said)
    assert said["status"] == status
    return said


def test_a_record_is_had_as_turtle_json_ld_or_its_page(client: Any) -> None:
    path = "/id/measure/7qf3-m1"
    turtle = client.get(path, headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "nic:Measure" in turtle.text
    tree = client.get(path, headers={"Accept": "application/ld+json"}).json()
    assert tree["type"] == "Measure"
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 303
    assert "CLABSI rate" in client.get(page.headers["location"]).text


def test_digits_are_those_of_the_source(client: Any) -> None:
    answer = client.get("/id/series/7qf3-m2s1", headers={"Accept": "application/n-quads"})
    assert '"2.040"' in answer.text


def test_lists_come_in_pages_that_link_on(client: Any) -> None:
    seen: list[str] = []
    path = "/api/v1/idea?limit=20"
    while path:
        answer = client.get(path)
        seen += [item["id"] for item in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert len(seen) == len(set(seen)) == 48
    assert seen == sorted(seen)


def test_a_writer_creates_reads_and_replaces(client: Any) -> None:
    body = PREFIXES + '<> a nic:Network ; rdfs:label "A network of clinics"@en .'
    made = client.post("/api/v1/network", content=body, headers=TOKEN | TURTLE)
    assert made.status_code == 201
    where = made.headers["location"]
    read = client.get(where, headers=TOKEN | {"Accept": "application/ld+json"})
    assert read.json()["label"] == {"@language": "en", "@value": "A network of clinics"}
    assert client.get(where).status_code == 404, "what is not published is not there for a stranger"
    changed = body.replace("clinics", "schools")
    tag = {"If-Match": made.headers["etag"]}
    assert client.put(where, content=changed, headers=TOKEN | TURTLE | tag).status_code == 200
    again = client.put(where, content=changed, headers=TOKEN | TURTLE | tag)
    assert "changed meanwhile" in is_problem(again, 412)["detail"]


def test_json_ld_is_taken_with_numbers_as_written(client: Any) -> None:
    measure = client.post(
        "/api/v1/measure",
        json={
            "@context": "https://w3id.org/warranted/context.jsonld",
            "id": "",
            "type": "Measure",
            "label": "Share with a reason",
        },
        headers=TOKEN | {"Content-Type": "application/ld+json"},
    )
    assert measure.status_code == 201
    assert any("Operational definition" in w["message"] for w in measure.json()["warnings"])
    series = f"""{{
        "@context": "https://w3id.org/warranted/context.jsonld",
        "id": "", "type": "MeasureSeries", "label": "Weekly",
        "ofMeasure": "{measure.json()["id"]}",
        "hasObservation": {{"id": "#o1", "type": "Observation", "sequence": 1, "value": 2.040}}
    }}"""
    headers = TOKEN | {"Content-Type": "application/ld+json"}
    made = client.post("/api/v1/series", content=series, headers=headers)
    assert made.status_code == 201, made.text
    read = client.get(made.headers["location"], headers=TOKEN | {"Accept": "text/turtle"})
    assert "2.040" in read.text


def test_a_record_without_a_site_is_refused_by_that_name(client: Any) -> None:
    body = PREFIXES + '<> a nic:PDSACycle ; rdfs:label "A test"@en .'
    answer = client.post("/api/v1/test", content=body, headers=TOKEN | TURTLE)
    errors = is_problem(answer, 422)["errors"]
    (site,) = [e for e in errors if e["field"] == "Site"]
    assert "choose one that is recorded" in site["next"]
    assert client.get("/api/v1/test?limit=1000", headers=TOKEN).json()["items"]


@pytest.mark.parametrize(
    ("method", "path", "status", "extra"),
    [
        ("GET", "/nowhere", 404, {}),
        ("GET", "/id/idea/no-such", 404, {"Accept": "text/turtle"}),
        ("GET", "/api/v1/nonsense", 404, {}),
        ("GET", "/api/v1/idea?limit=none", 400, {}),
        ("GET", "/api/v1/idea?unknown=1", 400, {}),
        ("GET", "/id/idea/7qf3-c1", 406, {"Accept": "image/png"}),
        ("DELETE", "/api/v1/idea", 405, {}),
        ("POST", "/api/v1/idea", 401, {}),
        ("POST", "/api/v1/idea", 401, {"Authorization": "Bearer wrong"}),
        ("POST", "/api/v1/idea", 415, TOKEN | {"Content-Type": "text/plain"}),
        ("POST", "/api/v1/nonsense", 404, TOKEN | TURTLE),
        ("PUT", "/api/v1/idea/no-such", 404, TOKEN | TURTLE),
        ("POST", "/sparql", 415, {"Content-Type": "text/plain"}),
        ("GET", "/sparql?query=SELEC", 400, {}),
        ("GET", "/sparql?query=ASK%7B%7D&update=x", 403, {}),
        ("GET", "/sparql?query=ASK%7B%7D", 406, {"Accept": "image/png"}),
        ("GET", "/releases/1999-01-01/manifest.json", 404, {}),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, {}),
    ],
)
def test_every_error_has_the_one_shape(
    client: Any, method: str, path: str, status: int, extra: dict[str, str]
) -> None:
    content = "x" if method in ("POST", "PUT") else None
    is_problem(client.request(method, path, headers=extra, content=content), status)


def test_a_body_over_the_limit_is_turned_away(client: Any) -> None:
    big = PREFIXES + "# " + "x" * 1_100_000
    is_problem(client.post("/api/v1/network", content=big, headers=TOKEN | TURTLE), 413)


def test_a_body_that_does_not_parse_names_the_line(client: Any) -> None:
    answer = client.post(
        "/api/v1/network", content=PREFIXES + "\n<> a nic:Network ; .x", headers=TOKEN | TURTLE
    )
    assert "line 5" in is_problem(answer, 400)["detail"]


def test_a_context_from_elsewhere_is_never_fetched(client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(1)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/context"
        body = json.dumps({"@context": url, "id": "", "type": "Network"})
        headers = TOKEN | {"Content-Type": "application/ld+json"}
        is_problem(client.post("/api/v1/network", content=body, headers=headers), 400)
        with pytest.raises(TimeoutError):
            trap.accept()


def test_sparql_answers_in_every_format(client: Any) -> None:
    ask = {"query": "ASK { ?s a <https://w3id.org/warranted/ns#ChangePackage> }"}
    for media in ("application/sparql-results+json", "application/sparql-results+xml"):
        answer = client.get("/sparql", params=ask, headers={"Accept": media})
        assert answer.headers["content-type"].startswith(media)
        assert "true" in answer.text
    select = {"query": "SELECT ?s { ?s a <https://w3id.org/warranted/ns#ChangePackage> }"}
    rows = client.get("/sparql", params=select, headers={"Accept": "text/csv"}).text.split()
    assert len(rows) == 13
    construct = {"query": "CONSTRUCT WHERE { ?s a <https://w3id.org/warranted/ns#Aim> }"}
    for media in ("text/turtle", "application/n-triples", "application/rdf+xml"):
        answer = client.get("/sparql", params=construct, headers={"Accept": media})
        assert answer.headers["content-type"].startswith(media)
    form = client.post("/sparql", data=select, headers={"Accept": "text/csv;q=0.5, */*;q=0.1"})
    assert form.headers["content-type"].startswith("text/csv")
    direct = client.post(
        "/sparql", content=ask["query"], headers={"Content-Type": "application/sparql-query"}
    )
    assert direct.json()["boolean"] is True
    assert direct.headers["vary"] == "Accept, Accept-Encoding"
    assert direct.headers["access-control-allow-origin"] == "*"


def test_a_runaway_query_is_stopped_and_the_next_one_answered(client: Any) -> None:
    began = time.monotonic()
    said = is_problem(client.get("/sparql", params={"query": RUNAWAY}), 503)
    assert "stopped" in said["detail"]
    assert time.monotonic() - began < 4
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_others_are_answered_while_queries_run_away(server: Any) -> None:
    def run_away() -> None:
        with httpx.Client(base_url=server.url, timeout=60) as other:
            other.get("/sparql", params={"query": RUNAWAY})

    threads = [threading.Thread(target=run_away) for _ in range(4)]
    for thread in threads:
        thread.start()
    with httpx.Client(base_url=server.url, timeout=60) as reader:
        assert reader.get("/id/idea/7qf3-c1", headers={"Accept": "text/turtle"}).status_code == 200
        assert reader.get("/").status_code == 200
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {" * 1 + "{" * 4000 + "}" * 4000 + "}",
        "SELECT * { BIND(" + "(" * 10_000 + "1" + ")" * 10_000 + " AS ?x) }",
        "ASK { FILTER(" + "!" * 10_000 + "true) }",
        "ASK { FILTER(true" + " || true" * 10_000 + ") }",
        "ASK { {}" + " UNION {}" * 10_000 + " }",
        "ASK { " + "FILTER EXISTS { " * 1000 + "}" * 1000 + " }",
    ],
    ids=["groups", "brackets", "not", "or", "union", "exists"],
)
def test_a_query_that_would_crash_an_engine_is_refused(client: Any, query: str) -> None:
    answer = client.post("/sparql", data={"query": query})
    assert 400 <= answer.status_code < 500
    assert client.get("/health").json()["status"] == "ok"


def test_service_reaches_no_other_server(client: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(1)
        port = trap.getsockname()[1]
        query = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        said = is_problem(client.get("/sparql", params={"query": query}), 403)
        assert "SERVICE is refused" in said["detail"]
        with pytest.raises(TimeoutError):
            trap.accept()


def test_an_answer_that_grows_too_large_is_an_error_not_a_part(client: Any) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"})
    assert answer.status_code in (422, 503)
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_description_names_every_operation(client: Any) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/sparql", "/id/{type}/{id}", "/api/v1/test", "/api/v1/idea/{id}"} <= set(paths)
    page = client.get("/docs").text
    types = "|".join(RECORD_CLASSES)
    for path in paths:
        general = re.sub(rf"^/api/v1/({types})\b", "/api/v1/{type}", path)
        assert general in page or path in page
    assert "/api/v1/idea/{id}/warrant" in page
    assert "http://" not in page.replace("http://127.0.0.1", "")


def test_dumps_are_served_with_their_sums(client: Any) -> None:
    (release,) = client.get("/releases/").json()["releases"]
    manifest = client.get(release["manifest"]).json()
    assert manifest["files"]["all.nq.gz"]
    assert client.get(release["dump"]).headers["content-type"] == "application/gzip"
