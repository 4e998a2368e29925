"""The repository: one entry for what goes into the store and what comes out.

A write goes one way: parse → judge each record with its neighbourhood → ledger, in one transaction
on disk → graph. If the graph cannot be written after the ledger was, it catches up when it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from warranted import checking, documents, rdfio, stamps, table, validation
from warranted.curation.writing import Change, Writer
from warranted.errors import InvalidRecord, MalformedQuery, StoreUnavailable
from warranted.graph import EmbeddedGraph, Follower, open_graph
from warranted.ledger import Ledger, Version, arrivals
from warranted.ledger.accounts import Accounts
from warranted.query import guard
from warranted.records import Record
from warranted.settings import Settings

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all (0: not known) and the stage of the work."""

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {fmt.name.lower(): fmt for fmt in rdfio.Format}


def quiet(_done: int, _total: int, _stage: str) -> None:
    """A progress callback that says nothing."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of loading a file. `results` are the warnings and infos; violations are raised."""

    name: str
    new: int
    changed: int
    unchanged: int
    results: tuple[validation.Result, ...]

    def summary(self) -> str:
        """The report in a line."""
        warnings = sum(1 for r in self.results if r.severity == "Warning")
        return (
            f"{self.name}: {self.new} new, {self.changed} changed, "
            f"{self.unchanged} unchanged; {warnings} warnings"
        )


class Repository:
    """Ledger and graph of `settings`; a context manager that closes both."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # The embedded graph's lock first: it keeps a second process off a SQLite ledger, too.
        self.graph = open_graph(settings)
        try:
            self.ledger = Ledger(settings.ledger or settings.data / "ledger.sqlite")
        except BaseException:
            self.graph.close()
            raise
        self.accounts = Accounts(self.ledger)
        self.follower = Follower(self.ledger, self.graph)
        # An engine elsewhere may be slow or away; no write waits for it.
        local = isinstance(self.graph, EmbeddedGraph)
        follow = self.follower.try_to_catch_up if local else self.follower.wake
        self.writer = Writer(self.ledger, follow)
        try:
            if local:
                self.follower.catch_up()
            else:
                self.follower.try_to_catch_up()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of both."""
        self.graph.close()
        self.ledger.close()

    def get(self, iri: str) -> Version | None:
        """The record's version in force, or None."""
        return self.ledger.current(iri)

    def page(self, type_: str, *, after: str = "", limit: int = 100) -> list[Version]:
        """Records of a type in the order of their IRIs, from the one after `after`."""
        return self.ledger.page(type_, after=after, limit=limit)

    def check(self, records: list[Record]) -> list[validation.Result]:
        """Every result for `records`, judged with one another and with what is stored."""
        return self.writer.judge(records)

    def put(
        self,
        record: Record,
        *,
        role: str,
        reason: str,
        expected: str | None = None,
        create: bool = False,
    ) -> tuple[Version, list[validation.Result]]:
        """Store one record.

        Args:
            role, reason: who changes it, as a role, and why.
            expected: digest the caller believes is in force; None: not checked.
            create: the record must be new.

        Returns:
            The version now in force (an old one if nothing changed), and warnings.

        Raises:
            InvalidRecord: a violation; nothing is stored. Conflict: `expected` or `create` is wrong.
        """
        change = Change(record, expected, create)
        with self.writer.transaction():
            written = self.writer.write([change], role=role, reason=reason)
        return written.versions[0], list(written.results)

    def records(self) -> list[Record]:
        """Every record as it is now, in the order of their IRIs."""
        with self.ledger.snapshot():
            return [v.as_record() for v in self.ledger.all_current() if v.body]

    def prediction_stamps(self) -> dict[str, stamps.Stamp]:
        """Test → when its prediction was first recorded as it is now, for every test.

        One that came from outside was recorded when it was received, not when it was accepted.
        """
        found: dict[str, stamps.Stamp] = {}
        with self.ledger.snapshot():
            came = arrivals.every(self.ledger)
            for current in self.ledger.all_current():
                if current.type != "test" or not current.body:
                    continue
                versions = (v for v in self.ledger.versions(current.record) if v.body)
                made = stamps.stamp(
                    (_moment(came.get((v.record, v.n), v.time)), v.as_record()) for v in versions
                )
                if made:
                    found[current.record] = made
        return found

    def put_all(self, records: list[Record], *, role: str, reason: str) -> list[validation.Result]:
        """Store records that belong together in one transaction; returns the warnings.

        Raises:
            InvalidRecord: a violation in one of them; nothing is stored.
        """
        with self.writer.transaction():
            written = self.writer.write([Change(r) for r in records], role=role, reason=reason)
        return list(written.results)

    def load(self, path: Path, *, role: str = "curator", progress: Progress = quiet) -> LoadReport:
        """Load an RDF file, wholly or not at all.

        Raises:
            ParseError: it is not valid; with file, line and reason.
            InvalidRecord: a record in it breaks a shape; with every result of the file.
        """
        progress(0, 0, "reading")
        records = checking.read_file(path, base=self.settings.base)
        try:
            with self.writer.transaction():
                written = self.writer.write(
                    [Change(record) for record in records],
                    role=role,
                    reason=f"loaded from {path.name}",
                    progress=progress,
                )
                progress(0, 0, "writing")
        except InvalidRecord as error:
            raise InvalidRecord(error.results, name=path.name) from error
        made = [v for v in written.versions if v.record in written.made]
        new = sum(1 for version in made if version.n == 1)
        rest = len(written.versions) - len(made)
        return LoadReport(path.name, new, len(made) - new, rest, written.results)

    def query(self, text: str, fmt: str = "json") -> bytes:
        """Run a query over the workspace graph; the answer in `fmt`.

        `fmt` is json, xml, csv, tsv or table for SELECT and ASK, and an RDF format's name for
        CONSTRUCT and DESCRIBE; one that does not suit the kind of query falls back to the nearest.

        Raises:
            MalformedQuery, QueryRefused: the query will not be run.
            StoreUnavailable: the graph cannot be read.
        """
        guard.check(text)
        try:
            return self._answer(text, fmt)
        except SyntaxError as error:
            raise MalformedQuery(f"The query does not parse: {error}.") from error

    def _answer(self, text: str, fmt: str) -> bytes:
        found = self.graph.query(text)
        if not isinstance(found, ox.QuerySolutions | ox.QueryBoolean):
            return rdfio.serialise(found, _GRAPHS.get(fmt, rdfio.Format.TURTLE))
        if fmt not in _RESULTS:
            return table.render(found).encode()
        written = found.serialize(format=_RESULTS[fmt])
        assert written is not None  # None only when it writes to a file
        return written

    def export(self, fmt: rdfio.Format, out: Path) -> int:
        """Write every current record to a file; returns how many there were.

        Raises:
            StoreUnavailable: it cannot be written; then `out` is as it was.
        """
        part = out.with_name(f".{out.name}.part")
        try:
            try:
                with part.open("wb") as file, self.ledger.snapshot():
                    current = (v.as_record() for v in self.ledger.all_current() if v.body)
                    count = documents.write(current, fmt, file)
                part.replace(out)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"{out} cannot be written ({error.strerror}).",
                fix="See that the folder is there, may be written and has room.",
            ) from error
        return count


def _moment(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
