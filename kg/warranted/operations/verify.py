"""Looks whether all is as it should be: every version's digest, what is in force, the audit log, the
graph, the files of releases. It changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from warranted import release
from warranted.errors import WarrantedError
from warranted.graph import GraphPort
from warranted.ledger import Ledger, tables
from warranted.settings import Settings


@dataclass
class Verification:
    """How many versions, records and releases were looked at, everything that is not right, and what
    will put itself right."""

    versions: int = 0
    records: int = 0
    releases: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(ledger: Ledger, graph: GraphPort | None, settings: Settings) -> Verification:
    """Look at everything once.

    Args:
        graph: the workspace graph; None: it is left out.
    """
    found = Verification()
    with ledger.snapshot():
        found.faults += _versions(ledger, found)
        found.faults += _in_force(ledger, found)
        if graph is not None:
            found.faults += _graph(ledger, graph, found.notes)
    for one in release.every(settings):
        found.releases += 1
        found.faults += _files(one)
    return found


def _versions(ledger: Ledger, found: Verification) -> Iterator[str]:
    numbers: dict[str, int] = {}
    for version in ledger.changes_since(0):
        found.versions += 1
        if version.n != numbers.get(version.record, 0) + 1:
            yield f"<{version.record}> has no version {numbers.get(version.record, 0) + 1}."
        numbers[version.record] = version.n
        if version.body is not None:
            digest = hashlib.sha256(version.body.encode()).hexdigest()
            if digest != version.digest:
                yield f"<{version.iri}> is not what was stored: its digest is another."
    audit, made = tables.audit, tables.version
    missing = (
        sa.select(made.c.record, made.c.n)
        .join_from(
            made,
            audit,
            sa.and_(made.c.record == audit.c.record, made.c.n == audit.c.n),
            isouter=True,
        )
        .where(audit.c.id.is_(None))
        .limit(20)
    )
    with ledger.snapshot() as connection:
        rows = connection.execute(missing).all()
    for record, n in rows:
        yield f"<{record}/v/{n}> has no entry in the audit log."


def _in_force(ledger: Ledger, found: Verification) -> Iterator[str]:
    version, current = tables.version, tables.current
    last = (
        sa.select(version.c.record, sa.func.max(version.c.seq).label("seq"))
        .group_by(version.c.record)
        .subquery()
    )
    query = (
        sa.select(last.c.record, last.c.seq, current.c.seq, version.c.body.is_(None))
        .join_from(last, version, last.c.seq == version.c.seq)
        .join(current, current.c.record == last.c.record, isouter=True)
    )
    with ledger.snapshot() as connection:
        for record, newest, held, removed in connection.execute(query):
            if removed and held is not None:
                yield f"<{record}> was deleted and is still in force."
            elif not removed and held != newest:
                yield f"<{record}>: not its last version is in force."
            found.records += held is not None


def _graph(ledger: Ledger, graph: GraphPort, notes: list[str]) -> Iterator[str]:
    try:
        applied, digest = graph.applied()
        if applied < ledger.last_seq():
            notes.append(
                f"The graph is at change {applied} of {ledger.last_seq()}; it will catch up."
            )
        elif digest != ledger.digest_of(applied):
            yield "The graph belongs to another ledger; run `warranted init --rebuild`."
        else:
            rows = graph.query(
                "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } "
                "FILTER(?g != <urn:warranted:meta> && CONTAINS(STR(?g), '/id/')) }"
            )
            named = {row["g"].value for row in rows}  # type: ignore[union-attr]
            held = {version.record for version in ledger.all_current() if version.body}
            for iri in sorted(held ^ named)[:20]:
                where = "is missing in the graph" if iri in held else "is in the graph and deleted"
                yield f"<{iri}> {where}; run `warranted init --rebuild`."
    except WarrantedError as error:
        yield f"The graph cannot be read: {error.message}"


def _files(one: release.Release) -> Iterator[str]:
    try:
        listed = dict(one.manifest()["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"Release {one.id} has no readable manifest ({error})."
        return
    for name, digest in sorted(listed.items()):
        path = one.dumps / name
        if not path.is_file():
            yield f"Release {one.id}: {name} is missing."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"Release {one.id}: {name} is not what was published."
