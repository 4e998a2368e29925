"""Backup, restore, verification and upgrade: nothing is lost on the way, and a fault is named."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import pytest

from warranted.errors import Conflict, InputError, StoreUnavailable
from warranted.ledger import Ledger
from warranted.ledger.accounts import Accounts
from warranted.operations import backup, verify
from warranted.operations.upgrade import upgrade
from warranted.repository import Repository
from warranted.settings import Settings

SMALL = Path(__file__).parents[1] / "library" / "data" / "small.ttl"


def settings_in(folder: Path, **more: str) -> Settings:
    return Settings(data=folder / "var", html=folder / "html", **more)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store with records, a changed one, a deleted one, an account and a token."""
    made = settings_in(tmp_path / "first")
    with Repository(made) as repository:
        repository.load(SMALL)
        iri = repository.page("package")[0].record
        repository.ledger.remove(iri, role="curator", reason="twice")
        account = repository.accounts.create("Team A")
        repository.accounts.set_roles(account, "*", ["curator"])
        repository.accounts.issue(account)
        repository.ledger.secret()
    return made


def everything(settings: Settings) -> list[Any]:
    ledger = Ledger(settings.ledger or settings.data / "ledger.sqlite")
    try:
        versions = list(ledger.changes_since(0))
        accounts = Accounts(ledger)
        return [versions, ledger.counts(), accounts.every(), accounts.tokens(), ledger.secret()]
    finally:
        ledger.close()


def faults(settings: Settings) -> list[str]:
    with Repository(settings) as repository:
        return verify.verify(repository.ledger, repository.graph, settings).faults


def test_a_backup_restored_is_the_same_store(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "all.tar.gz"
    with Repository(settings) as repository:  # while the server has it open
        made = backup.write(repository.ledger, settings, out)
    assert made.rows["version"] == 9
    other = settings_in(tmp_path / "second")
    backup.restore(out, other)
    assert everything(other) == everything(settings)
    assert faults(other) == []
    with Repository(other) as repository:  # it goes on where it was
        version, _ = repository.ledger.append(
            [
                repository.ledger.page("idea")[0].as_record(),
                repository.ledger.page("aim")[0].as_record(),
            ],
            role="r",
            reason="",
        )
        assert version is None
    with pytest.raises(Conflict, match="not empty"):
        backup.restore(out, other)


def test_a_backup_goes_over_to_postgresql_and_back(settings: Settings, tmp_path: Path) -> None:
    first, second = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    with Repository(settings) as repository:
        backup.write(repository.ledger, settings, first)
    with engines.postgresql() as url:
        there = settings_in(tmp_path / "there", ledger=url)
        backup.restore(first, there)
        assert everything(there) == everything(settings)
        with Repository(there) as repository:
            record = repository.ledger.page("idea")[0].as_record()
            tombstone = repository.ledger.remove(record.iri, role="r", reason="x")
            assert tombstone.seq == 10, "numbers go on after those that were restored"
            backup.write(repository.ledger, there, second)
        assert faults(there) == []
    back = settings_in(tmp_path / "back")
    backup.restore(second, back)
    assert everything(back)[0][:9] == everything(settings)[0]


def test_releases_come_along(run: Callable[..., Any], demo: Any, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    shutil.copytree(demo.folder / "var", folder / "var", symlinks=True)
    done = run("backup", "all.tar.gz", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 releases" in done.stdout
    other = tmp_path / "other"
    other.mkdir()
    done = run("restore", str(folder / "all.tar.gz"), cwd=other)
    assert done.returncode == 0, done.stderr
    assert "no faults" in done.stdout
    manifest = (folder / "var" / "current" / "manifest.json").read_bytes()
    assert (other / "var" / "current" / "manifest.json").read_bytes() == manifest


@pytest.mark.parametrize("damage", ["cut", "flipped", "another", "empty"])
def test_a_damaged_backup_restores_nothing(settings: Settings, tmp_path: Path, damage: str) -> None:
    out = tmp_path / "all.tar.gz"
    with Repository(settings) as repository:
        backup.write(repository.ledger, settings, out)
    data = out.read_bytes()
    if damage == "cut":
        out.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        whole = bytearray(gzip.decompress(data))
        at = whole.index(b"loaded from")
        whole[at : at + 6] = b"LOADED"
        out.write_bytes(gzip.compress(bytes(whole)))
    else:
        out.write_bytes(b"" if damage == "empty" else b"not an archive")
    other = settings_in(tmp_path / "second")
    with pytest.raises(InputError):
        backup.restore(out, other)
    assert everything(other)[0] == []


def test_verification_names_what_is_not_right(settings: Settings) -> None:
    assert faults(settings) == []
    file = settings.data / "ledger.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE version SET body = body || ' ' WHERE seq = 1")
        connection.execute("DELETE FROM audit WHERE id = 2")
        connection.execute("UPDATE version SET n = 7 WHERE seq = 3")
    connection.close()
    said = "\n".join(faults(settings))
    assert "is not what was stored" in said
    assert "no entry in the audit log" in said
    assert "has no version 1" in said


def test_the_command_exits_with_1_on_a_fault(run: Callable[..., Any], settings: Settings) -> None:
    cwd = settings.data.parent
    done = run("verify", cwd=cwd)
    assert (done.returncode, "no faults" in done.stdout) == (0, True), done.stderr
    with sqlite3.connect(settings.data / "ledger.sqlite") as connection:
        connection.execute("UPDATE version SET digest = 'x' WHERE seq = 1")
    connection.close()
    done = run("verify", cwd=cwd)
    assert done.returncode == 1
    assert "its digest is another" in done.stdout


FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', '1');
CREATE TABLE version (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL, type TEXT NOT NULL,
    n INTEGER NOT NULL, digest TEXT NOT NULL, body TEXT, role TEXT NOT NULL, reason TEXT NOT NULL,
    time TEXT NOT NULL, UNIQUE (record, n)
);
CREATE TABLE current (
    record TEXT PRIMARY KEY, type TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES version (seq)
) WITHOUT ROWID;
CREATE INDEX current_type ON current (type, record);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, role TEXT NOT NULL,
    action TEXT NOT NULL, record TEXT NOT NULL, n INTEGER NOT NULL, reason TEXT NOT NULL
);
"""
"""The tables as the first version of Warranted made them."""


def test_a_ledger_of_the_first_version_is_upgraded(settings: Settings, tmp_path: Path) -> None:
    with Repository(settings) as repository:
        rows = list(repository.ledger.changes_since(0))
    other = settings_in(tmp_path / "old")
    other.data.mkdir(parents=True)
    with sqlite3.connect(other.data / "ledger.sqlite") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(FIRST)
        for v in rows[:8]:
            values = (v.record, v.type, v.n, v.digest, v.body, v.role, v.reason, v.time)
            connection.execute(
                "INSERT INTO version (record, type, n, digest, body, role, reason, time) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            connection.execute("INSERT INTO current VALUES (?, ?, ?)", (v.record, v.type, v.seq))
            connection.execute(
                "INSERT INTO audit (time, role, action, record, n, reason) VALUES (?, ?, ?, ?, ?, ?)",
                (v.time, v.role, "create", v.record, v.n, v.reason),
            )
    connection.close()
    before = hashlib.sha256((other.data / "ledger.sqlite").read_bytes()).hexdigest()
    with pytest.raises(StoreUnavailable, match=r"earlier version.*warranted migrate"):
        Repository(other)
    after = hashlib.sha256((other.data / "ledger.sqlite").read_bytes()).hexdigest()
    assert before == after, "what cannot be read is not touched"
    assert upgrade(other.data / "ledger.sqlite") == (1, 3)
    assert upgrade(other.data / "ledger.sqlite") == (3, 3)
    assert [v.body for v in everything(other)[0]] == [v.body for v in rows[:8]]
    assert faults(other) == []
