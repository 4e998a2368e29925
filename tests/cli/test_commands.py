"""The command line as a user meets it: what it prints, and how it fails."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_demo_lists_a_page_for_each_package(demo: Any) -> None:
    there = {p.name for p in demo.html.iterdir()}
    assert {"nclabsi-neonatal", "who-surgical-checklist", "teln-early-literacy"} <= there
    with_data = {p.name for p in demo.html.iterdir() if (p / "index.ttl").is_file()}
    assert len(with_data - {"ns", "shapes"}) == 12


def test_a_syntax_error_names_file_line_and_reason_and_loads_nothing(
    run: Run, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        "@prefix nic: <https://w3id.org/warranted/ns#> .\n"
        "<https://w3id.org/warranted/id/network/a> a nic:Network .\n"
        "<https://w3id.org/warranted/id/network/b> a nic:Network\n",
        encoding="utf-8",
    )
    done = run("load", "bad.ttl", cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.ttl, line " in done.stderr
    assert "Traceback" not in done.stderr
    count = run("query", "SELECT (COUNT(*) AS ?n) { ?s a ?t }", "--format", "csv", cwd=tmp_path)
    assert count.stdout.split() == ["n", "0"]


def test_an_invalid_record_stops_its_file_and_says_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "half.ttl").write_text(
        "@base <https://w3id.org/warranted/id/> .\n"
        "@prefix nic: <https://w3id.org/warranted/ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<network/a> a nic:Network ; rdfs:label "A network" .\n'
        "<network/b> a nic:Network .\n",
        encoding="utf-8",
    )
    done = run("load", "half.ttl", cwd=tmp_path)
    assert done.returncode == 1
    assert "Name: give it a name" in done.stderr
    count = run("query", "ASK { ?s a ?t }", cwd=tmp_path)
    assert count.stdout.strip() == "no"


@pytest.mark.parametrize("broken", ["file", "folder"])
def test_a_store_that_cannot_be_opened_is_one_clear_line(
    run: Run, tmp_path: Path, broken: str
) -> None:
    if broken == "file":
        (tmp_path / "var").write_text("not a folder", encoding="utf-8")
    else:
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "ledger.sqlite").write_bytes(b"not a database" * 100)
    done = run("query", "ASK {}", cwd=tmp_path)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_chart_and_warrant_answer_in_json(run: Run, tmp_path: Path, demo: Any) -> None:
    (tmp_path / "chart.json").write_text(
        json.dumps({"chart": "run", "y": [1, 2] * 5 + [11, 12] * 5}), encoding="utf-8"
    )
    chart = json.loads(run("chart", "chart.json", cwd=tmp_path).stdout)
    assert (chart["center"], chart["longest_run"], chart["runs_signal"]) == (6.5, 10, True)
    dump = demo.html / "data" / "dumps" / "illustrative-algebra-talk.ttl"
    ideas = json.loads(run("warrant", str(dump), "--json", cwd=tmp_path).stdout)
    assert {idea["level"] for idea in ideas.values()} >= {"dependable", "replicated", "set-aside"}


def test_bad_chart_input_names_the_field(run: Run, tmp_path: Path) -> None:
    (tmp_path / "chart.json").write_text('{"chart": "p", "y": [1, 2]}', encoding="utf-8")
    done = run("chart", "chart.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "n" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_query_that_asks_for_too_much_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    done = run("query", "DROP ALL", cwd=tmp_path)
    assert done.returncode == 2
    assert "DROP is refused" in done.stderr


def test_publishing_twice_makes_one_release(run: Run, demo: Any) -> None:
    again = run("publish", cwd=demo.folder)
    assert again.returncode == 0, again.stderr
    releases = [p for p in (demo.folder / "var" / "releases").iterdir() if p.name[0] == "2"]
    assert len(releases) == 1
