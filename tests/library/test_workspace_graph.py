"""The graph follows the ledger, whatever happens to it, and never answers from half of it."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted.errors import StoreLocked, StoreUnavailable
from warranted.graph import EmbeddedGraph, Follower
from warranted.ledger import Ledger
from warranted.namespaces import NIC, ROOT
from warranted.rdfio import Format, parse
from warranted.records import Record, split


def idea(name: str, value: str = "1") -> Record:
    text = f"<{ROOT}/id/idea/{name}> a <{NIC}ChangeIdea> ; <{NIC}value> {value} ."
    return split(parse(text.encode(), Format.TURTLE), base=ROOT)[0]


def values(graph: EmbeddedGraph) -> list[tuple[str, str]]:
    found = graph.query(f"SELECT ?g ?v WHERE {{ GRAPH ?g {{ ?s <{NIC}value> ?v }} }} ORDER BY ?g")
    assert isinstance(found, ox.QuerySolutions)
    return [(row["g"].value.rpartition("/")[2], row["v"].value) for row in found]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger.sqlite")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


def opened(folder: Path, ledger: Ledger) -> EmbeddedGraph:
    graph = EmbeddedGraph(folder)
    Follower(ledger, graph).catch_up()
    return graph


def test_it_catches_up_with_what_it_missed(folder: Path, ledger: Ledger) -> None:
    graph = opened(folder, ledger)
    ledger.append([idea("a"), idea("b")], role="r", reason="")
    assert Follower(ledger, graph).catch_up() == 2
    graph.close()
    ledger.append([idea("b", "2"), idea("c")], role="r", reason="")
    graph = opened(folder, ledger)
    assert values(graph) == [("a", "1"), ("b", "2"), ("c", "1")]
    assert graph.applied()[0] == ledger.last_seq() == 4
    assert Follower(ledger, graph).catch_up() == 0
    assert len(graph) == 6
    graph.close()


def test_many_changes_at_once_and_one_by_one_give_the_same(
    folder: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warranted.graph.follow._BATCH", 3)
    graph = opened(folder, ledger)
    for n in range(20):
        ledger.append([idea(f"i{n % 7}", str(n))], role="r", reason="")
    Follower(ledger, graph).catch_up()
    one_by_one = values(graph)
    Follower(ledger, graph).rebuild()
    assert values(graph) == one_by_one
    monkeypatch.setattr("warranted.graph.follow.BULK", 5)
    other = opened(folder.with_name("other"), ledger)
    assert values(other) == one_by_one
    other.close()
    graph.close()


def test_it_is_made_anew_when_it_is_gone(folder: Path, ledger: Ledger) -> None:
    ledger.append([idea("a")], role="r", reason="")
    opened(folder, ledger).close()
    shutil.rmtree(folder)
    graph = opened(folder, ledger)
    assert values(graph) == [("a", "1")]
    graph.close()


@pytest.mark.parametrize("harm", ["CURRENT", "MANIFEST-*", "*.sst", "everything"])
def test_it_is_made_anew_when_it_is_corrupt(
    folder: Path, ledger: Ledger, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.append([idea(f"i{n}") for n in range(50)], role="r", reason="")
    graph = opened(folder, ledger)
    expected = values(graph)
    graph.close()
    harmed = list(folder.rglob("*" if harm == "everything" else harm))
    assert harmed
    for file in harmed:
        if file.is_file():
            file.write_bytes(b"\x00rubbish" * 20)
    with caplog.at_level(logging.WARNING):
        graph = opened(folder, ledger)
    assert values(graph) == expected
    assert "made anew" in caplog.text
    graph.close()


def test_it_is_made_anew_when_the_ledger_is_another_one(folder: Path, tmp_path: Path) -> None:
    first, second = Ledger(tmp_path / "1.sqlite"), Ledger(tmp_path / "2.sqlite")
    first.append([idea("a"), idea("b")], role="r", reason="")
    second.append([idea("c"), idea("d"), idea("e")], role="r", reason="")
    opened(folder, first).close()
    graph = opened(folder, second)  # it has more changes, and not one in common
    assert [name for name, _ in values(graph)] == ["c", "d", "e"]
    graph.close()
    graph = opened(folder, first)  # and this has fewer
    assert [name for name, _ in values(graph)] == ["a", "b"]
    graph.close()
    first.close()
    second.close()


def test_readers_never_see_it_empty_or_half_while_it_is_made_anew(
    folder: Path, ledger: Ledger
) -> None:
    ledger.append([idea(f"i{n}") for n in range(300)], role="r", reason="")
    graph = opened(folder, ledger)
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(len(values(graph)))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        Follower(ledger, graph).rebuild()
    done.set()
    reader.join()
    assert seen == {300}
    graph.close()
    opened(folder, ledger).close()
    assert len(list(folder.iterdir())) == 1  # the old ones are gone


def test_a_snapshot_is_readable_beside_the_live_graph(
    folder: Path, ledger: Ledger, tmp_path: Path
) -> None:
    ledger.append([idea("a")], role="r", reason="")
    graph = opened(folder, ledger)
    graph.snapshot(tmp_path / "snapshot")
    ledger.append([idea("b")], role="r", reason="")
    Follower(ledger, graph).catch_up()
    read = ox.Store.read_only(str(tmp_path / "snapshot"))
    assert {g.value.rpartition("/")[2] for g in read.named_graphs()} >= {"a"}
    assert ox.NamedNode(idea("b").iri) not in set(read.named_graphs())
    graph.close()


HOLD = """
import sys, time
from pathlib import Path
from warranted.graph import EmbeddedGraph, Follower
graph = EmbeddedGraph(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_told_who_holds_it(folder: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreLocked, match=f"in use by process {holder.pid}") as refused:
            EmbeddedGraph(folder)
        assert refused.value.fix
    finally:
        holder.kill()
        holder.communicate()
    EmbeddedGraph(folder).close()  # a dead process holds nothing


def test_a_folder_that_cannot_be_made_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        EmbeddedGraph(tmp_path / "file" / "graph")
