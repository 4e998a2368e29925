"""From a file to the store and out again: all or nothing, twice is once, every digit kept."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import rdfio, records
from warranted.errors import (
    Conflict,
    InputError,
    InvalidRecord,
    MalformedQuery,
    ParseError,
    QueryRefused,
    StoreLocked,
    StoreUnavailable,
)
from warranted.namespaces import ROOT
from warranted.rdfio import Format
from warranted.records import Record
from warranted.repository import Repository
from warranted.settings import Settings

SERIES = f"{ROOT}/id/series/x1"
IDEA = f"{ROOT}/id/idea/i1"


@pytest.fixture
def repository(settings: Settings) -> Iterator[Repository]:
    with Repository(settings) as made:
        yield made


def written(tmp_path: Path, text: str, name: str = "given.ttl") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def relabelled(record: Record, label: str) -> Record:
    text = record.nquads.replace("Exit ticket with a reason line", label)
    return Record.from_nquads(record.iri, record.type, text)


def test_a_file_is_loaded_and_loading_it_again_changes_nothing(
    repository: Repository, small: Path
) -> None:
    first = repository.load(small)
    assert (first.new, first.changed, first.unchanged) == (8, 0, 0)
    assert first.summary() == "small.ttl: 8 new, 0 changed, 0 unchanged; 6 warnings"
    seq = repository.ledger.last_seq()
    again = repository.load(small)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 8)
    assert repository.ledger.last_seq() == seq


def test_only_what_changed_gets_a_new_version(
    repository: Repository, small: Path, tmp_path: Path
) -> None:
    repository.load(small)
    text = small.read_text(encoding="utf-8").replace("2.040", "2.0400")
    report = repository.load(written(tmp_path, text))
    assert (report.new, report.changed, report.unchanged) == (0, 1, 7)
    assert [v.n for v in repository.ledger.versions(SERIES)] == [1, 2]


def test_a_file_with_one_bad_record_stores_nothing(
    repository: Repository, small: Path, tmp_path: Path
) -> None:
    text = (
        small.read_text(encoding="utf-8")
        .replace('nic:summary "Ways to have learners say why."@en ;', "")
        .replace("nic:packageOf <network/n1> ;", "")
    )
    with pytest.raises(InvalidRecord) as refused:
        repository.load(written(tmp_path, text))
    assert {r.record for r in refused.value.results if r.severity == "Violation"} == {
        f"{ROOT}/id/package/k1"
    }
    assert repository.ledger.last_seq() == 0
    assert len(repository.graph) == 0


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("<aim/a1> a nic:Aim", ParseError),
        ("<https://example.org/x> a nic:Aim .", InputError),
        ("<aim/a9> a nic:ChangeIdea .", InputError),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing(
    repository: Repository, small: Path, tmp_path: Path, broken: str, expected: type[Exception]
) -> None:
    text = small.read_text(encoding="utf-8") + "\n" + broken
    with pytest.raises(expected):
        repository.load(written(tmp_path, text))
    assert repository.ledger.last_seq() == 0


def test_a_syntax_error_names_file_line_and_reason(
    repository: Repository, small: Path, tmp_path: Path
) -> None:
    lines = small.read_text(encoding="utf-8").split("\n")
    lines[10] = "    this is not Turtle ;"
    with pytest.raises(ParseError) as refused:
        repository.load(written(tmp_path, "\n".join(lines)))
    assert refused.value.line == 11
    assert "given.ttl, line 11" in str(refused.value)


@pytest.mark.parametrize("fmt", Format)
def test_what_is_exported_is_what_was_loaded(
    settings: Settings, small: Path, tmp_path: Path, fmt: Format
) -> None:
    out = tmp_path / f"out.{fmt.extension}"
    with Repository(settings) as repository:
        repository.load(small)
        before = {v.record: v.body for v in repository.ledger.all_current()}
        assert repository.export(fmt, out) == 8
    other = Settings(data=tmp_path / "other")
    with Repository(other) as repository:
        repository.load(out)
        assert {v.record: v.body for v in repository.ledger.all_current()} == before
    written = out.read_text(encoding="utf-8")
    for form in ("2.040", "1.50"):
        assert form in written
    assert "en-GB" in written


def test_an_export_that_fails_leaves_the_old_file(
    repository: Repository, small: Path, tmp_path: Path
) -> None:
    repository.load(small)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        repository.export(Format.TURTLE, tmp_path / "missing" / "out.ttl")
    assert [p.name for p in tmp_path.iterdir()] == ["var"]


def test_a_record_is_judged_with_what_is_stored(
    repository: Repository, small: Path, tmp_path: Path
) -> None:
    head = small.read_text(encoding="utf-8").split("<network/n1>")[0]
    idea = (
        head + '<idea/i2> a nic:ChangeIdea ; rdfs:label "Another"@en ; nic:summary "Says why."@en ;'
    )
    wrong = idea + " nic:addressesDriver <aim/a1> ."
    right = idea + " nic:addressesDriver <driver/d1> ."
    with pytest.raises(InvalidRecord, match="Driver"):
        repository.load(written(tmp_path, wrong))
    repository.load(small)
    with pytest.raises(InvalidRecord, match="Driver"):
        repository.load(written(tmp_path, wrong))
    assert repository.load(written(tmp_path, right)).new == 1


def test_put_stores_one_record_and_says_which_version_holds(
    repository: Repository, small: Path
) -> None:
    repository.load(small)
    stored = repository.get(IDEA)
    assert stored is not None
    made, _ = repository.put(
        relabelled(stored.as_record(), "New name"), role="curator", reason="shorter"
    )
    assert (made.n, made.reason) == (2, "shorter")
    assert repository.get(IDEA) == made
    asked = repository.query(f"ASK {{ <{IDEA}> ?p 'New name'@en-gb }}", "json")
    assert json.loads(asked)["boolean"] is True
    same, _ = repository.put(made.as_record(), role="curator", reason="again")
    assert same == made


def test_put_refuses_what_breaks_a_shape(repository: Repository, small: Path) -> None:
    repository.load(small)
    stored = repository.get(IDEA)
    assert stored is not None
    nameless = tuple(
        t for t in stored.as_record().triples if not t.predicate.value.endswith("label")
    )
    with pytest.raises(InvalidRecord) as refused:
        repository.put(Record(IDEA, "idea", nameless), role="curator", reason="")
    assert refused.value.results[0].severity == "Violation"
    assert repository.get(IDEA) == stored


def test_put_refuses_what_the_caller_did_not_expect(repository: Repository, small: Path) -> None:
    repository.load(small)
    stored = repository.get(IDEA)
    assert stored is not None
    record = stored.as_record()
    with pytest.raises(Conflict, match="is there already"):
        repository.put(record, role="curator", reason="", create=True)
    repository.put(relabelled(record, "B"), role="r", reason="", expected=stored.digest)
    with pytest.raises(Conflict, match="was changed meanwhile"):
        repository.put(relabelled(record, "C"), role="r", reason="", expected=stored.digest)


def test_of_many_who_expect_the_same_one_wins(repository: Repository, small: Path) -> None:
    repository.load(small)
    stored = repository.get(IDEA)
    assert stored is not None
    outcome: list[str] = []

    def write(who: int) -> None:
        try:
            repository.put(
                relabelled(stored.as_record(), f"By {who}"),
                role="curator",
                reason="",
                expected=stored.digest,
            )
            outcome.append("stored")
        except Conflict:
            outcome.append("refused")

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["refused"] * 7 + ["stored"]


def test_writers_at_once_all_get_through(repository: Repository, small: Path) -> None:
    repository.load(small)
    stored = repository.get(IDEA)
    assert stored is not None
    text = stored.as_record().nquads

    def write(who: int) -> None:
        for n in range(5):
            iri = f"{ROOT}/id/idea/w{who}-{n}"
            record = Record.from_nquads(iri, "idea", text.replace(IDEA, iri))
            repository.put(record, role="curator", reason="", create=True)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(repository.page("idea", limit=100)) == 21
    counted = repository.query(
        "PREFIX nic: <https://w3id.org/warranted/ns#>"
        "SELECT (COUNT(*) AS ?n) WHERE { ?s a nic:ChangeIdea }",
        "csv",
    )
    assert counted.split() == [b"n", b"21"]


def test_a_lost_graph_is_made_anew_at_opening(settings: Settings, small: Path) -> None:
    with Repository(settings) as repository:
        repository.load(small)
        triples = len(repository.graph)
    for file in sorted((settings.data / "graph").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    with Repository(settings) as repository:
        assert len(repository.graph) == triples > 0


def test_a_write_stands_when_the_graph_cannot_follow(
    repository: Repository, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("warranted.graph.EmbeddedGraph.apply", fail)
        broken.setattr("warranted.graph.EmbeddedGraph.rebuild", fail)
        assert repository.load(small).new == 8
    assert repository.get(IDEA) is not None
    repository.load(small)  # the next write brings the graph up to date
    assert repository.graph.applied()[0] == repository.ledger.last_seq()


HOLD = """
import sys, time
from pathlib import Path
from warranted.repository import Repository
from warranted.settings import Settings
with Repository(Settings(data=Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_store_in_use_is_one_plain_line(settings: Settings) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.data)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreLocked, match=f"process {holder.pid}"):
            Repository(settings)
    finally:
        holder.kill()
        holder.communicate()


def test_a_broken_ledger_lets_go_of_the_graph(settings: Settings) -> None:
    settings.data.mkdir()
    (settings.data / "ledger.sqlite").write_text("not a ledger\n" * 100)
    for _ in range(2):  # the second time would be StoreLocked
        with pytest.raises(StoreUnavailable, match="ledger"):
            Repository(settings)


# ---- queries ----


def test_a_query_is_answered_in_every_format(repository: Repository, small: Path) -> None:
    repository.load(small)
    select = (
        f"SELECT ?label WHERE {{ <{IDEA}> <http://www.w3.org/2000/01/rdf-schema#label> ?label }}"
    )
    found = json.loads(repository.query(select, "json"))["results"]["bindings"]
    assert found[0]["label"]["value"] == "Exit ticket with a reason line"
    assert repository.query(select, "csv").startswith(b"label\r\nExit ticket")
    assert b"Exit ticket" in repository.query(select, "tsv")
    assert b"<literal" in repository.query(select, "xml")
    assert b"(1 row)" in repository.query(select, "table")
    construct = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{IDEA}> {{ ?s ?p ?o }} }}"
    stored = repository.get(IDEA)
    assert stored is not None
    turtle = rdfio.parse(repository.query(construct, "turtle"), Format.TURTLE)
    assert records.split(turtle, base=ROOT) == [stored.as_record()]


def test_the_default_graph_is_all_records(repository: Repository, small: Path) -> None:
    repository.load(small)
    joined = repository.query(
        "PREFIX nic: <https://w3id.org/warranted/ns#>"
        "SELECT ?aim WHERE { ?idea a nic:ChangeIdea ; nic:addressesDriver/nic:contributesTo ?aim }",
        "csv",
    )
    assert joined.split() == [b"aim", f"{ROOT}/id/aim/a1".encode()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * WHERE { ?s ?p", MalformedQuery),
        ("hello", MalformedQuery),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", QueryRefused),
        ("DROP ALL", QueryRefused),
        ("INSERT DATA { <urn:a> <urn:b> 1 }", QueryRefused),
    ],
)
def test_a_query_that_is_none_or_does_harm_is_refused(
    repository: Repository, text: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        repository.query(text)


def test_progress_is_told(repository: Repository, small: Path) -> None:
    told: list[tuple[int, int, str]] = []
    repository.load(small, progress=lambda *step: told.append(step))
    assert (0, 8, "checking") in told
    assert told[-1][2] == "writing"
    assert ox.NamedNode(IDEA) in set(repository.graph.store.named_graphs())
