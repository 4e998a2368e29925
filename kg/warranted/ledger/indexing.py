"""What follows from the versions in force, so that records are found: changed with each, made anew at need."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from warranted.ledger import tables
from warranted.ledger.facts import Facts

_C = tables.current
_ADD_WORDS = {
    "sqlite": sa.text("INSERT INTO words (rowid, text) VALUES (:seq, :text)"),
    "postgresql": sa.text(
        "INSERT INTO words (rowid, tsv) VALUES (:seq, to_tsvector('simple', left(:text, 500000)))"
    ),
}


def put(connection: Connection, iri: str, type_: str, seq: int, facts: Facts) -> None:
    """Have a version in force found by its facts."""
    row = {
        "record": iri,
        "type": type_,
        "seq": seq,
        "network": facts.network,
        "status": facts.status,
        "label": facts.label,
        "key": facts.key,
    }
    changed = connection.execute(_C.update().where(_C.c.record == iri), row)
    if changed.rowcount == 0:
        connection.execute(_C.insert(), row)
    if facts.links:
        links = [{"record": iri, "predicate": p, "object": o} for p, o in sorted(facts.links)]
        connection.execute(tables.link.insert(), links)
    connection.execute(_ADD_WORDS[connection.dialect.name], {"seq": seq, "text": facts.words})


def forget(connection: Connection, iri: str, seq: int | None = None) -> None:
    """Take a record out of what is found; with `seq` it stays in force, to be indexed anew."""
    old = seq
    if old is None:
        old = connection.execute(sa.select(_C.c.seq).where(_C.c.record == iri)).scalar()
        connection.execute(_C.delete().where(_C.c.record == iri))
    connection.execute(tables.link.delete().where(tables.link.c.record == iri))
    connection.execute(sa.text("DELETE FROM words WHERE rowid = :seq"), {"seq": old})
    connection.execute(tables.warrant.delete().where(tables.warrant.c.idea == iri))


def clear(connection: Connection) -> None:
    """Take away what is made again from the versions in force; which those are stays."""
    for table in (tables.link, tables.warrant):
        connection.execute(table.delete())
    connection.execute(sa.text("DELETE FROM words"))
