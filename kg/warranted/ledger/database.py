"""Where the ledger's tables are: a SQLite file or a PostgreSQL database, by SQLAlchemy.

A write takes the one write lock there is (SQLite: BEGIN IMMEDIATE; PostgreSQL: an advisory lock held
until the end of the transaction), so that change numbers are given out in the order in which they
become visible: a reader that has seen number 7 has seen every number below.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warranted.errors import InputError, StoreFull, StoreUnavailable
from warranted.ledger import tables

_WRITE_LOCK: Final = 0x57415252  # any number, the same in every process
_SECONDS: Final = 30
_FULL: Final = ("disk is full", "no space left", "disk quota", "could not extend file")


class Database:
    """A ledger's database. Threads may share it; each transaction has a connection of its own.

    Args:
        where: a path of a SQLite file, or a URL `postgresql://user@host/name`.
        read_only: never write; a SQLite file must be there then.
    """

    def __init__(self, where: Path | str, *, read_only: bool = False) -> None:
        self.read_only = read_only
        self.path = where if isinstance(where, Path) else None
        self._local = threading.local()
        self._turn = threading.Lock()
        self.engine = _sqlite(where, read_only) if isinstance(where, Path) else _postgresql(where)
        self.name = str(where) if isinstance(where, Path) else self.engine.url.host or "localhost"

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which everything read is of one moment; in a `writing`, its own.

        Raises:
            StoreUnavailable: the database cannot be read.
        """
        held: Connection | None = getattr(self._local, "connection", None)
        if held is not None:
            with self.faults("read"):
                yield held
            return
        with self.faults("read"), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            self._local.connection = connection
            try:
                yield connection
            finally:
                self._local.connection = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that has the write lock: on disk when the block ends, undone if it raises.

        Inside another `writing` of the same thread it is part of that one.

        Raises:
            StoreUnavailable: it could not be written; then nothing was.
        """
        held: Connection | None = getattr(self._local, "connection", None)
        if held is not None and getattr(self._local, "writes", False):
            yield held
            return
        if held is not None:
            raise RuntimeError("a write was begun while this thread was reading")
        # Threads queue here rather than in the database, whose wait is a poll.
        with self._turn, self.faults("write"), self.engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                if self.dialect == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITE_LOCK)))
                self._local.connection, self._local.writes = connection, True
                try:
                    yield connection
                finally:
                    self._local.connection, self._local.writes = None, False

    def scrub(self) -> None:
        """Have what was removed leave the files, too: SQLite's log, PostgreSQL's dead rows.

        Raises:
            StoreUnavailable: it could not be done now; it is when the log is next written back.
        """
        with self.faults("scrub"):
            raw = self.engine.raw_connection()
            try:
                raw.rollback()
                if self.dialect == "sqlite":
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                else:
                    raw.dbapi_connection.autocommit = True  # type: ignore[union-attr]
                    raw.cursor().execute("VACUUM version, audit, comment, words")
                    raw.dbapi_connection.autocommit = False  # type: ignore[union-attr]
            finally:
                raw.close()

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Whether this process got the lock `name`, which one process has at a time; never waits."""
        number = _WRITE_LOCK + sum(name.encode())
        if self.dialect == "postgresql":
            with self.faults("lock"), self.engine.connect() as connection:
                got = bool(
                    connection.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar()
                )
                connection.commit()
                try:
                    yield got
                finally:
                    if got:
                        connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))
                        connection.commit()
            return
        assert self.path is not None  # SQLite has a path
        with self.faults("lock"):
            lock = self.path.with_name(f"{self.path.name}.{name}.lock").open("a", encoding="ascii")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    @contextmanager
    def faults(self, what: str) -> Iterator[None]:
        """Turn what the database raises into errors of ours.

        Raises:
            StoreFull: there is no room. StoreUnavailable: anything else.
        """
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            reason = _reason(error)
            if any(words in reason.lower() for words in _FULL):
                raise StoreFull(
                    f"The ledger {self.name} has no room left ({what}).",
                    fix="Nothing was stored. Make room on the disk, then try again.",
                ) from error
            raise StoreUnavailable(
                f"The ledger {self.name} cannot be used ({what}: {reason}).",
                fix="See that it is a Warranted ledger, that it may be written, "
                "and that the disk has room.",
            ) from error

    def prepare(self) -> None:
        """Make the tables in an empty database.

        Raises:
            StoreUnavailable: it is of another version, or empty and `read_only`.
        """
        with self.reading() as connection:
            found = self._schema(connection)
        if found == 0 and self.read_only:
            raise StoreUnavailable(f"There is no ledger in {self.name}.")
        if found == 0:
            with self.writing() as connection:
                if self._schema(connection) == 0:  # another process may have been first
                    tables.metadata.create_all(connection, checkfirst=False)
                    for statement in tables.WORDS[self.dialect]:
                        connection.exec_driver_sql(statement)
                    connection.execute(
                        tables.meta.insert(), {"key": "schema", "value": str(tables.SCHEMA_VERSION)}
                    )
                found = tables.SCHEMA_VERSION
        if found < tables.SCHEMA_VERSION:
            raise StoreUnavailable(
                f"The ledger {self.name} is of an earlier version of Warranted.",
                fix="Make a copy of it, then run `warranted migrate`.",
            )
        if found > tables.SCHEMA_VERSION:
            raise StoreUnavailable(
                f"The ledger {self.name} is of a later version of Warranted.",
                fix="Use the version that wrote it.",
            )

    def schema(self) -> int:
        """The version of the tables that are there; 0 if there are none."""
        with self.reading() as connection:
            return self._schema(connection)

    def _schema(self, connection: Connection) -> int:
        names = sa.inspect(connection).get_table_names()
        if not names:
            return 0
        if "meta" not in names:
            raise StoreUnavailable(
                f"{self.name} holds tables of something else.", fix="Name another database."
            )
        value = connection.execute(
            sa.select(tables.meta.c.value).where(tables.meta.c.key == "schema")
        ).scalar()
        return int(value or 0)


def _reason(error: Exception) -> str:
    """What went wrong, without the statement and its values: these are record text."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(inner, PoolTimeout):
        return "every connection is in use"
    return str(inner).strip().splitlines()[0][:200] if str(inner).strip() else type(inner).__name__


def _sqlite(path: Path, read_only: bool) -> Engine:
    if not read_only:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"{path.parent} cannot be made ({error.strerror}).",
                fix="See that the folder may be written.",
            ) from error
    mode = "ro" if read_only else "rwc"
    address = f"{path.resolve().as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=_SECONDS, check_same_thread=False
        )
        try:
            if not read_only:
                made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            made.execute("PRAGMA foreign_keys = ON")
            made.execute("PRAGMA secure_delete = ON")  # what is removed for privacy is overwritten
        except BaseException:
            made.close()
            raise
        return made

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        poolclass=sa.QueuePool,
        pool_size=8,
        max_overflow=32,
        pool_timeout=_SECONDS,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _postgresql(url: str) -> Engine:
    try:
        parsed: Any = make_url(url)
    except ArgumentError as error:
        raise InputError("The ledger's address is no URL.", field="ledger") from error
    if not parsed.drivername.startswith("postgresql"):
        raise InputError(
            f"A ledger cannot be kept in '{parsed.drivername}'.",
            field="ledger",
            fix="Use postgresql://user@host/name, or leave it out for a SQLite file.",
        )
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=32,
        pool_timeout=_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "warranted"},
    )
