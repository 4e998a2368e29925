"""Validated writes over HTTP beside 10k, 1M and 10M triples, by 8 writers at once.

Each write is a new PDSA test of some idea: parsed in a worker, judged with its neighbours, stored with
version, audit entry and the idea's warrant in one transaction that is on disk, then in the graph. The
stores hold copies of the illustrative package; the sizes take turns. The peer is what one would write
with the same libraries in an afternoon: FastAPI, an rdflib graph in memory, pyshacl on the whole of
it for each write; at 10k triples, with nothing on disk.

    python -m bench.write [--sizes 10000,1000000] [--no-peer]
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.validate import BASE, CODE, package
from warranted.graph import EmbeddedGraph, Follower
from warranted.ledger import Ledger, tables
from warranted.ledger.facts import facts_of
from warranted.records import Record

SIZES = (10_000, 1_000_000, 10_000_000)
WRITERS = 8
ROUNDS = 3
WRITES = 25
"""Writes of each writer in a round."""
TOKEN = {"Authorization": "Bearer bench"}


def fill(folder: Path, size: int) -> int:
    """A ledger and a graph with copies of the package; returns how many copies."""
    folder.mkdir(parents=True)
    records = package()
    facts = {record.iri: facts_of(record) for record in records}
    copies = max(1, round(size / sum(len(record.triples) for record in records)))
    ledger = Ledger(folder / "ledger.sqlite")
    seq = 0
    for start in range(0, copies, 20):
        with ledger.writing() as connection:
            rows = list(_rows(records, range(start, min(start + 20, copies)), seq))
            seq += len(rows)
            connection.execute(tables.version.insert(), [row for row, _, _ in rows])
            connection.execute(tables.current.insert(), [row for _, row, _ in rows])
            links = [link for _, row, _ in rows for link in _links(facts, row)]
            connection.execute(tables.link.insert(), links)
            audit = ("time", "role", "action", "record", "n", "reason")
            connection.execute(
                tables.audit.insert(), [{k: row[k] for k in audit} for row, _, _ in rows]
            )
            connection.exec_driver_sql(
                "INSERT INTO words (rowid, text) VALUES (?, ?)",
                [(row["seq"], words) for row, _, words in rows],
            )
    graph = EmbeddedGraph(folder / "graph")
    Follower(ledger, graph).catch_up()
    graph.close()
    ledger.close()
    return copies


def _moved(text: str, copy: int) -> str:
    return text.replace(f"/{CODE}-", f"/{CODE[0]}{copy}x-")


def _rows(
    records: list[Record], numbers: range, seq: int
) -> Iterator[tuple[dict[str, object], dict[str, object], str]]:
    for copy in numbers:
        for record in records:
            seq += 1
            body, facts = _moved(record.nquads, copy), facts_of(record)
            made = {
                "seq": seq,
                "record": _moved(record.iri, copy),
                "type": record.type,
                "n": 1,
                "digest": hashlib.sha256(body.encode()).hexdigest(),
                "body": body,
                "role": "curator",
                "reason": "bench",
                "time": "2026-01-01T00:00:00.000+00:00",
                "action": "create",
                "author": "",
            }
            held = {
                "record": made["record"],
                "type": record.type,
                "seq": seq,
                "network": _moved(facts.network, copy),
                "status": facts.status,
                "label": facts.label,
                "key": facts.key,
                "origin": record.iri,
                "copy": copy,
            }
            yield made, held, facts.words


def _links(facts: dict[str, object], row: dict[str, object]) -> Iterator[dict[str, str]]:
    origin, copy = str(row.pop("origin")), int(str(row.pop("copy")))
    for predicate, target in facts[origin].links:  # type: ignore[attr-defined]
        yield {
            "record": str(row["record"]),
            "predicate": predicate,
            "object": _moved(target, copy),
        }


def body(copies: int, seed: random.Random) -> bytes:
    """A new test, at some site of some copy, of some version of an idea."""
    copy = seed.randrange(copies)
    found = seed.choice(TESTS)
    text = "".join(f"{t} .\n" for t in found.triples).replace(found.iri, "urn:new")
    return _moved(text, copy).replace("<urn:new", "<").encode()


TESTS = [
    record
    for record in package()
    if record.type == "test" and any("PDSACycle" in str(t.object) for t in record.triples)
]


def served(folder: Path, *command: str, **env: str) -> tuple[subprocess.Popen[bytes], str]:
    """A server on a free port, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"WARRANTED_PORT": port, "WARRANTED_WRITE_TOKEN": "bench"} | env,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx.get(f"{url}/health", timeout=60)
            return process, url
        except httpx.TransportError:
            assert process.poll() is None, "the server stopped"
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def load(url: str, copies: int, writes: int, seed: int) -> tuple[float, list[float]]:
    """Writes a second by 8 writers, and the seconds of each."""
    taken: list[float] = []
    lock = threading.Lock()

    def write(number: int) -> None:
        own = random.Random(seed * 100 + number)
        with httpx.Client(base_url=url, timeout=600) as client:
            for _ in range(writes):
                sent = body(copies, own)
                began = time.perf_counter()
                answer = client.post(
                    "/api/v1/test", content=sent, headers=TOKEN | {"Content-Type": "text/turtle"}
                )
                assert answer.status_code == 201, answer.text
                with lock:
                    taken.append(time.perf_counter() - began)

    began = time.perf_counter()
    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken) / (time.perf_counter() - began), taken


PEER = """
import asyncio, os, sys, uuid
import pyshacl, rdflib, uvicorn
from fastapi import FastAPI, Request, Response
from rdflib.namespace import RDF
from warranted import resources, shape_model

graph = rdflib.Graph()
graph.parse(sys.argv[1], format="nt")
for file in resources.ontology().rglob("*.ttl"):
    graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
shapes = shape_model.shipped().graph
app, lock = FastAPI(), asyncio.Lock()

@app.get("/health")
async def health():
    return {}

@app.post("/api/v1/test")
async def create(request: Request):
    iri = f"https://w3id.org/warranted/id/test/{uuid.uuid4()}"
    new = rdflib.Graph().parse(data=await request.body(), format="turtle", publicID=iri)
    async with lock:
        for triple in new:
            graph.add(triple)
        conforms, _, text = await asyncio.to_thread(
            pyshacl.validate, graph, shacl_graph=shapes, inplace=True)
        return Response(status_code=201, headers={"Location": iri})

uvicorn.run(app, port=int(os.environ["WARRANTED_PORT"]), log_level="warning")
"""


def peer(folder: Path, size: int) -> tuple[float, list[float]]:
    """The same writes to the peer."""
    records = package()
    copies = max(1, round(size / sum(len(record.triples) for record in records)))
    with (folder / "peer.nt").open("w", encoding="utf-8") as file:
        for copy in range(copies):
            for record in records:
                file.writelines(_moved(f"{t} .\n", copy) for t in record.triples)
    process, url = served(folder, "-c", PEER, str(folder / "peer.nt"))
    try:
        return load(url, copies, 1, 1)
    finally:
        process.terminate()
        process.wait()


def p99(taken: list[float]) -> float:
    """The 99th percentile, in milliseconds."""
    return statistics.quantiles(taken, n=100, method="inclusive")[98] * 1000


def main() -> None:
    """Print the table."""
    sizes = SIZES
    if "--sizes" in sys.argv:
        sizes = tuple(map(int, sys.argv[sys.argv.index("--sizes") + 1].split(",")))
    scratch = Path(tempfile.mkdtemp(prefix="write"))
    running = {}
    try:
        for size in sizes:
            folder = scratch / str(size)
            began = time.perf_counter()
            copies = fill(folder / "var", size)
            print(f"{size:,} triples: filled in {time.perf_counter() - began:.0f} s", flush=True)
            running[size] = (*served(folder, "-m", "warranted.cli", "serve"), copies)
        rates: dict[int, list[float]] = {size: [] for size in sizes}
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        for turn in range(ROUNDS + 1):
            for size, (_, url, copies) in running.items():
                rate, seconds = load(url, copies, WRITES if turn else 4, turn)
                if turn:  # the first warms up
                    rates[size].append(rate)
                    taken[size] += seconds
        print(f"{'triples':>12}{'writes/s':>10}{'p50, ms':>10}{'p99, ms':>10}{'to the first':>14}")
        base = statistics.median(rates[sizes[0]])
        for size in sizes:
            rate = statistics.median(rates[size])
            half = statistics.median(taken[size]) * 1000
            print(
                f"{size:>12,}{rate:>10.1f}{half:>10.1f}{p99(taken[size]):>10.1f}{base / rate:>13.2f}×"
            )
        if "--no-peer" not in sys.argv:
            rate, seconds = peer(scratch, 10_000)
            half = statistics.median(seconds) * 1000
            print(f"{'peer, 10,000':>12}{rate:>10.2f}{half:>10.0f}{p99(seconds):>10.0f}"
                  f"{base / rate:>13.0f}×")  # fmt: skip
    finally:
        for process, *_ in running.values():
            process.terminate()
            process.wait()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    assert BASE
    main()
