"""The one way into the ledger: expected → judged → stored, with its audit entry, warrant and notices,
in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from warranted import acyclic, neighbourhood, rdfio, validation, warrant
from warranted.errors import Conflict, InvalidRecord, NotFound, Stale
from warranted.ledger import Ledger, Version, tables
from warranted.ledger.as_graph import LedgerGraph
from warranted.records import Record
from warranted.rights import SYSTEM, Actor

TOUCHED: Final = 100
"""More ideas than this in one write are not weighed there and then, but when they are next read."""

WEIGHED: Final = frozenset(
    ["idea", "specification", "test", "site", "series", "measure", "claim", "judgement"]
)
"""Types whose records the warrant of an idea is read from, but for policies, which touch all."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it should be, and what the caller believes is there.

    Attributes:
        expected: digest of the version it replaces; None: not asked.
        new: there must be no such record yet.
    """

    record: Record
    expected: str | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a write: the version of each record now in force, which of them are new, and what
    the shapes have to say short of a violation."""

    versions: tuple[Version, ...]
    made: frozenset[str]
    results: tuple[validation.Result, ...]


class _DryRun(Exception):
    """Ends a transaction that was only tried."""


class Writer:
    """Writes to a ledger. `follow` is called after each transaction; `today` tells the day."""

    def __init__(
        self,
        ledger: Ledger,
        follow: Callable[[], None],
        *,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self.ledger = ledger
        self.graph = LedgerGraph(ledger)
        self._follow = follow
        self._today = today

    @contextmanager
    def transaction(self, *, dry_run: bool = False) -> Iterator[None]:
        """What is written meanwhile is stored at its end, all of it or nothing; nothing if `dry_run`."""
        try:
            with self.ledger.writing():
                yield
                if dry_run:
                    raise _DryRun
        except _DryRun:
            return
        self._follow()

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: Actor = SYSTEM,
        role: str,
        reason: str,
        action: str = "",
        progress: Callable[[int, int, str], None] | None = None,
    ) -> Written:
        """Store records that belong together, in a `transaction`.

        Args:
            by: who does it. role: in which role. reason: why, in words.
            action: what is done, as the ledger calls it; empty: create or replace.

        Raises:
            InvalidRecord: a violation in one of them. Stale, Conflict: another version is in force.
            In either case nothing of the transaction may be kept; let the error pass.
        """
        with self.ledger.writing():
            for change in changes:
                self._expect(change)
            records = [change.record for change in changes]
            results = self.judge(records, progress=progress)
            if validation.violations(results):
                raise InvalidRecord(results)
            made = self.ledger.append(
                records, role=role, reason=reason, action=action, author=by.account
            )
            versions = [
                version or self.ledger.current(record.iri)
                for version, record in zip(made, records, strict=True)
            ]
            new = [version.record for version in made if version]
            self.weigh(new)
            return Written(
                tuple(v for v in versions if v is not None), frozenset(new), tuple(results)
            )

    def judge(
        self,
        records: Sequence[Record],
        *,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> list[validation.Result]:
        """Every result for `records`, judged with one another and with what is stored."""
        near = neighbourhood.Index(t for record in records for t in record.triples)
        results: list[validation.Result] = []
        for done, record in enumerate(records):
            if progress is not None:
                progress(done, len(records), "checking")
            around = neighbourhood.neighbourhood(record, near, self.graph.about)
            results += validation.validate(record, around)
        results += acyclic.check(records, self._linked)
        return validation.sort(results)

    def weigh(self, written: Iterable[str]) -> None:
        """Store the warrant of every idea that a change of these records touches."""
        types = {iri.rpartition("/id/")[2].partition("/")[0]: iri for iri in written}
        if "policy" in types:
            self.forget_warrants()
            return
        touched: set[str] = set()
        for iri in written:
            if iri.rpartition("/id/")[2].partition("/")[0] in WEIGHED:
                touched |= warrant.ideas_touched(self.graph, iri)
        if len(touched) > TOUCHED:
            self.ledger.set_warrant([], gone=touched)
            return
        day = self._today()
        rows = [row for idea in sorted(touched) if (row := weighed(self.graph, idea, day))]
        self.ledger.set_warrant(rows, gone=touched)

    def forget_warrants(self) -> None:
        """Have every idea weighed when it is next read."""
        with self.ledger.writing() as connection:
            connection.execute(tables.warrant.delete())

    def warrant(self, idea: str) -> dict[str, Any] | None:
        """The warrant of an idea as the ledger stands today; None if it is no idea in force.

        What was stored with the last write is given if it is of today.
        """
        stored = self.ledger.warrant(idea)
        day = self._today()
        if stored is None or stored["day"] != day.isoformat():
            with self.ledger.snapshot():
                return weighed(self.graph, idea, day)
        return stored

    def assessment(self, idea: str, base: str) -> Record | None:
        """What the rules say of an idea today, as a record; None if it is no idea in force."""
        with self.ledger.snapshot():
            found = _assessed(self.graph, idea, self._today())
        if found is None:
            return None
        assessed, digest = found
        iri = warrant.assessment_iri(assessed, base)
        triples = warrant.assessment_triples(assessed, base, graph_digest=digest)
        return Record(iri, "assessment", tuple(triples))

    def _expect(self, change: Change) -> None:
        iri = change.record.iri
        if not change.new and change.expected is None:
            return
        found = self.ledger.current(iri)
        if change.new and found is not None:
            raise Conflict(f"<{iri}> is there already.")
        if change.expected is not None:
            if found is None:
                raise NotFound("There is no such record.")
            if found.digest != change.expected:
                raise Stale(
                    f"<{iri}> was changed meanwhile.", fix="Read it again and redo the change."
                )

    def _linked(self, iri: str, predicate: str) -> list[str]:
        link = tables.link
        query = sa.select(link.c.object).where(link.c.record == iri, link.c.predicate == predicate)
        with self.ledger.snapshot() as connection:
            return list(connection.execute(query).scalars())


def weighed(graph: LedgerGraph, idea: str, day: date) -> dict[str, Any] | None:
    """An idea's warrant on that day, as `Ledger.set_warrant` stores it; None if it is no idea."""
    found = _assessed(graph, idea, day)
    if found is None:
        return None
    assessed, digest = found
    return {
        "idea": idea,
        "day": day.isoformat(),
        "level": assessed.shown.level.slug,
        "digest": digest,
        "indicators": assessed.to_json(),
    }


def _assessed(graph: LedgerGraph, idea: str, day: date) -> tuple[warrant.Assessment, str] | None:
    """The assessment, and SHA-256 of the quads it rests on, in hexadecimal."""
    quads = warrant.evidence_quads(graph, idea)
    body = warrant.Body(quads, day)
    if idea not in body.evidence:
        return None
    assessed = warrant.assess_idea(body.evidence[idea], body.policy(idea), day, body.vocabulary)
    return assessed, hashlib.sha256(rdfio.canonical(quads).encode()).hexdigest()
