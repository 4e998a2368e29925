"""The repository: one entry for what goes into the store and what comes out.

A write goes one way: parse → judge each record with its neighbourhood → ledger, in one transaction
on disk → graph. If the graph cannot be written after the ledger was, it catches up at the next open.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from warranted import checking, documents, neighbourhood, rdfio, stamps, table, validation
from warranted.errors import Conflict, InvalidRecord, MalformedQuery, StoreUnavailable
from warranted.graph import FAULTS, WorkspaceGraph
from warranted.ledger import Ledger, Version
from warranted.query import guard
from warranted.records import Record
from warranted.settings import Settings

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all (0: not known) and the stage of the work."""

log = logging.getLogger(__name__)

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
    """Ledger and graph of `settings.data`; a context manager that closes both."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._write = threading.RLock()
        # The graph's lock first: it keeps a second process off the ledger, too.
        self.graph = WorkspaceGraph(settings.data / "graph")
        try:
            self.ledger = Ledger(settings.data / "ledger.sqlite")
        except BaseException:
            self.graph.close()
            raise
        try:
            self.graph.catch_up(self.ledger)
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
        return checking.check(records, self._lookup)

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
        with self._write:
            found = self.get(record.iri)
            if create and found is not None:
                raise Conflict(f"<{record.iri}> is there already.")
            if expected is not None and (found is None or found.digest != expected):
                raise Conflict(
                    f"<{record.iri}> was changed meanwhile.",
                    fix="Read it again and redo the change.",
                )
            results = self.check([record])
            if validation.violations(results):
                raise InvalidRecord(results)
            made = self._append([record], role=role, reason=reason)[0] or found
            assert made is not None  # either it is new, or it is what was there
            return made, results

    def records(self) -> list[Record]:
        """Every record as it is now, in the order of their IRIs."""
        with self.ledger.snapshot():
            return [v.as_record() for v in self.ledger.all_current() if v.body]

    def prediction_stamps(self) -> dict[str, stamps.Stamp]:
        """Test → when its prediction was first recorded as it is now, for every test."""
        found: dict[str, stamps.Stamp] = {}
        with self.ledger.snapshot():
            for current in self.ledger.all_current():
                if current.type != "test" or not current.body:
                    continue
                versions = (v for v in self.ledger.versions(current.record) if v.body)
                made = stamps.stamp((_moment(v), v.as_record()) for v in versions)
                if made:
                    found[current.record] = made
        return found

    def put_all(self, records: list[Record], *, role: str, reason: str) -> list[validation.Result]:
        """Store records that belong together in one transaction; returns the warnings.

        Raises:
            InvalidRecord: a violation in one of them; nothing is stored.
        """
        with self._write:
            near = neighbourhood.Index(t for record in records for t in record.triples)
            results = checking.check(records, near, self._lookup)
            if validation.violations(results):
                raise InvalidRecord(results)
            self._append(records, role=role, reason=reason)
            return results

    def load(self, path: Path, *, role: str = "curator", progress: Progress = quiet) -> LoadReport:
        """Load an RDF file, wholly or not at all.

        Raises:
            ParseError: it is not valid; with file, line and reason.
            InvalidRecord: a record in it breaks a shape; with every result of the file.
        """
        progress(0, 0, "reading")
        records = checking.read_file(path, base=self.settings.base)
        with self._write:
            near = neighbourhood.Index(t for record in records for t in record.triples)
            results: list[validation.Result] = []
            for done, record in enumerate(records):
                progress(done, len(records), "checking")
                around = neighbourhood.neighbourhood(record, near, self._lookup)
                results += validation.validate(record, around)
            results = validation.sort(results)
            if validation.violations(results):
                raise InvalidRecord(results, name=path.name)
            progress(0, 0, "writing")
            made = self._append(records, role=role, reason=f"loaded from {path.name}")
        new = sum(1 for version in made if version and version.n == 1)
        changed = sum(1 for version in made if version) - new
        return LoadReport(path.name, new, changed, len(made) - new - changed, tuple(results))

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
        except FAULTS as error:
            raise StoreUnavailable(f"The graph could not answer ({error}).") from error

    def _answer(self, text: str, fmt: str) -> bytes:
        found = self.graph.query(text)
        if isinstance(found, ox.QueryTriples):
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

    def _append(self, records: list[Record], *, role: str, reason: str) -> list[Version | None]:
        made = self.ledger.append(records, role=role, reason=reason)
        try:
            self.graph.catch_up(self.ledger)
        except (*FAULTS, StoreUnavailable):
            # The write stands: it is in the ledger. The graph catches up when it can.
            log.exception("the graph could not follow the ledger")
        return made

    def _lookup(self, iri: str) -> Iterable[ox.Triple]:
        return self.graph.triples_about(iri, validation.NEIGHBOUR_PROPERTIES)


def _moment(version: Version) -> datetime:
    time = datetime.fromisoformat(version.time)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
