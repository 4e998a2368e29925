"""The ledger: every version of every record, on disk before it is acknowledged.

Nothing is changed in place but what can be made again. Digests are not chained, so that a body can be
removed for privacy without breaking the rest. See `tables` for what there is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from warranted.errors import NotFound
from warranted.ledger import indexing, tables
from warranted.ledger.database import Database
from warranted.ledger.facts import facts_of
from warranted.records import Record

_V = tables.version
_C = tables.current
_COLUMNS = (_V.c.seq, _V.c.record, _V.c.type, _V.c.n, _V.c.digest, _V.c.body)
_MORE = (_V.c.role, _V.c.reason, _V.c.time, _V.c.action, _V.c.author)
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record. `body` is None once its content was removed. Times are UTC, ISO.

    `action` is what made it (create, replace, patch, restore, delete, submit, merge, import …),
    `author` the account that did, empty for the command line.
    """

    seq: int
    record: str
    type: str
    n: int
    digest: str
    body: str | None
    role: str
    reason: str
    time: str
    action: str = "replace"
    author: str = ""

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


def moment() -> str:
    """Now, as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Ledger:
    """The ledger in a SQLite file (a path) or a PostgreSQL database (a URL); made if it is empty.

    Raises:
        StoreUnavailable: it cannot be opened, or is of another version of Warranted.
    """

    def __init__(self, where: Path | str, *, read_only: bool = False) -> None:
        self.database = Database(where, read_only=read_only)
        try:
            self.database.prepare()
        except BaseException:
            self.database.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def snapshot(self) -> AbstractContextManager[Connection]:
        """All that this thread reads meanwhile is of one moment, whatever others write."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction: what this thread stores meanwhile is on disk at its end, or none of it."""
        return self.database.writing()

    def append(
        self,
        changes: Iterable[Record],
        *,
        role: str,
        reason: str,
        action: str = "",
        author: str = "",
    ) -> list[Version | None]:
        """Store new versions in one transaction that is on disk when this returns.

        Args:
            changes: the records as they should be from now on.
            role: in which role the author acted. reason: why, in words.
            action: what is done, if it is more than to create and to replace. author: an account.

        Returns:
            The new version of each record, or None where it was already the same.

        Raises:
            StoreUnavailable: it could not be written; then nothing was.
        """
        with self.writing() as connection:
            now = moment()
            return [
                self._append_one(connection, record, role, reason, now, action, author)
                for record in changes
            ]

    def remove(
        self, iri: str, *, role: str, reason: str, author: str = "", purge: bool = False
    ) -> Version:
        """Take a record out of force and leave a tombstone: a version without content.

        Args:
            purge: take the content of every version away, too. It cannot be undone.

        Raises:
            NotFound: there is no such record.
        """
        with self.writing() as connection:
            last = self._last(connection, iri)
            if last is None:
                raise NotFound("There is no such record.")
            if purge:
                self._purge(connection, iri)
            action = "purge" if purge else "delete"
            row = self._row(
                iri, last.type, last.n + 1, "", None, role, reason, moment(), action, author
            )
            version = self._insert(connection, row)
            indexing.forget(connection, iri)
            return version

    def purged(self) -> frozenset[str]:
        """IRIs of the records whose content was taken away for good."""
        query = sa.select(_V.c.record).where(_V.c.action == "purge").distinct()
        with self.snapshot() as connection:
            return frozenset(connection.execute(query).scalars())

    def current(self, iri: str) -> Version | None:
        """The version of the record in force, or None."""
        with self.snapshot() as connection:
            row = connection.execute(_CURRENT, {"iri": iri}).first()
        return Version(*row) if row else None

    def last(self, iri: str) -> Version | None:
        """The record's last version, a tombstone too; None if there never was one."""
        with self.snapshot() as connection:
            return self._last(connection, iri)

    def version(self, iri: str, n: int) -> Version | None:
        """Version `n` of the record, or None."""
        return self._one(_select().where(_V.c.record == iri, _V.c.n == n))

    def version_at(self, iri: str, time: datetime) -> Version | None:
        """The version that was in force at that moment, or None."""
        until = time.astimezone(UTC).isoformat(timespec="milliseconds")
        query = _select().where(_V.c.record == iri, _V.c.time <= until)
        return self._one(query.order_by(_V.c.n.desc()).limit(1))

    def versions(self, iri: str) -> list[Version]:
        """Every version of the record, the first first."""
        return list(self._all(_select().where(_V.c.record == iri).order_by(_V.c.n)))

    def page(self, type_: str, *, after: str = "", limit: int = 100) -> list[Version]:
        """Current versions of the type's records with an IRI after `after`, in the IRIs' order."""
        query = self._in_force().where(_C.c.type == type_, _C.c.record > after)
        return list(self._all(query.order_by(_C.c.record).limit(limit)))

    def all_current(self, *, after: str = "") -> Iterator[Version]:
        """The current version of every record, in the order of their IRIs, in bounded memory."""
        while True:
            query = self._in_force().where(_C.c.record > after).order_by(_C.c.record).limit(_BATCH)
            found = list(self._all(query))
            yield from found
            if len(found) < _BATCH:
                return
            after = found[-1].record

    def changes_since(self, seq: int) -> Iterator[Version]:
        """Every version after change `seq`, in order, in bounded memory."""
        while True:
            query = _select().where(_V.c.seq > seq).order_by(_V.c.seq).limit(_BATCH)
            found = list(self._all(query))
            yield from found
            if len(found) < _BATCH:
                return
            seq = found[-1].seq

    def last_seq(self) -> int:
        """The number of the last change; 0 for an empty ledger."""
        with self.snapshot() as connection:
            return int(connection.execute(sa.select(sa.func.max(_V.c.seq))).scalar() or 0)

    def digest_of(self, seq: int) -> str:
        """The digest of the version that change `seq` made; empty if there is no such change."""
        found = self._one(_select().where(_V.c.seq == seq))
        return found.digest if found else ""

    def counts(self) -> dict[str, int]:
        """How many current records there are of each type."""
        query = sa.select(_C.c.type, sa.func.count()).group_by(_C.c.type).order_by(_C.c.type)
        with self.snapshot() as connection:
            return {str(type_): int(count) for type_, count in connection.execute(query)}

    def authors(self, iri: str) -> set[str]:
        """The accounts that wrote what the record says; who only moved it on is not among them."""
        query = sa.select(_V.c.author).where(
            _V.c.record == iri, _V.c.author != "", _V.c.action.in_(WRITES)
        )
        with self.snapshot() as connection:
            return set(connection.execute(query.distinct()).scalars())

    def secret(self) -> bytes:
        """32 random bytes of this ledger's own, made when first asked for."""
        meta = tables.meta
        query = sa.select(meta.c.value).where(meta.c.key == "secret")
        with self.snapshot() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            with self.writing() as connection:
                found = connection.execute(query).scalar() or secrets.token_hex(32)
                connection.execute(meta.delete().where(meta.c.key == "secret"))
                connection.execute(meta.insert(), {"key": "secret", "value": found})
        return bytes.fromhex(found)

    def set_warrant(self, rows: Sequence[dict[str, Any]], gone: Iterable[str] = ()) -> None:
        """Store the warrant of ideas: `idea`, `day`, `level`, `digest`, `indicators` (a dict) each."""
        table = tables.warrant
        with self.writing() as connection:
            for idea in {*gone, *(row["idea"] for row in rows)}:
                connection.execute(table.delete().where(table.c.idea == idea))
            if rows:
                stored = [row | {"indicators": json.dumps(row["indicators"])} for row in rows]
                connection.execute(table.insert(), stored)

    def warrant(self, idea: str) -> dict[str, Any] | None:
        """The stored warrant of an idea, or None."""
        table = tables.warrant
        with self.snapshot() as connection:
            row = (
                connection.execute(sa.select(table).where(table.c.idea == idea)).mappings().first()
            )
        return None if row is None else dict(row) | {"indicators": json.loads(row["indicators"])}

    def reindex(self) -> int:
        """Make everything anew that follows from the versions in force; returns how many there were."""
        with self.writing() as connection:
            indexing.clear(connection)
            count = 0
            for version in self.all_current():
                facts = facts_of(version.as_record())
                indexing.put(connection, version.record, version.type, version.seq, facts)
                count += 1
            return count

    def _append_one(
        self,
        connection: Connection,
        record: Record,
        role: str,
        reason: str,
        now: str,
        action: str,
        author: str,
    ) -> Version | None:
        last = self._last(connection, record.iri)
        if last is not None and last.digest == record.digest:
            return None
        n = last.n + 1 if last else 1
        done = action or ("create" if n == 1 else "replace")
        row = self._row(
            record.iri,
            record.type,
            n,
            record.digest,
            record.nquads,
            role,
            reason,
            now,
            done,
            author,
        )
        facts = facts_of(record)
        version = self._insert(connection, row, facts.network)
        if last is not None:
            indexing.forget(connection, record.iri, last.seq)
        indexing.put(connection, record.iri, record.type, version.seq, facts)
        return version

    def _row(self, *values: Any) -> dict[str, Any]:
        names = [*_V.c.keys()][1:]
        return dict(zip(names, values, strict=True))

    def _insert(self, connection: Connection, row: dict[str, Any], network: str = "") -> Version:
        done = connection.execute(_V.insert(), row)
        version = Version(seq=int(done.inserted_primary_key[0]), **row)  # type: ignore[index]
        if not network:
            found = sa.select(_C.c.network).where(_C.c.record == version.record)
            network = connection.execute(found).scalar() or ""
        connection.execute(
            tables.audit.insert(),
            {
                "time": version.time,
                "role": version.role,
                "action": version.action,
                "record": version.record,
                "n": version.n,
                "reason": version.reason,
                "account": version.author,
                "network": network,
            },
        )
        return version

    def _purge(self, connection: Connection, iri: str) -> None:
        connection.execute(_V.update().where(_V.c.record == iri), {"body": None, "digest": ""})
        # what people wrote about it, and answers kept for a retry, hold its content, too
        connection.execute(_V.update().where(_V.c.record == iri), {"reason": "removed for privacy"})
        connection.execute(
            tables.audit.update().where(tables.audit.c.record == iri),
            {"reason": "removed for privacy"},
        )
        for table in (tables.comment, tables.review, tables.idempotency):
            connection.execute(table.delete().where(table.c.record == iri))
        merges = tables.consolidation  # they hold what was carried over; without it, no split
        connection.execute(
            merges.delete().where(sa.or_(merges.c.kept == iri, merges.c.merged == iri))
        )
        if self.database.dialect == "sqlite":
            connection.exec_driver_sql("INSERT INTO words(words) VALUES ('optimize')")

    def _last(self, connection: Connection, iri: str) -> Version | None:
        query = _select().where(_V.c.record == iri).order_by(_V.c.n.desc()).limit(1)
        row = connection.execute(query).first()
        return Version(*row) if row else None

    def _in_force(self) -> sa.Select[Any]:
        return _select().join_from(_C, _V, _V.c.seq == _C.c.seq)

    def _one(self, query: sa.Select[Any]) -> Version | None:
        with self.snapshot() as connection:
            row = connection.execute(query).first()
        return Version(*row) if row else None

    def _all(self, query: sa.Select[Any]) -> Iterator[Version]:
        with self.snapshot() as connection:
            rows = connection.execute(query).all()
        return (Version(*row) for row in rows)


WRITES = ("create", "replace", "patch", "restore", "import", "merge", "split", "assemble")
"""Actions that change what a record says, and make who did it one of its authors."""


def _select() -> sa.Select[Any]:
    return sa.select(*_COLUMNS, *_MORE)


# Built once: it is asked some fifty times in a write.
_CURRENT = (
    _select().join_from(_C, _V, _V.c.seq == _C.c.seq).where(_C.c.record == sa.bindparam("iri"))
)


@contextmanager
def opened(where: Path | str, *, read_only: bool = False) -> Iterator[Ledger]:
    """A ledger that is closed at the end of the block."""
    ledger = Ledger(where, read_only=read_only)
    try:
        yield ledger
    finally:
        ledger.close()
