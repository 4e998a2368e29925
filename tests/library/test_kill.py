"""A writer is killed at random moments: what it was told is stored is there, and nothing is half."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warranted.repository import Repository
from warranted.settings import Settings

WRITE = """
import itertools, sys, threading
from pathlib import Path
from warranted.ledger import Ledger
from warranted.namespaces import NIC, ROOT
from warranted.rdfio import Format, parse
from warranted.records import split
from warranted.repository import Repository
from warranted.settings import Settings

with Repository(Settings(data=Path(sys.argv[1]))) as repository:
    for n in itertools.count(int(sys.argv[2])):
        text = "".join(
            f"<{ROOT}/id/idea/k{n}-{part}> a <{NIC}ChangeIdea> ; <{NIC}value> {n}.0 ."
            for part in range(3)
        )
        # Below the shapes: what is on trial is the way from ledger to graph.
        with repository.writer.transaction():
            repository.ledger.append(
                split(parse(text.encode(), Format.TURTLE), base=ROOT), role="curator", reason=""
            )
        print(n, flush=True)
"""

LOAD = """
import sys
from pathlib import Path
from warranted.repository import Repository
from warranted.settings import Settings
with Repository(Settings(data=Path(sys.argv[1]))) as repository:
    print("open", flush=True)
    repository.load(Path(sys.argv[2]))
    print("loaded", flush=True)
"""


def test_nothing_acknowledged_is_lost_and_nothing_is_half(settings: Settings) -> None:
    moments = random.Random(7)
    acknowledged: set[int] = set()
    for round_ in range(6):
        start = round_ * 100_000
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(settings.data), str(start)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged.add(int(writer.stdout.readline()))
        time.sleep(moments.uniform(0, 0.4))
        writer.kill()
        rest, _ = writer.communicate()
        acknowledged |= {int(line) for line in rest.split("\n")[:-1]}
        opened = time.monotonic()
        with Repository(settings) as repository:
            assert time.monotonic() - opened < 5
            stored = [v.record.rpartition("/k")[2] for v in repository.ledger.all_current()]
            whole = {int(name.split("-")[0]) for name in stored}
            assert acknowledged <= whole
            assert len(stored) == 3 * len(whole)
            assert len(whole - acknowledged) <= round_ + 1  # written, and killed before it was said
            assert repository.graph.applied()[0] == repository.ledger.last_seq()
            assert len(repository.graph) == 2 * len(stored)


def test_a_load_that_is_killed_is_all_or_nothing(
    settings: Settings, small: Path, tmp_path: Path
) -> None:
    moments = random.Random(11)
    for round_ in range(4):
        data = Settings(data=tmp_path / f"round{round_}")
        loader = subprocess.Popen(
            [sys.executable, "-c", LOAD, str(data.data), str(small)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert loader.stdout is not None
        loader.stdout.readline()
        time.sleep(moments.uniform(0, 1.2))
        loader.kill()
        said, _ = loader.communicate()
        with Repository(data) as repository:
            count = sum(repository.ledger.counts().values())
            assert count == 8 if "loaded" in said else count in (0, 8)
            assert repository.graph.applied()[0] == repository.ledger.last_seq()
    assert not settings.data.exists()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_graph_killed_while_it_is_made_anew_is_made_again(
    settings: Settings, small: Path, when: str
) -> None:
    with Repository(settings) as repository:
        repository.load(small)
        triples = len(repository.graph)
    # What such a kill leaves: a folder half written, with or without the one before it.
    half = settings.data / "graph" / "2.tmp"
    half.mkdir()
    (half / "CURRENT").write_bytes(b"MANIFEST-0000")
    if when == "after":
        half.rename(settings.data / "graph" / "2")
    with Repository(settings) as repository:
        assert len(repository.graph) == triples
    assert not half.exists()
