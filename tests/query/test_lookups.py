"""A lookup is answered in the server's own process as a worker would answer it, to the byte and the header;
what may read more is a worker's."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warranted.query import lookups
from warranted.query.datasets import Dataset, Fixed
from warranted.query.pool import Pool
from warranted.settings import Settings
from warranted_api import sparql

ROWS = 300
MEDIA = [
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
]
TEXTS = [
    '"a"',
    '"é\\n\\"{<result>"@en',
    "5",
    '"5"^^<urn:t>',
    "<urn:x>",
    "_:b",
    "<< <urn:x> <urn:p> 5 >>",
]
LONG = "long " * 40_000
Got = tuple[int, dict[str, str], bytes]


def dump() -> str:
    """Triples in several graphs at once, texts of every kind, seeds small and large, a text that is huge."""
    lines = [f"<urn:s> <urn:p> {text} ." for text in TEXTS[:-1]]
    lines += [f"<urn:s{n}> <urn:p> <urn:o{n % 3}> ; <urn:few> <urn:d{n // 9}> ." for n in range(90)]
    lines += [f"<urn:s{n}> <urn:q> {n}, {n + 0.5}, 'n {n}'@en ." for n in range(0, 90, 2)]
    lines += [f"<urn:n{n}> <urn:many> <urn:all> ; <urn:none> <urn:n{n + 1}> ." for n in range(400)]
    lines.append(f"<urn:long> <urn:text> '{LONG}' . <urn:d1> <urn:few> <urn:s> .")
    text = "\n".join(lines)
    return f"GRAPH <urn:g> {{ {text} }} GRAPH <urn:h> {{ <urn:s> <urn:p> 5 . <urn:s2> <urn:q> 2 }}"


class Servers:
    """Two endpoints over the same data: as it comes, and one whose workers do everything."""

    def __init__(self, folder: Path, limits: Settings) -> None:
        store = ox.Store(str(folder / "store"))
        store.load(dump().encode(), format=ox.RdfFormat.TRIG)
        store.flush()
        del store
        self.folder = str(folder / "store")
        data = Dataset("dump", folder / "store", "0" * 64, 1, "2026-01-01", "urn:dump")
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever)
        self.thread.start()
        self.pools = [Pool(limits), Pool(limits)]
        self.here = 0
        inner = self.pools[0]._lookups.answer
        self.pools[0]._lookups.answer = self._counted(inner)  # type: ignore[method-assign]
        self.pools[1]._lookups.answer = lambda *_: None  # type: ignore[method-assign]
        self.doors = [
            sparql.Door(self._nowhere, sparql.Endpoint(Fixed({"dump": data}), pool, 9999))
            for pool in self.pools
        ]
        for n in itertools.count():
            self.ask(0, f"ASK {{ <urn:s> ?p {n} }}", MEDIA[0])
            if self.here:
                break  # the data is open
            time.sleep(0.05)

    def _counted(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*given: Any) -> Any:
            found = inner(*given)
            self.here += found is not None
            return found

        return answer

    async def _nowhere(self, *_: Any) -> None:
        raise AssertionError

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def ask(
        self, which: int, query: str, media: str, encoding: str = "identity", **more: str
    ) -> Got:
        """Status, headers but for the time it took, and body."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = {"host": "here", "accept": media, "accept-encoding": encoding}
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/sparql",
            "query_string": urlencode({"query": query} | more).encode(),
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }
        self.run(self.doors[which](scope, self._nowhere, send))  # type: ignore[arg-type]
        start, body = sent
        told = {k.decode(): v.decode() for k, v in start["headers"] if k != b"server-timing"}
        return start["status"], told, body["body"]

    def both(
        self, query: str, media: str = MEDIA[0], encoding: str = "identity", **more: str
    ) -> Got:
        """What both answer, the same."""
        one, other = (self.ask(which, query, media, encoding, **more) for which in (0, 1))
        assert one == other, query
        return one

    def close(self) -> None:
        for pool in self.pools:
            self.run(pool.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(
        tmp_path_factory.mktemp("lookups"), Settings(query_rows=ROWS, query_bytes=150_000)
    )
    yield made
    made.close()


def most(usual: str, *others: str) -> st.SearchStrategy[str]:
    """Most often the usual."""
    return st.sampled_from([usual] * 2 * len(others) + list(others))


SUBJECTS = ["?s", "?s", "<urn:s>", "<urn:s2>", "<urn:d1>", "u:n7", "<urn:long>", "<gone>", "_:b"]
VERBS = [
    "<urn:p>",
    "<urn:q>",
    "u:few",
    "u:few",
    "<urn:many>",
    "<urn:none>",
    "a",
    "?p",
    "?s",
    "<urn:p>/u:q",
]
OBJECTS = ["?o", "$o", "?s", "<urn:d1>", "u:d2", "<urn:o1>", "u:x", "<urn:all>", "u:s", *TEXTS]
SEEDS = ["?s u:few <urn:d1>", "?s u:few u:d2", "?s u:p <urn:o1>", "?s u:many u:all", "<urn:d1> u:few ?s",
         "<urn:s> u:p ?s", "?s ?p <urn:d1>"]  # fmt: skip
OTHERS = ["u:q ?o", "u:p ?o", "<urn:none> ?o", "u:gone ?o", "?p ?o", "u:q ?s", "u:q 2"]


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Queries that are lookups, and those that look much like one."""
    one = " ".join(draw(st.tuples(*map(st.sampled_from, (SUBJECTS, VERBS, OBJECTS)))))
    first, then = draw(st.sampled_from(SEEDS)), draw(st.sampled_from(OTHERS))
    body = draw(
        st.sampled_from(
            [
                one,
                f"{first} ; {then}",
                f"{first} . ?s {then}",
                f"?s {then} . {first}",
                f"{first}. ?o u:few ?s",
            ]
        )
    )
    begin = draw(most("SELECT *", "select $s", "SELECT ?y ?o ?p", "SELECT DISTINCT ?s", "ASK"))
    before = draw(most("", "# {\n", "BASE <urn:x>"))
    body += draw(most("", " .", " ;", " # }\n"))
    tail = draw(
        most("", " LIMIT 3", " limit 0", " LIMIT 900", " LIMIT 2 OFFSET 1", " # }", " ORDER BY ?s")
    )
    number = draw(st.integers(0, 99))  # what was asked before is kept, and found by no path
    return (
        f"PREFIX u: <urn:> {before} {begin} {draw(most('', 'WHERE'))} {{ {body} }}{tail} # {number}"
    )


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queries(), st.sampled_from(MEDIA), st.sampled_from(["identity", "gzip"]))
def test_the_answer_is_that_of_a_worker(
    servers: Servers, query: str, media: str, encoding: str
) -> None:
    servers.both(query, media, encoding)


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?p ?o { <urn:s> ?p ?o }",
        "SELECT ?s { ?s <urn:p> <urn:o1> } LIMIT 5",
        "SELECT ?x ?n { ?x <urn:few> <urn:d1> ; <urn:q> ?n }",
        "SELECT ?x ?n { ?x <urn:q> ?n . ?x <urn:few> <urn:d1> }",
        "SELECT ?x ?n { <urn:s9> <urn:few> ?d . ?x <urn:few> ?d }",
    ],
)
def test_a_lookup_takes_no_worker(servers: Servers, query: str, media: str) -> None:
    before = servers.here
    assert servers.both(f"{query} # {media}", media)[0] == 200
    assert servers.here == before + 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s <urn:many> <urn:all> }",  # too many rows
        "SELECT ?o { <urn:long> <urn:text> ?o }",  # too many bytes
        "SELECT ?x { ?x <urn:many> <urn:all> ; <urn:gone> ?n }",  # too large a seed
        "SELECT ?x { ?x ?p ?x }",
        "SELECT ?s { GRAPH <urn:g> { ?s <urn:q> 2 } }",
        "SELECT ?s FROM <urn:g> { ?s <urn:q> 2 }",
        "SELECT ?s { ?s <urn:p>* <urn:o1> }",
        "SELECT ?s { ?s <urn:q> 2 FILTER(true) }",
        "SELECT ?s { ?s <urn:q> 2 } OFFSET 1",
        "SELECT ?x { ?x <urn:q> ?y ; <urn:p> ?z }",
        "SELECT ?x { ?x <urn:few> <urn:d1> ; ?p ?n }",
        "ASK { ?x <urn:few> <urn:d1> ; <urn:gone> ?n }",
        "SELECT (COUNT(*) AS ?n) { <urn:s> ?p ?o }",
    ],
)
def test_whatever_may_read_more_is_a_workers(servers: Servers, query: str) -> None:
    before = servers.here
    servers.both(query)
    assert servers.here == before


def test_graphs_that_the_request_names_are_a_workers(servers: Servers) -> None:
    before = servers.here
    got = servers.both("SELECT ?o { <urn:s> <urn:p> ?o }", **{"default-graph-uri": "urn:h"})
    assert got[2].count(b'"value"') == 1
    assert servers.here == before


def test_a_pattern_of_many_rows_still_tells_where_it_was_cut_off(servers: Servers) -> None:
    _, headers, body = servers.both("SELECT ?s ?o { ?s <urn:none> ?o }")
    assert headers["warranted-row-limit"] == str(ROWS)
    assert b"urn:warranted:cut-off-after:300" in body
    assert servers.both("SELECT ?s ?o { ?s <urn:none> ?o }", "text/csv")[0] == 422
    assert servers.both("SELECT ?o { ?s <urn:text> ?o }")[0] == 422


def test_answers_are_compressed_as_a_worker_does(servers: Servers) -> None:
    _, headers, body = servers.both("SELECT ?s ?p { ?s ?p <urn:o2> }", MEDIA[0], "gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).count(b'"s":{') == 30


def test_what_an_engine_reads_is_tried(monkeypatch: pytest.MonkeyPatch, servers: Servers) -> None:
    assert lookups._trusted() == (True, True)
    few, many = (lookups._sample(size) for size in (3, 1000))
    whole = "SELECT * { ?x <urn:q> ?y . ?y <urn:q> ?z }"
    assert lookups._seconds(many, whole) > 5 * lookups._seconds(few, whole)

    async def opened() -> Any:
        found = lookups.Lookups()
        found._store(servers.folder)
        await asyncio.gather(*found._opening)
        return found._store(servers.folder)

    monkeypatch.setattr(lookups, "_trusted", lambda: (False, False))
    assert servers.run(opened()) is None
    monkeypatch.setattr(lookups, "_trusted", lambda: (True, False))
    assert servers.run(opened()) is not None
    before = servers.here
    servers.both("SELECT ?x ?n { ?x <urn:few> <urn:d2> ; <urn:q> ?n }")
    assert servers.here == before


def test_data_whose_answers_take_too_long_is_left_to_workers_for_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = Servers(tmp_path, Settings(query_workers=1, query_long=1))
    try:
        monkeypatch.setattr(lookups, "HELD", 1e-9)
        before = made.here
        for n in range(4):
            made.both(f"SELECT ?o {{ <urn:s{n}> <urn:p> ?o }}")
        assert made.here == before + 2
        monkeypatch.setattr(lookups, "HELD", 10.0)
        made.pools[0]._lookups._aside.clear()
        made.both("SELECT ?o { <urn:s8> <urn:p> ?o }")
        assert made.here == before + 3
    finally:
        made.close()
