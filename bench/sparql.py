"""SPARQL over HTTP beside three peers, and while 64 clients fire queries that never end.

One dump per size, of copies of the illustrative package (each record a named graph), is served by
`warranted sparql` as it comes; by FastAPI that calls pyoxigraph in its own process, with no limits; by
Oxigraph's own server; and by rdflib-endpoint, at 100k alone: a million triples load for minutes.

The load is a process of its own with 16 connections that stay open. The peers take turns, for several
rounds of lookups, joins and aggregates. Ours and rdflib-endpoint keep what they were asked before, so
no two requests are the same: they differ in the record they are about as far as there are records, and
in a number in a comment always. Of 50 answers one is read and its rows counted; any status but 200 is
told. The table has medians of the rounds; ratios count, rates are the machine's.

Then ours alone, at each size: 64 clients, each with an address of its own (127.0.0.2 and on, as Linux
lets one have), fire queries without end, heeding no Retry-After: ten kinds, half of them each time
about another IRI, so that none was seen before. 16 connections from 127.0.0.1 send what the peers
were sent, and are told apart. The bare handler gets a few seconds of it, for contrast.

    python -m bench.sparql [--sizes 100000,1000000] [--rounds 3] [--seconds 4] [--no-runaways]
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httptools
import httpx
import pyoxigraph as ox
import uvloop

from bench.validate import BASE, CODE, copies, package

SIZES = (100_000, 1_000_000)
CONNECTIONS, RUNAWAYS = 16, 64
SAMPLE = 4000  # queries of a round, before the numbers in comments make more of them
ENDPOINT = Path.home() / ".cache" / "warranted-bench" / "bin" / "rdflib-endpoint"
INSTALL = f"""rdflib-endpoint is left out. To have it, in an environment of its own:
    python -m venv {ENDPOINT.parents[1]}
    {ENDPOINT.parent / "pip"} install rdflib-endpoint httptools uvloop"""

Queries = Sequence[tuple[str, int | None]]  # texts, and how many rows each finds if that is known

PREFIXES = f"PREFIX w: <{BASE}/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
ASKED = {
    "lookups": """
SELECT ?label { <any> rdfs:label ?label }
SELECT ?p ?o { <any> ?p ?o }
SELECT ?idea ?label { ?idea w:addressesDriver <driver> ; rdfs:label ?label }
""",
    "joins": """
SELECT ?site ?decision { ?v w:specificationOf <idea> . ?test w:tests ?v ; w:atSite ?at ; w:decision ?decision . ?at rdfs:label ?site }
SELECT ?test ?out { ?idea w:addressesDriver <driver> . ?v w:specificationOf ?idea . ?test w:tests ?v ; w:hasFinding ?f . ?f w:predictionOutcome ?out }
SELECT ?idea ?label { ?high w:contributesTo <aim> . ?low w:contributesTo ?high . ?idea w:addressesDriver ?low ; rdfs:label ?label }
""",
    "aggregates": """
SELECT ?d (COUNT(*) AS ?n) { ?test w:decision ?d } GROUP BY ?d
SELECT ?d (COUNT(*) AS ?n) { ?test w:ofNetwork <network> ; w:decision ?d } GROUP BY ?d
SELECT ?d (SUM(?n) AS ?all) { ?test w:decision ?d ; w:peopleReached ?n FILTER(?n < 1000 + NUMBER) } GROUP BY ?d
""",
}
"""Texts by kind; the word in brackets is a type of record, NUMBER is another one each time."""
NEVER_END = """
SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i MORE }
SELECT * { ?a ?b ?c . ?x ?y ?z MORE } ORDER BY ?c ?z LIMIT 10
SELECT DISTINCT ?a ?z { ?a ?b ?c . ?x ?y ?z MORE } OFFSET 900000000
SELECT ?b ?z (COUNT(*) AS ?n) { ?a ?b ?c . ?x ?y ?z MORE } GROUP BY ?b ?z
SELECT (COUNT(*) AS ?n) { ?a (!<urn:no>)* ?b . ?c (!<urn:no>)+ ?d MORE }
SELECT (MAX(?l) AS ?m) { ?a ?b ?c . ?d ?e ?f BIND(STRLEN(CONCAT(STR(?c), STR(?f))) AS ?l) MORE }
ASK { ?a ?b ?c . ?d ?e ?f FILTER(CONCAT(STR(?a), STR(?f)) = "NUMBER") MORE }
SELECT ?a { ?a ?b ?c . ?d ?e ?f FILTER REGEX(STR(?c), CONCAT(STR(?f), "NUMBER$")) MORE }
SELECT (SUM(?n) AS ?s) { { SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MORE } GROUP BY ?a } }
SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f OPTIONAL { ?g ?b ?f } MINUS { ?c ?e ?d } MORE }
"""

BARE = """
import sys
import pyoxigraph, uvicorn
from fastapi import FastAPI, Response
store, JSON = pyoxigraph.Store.read_only(sys.argv[1]), pyoxigraph.QueryResultsFormat.JSON
app = FastAPI()
@app.get("/sparql")
async def sparql(query: str):
    found = store.query(query, use_default_graph_as_union=True)
    return Response(found.serialize(format=JSON), media_type="application/sparql-results+json")
uvicorn.run(app, port=int(sys.argv[2]), http="httptools", loop="uvloop", access_log=False)
"""


class Connection(asyncio.Protocol):
    """Stays open and asks one thing at a time: httpx would be slower than the servers are."""

    def __init__(self) -> None:
        self.open, self._body = True, b""
        self._answer: asyncio.Future[tuple[int, bytes]] = asyncio.Future()
        self._parser: Any = httptools.HttpResponseParser(self)

    def connection_made(self, transport: Any) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        answer = self._parser.get_status_code(), self._body
        self.open = self._parser.should_keep_alive()
        self._body, self._parser = b"", httptools.HttpResponseParser(self)
        if not self._answer.done():
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._answer = asyncio.Future()
        self._transport.write(request)
        return await self._answer


async def fire(job: dict[str, Any]) -> dict[str, Any]:
    """The load process: ask the job's queries over all connections, until its seconds are over."""
    statuses: Counter[str] = Counter()
    taken: list[float] = []
    asked, numbers = itertools.cycle(job["queries"]), itertools.count(job["first"])
    loop = asyncio.get_running_loop()
    tail = " HTTP/1.1\r\nHost: localhost\r\nAccept: application/sparql-results+json\r\n\r\n"
    began = ended = time.perf_counter()

    async def client(address: str) -> None:
        nonlocal ended
        connection: Connection | None = None
        while time.perf_counter() - began < job["seconds"]:
            (text, rows), number = next(asked), next(numbers)
            query, sent = text.replace("NUMBER", str(number)), time.perf_counter()
            try:
                if connection is None or not connection.open:
                    ends = {"host": "127.0.0.1", "port": job["port"], "local_addr": (address, 0)}
                    _, connection = await loop.create_connection(Connection, **ends)
                request = f"GET {job['path']}?query={query}{tail}"
                status, body = await connection.ask(request.encode())
            except OSError:
                statuses["closed"] += 1
                await asyncio.sleep(0.1)
                continue
            ended = time.perf_counter()
            statuses[str(status)] += 1
            if status == 200:
                taken.append(ended - sent)
                if rows is not None and number % 50 == 0:
                    assert len(json.loads(body)["results"]["bindings"]) == rows, text

    clients = [asyncio.ensure_future(client(address)) for address in job["addresses"]]
    loop.add_signal_handler(signal.SIGTERM, lambda: [one.cancel() for one in clients])
    await asyncio.wait(clients, timeout=job["seconds"] + job["grace"])
    for one in clients:
        one.cancel()
    for error in await asyncio.gather(*clients, return_exceptions=True):
        if isinstance(error, Exception):
            raise error
        statuses["still waiting"] += error is not None  # it was stopped just now
    seconds = (time.perf_counter() if statuses["still waiting"] else ended) - began
    cuts = statistics.quantiles(taken, n=100, method="inclusive") if taken[1:] else []
    p50, p99 = (1000 * cuts[n] if cuts else float("inf") for n in (49, 98))
    failed = {status: n for status, n in statuses.items() if n and status != "200"}
    return Round(seconds, statuses, len(taken) / seconds, p50, p99, failed)._asdict()


class Round(NamedTuple):
    """What a load saw: answers by status; how many were good a second, p50 and p99 in ms."""

    seconds: float
    statuses: dict[str, int]
    rate: float
    p50: float
    p99: float
    failed: dict[str, int]


class Peer(NamedTuple):
    """A server, and where it answers."""

    name: str
    port: int
    path: str


def start(
    peer: Peer, queries: Queries, seconds: float, addresses: Sequence[str], grace: float
) -> Any:
    """A load process; SIGTERM makes it stop early and tell."""
    quoted = [(quote(text, safe=""), rows) for text, rows in queries]
    job = {"port": peer.port, "path": peer.path, "queries": quoted, "first": time.time_ns() // 1000,
           "seconds": seconds, "addresses": addresses, "grace": grace}  # fmt: skip
    command = [sys.executable, "-m", "bench.sparql", "--load"]
    process: Any = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    return process


def told(process: Any) -> Round:
    """What a load process tells in the end."""
    text = process.stdout.read()
    assert process.wait() == 0, "the load failed"
    return Round(**json.loads(text))


def load(peer: Peer, queries: Queries, seconds: float, grace: float = 60) -> Round:
    """One round over the 16 connections; answers are waited for a minute when it is over."""
    return told(start(peer, queries, seconds, ["127.0.0.1"] * CONNECTIONS, grace))


class Questions:
    """Queries about some copies of the package; each finds as many rows as in the package itself."""

    def __init__(self, number: int) -> None:
        self._copies = number
        self._texts: dict[str, list[list[tuple[str, int]]]] = {kind: [] for kind in ASKED}
        store, records = ox.Store(), package()
        for record in records:
            store.load(record.nquads.encode(), format=ox.RdfFormat.N_QUADS)
        for kind, lines in ASKED.items():
            for line in lines.strip().splitlines():
                about = re.search(r"<(\w+)>", line)
                iris = [r.iri for r in records if about and about[1] in ("any", r.type)] or [""]
                texts = [PREFIXES + re.sub(r"<\w+>", f"<{iri}>", line) for iri in iris]
                self._texts[kind].append([(f"{t} # NUMBER", _rows(store, t)) for t in texts])

    def some(self, kind: str, seed: int) -> Queries:
        """A sample, a third of each of the kind's texts."""
        own, made = random.Random(seed), []
        for n in range(SAMPLE):
            text, rows = own.choice(self._texts[kind][n % len(self._texts[kind])])
            copy = own.randrange(self._copies)
            made.append((text.replace(f"/{CODE}-", f"/{CODE[0]}{copy}x-"), rows))
        return made


def _rows(store: ox.Store, text: str) -> int:
    found: Any = store.query(text.replace("NUMBER", "0"), use_default_graph_as_union=True)
    return len(list(found))


@contextmanager
def serving(name: str, folder: Path) -> Iterator[Peer]:
    """A peer on a free port, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    python, dump, store = sys.executable, str(folder / "dump.nq"), str(folder / "store")
    rust, where = (
        f"{Path(python).parent}/oxigraph",
        ["--location", store, "--bind", f"127.0.0.1:{port}"],
    )
    path, *command = {
        "ours": ["/sparql", python, "-m", "warranted.cli", "sparql", dump, "--port", port],
        "bare handler": ["/sparql", python, "-c", BARE, store, port],
        "oxigraph": ["/query", rust, "serve-read-only", "--union-default-graph", *where],
        "rdflib-endpoint": ["/", str(ENDPOINT), "serve", "--port", port, dump],
    }[name]
    env = os.environ | {"WARRANTED_DATA": str(folder / "var"), "TMPDIR": str(folder)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet)
    try:
        began, url = time.perf_counter(), f"http://127.0.0.1:{port}{path}"
        while True:
            with suppress(httpx.TransportError):
                assert httpx.get(url, params={"query": "ASK {}"}, timeout=60).is_success, name
                break
            assert process.poll() is None, f"{name} stopped"
            assert time.perf_counter() - began < 600, f"{name} did not start"
            time.sleep(0.2)
        yield Peer(name, int(port), path)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)  # a bare handler with runaways would not end by itself
        process.kill()
        process.wait()


def compare(
    folder: Path, size: int, asked: Questions, turns: int, seconds: float
) -> dict[tuple[str, str], float]:
    """Let the peers take turns, print the table, and return the rates by peer and kind."""
    names = ["ours", "bare handler", "oxigraph"]
    if not ENDPOINT.exists():
        print(INSTALL)
    elif size <= min(SIZES):
        names.append("rdflib-endpoint")
    rounds: dict[tuple[str, str], list[Round]] = defaultdict(list)
    with ExitStack() as stack:
        peers = [stack.enter_context(serving(name, folder)) for name in names]
        for turn, kind in itertools.product(range(turns + 1), ASKED):
            for peer in peers if turn % 2 else reversed(peers):
                done = load(peer, asked.some(kind, turn), seconds if turn else 1)
                if done.failed:
                    print(f"  {peer.name}, {kind}: {done.failed}")
                if turn:  # the first warms up
                    rounds[peer.name, kind].append(done)
    rates = {key: statistics.median(one.rate for one in found) for key, found in rounds.items()}
    print(f"{'':38}   req/s  p50, ms  p99, ms  to bare  to rdflib-endpoint")
    for kind, name in itertools.product(ASKED, names):
        rate, found = rates[name, kind], rounds[name, kind]
        p50, p99 = (statistics.median(getattr(one, p) for one in found) for p in ("p50", "p99"))
        fold = f"{rate / rates[names[3], kind]:>19.1f}×" if names[3:] else f"{'not run':>20}"
        print(f"{f'{size:,} {kind}':<22}{name:<16}{rate:>8.0f}{p50:>9.1f}{p99:>9.1f}"
              f"{rate / rates[names[1], kind]:>8.2f}×{fold}", flush=True)  # fmt: skip
    return rates


def hostile(
    name: str, folder: Path, asked: Questions, seconds: float, kinds: Sequence[str] = tuple(ASKED)
) -> dict[str, Round]:
    """What others see of a server, by kind, while 64 clients fire queries without end."""
    queries = [(line.replace("MORE", more) + " # NUMBER", None)
               for line in NEVER_END.strip().splitlines()
               for more in ("", "FILTER(?a != <urn:NUMBER>)")]  # fmt: skip
    with serving(name, folder) as peer:
        many = start(peer, queries, 3600, [f"127.0.0.{2 + n}" for n in range(RUNAWAYS)], 0)
        time.sleep(3)
        found = {kind: load(peer, asked.some(kind, 99), seconds, 12) for kind in kinds}
        many.terminate()
        got = told(many)
    for kind, one in found.items():
        print(f"  {name}, {kind}: {one.rate:.0f}/s, p50 {one.p50:.0f} ms, "
              f"p99 {one.p99:.0f} ms; not answered: {one.failed or 'none'}")  # fmt: skip
    print(f"  the {RUNAWAYS} got {got.statuses} in {got.seconds:.0f} s", flush=True)
    return found


def main(
    sizes: Sequence[int] = SIZES, turns: int = 3, seconds: float = 4, *, runaways: bool = True
) -> None:
    """Print the tables, and what came of the three claims."""
    shares: dict[str, float] = {}
    worst: dict[str, Round] = {}
    fold = "not measured"
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="sparql-") as scratch:
            folder, texts = Path(scratch), copies(package(), size)
            (folder / "dump.nq").write_text("".join(texts), encoding="utf-8")
            store = ox.Store(str(folder / "store"))
            store.bulk_load(path=str(folder / "dump.nq"), format=ox.RdfFormat.N_QUADS)
            store.optimize()
            del store
            asked = Questions(len(texts))
            rates = compare(folder, size, asked, turns, seconds)
            for kind in ASKED:
                shares[f"{kind}, {size:,}"] = rates["ours", kind] / rates["bare handler", kind]
            if peer := rates.get(("rdflib-endpoint", "lookups")):
                fold = f"{rates['ours', 'lookups'] / peer:.1f}"
            if runaways:
                print(f"{size:,} triples, {RUNAWAYS} clients firing queries without end:")
                found = hostile("ours", folder, asked, 10)
                worst |= {f"{kind}, {size:,}": one for kind, one in found.items()}
                hostile("bare handler", folder, asked, 2, ["lookups"])
    low = min(shares, key=lambda one: shares[one])
    print(f"to the bare handler (0.9): {shares[low]:.2f} at least, with {low}")
    print(f"to rdflib-endpoint on lookups (10): {fold}")
    if worst:
        high = max(worst, key=lambda one: worst[one].p99)
        lost = sum(sum(one.failed.values()) for one in worst.values())
        print(f"others' p99 beside runaways (1000 ms): {worst[high].p99:.0f} ms at most, "
              f"with {high}; {lost} not answered")  # fmt: skip


if __name__ == "__main__":
    if "--load" in sys.argv:
        print(json.dumps(uvloop.run(fire(json.load(sys.stdin)))))
    else:
        words = [one for one in sys.argv[1:] if one != "--no-runaways"]
        given = dict(zip(words[::2], words[1::2], strict=True))
        each = [int(size) for size in given.get("--sizes", "100000,1000000").split(",")]
        turns, length = int(given.get("--rounds", "3")), float(given.get("--seconds", "4"))
        main(each, turns, length, runaways="--no-runaways" not in sys.argv)
