"""SPARQL 1.1 Protocol over a dump that stands alone: `warranted sparql dump`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

ROWS = 20
DUMP = "".join(f"<urn:s{n}> <urn:p> <urn:o{n % 3}> <urn:g{n % 2}> .\n" for n in range(60))
JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
SELECT = "SELECT ?s ?o { ?s <urn:p> ?o } ORDER BY ?s LIMIT 5"
CONSTRUCT = "CONSTRUCT { ?s <urn:p> ?o } WHERE { ?s <urn:p> ?o } LIMIT 5"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o }"


@pytest.fixture(scope="module")
def client(serving: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "dump.nq.gz").write_bytes(gzip.compress(DUMP.encode()))
    settings = {
        "WARRANTED_QUERY_ROWS": str(ROWS),
        "WARRANTED_QUERY_SECONDS": "1.5",
        "WARRANTED_QUERY_BYTES": "20000",
    }
    with (
        serving(folder, "sparql", "dump.nq.gz", **settings) as server,
        httpx.Client(base_url=server.url, timeout=30) as made,
    ):
        yield made


def ask(client: httpx.Client, query: str, accept: str = "", **more: Any) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", params={"query": query} | more, headers=headers)


def problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    found = answer.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.mark.parametrize("media", [JSON, XML, "text/csv", "text/tab-separated-values"])
def test_solutions_come_in_every_format(client: httpx.Client, media: str) -> None:
    answer = ask(client, SELECT, media)
    assert answer.headers["content-type"].partition(";")[0] == media
    if media == "text/csv":
        found = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["s"] for row in found] == ["urn:s0", "urn:s1", "urn:s10", "urn:s11", "urn:s12"]
        return
    fmt = {
        JSON: ox.QueryResultsFormat.JSON,
        XML: ox.QueryResultsFormat.XML,
        "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    }[media]
    parsed: Any = ox.parse_query_results(answer.content, format=fmt)
    assert [row["o"].value for row in parsed] == ["urn:o0", "urn:o1", "urn:o1", "urn:o2", "urn:o0"]


@pytest.mark.parametrize(
    ("media", "fmt"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ],
)
def test_graphs_come_in_every_format(client: httpx.Client, media: str, fmt: ox.RdfFormat) -> None:
    answer = ask(client, CONSTRUCT.replace("urn:p>", "http://x.org/p>", 1), media)
    assert answer.headers["content-type"].partition(";")[0] == media
    assert len(list(ox.parse(answer.content, format=fmt))) == 5


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (SELECT, "text/csv;q=0.5, application/sparql-results+xml;q=0.9", XML),
        (SELECT, "*/*;q=0.1, text/csv", "text/csv"),
        (SELECT, "text/turtle, */*;q=0.01", JSON),
        (SELECT, "application/*", JSON),
        (SELECT, "text/*", "text/csv"),
        ("ASK {}", "text/csv, application/sparql-results+xml;q=0.1", XML),
        ("DESCRIBE <urn:s1>", "text/csv, application/n-triples;q=0.2", "application/n-triples"),
    ],
)
def test_the_format_liked_best_is_sent(
    client: httpx.Client, query: str, accept: str, media: str
) -> None:
    answer = ask(client, query, accept)
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "image/png"), ("ASK {}", "text/csv"), (CONSTRUCT, JSON)]
)
def test_a_format_there_is_not_is_refused(client: httpx.Client, query: str, accept: str) -> None:
    assert "can be answered as" in problem(ask(client, query, accept), 406)["detail"]


def test_where_no_header_can_be_sent_a_parameter_says_the_format(client: httpx.Client) -> None:
    for wanted, query, media in (
        ("csv", SELECT, "text/csv"),
        ("json", SELECT, JSON),
        ("json", CONSTRUCT, "application/ld+json"),
        ("turtle", CONSTRUCT, "text/turtle"),
    ):
        answer = ask(client, query, "text/html", format=wanted, output=wanted)
        assert answer.headers["content-type"].partition(";")[0] == media
    assert problem(ask(client, SELECT, format="docx"), 400)["field"] == "format"


def test_the_three_ways_to_ask_agree(client: httpx.Client) -> None:
    got = rows(ask(client, SELECT))
    form = client.post("/sparql", data={"query": SELECT})
    direct = client.post(
        "/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query"}
    )
    assert got == rows(form) == rows(direct)
    refused = client.post("/sparql", content=SELECT, headers={"Content-Type": "text/plain"})
    problem(refused, 415)
    assert "application/sparql-query" in refused.headers["accept-post"]


def test_graphs_of_the_request_replace_all_others(client: httpx.Client) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert rows(ask(client, count)) == [{"n": "60"}]
    one: Any = {"default-graph-uri": "urn:g0"}
    assert rows(ask(client, count, **one)) == [{"n": "30"}]
    assert rows(ask(client, f"{count.replace('{', 'FROM <urn:g1> {', 1)}", **one)) == [{"n": "30"}]
    both: Any = {"default-graph-uri": ["urn:g0", "urn:g1"]}
    assert rows(ask(client, count, **both)) == [{"n": "60"}]
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert rows(ask(client, named, **{"named-graph-uri": "urn:g1"})) == [{"n": "30"}]
    assert rows(ask(client, count, **{"named-graph-uri": "urn:g1"})) == [{"n": "0"}]
    told = problem(ask(client, count, **{"default-graph-uri": "not an iri"}), 400)
    assert told["field"] == "default-graph-uri"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:1/x>",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
    ],
)
def test_what_reaches_out_or_writes_is_refused_and_says_so(
    client: httpx.Client, query: str
) -> None:
    told = problem(ask(client, query), 403)
    assert "refused" in told["detail"] or "none is fetched from elsewhere" in told["detail"]
    problem(client.post("/sparql", data={"update": query}), 403)


def test_an_answer_is_told_once(client: httpx.Client) -> None:
    first = ask(client, SELECT)
    again = client.get(
        "/sparql", params={"query": SELECT}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert ask(client, SELECT, "text/csv").headers["etag"] != first.headers["etag"]
    assert ask(client, f"{SELECT} ").headers["etag"] != first.headers["etag"]
    assert "etag" not in ask(client, "SELECT (NOW() AS ?n) {}").headers


def test_head_has_the_headers_of_get(client: httpx.Client) -> None:
    got = ask(client, SELECT)
    head = client.head("/sparql", params={"query": SELECT})
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "content-type", "content-length", "vary"):
        assert head.headers[name] == got.headers[name]
    assert client.head("/sparql").headers["content-type"].startswith("text/turtle")


def test_answers_are_compressed_for_who_takes_it(client: httpx.Client) -> None:
    query = (
        'SELECT ?s ?t { ?s <urn:p> ?o BIND("a text that is said again and again" AS ?t) } LIMIT 20'
    )
    plain = client.get("/sparql", params={"query": query}, headers={"Accept-Encoding": "identity"})
    packed = client.get("/sparql", params={"query": query}, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert rows(packed) == rows(plain)


def test_pages_of_other_sites_may_ask(client: httpx.Client) -> None:
    preflight = client.options(
        "/sparql",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]
    exposed = ask(client, SELECT).headers["access-control-expose-headers"]
    assert {"Warranted-Row-Limit", "ETag", "Server-Timing"} <= set(exposed.split(", "))


def test_an_answer_tells_its_release_and_its_time(client: httpx.Client) -> None:
    answer = ask(client, SELECT.replace("5", "4"))
    assert answer.headers["warranted-release"] == "dump"
    assert answer.headers["server-timing"].startswith("queue;dur=")


def test_the_endpoint_describes_itself(client: httpx.Client) -> None:
    for media, fmt in {
        "text/turtle": ox.RdfFormat.TURTLE,
        "application/rdf+xml": ox.RdfFormat.RDF_XML,
        "application/ld+json": ox.RdfFormat.JSON_LD,
    }.items():
        answer = client.get("/sparql", headers={"Accept": media})
        said = {str(q.predicate.value).rpartition("#")[2] for q in ox.parse(answer.content, fmt)}
        assert {"endpoint", "supportedLanguage", "resultFormat", "defaultDataset"} <= said
    assert '"60"' in client.get("/sparql", headers={"Accept": "application/n-triples"}).text


MANY = "SELECT ?s ?x { ?s <urn:p> ?o . ?x <urn:p> <urn:o1> }"


def test_an_answer_that_was_cut_off_says_so_twice(client: httpx.Client) -> None:
    answer = ask(client, MANY)
    assert answer.headers["warranted-row-limit"] == str(ROWS)
    assert len(rows(answer)) == ROWS
    assert answer.json()["head"]["link"] == [f"urn:warranted:cut-off-after:{ROWS}"]
    told = ask(client, MANY, XML)
    assert told.headers["warranted-row-limit"] == str(ROWS)
    assert f'<link href="urn:warranted:cut-off-after:{ROWS}"/>' in told.text
    whole = ask(client, f"{MANY} LIMIT {ROWS}")
    assert "warranted-row-limit" not in whole.headers
    assert len(rows(whole)) == ROWS
    triples = "CONSTRUCT { ?s <urn:p> ?o } WHERE { ?s <urn:p> ?o }"
    turtle = ask(client, triples, "text/turtle")
    assert turtle.headers["warranted-row-limit"] == str(ROWS)
    assert f"# Cut off after {ROWS} triples: there are more." in turtle.text
    assert len(list(ox.parse(turtle.content, ox.RdfFormat.TURTLE))) == ROWS


@pytest.mark.parametrize("media", ["text/csv", "text/tab-separated-values"])
def test_where_an_answer_cannot_say_that_it_was_cut_off_it_is_refused(
    client: httpx.Client, media: str
) -> None:
    told = problem(ask(client, MANY, media), 422)
    assert f"more than {ROWS} rows" in told["detail"]
    assert ask(client, f"{MANY} LIMIT {ROWS}", media).status_code == 200


def test_an_answer_that_is_too_large_is_an_error(client: httpx.Client) -> None:
    query = f'SELECT ?t {{ ?s <urn:p> ?o BIND("{"x" * 5000}" AS ?t) }}'
    assert "larger than 20,000 bytes" in problem(ask(client, query), 422)["detail"]


def test_a_runaway_is_stopped_and_holds_nobody_up(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as others:
        runaways = [others.submit(ask, client, RUNAWAY.replace("?a ", f"?a{n} ")) for n in range(8)]
        for n in range(20):
            answer = ask(client, f"SELECT ?s {{ ?s <urn:p> <urn:o{n % 3}> }} LIMIT {n + 1}")
            assert len(rows(answer)) == min(n + 1, 20)
        statuses = {one.result().status_code for one in runaways}
    assert statuses <= {503, 429}
    assert 503 in statuses
    assert rows(ask(client, "SELECT ?s { ?s <urn:p> <urn:o1> } LIMIT 1"))


def test_lookups_wait_for_no_runaway(client: httpx.Client) -> None:
    lookup = "SELECT ?s {{ ?s <urn:p> <urn:o1> }} LIMIT {}"
    rows(ask(client, lookup.format(1)))
    with ThreadPoolExecutor(60) as others:
        runaways = [
            others.submit(ask, client, RUNAWAY.replace("?a ", f"?y{n} ")) for n in range(60)
        ]
        time.sleep(0.5)  # every worker is busy, and who is not served is turned away
        answers = [ask(client, lookup.format(n)) for n in range(2, 40)]
        busy = sum(not one.done() for one in runaways)
    assert [len(rows(answer)) for answer in answers] == [min(n, ROWS) for n in range(2, 40)]
    assert busy > 4
    assert {answer.headers["server-timing"].partition(",")[0] for answer in answers} == {
        "queue;dur=0.0"
    }


def test_who_is_turned_away_is_told_when_to_come_again(client: httpx.Client) -> None:
    with ThreadPoolExecutor(60) as others:
        runaways = [
            others.submit(ask, client, RUNAWAY.replace("?a ", f"?z{n} ")) for n in range(60)
        ]
        answers = [one.result() for one in runaways]
    busy = [answer for answer in answers if answer.status_code == 429]
    assert busy
    for answer in busy:
        problem(answer, 429)
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("query", ["SELECT", "SELECT * {", "SELECT ?s { ?s } ", "hello"])
def test_what_does_not_parse_is_an_error(client: httpx.Client, query: str) -> None:
    assert problem(ask(client, query), 400)["field"] == "query"


def test_parameters_that_mean_nothing_are_refused(client: httpx.Client) -> None:
    assert problem(ask(client, SELECT, limit="3"), 400)["field"] == "limit"
    problem(client.get("/sparql", params=[("query", SELECT), ("query", SELECT)]), 400)
    assert problem(ask(client, SELECT, release="1999-01-01"), 404)["field"] == "release"


def test_there_is_nothing_to_write_to(client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.request(method, "/sparql").status_code == 405
    assert client.post("/api/v1/idea", content="x").status_code in (404, 405)
    assert json.loads(client.get("/health").text)["release"] == "dump"
