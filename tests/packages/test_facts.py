"""The published packages hold what their facts hold, and every figure can be recomputed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml

from warranted import checking, resources
from warranted.namespaces import DCTERMS, NIC, RDF, ROOT
from warranted.records import Record

EXPECTED: dict[str, dict[str, int]] = yaml.safe_load(
    (Path(__file__).parent / "expected.yaml").read_text(encoding="utf-8")
)
FILES = {file.stem: file for file in sorted(resources.packages().glob("*.ttl"))}
PUBLISHED = sorted(EXPECTED)
PRINTED_WRONGLY = {("ccp-statway-quantway", "1720", "2547", "62")}
"""Rates whose source prints another value than its own counts give; both are kept, and noted."""
FACT_CLASSES = {
    "Source",
    "SourceStatement",
    "ContextStatement",
    "Limitation",
    "ReportedResult",
    "SourceConflict",
    "ExternalEvidence",
    "Observation",
    "Figure",
    "Material",
    "Aim",
    "Driver",
    "PrimaryDriver",
    "SecondaryDriver",
    "ChangeIdea",
    "Measure",
    "MeasureSeries",
    "ReportedTest",
}


def records(name: str) -> list[Record]:
    return checking.read_file(FILES[name], base=ROOT)


def nodes(name: str) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {}
    for record in records(name):
        for t in record.triples:
            said = found.setdefault(t.subject.value, {})
            said.setdefault(t.predicate.value, []).append(t.object)
    return found


def text(node: dict[str, list[Any]], name: str) -> str | None:
    values = node.get(NIC + name)
    return values[0].value if values else None


def classes(node: dict[str, list[Any]]) -> set[str]:
    return {o.value.removeprefix(NIC) for o in node.get(f"{RDF}type", [])}


def test_every_package_of_the_facts_is_there() -> None:
    assert set(EXPECTED) <= set(FILES)


@pytest.fixture(scope="module")
def store(demo: Any) -> ox.Store:
    (release,) = (demo.folder / "var" / "releases").glob("2*")
    return ox.Store.read_only(str(release / "dataset"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_in_the_store_are_those_of_the_facts(name: str, store: ox.Store) -> None:
    expected = dict(EXPECTED[name])
    expected["Source"] += expected.pop("named_elsewhere")
    for cls, count in expected.items():
        query = f"""
            PREFIX nic: <{NIC}> PREFIX dcterms: <{DCTERMS}>
            PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
            SELECT (COUNT(DISTINCT ?thing) AS ?n) WHERE {{
                ?package nic:slug "{name}" .
                ?package dcterms:hasPart? ?record .
                GRAPH ?record {{ ?thing a ?class }}
                ?class rdfs:subClassOf* nic:{cls} .
            }}"""
        (row,) = store.query(query, use_default_graph_as_union=True)
        assert int(row["n"].value) == count, f"{name}: {cls}"


def rates() -> Iterator[tuple[str, str, str, str, int]]:
    for name in FILES:
        said = nodes(name)
        per = {
            o.value: int(text(node, "perUnits") or 100)
            for node in said.values()
            for o in node.get(f"{NIC}hasObservation", [])
        }
        for iri, node in said.items():
            n, d, v = (text(node, key) for key in ("numerator", "denominator", "value"))
            if n and d and v:
                yield name, n, d, v, int(text(node, "perUnits") or per.get(iri, 100))


def test_every_rate_recomputes_from_its_counts() -> None:
    found = list(rates())
    assert len(found) > 100
    for name, n, d, v, per in found:
        printed = Decimal(v)
        exact = Decimal(n) / Decimal(d) * per
        rounded = exact.quantize(printed, ROUND_HALF_UP)
        agrees = rounded == printed
        assert agrees != ((name, n, d, v) in PRINTED_WRONGLY), (
            f"{name}: {n}/{d} is {exact}, not {v}"
        )


def test_the_neonatal_rates_keep_their_digits() -> None:
    body = FILES["nclabsi-neonatal"].read_text(encoding="utf-8")
    for printed in ("2.043", "0.988", "0.703", "1.354", "2.040", "0.860", "1.200", "1.590"):
        assert f"nic:value {printed} " in body


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_node_that_states_a_fact_has_a_source_with_a_locator(name: str) -> None:
    said = nodes(name)
    for iri, node in said.items():
        if classes(node) & (FACT_CLASSES - {"Source"}):
            references = node.get(f"{NIC}reference", [])
            assert references, f"{iri} has no source"
            for reference in references:
                assert text(said[reference.value], "locator"), f"{reference.value} has no locator"
                source = said[reference.value][f"{NIC}source"][0].value
                assert "Source" in classes(said[source]), f"{source} is not in the file"


def test_a_record_in_two_files_is_the_same_in_both() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for name in FILES:
        for record in records(name):
            digest, where = seen.setdefault(record.iri, (record.digest, name))
            assert digest == record.digest, f"{record.iri} differs in {where} and {name}"


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_package_names_every_record_of_its_file(name: str) -> None:
    found = {record.iri: record for record in records(name)}
    (package,) = (r for r in found.values() if r.type == "package")
    parts = {t.object.value for t in package.triples if t.predicate.value == f"{DCTERMS}hasPart"}
    assert parts == set(found) - {package.iri}


def test_the_illustrative_package_is_marked_everywhere() -> None:
    for record in records("illustrative-algebra-talk"):
        mark = ox.Triple(
            ox.NamedNode(record.iri), ox.NamedNode(f"{NIC}illustrative"), ox.Literal(True)
        )
        assert mark in record.triples, f"{record.iri} is made up and does not say so"
    for name in PUBLISHED:
        assert "nic:illustrative" not in FILES[name].read_text(encoding="utf-8")


def test_validate_passes_all_packages_and_lists_their_warnings() -> None:
    command = [sys.executable, "-m", "warranted.cli", "validate", *map(str, FILES.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    for file in FILES.values():
        assert f"{file}: " in done.stdout
    assert "Operational definition: say in 40 characters or more" in done.stdout


def test_validate_says_the_same_as_json() -> None:
    command = [sys.executable, "-m", "warranted.cli", "validate", "--json"]
    file = str(FILES["teln-early-literacy"])
    done = subprocess.run([*command, file], capture_output=True, text=True, check=True, timeout=60)
    results = json.loads(done.stdout)
    assert {r["severity"] for r in results} <= {"Warning", "Info"}
    assert all(r["field"] and r["message"] and r["next"] for r in results)


def test_warranted_query_counts_the_same_in_the_workspace(demo: Any, run: Any) -> None:
    """The counts of the facts, asked of the workspace through the command line."""
    query = f"""
        PREFIX nic: <{NIC}> PREFIX dcterms: <{DCTERMS}>
        SELECT ?slug ?class (COUNT(DISTINCT ?thing) AS ?n) WHERE {{
            ?package nic:slug ?slug ; dcterms:hasPart? ?record .
            GRAPH ?record {{ ?thing a ?class }}
        }} GROUP BY ?slug ?class"""
    done = run("query", query, "--format", "csv", cwd=demo.folder)
    assert done.returncode == 0, done.stderr
    counted: dict[tuple[str, str], int] = {}
    for line in done.stdout.split()[1:]:
        slug, cls, count = line.split(",")
        counted[slug, cls.removeprefix(NIC)] = int(count)
    for name, expected in EXPECTED.items():
        for cls in ("ChangeIdea", "Measure", "MeasureSeries", "Observation", "Limitation"):
            assert counted.get((name, cls), 0) == expected[cls], f"{name}: {cls}"
