"""The ledger: every version of every record, on disk before it is acknowledged.

SQLite in WAL mode with synchronous=FULL. Tables:

    meta      key, value: the version of this schema
    version   seq (grows by one, whatever the clock says), record, type, n (1, 2, …), digest, body
              (canonical N-Quads, lexical forms as submitted; NULL on a tombstone), role, reason, time
    current   record → the seq of its version in force; deleted records are not in it
    audit     what was done, when, in which role; written in the same transaction as the version

Nothing is changed in place but `current`. Digests are not chained, so that a body can be removed for
privacy without breaking the rest.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warranted.errors import NotFound, StoreUnavailable
from warranted.records import Record

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', '1');
CREATE TABLE version (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    record TEXT NOT NULL,
    type TEXT NOT NULL,
    n INTEGER NOT NULL,
    digest TEXT NOT NULL,
    body TEXT,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    time TEXT NOT NULL,
    UNIQUE (record, n)
);
CREATE TABLE current (
    record TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES version (seq)
) WITHOUT ROWID;
CREATE INDEX current_type ON current (type, record);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    record TEXT NOT NULL,
    n INTEGER NOT NULL,
    reason TEXT NOT NULL
);
"""
_COLUMNS = "seq, record, type, n, digest, body, role, reason, time"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record. `body` is None once its content was removed. Times are UTC, ISO."""

    seq: int
    record: str
    type: str
    n: int
    digest: str
    body: str | None
    role: str
    reason: str
    time: str

    @property
    def iri(self) -> str:
        """The version's own IRI."""
        return f"{self.record}/v/{self.n}"

    def as_record(self) -> Record:
        """The record as this version has it.

        Raises:
            NotFound: its content was removed.
        """
        if self.body is None:
            raise NotFound(f"The content of <{self.iri}> was removed.")
        return Record.from_nquads(self.record, self.type, self.body)


class Ledger:
    """The ledger in the file `path`; made if it is not there, unless `read_only`."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._write = threading.Lock()
        with self._faults("open"):
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()

    def close(self) -> None:
        """Close every connection."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def append(self, changes: Sequence[Record], *, role: str, reason: str) -> list[Version | None]:
        """Store new versions in one transaction that is on disk when this returns.

        Args:
            changes: the records as they should be from now on.
            role: in which role the author acted. reason: why, in words.

        Returns:
            The new version of each record, or None where it was already the same.

        Raises:
            StoreUnavailable: it could not be written; then nothing was.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._write, self._faults("write"):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                made = [self._append_one(connection, c, role, reason, now) for c in changes]
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk may have ended it already
                    connection.execute("ROLLBACK")
                raise
        return made

    def current(self, iri: str) -> Version | None:
        """The version of the record in force, or None."""
        return self._one("v.seq = (SELECT seq FROM current WHERE record = ?)", iri)

    def version(self, iri: str, n: int) -> Version | None:
        """Version `n` of the record, or None."""
        return self._one("v.record = ? AND v.n = ?", iri, n)

    def versions(self, iri: str) -> list[Version]:
        """Every version of the record, the first first."""
        return list(self._select("v.record = ? ORDER BY v.n", iri))

    def page(self, type_: str, *, after: str = "", limit: int = 100) -> list[Version]:
        """Current versions of the type's records with an IRI after `after`, in the IRIs' order."""
        return list(
            self._select(
                "v.seq IN (SELECT seq FROM current WHERE type = ? AND record > ? "
                "ORDER BY record LIMIT ?) ORDER BY v.record",
                type_,
                after,
                limit,
            )
        )

    def all_current(self) -> Iterator[Version]:
        """The current version of every record, in the order of their IRIs."""
        return self._select("v.seq IN (SELECT seq FROM current) ORDER BY v.record")

    def changes_since(self, seq: int) -> Iterator[Version]:
        """Every version after change `seq`, in order."""
        return self._select("v.seq > ? ORDER BY v.seq", seq)

    def last_seq(self) -> int:
        """The number of the last change; 0 for an empty ledger."""
        with self._faults("read"):
            found = self._connection().execute("SELECT MAX(seq) FROM version").fetchone()[0]
        return int(found or 0)

    def digest_of(self, seq: int) -> str:
        """The digest of the version that change `seq` made; empty if there is no such change."""
        found = self._one("v.seq = ?", seq)
        return found.digest if found else ""

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads meanwhile is of one moment, whatever others write."""
        connection = self._connection()
        with self._faults("read"):
            connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    def counts(self) -> dict[str, int]:
        """How many current records there are of each type."""
        with self._faults("read"):
            rows = self._connection().execute(
                "SELECT type, COUNT(*) FROM current GROUP BY type ORDER BY type"
            )
            return {str(type_): int(count) for type_, count in rows}

    def _append_one(
        self, connection: sqlite3.Connection, record: Record, role: str, reason: str, now: str
    ) -> Version | None:
        last = connection.execute(
            "SELECT v.n, v.digest, v.seq = c.seq FROM version v LEFT JOIN current c USING (record) "
            "WHERE v.record = ? ORDER BY v.n DESC LIMIT 1",
            (record.iri,),
        ).fetchone()
        if last and last[1] == record.digest and last[2]:
            return None
        n = last[0] + 1 if last else 1
        row = (record.iri, record.type, n, record.digest, record.nquads, role, reason, now)
        cursor = connection.execute(
            "INSERT INTO version (record, type, n, digest, body, role, reason, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        seq = cursor.lastrowid or 0
        connection.execute(
            "INSERT INTO current (record, type, seq) VALUES (?, ?, ?) "
            "ON CONFLICT (record) DO UPDATE SET type = excluded.type, seq = excluded.seq",
            (record.iri, record.type, seq),
        )
        connection.execute(
            "INSERT INTO audit (time, role, action, record, n, reason) VALUES (?, ?, ?, ?, ?, ?)",
            (now, role, "create" if n == 1 else "replace", record.iri, n, reason),
        )
        return Version(seq, *row)

    def _one(self, where: str, *values: str | int) -> Version | None:
        return next(self._select(where, *values), None)

    def _select(self, where: str, *values: str | int) -> Iterator[Version]:
        # `where` is one of the texts above; what callers pass is bound.
        with self._faults("read"):
            rows: Iterable[tuple[int, str, str, int, str, str | None, str, str, str]]
            rows = self._connection().execute(
                f"SELECT {_COLUMNS} FROM version v WHERE {where}",  # noqa: S608
                values,
            )
            for row in rows:
                yield Version(*row)

    def _prepare(self) -> None:
        connection = self._connection()
        tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if tables == 0:
            if self._read_only:
                raise StoreUnavailable(f"There is no ledger in {self.path}.")
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        found = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if found is None or int(found[0]) != SCHEMA_VERSION:
            raise StoreUnavailable(
                f"The ledger {self.path} is of another version of Warranted.",
                fix="Use the version that wrote it, or migrate it.",
            )

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            mode = "ro" if self._read_only else "rwc"
            connection = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=30,
                check_same_thread=False,
            )
            self._opened.append(connection)
            self._local.connection = connection
            if not self._read_only:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(
                f"The ledger {self.path} cannot be used ({what}: {error}).",
                fix="See that it is a Warranted ledger, that it may be written, "
                "and that the disk has room.",
            ) from error
