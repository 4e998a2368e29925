"""Programs of others, as researchers use them, against a real server; and every line of the docs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import npm
import pytest
from rdflib import RDFS, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

DOCS = Path(__file__).parents[2] / "docs"
COMUNICA = "@comunica/query-sparql@4.5.0"
"""The last major that runs on Node.js 20."""
HERE = "http://127.0.0.1:8000"
IDEA = "https://w3id.org/warranted/id/idea/z1il-c1"


def fenced(language: str) -> list[str]:
    text = (DOCS / "researchers.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def curls() -> list[str]:
    """The curl commands of the docs; one goes on until its quotes and backslashes are closed."""
    found = []
    for page in sorted(DOCS.glob("*.md")):
        lines = iter(page.read_text(encoding="utf-8").splitlines())
        for line in lines:
            if not line.startswith("    curl "):
                continue
            command = line[4:]
            while command.endswith("\\") or command.count("'") % 2:
                command += "\n" + next(lines)[4:]
            found.append(command)
    return found


def test_there_are_lines_to_run() -> None:
    assert len(curls()) >= 10
    assert len(fenced("python")) == 3


@pytest.mark.parametrize("command", curls(), ids=range(len(curls())))
def test_a_curl_line_of_the_docs_works(command: str, server: Any, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.fail("curl is not installed")
    command = command.replace(HERE, server.url).replace("Bearer …", "Bearer a-token-for-tests")
    done = subprocess.run(
        ["bash", "-c", command.replace("curl ", "curl -sS --fail ", 1)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert done.stdout or any(file.stat().st_size for file in tmp_path.iterdir())


@pytest.mark.parametrize("program", fenced("python"), ids=["pandas", "SPARQLWrapper", "rdflib"])
def test_three_lines_of_python_work(program: str, server: Any, tmp_path: Path) -> None:
    lines = [line for line in program.splitlines() if line and " import " not in f" {line}"]
    assert len(lines) <= 3
    done = subprocess.run(
        [sys.executable, "-c", program.replace(HERE, server.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"idea/|Exit ticket", done.stdout)


def test_rdflibs_store_reads_a_release_as_a_graph(server: Any) -> None:
    store = SPARQLStore(f"{server.url}/sparql")
    graph = Graph(store)
    assert str(graph.value(URIRef(IDEA), RDFS.label)) == "Exit ticket with a reason line"
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
  `SELECT ?l { <${idea}> <http://www.w3.org/2000/01/rdf-schema#label> ?l }`, { sources })).toArray();
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
