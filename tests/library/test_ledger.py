"""The ledger keeps every version as submitted, in order, and says plainly when it cannot."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from warranted.errors import NotFound, StoreUnavailable
from warranted.ledger import Ledger
from warranted.ledger import versions as ledger_module
from warranted.namespaces import NIC, ROOT
from warranted.rdfio import Format, parse
from warranted.records import Record, split


def idea(name: str = "i1", value: str = "2.040") -> Record:
    text = f"<{ROOT}/id/idea/{name}> a <{NIC}ChangeIdea> ; <{NIC}value> {value} ."
    return split(parse(text.encode(), Format.TURTLE), base=ROOT)[0]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_every_version_is_kept_with_role_reason_and_time(ledger: Ledger) -> None:
    for value in ("2.040", "2.04", "2.0400"):
        ledger.append([idea(value=value)], role="curator", reason=f"now {value}")
    versions = ledger.versions(idea().iri)
    assert [(v.n, v.role, v.reason) for v in versions] == [
        (1, "curator", "now 2.040"),
        (2, "curator", "now 2.04"),
        (3, "curator", "now 2.0400"),
    ]
    assert versions[0].iri == f"{idea().iri}/v/1"
    assert versions[0].as_record() == idea()
    assert datetime.fromisoformat(versions[0].time).tzinfo is not None
    assert ledger.version(idea().iri, 2) == versions[1]
    assert ledger.version(idea().iri, 4) is None
    assert ledger.current(idea().iri) == versions[2]


def test_the_same_content_is_no_new_version(ledger: Ledger) -> None:
    (made,) = ledger.append([idea()], role="curator", reason="")
    assert made is not None
    assert ledger.append([idea()], role="reviewer", reason="again") == [None]
    assert ledger.last_seq() == made.seq


def test_back_to_an_earlier_content_is_a_new_version(ledger: Ledger) -> None:
    for value in ("1.0", "2.0", "1.0"):
        ledger.append([idea(value=value)], role="curator", reason="")
    versions = ledger.versions(idea().iri)
    assert [v.n for v in versions] == [1, 2, 3]
    assert versions[0].digest == versions[2].digest


def test_order_does_not_hang_on_the_clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        day = 20

        @classmethod
        def now(cls, zone: Any) -> datetime:
            cls.day -= 1
            return datetime(2026, 1, cls.day, tzinfo=zone)

    monkeypatch.setattr(ledger_module, "datetime", Clock)
    for value in ("1.0", "2.0", "3.0"):
        ledger.append([idea(value=value)], role="curator", reason="")
    assert [v.n for v in ledger.changes_since(0)] == [1, 2, 3]
    times = [v.time for v in ledger.versions(idea().iri)]
    assert times == sorted(times, reverse=True)


def test_pages_follow_one_another(ledger: Ledger) -> None:
    ledger.append([idea(f"i{n:02}") for n in range(25)], role="curator", reason="")
    seen, after = [], ""
    while page := ledger.page("idea", after=after, limit=10):
        assert len(page) <= 10
        seen += [v.record for v in page]
        after = page[-1].record
    assert seen == [idea(f"i{n:02}").iri for n in range(25)]
    assert ledger.page("aim") == []
    assert ledger.counts() == {"idea": 25}


def test_a_removed_body_leaves_the_rest_readable(tmp_path: Path, ledger: Ledger) -> None:
    ledger.append([idea("i1"), idea("i2")], role="curator", reason="")
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute("UPDATE version SET body = NULL WHERE record = ?", (idea("i1").iri,))
    connection.close()
    (gone,) = ledger.versions(idea("i1").iri)
    with pytest.raises(NotFound, match=r"content .* was removed"):
        gone.as_record()
    assert ledger.versions(idea("i2").iri)[0].as_record() == idea("i2")


def test_a_record_that_was_deleted_can_be_made_again(ledger: Ledger) -> None:
    ledger.append([idea()], role="curator", reason="")
    tombstone = ledger.remove(idea().iri, role="curator", reason="by mistake")
    assert (tombstone.n, tombstone.body, tombstone.digest) == (2, None, "")
    assert ledger.current(idea().iri) is None
    assert ledger.version(idea().iri, 1).as_record() == idea()  # type: ignore[union-attr]
    (made,) = ledger.append([idea()], role="curator", reason="again")
    assert made is not None
    assert made.n == 3
    assert ledger.current(idea().iri) == made


def test_what_is_removed_for_privacy_is_nowhere_in_the_files(
    tmp_path: Path, ledger: Ledger
) -> None:
    secret = "8675309.125"
    for value in (secret, "1.0"):
        ledger.append([idea(value=value)], role="curator", reason=f"it was {secret}")
    ledger.append([idea("i2")], role="curator", reason="")
    ledger.remove(idea().iri, role="administrator", reason="asked for", purge=True)
    assert [v.body for v in ledger.versions(idea().iri)] == [None, None, None]
    assert ledger.version(idea("i2").iri, 1) is not None
    ledger.close()  # the last connection writes the log back into the file
    for file in tmp_path.glob("ledger.sqlite*"):
        assert secret.encode() not in file.read_bytes(), file


def test_every_write_leaves_a_line_of_audit(tmp_path: Path, ledger: Ledger) -> None:
    ledger.append([idea(value="1.0")], role="curator", reason="first")
    ledger.append([idea(value="2.0")], role="reviewer", reason="second")
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    rows = connection.execute("SELECT role, action, n, reason FROM audit ORDER BY id").fetchall()
    connection.close()
    assert rows == [("curator", "create", 1, "first"), ("reviewer", "replace", 2, "second")]


def test_threads_write_one_after_another_and_lose_nothing(ledger: Ledger) -> None:
    def write(who: int) -> None:
        for n in range(10):
            ledger.append(
                [idea("shared", f"{who}.{n}"), idea(f"own{who}-{n}")], role="r", reason=""
            )

    threads = [threading.Thread(target=write, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [v.n for v in ledger.versions(idea("shared").iri)] == list(range(1, 61))
    assert ledger.counts() == {"idea": 61}


def test_what_is_read_in_a_snapshot_is_of_one_moment(ledger: Ledger) -> None:
    ledger.append([idea(value="1.0")], role="curator", reason="")
    with ledger.snapshot():
        before = ledger.current(idea().iri)
        writer = threading.Thread(
            target=lambda: ledger.append([idea(value="2.0")], role="curator", reason="")
        )
        writer.start()
        writer.join()
        assert ledger.current(idea().iri) == before
    assert ledger.current(idea().iri) != before


# ---- faults ----


def test_a_file_that_is_no_ledger_is_one_plain_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("this is a letter, not a ledger\n" * 100)
    with pytest.raises(StoreUnavailable, match="not a database") as refused:
        Ledger(path)
    assert "\n" not in str(refused.value)
    assert path.read_text().startswith("this is a letter")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE letters (text TEXT)")
    connection.close()
    with pytest.raises(StoreUnavailable, match=r"ledger\.sqlite"):
        Ledger(path)


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path, ledger: Ledger) -> None:
    ledger.close()
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    with connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(StoreUnavailable, match="a later version of Warranted"):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_folder_that_cannot_be_made_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        Ledger(tmp_path / "file" / "ledger.sqlite")


def test_a_ledger_that_is_not_there_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert not (tmp_path / "ledger.sqlite").exists()


def test_a_ledger_opened_for_reading_is_not_written(tmp_path: Path, ledger: Ledger) -> None:
    ledger.append([idea()], role="curator", reason="")
    reader = Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert reader.current(idea().iri) is not None
    with pytest.raises(StoreUnavailable, match="readonly"):
        reader.append([idea(value="1.0")], role="curator", reason="")
    reader.close()


FULL = """
import sys
from pathlib import Path
from warranted.errors import StoreUnavailable
from warranted.ledger import Ledger
from warranted.records import Record
import pyoxigraph as ox

ledger = Ledger(Path(sys.argv[1]))
for n in range(10_000):
    iri = f"https://w3id.org/warranted/id/idea/i{n}"
    triple = ox.Triple(ox.NamedNode(iri), ox.NamedNode("urn:p"), ox.Literal("x" * 5000))
    try:
        ledger.append([Record(iri, "idea", (triple,))], role="curator", reason="")
    except StoreUnavailable as error:
        print("refused:", error, flush=True)
        break
    print(n, flush=True)
print("readable:", ledger.current("https://w3id.org/warranted/id/idea/i0") is not None, flush=True)
"""


def test_a_full_disk_refuses_plainly_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    path = tmp_path / "ledger.sqlite"
    out = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
        timeout=120,
    )
    lines = out.stdout.splitlines()
    assert lines[-2].startswith("refused: The ledger"), out.stderr
    assert "that the disk has room" in lines[-2]
    assert lines[-1] == "readable: True"
    acknowledged = [line for line in lines if line.isdecimal()]
    assert acknowledged
    ledger = Ledger(path)  # there is room again
    for n in acknowledged:
        assert ledger.current(f"{ROOT}/id/idea/i{n}") is not None
    assert ledger.append([idea("after")], role="curator", reason="")[0] is not None
    assert ledger.last_seq() == len(acknowledged) + 1
    ledger.close()
