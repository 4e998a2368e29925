"""Brings the ledger's tables of earlier versions up to these, in one transaction: all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from warranted.errors import StoreUnavailable
from warranted.ledger import Ledger, tables
from warranted.ledger.database import Database

_FROM_1 = (
    "ALTER TABLE version ADD COLUMN action TEXT NOT NULL DEFAULT 'replace'",
    "ALTER TABLE version ADD COLUMN author TEXT NOT NULL DEFAULT ''",
    "UPDATE version SET action = 'create' WHERE n = 1",
    "ALTER TABLE audit ADD COLUMN account TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN network TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE current ADD COLUMN network TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE current ADD COLUMN status TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE current ADD COLUMN label TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE current ADD COLUMN key TEXT NOT NULL DEFAULT ''",
)
"""From the first tables, which only SQLite had, to the second."""


def upgrade(where: Path | str) -> tuple[int, int]:
    """Upgrade a ledger; returns the version of its tables before and after.

    Raises:
        StoreUnavailable: there is none, it is of a later version, or it cannot be written.
    """
    database = Database(where)
    try:
        before = database.schema()
        if before == 0:
            raise StoreUnavailable(f"There is no ledger in {database.name}.")
        if before > tables.SCHEMA_VERSION:
            raise StoreUnavailable(
                f"The ledger {database.name} is of a later version of Warranted.",
                fix="Use the version that wrote it.",
            )
        if before < tables.SCHEMA_VERSION:
            with database.writing() as connection:
                if before == 1:
                    _from_1(connection, database)
                # From the second to the third two came to them: what is sent from outside, and when.
                for table in (tables.inbox, tables.arrival):
                    table.create(connection, checkfirst=True)
                if before == 1:
                    ledger = Ledger.__new__(
                        Ledger
                    )  # its tables are complete only within this transaction
                    ledger.database = database
                    ledger.reindex()
                connection.execute(
                    tables.meta.update().where(tables.meta.c.key == "schema"),
                    {"value": str(tables.SCHEMA_VERSION)},
                )
    finally:
        database.close()
    return before, tables.SCHEMA_VERSION


def _from_1(connection: sa.Connection, database: Database) -> None:
    for statement in _FROM_1:
        connection.exec_driver_sql(statement)
    tables.metadata.create_all(connection, checkfirst=True)
    for index in tables.current.indexes:
        index.create(connection, checkfirst=True)
    for statement in tables.WORDS[database.dialect]:
        connection.exec_driver_sql(statement)
