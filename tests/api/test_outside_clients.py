"""Programs of others, as researchers use them, against a real server."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import npm
from rdflib import RDFS, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

COMUNICA = "@comunica/query-sparql@4.5.0"
"""The last major that runs on Node.js 20."""
IDEA = "https://w3id.org/warranted/id/idea/z1il-c1"


def test_rdflibs_store_reads_a_release_as_a_graph(server: Any) -> None:
    store = SPARQLStore(f"{server.url}/sparql")
    graph = Graph(store)
    labels = list(graph.objects(URIRef(IDEA), RDFS.label))
    assert Literal("Exit ticket with a reason line", lang="en") in labels
    rows = graph.query("SELECT ?n { ?s a nic:Aim ; rdfs:label ?n }", initNs={
        "nic": "https://w3id.org/warranted/ns#", "rdfs": str(RDFS),
    })  # fmt: skip
    assert len(list(rows)) > 3
    (built,) = {len(g) > 0 for g in [graph.query(f"DESCRIBE <{IDEA}>").graph] if g is not None}
    assert built


COMUNICA_ASKS = """
import { QueryEngine } from "@comunica/query-sparql";
const [url, idea] = process.argv.slice(2);
const engine = new QueryEngine();
const sources = [{ type: "sparql", value: url + "/sparql" }];
const rows = await (await engine.queryBindings(
  `SELECT ?l { <${idea}> <http://www.w3.org/2000/01/rdf-schema#label> ?l
     FILTER(LANGMATCHES(LANG(?l), "en")) }`, { sources })).toArray();
const triples = await (await engine.queryQuads(
  `CONSTRUCT { ?s ?p ?o } WHERE { <${idea}> ?p ?o . BIND(<${idea}> AS ?s) }`, { sources })).toArray();
const yes = await engine.queryBoolean(`ASK { <${idea}> ?p ?o }`, { sources });
const beyond = await (await engine.queryBindings(
  `SELECT ?d { <${idea}> <https://w3id.org/warranted/ns#addressesDriver> ?x .
     ?x <http://www.w3.org/2000/01/rdf-schema#label> ?d }`, { sources: [url + "/id/idea/z1il-c1", sources[0]] })).toArray();
console.log(JSON.stringify({ labels: rows.map(r => r.get("l").value), triples: triples.length, yes,
  drivers: beyond.map(r => r.get("d").value) }));
"""


def test_comunica_asks_the_endpoint_and_follows_iris(server: Any) -> None:
    folder = npm.installed(COMUNICA)
    program = folder / "asks.mjs"
    program.write_text(COMUNICA_ASKS, encoding="utf-8")
    done = subprocess.run(
        [npm.node(), str(program), server.url, IDEA],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-1000:]
    told = json.loads(done.stdout)
    assert told["labels"] == ["Exit ticket with a reason line"]
    assert told["yes"] is True
    assert told["triples"] > 3
    assert told["drivers"]
