"""Files in: tables (CSV, XLSX) and RDF, as records of a network, wholly or as far as they are right.

A row's record has an IRI that follows from its network, type and key by a secret of the ledger's own,
so that the same file twice changes nothing, and nobody can tell the key from the IRI. What is read is
judged and stored in one transaction; the rows of a table are never held all at once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from warranted import checking, neighbourhood, validation
from warranted.curation import content
from warranted.curation.service import Curation
from warranted.curation.writing import Change
from warranted.errors import Conflict, InputError, WarrantedError
from warranted.imports.cells import CellMessage
from warranted.imports.mapping import Mapping_
from warranted.imports.tables import Row, read_table
from warranted.ledger import find
from warranted.namespaces import NIC, RDF, RECORD_CLASSES
from warranted.rdfio import Format
from warranted.records import Record
from warranted.rights import APPROVED, About, Actor, decide

TABLES: Final = (".csv", ".xlsx")
MODES: Final = ("all", "rows")
"""`all`: one row that is wrong holds all of them back; `rows`: those that are right are stored."""

MOST_TOLD: Final = 1_000
_CHUNK: Final = 200
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"

Progress = Callable[[int, int, str], None]


@dataclass
class ImportReport:
    """What came of an import. `stored` is false if nothing was: a dry run, or all held back by some.

    `told` holds at most `MOST_TOLD` messages, `messages` says how many there were.
    """

    name: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    stored: bool = False
    messages: int = 0
    told: list[CellMessage] = field(default_factory=list)

    def tell(self, found: Iterable[CellMessage]) -> None:
        """Add messages."""
        for message in found:
            self.messages += 1
            if len(self.told) < MOST_TOLD:
                self.told.append(message)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        names = ("name", "rows", "new", "changed", "unchanged", "refused", "stored", "messages")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        return told | {"told": [m.as_json() for m in self.told]}

    def summary(self) -> str:
        """The report in a line."""
        end = "" if self.stored else "; nothing was stored"
        return (
            f"{self.name}: {self.rows} rows, {self.new} new, {self.changed} changed, "
            f"{self.unchanged} unchanged, {self.refused} refused{end}"
        )


class _Held(Exception):
    """Ends a transaction of which nothing is to be kept."""


class Importer:
    """Imports into a network, by who is asking."""

    def __init__(self, curation: Curation, actor: Actor, network: str) -> None:
        self.curation, self.actor, self.network = curation, actor, network
        self.ledger = curation.ledger
        self.writer = curation.writer
        self._secret = curation.ledger.secret()  # outside of any transaction that may be undone

    def table(
        self,
        path: Path,
        type_: str,
        *,
        name: str | None = None,
        mapping: Mapping_ | None = None,
        mode: str = "all",
        dry_run: bool = False,
        progress: Progress = lambda _done, _total, _stage: None,
    ) -> ImportReport:
        """Import the rows of a table as records of a type; new ones start as drafts.

        Args:
            name: what the file is called in the report; its own name if None.
            mode: one of `MODES`. dry_run: say what would come of it, and store nothing.

        Raises:
            InputError: the file or the mapping cannot be read. NotAllowed: this actor may not.
        """
        if mode not in MODES:
            raise InputError(f"'mode' is one of: {', '.join(MODES)}.", field="mode")
        decide(self.actor, "import", About(type_, self.network)).check()
        if not find.lines(self.ledger, [self.network]):
            raise InputError("There is no such network.", field="network", fix="Give its IRI.")
        skip: dict[str, list[CellMessage]] = {}
        while True:
            run = _Run(self, path, type_, name or path.name, mapping, skip, progress)
            try:
                with self.writer.transaction(dry_run=dry_run):
                    run.go()
                    if run.refused and (mode == "all" or run.refused.keys() - skip.keys()):
                        raise _Held
            except _Held:
                if mode == "all":
                    return run.report
                # what names a row that is left out is left out as well, until no more is
                skip = run.refused
                continue
            run.report.stored = not dry_run
            return run.report

    def rdf(self, path: Path, *, name: str | None = None, dry_run: bool = False) -> ImportReport:
        """Import the records of an RDF file, all of them or none.

        Records that are there keep their status; new ones start as drafts, whatever the file says.

        Raises:
            ParseError, InputError: it cannot be read. InvalidRecord: a record breaks a shape.
            NotAllowed: one of them may not be changed.
        """
        Format.of_path(path)
        found = checking.read_file(path, base=self.curation.base)
        report = ImportReport(name or path.name, rows=len(found))
        with self.writer.transaction(dry_run=dry_run):
            changes = [self._change(record) for record in found]
            written = self.writer.write(
                changes,
                by=self.actor,
                role=self.actor.role(self.network),
                reason=f"imported from {report.name}",
                action="import",
            )
            made = [v for v in written.versions if v.record in written.made]
            report.new = sum(v.n == 1 for v in made)
            report.changed = len(made) - report.new
            report.unchanged = len(found) - len(made)
        report.stored = not dry_run
        return report

    def iri(self, type_: str, key: str) -> str:
        """The IRI of the record with that key in the network: the one there is, or a new one that is
        the same every time."""
        text = "\n".join((self.network, type_, key)).encode("utf-8", "surrogatepass")
        there = find.keyed(self.ledger, type_, key, self.network)
        if there is not None:
            return there
        number = int.from_bytes(hmac.new(self._secret, text, hashlib.sha256).digest()[:10], "big")
        found = ""
        for _ in range(14):
            number, at = divmod(number, len(_ALPHABET))
            found += _ALPHABET[at]
        return f"{self.curation.base}/id/{type_}/{found}"

    def _change(self, record: Record) -> Change:
        placed = record
        if record.type != "network" and not content.network(record):
            placed = content.put(record, content.NETWORK, ox.NamedNode(self.network))
        version = self.ledger.current(record.iri)
        if version is None:
            about = About(record.type, content.network(placed))
            decide(self.actor, "create", about).check()
            return Change(content.with_status(placed, "draft"), new=True)
        about = self.curation.about(record.iri)
        decide(self.actor, "edit", about).check()
        old = version.as_record()
        if content.network(old) and content.network(old) != content.network(placed):
            raise Conflict(f"<{record.iri}> is kept by another network.")
        return Change(content.with_status(placed, content.status(old)), expected=version.digest)


class _Run:
    """One reading of a table, within a transaction."""

    def __init__(
        self,
        importer: Importer,
        path: Path,
        type_: str,
        name: str,
        mapping: Mapping_ | None,
        skip: dict[str, list[CellMessage]],
        progress: Progress,
    ) -> None:
        self.importer, self.path, self.type, self.mapping = importer, path, type_, mapping
        self.skip, self.progress = skip, progress
        self.report = ImportReport(name)
        self.refused: dict[str, list[CellMessage]] = {}
        self.named: set[str] = set()
        base = importer.curation.base
        self._prefix = f"{base}/id/{type_}/"

    def go(self) -> None:
        """Read, judge and store every row."""
        chunk: list[Row] = []
        touched: list[str] = []
        for row in self._rows():
            self.report.rows += row.key is not None
            chunk.append(row)
            if len(chunk) == _CHUNK:
                touched += self._store(chunk)
                chunk = []
                self.progress(self.report.rows, 0, "importing")
        touched += self._store(chunk)
        self._dangling()
        if len(touched) <= 5_000:
            self.importer.writer.weigh(touched)
        else:  # they are weighed when they are next read
            self.importer.writer.forget_warrants()

    def _rows(self) -> Iterator[Row]:
        networks = self.importer.actor.networks()
        ledger = self.importer.ledger

        def named(type_: str, key: str) -> str:
            iri = self.importer.iri(type_, key)
            self.named.add(iri)
            return iri

        def meant(types: tuple[str, ...], text: str) -> list[str]:
            near = find.meant(ledger, types, text, [self.importer.network])
            return near or find.meant(ledger, types, text, networks)

        return read_table(
            self.path,
            self.type,
            base=self.importer.curation.base,
            name=named,
            find=meant,
            mapping=self.mapping,
            common={"ofNetwork": self.importer.network},
        )

    def _store(self, rows: list[Row]) -> list[str]:
        """Store those rows that are right; returns the IRIs of what changed."""
        given = []
        for row in rows:
            self.report.tell(self._called(m) for m in row.messages)
            wrong = any(m.severity == "Violation" for m in row.messages)
            if row.record is None:
                if wrong:
                    self.report.refused += 1
                    if row.key is not None:
                        self.refused[self.importer.iri(self.type, row.key)] = []
                continue
            if row.record.iri in self.skip:
                self._refuse(row.record, self.skip[row.record.iri])
                continue
            given.append((row, row.record))
        near = neighbourhood.Index(t for _, record in given for t in record.triples)
        fit: list[Record] = []
        for row, record in given:
            if (made := self._fit(row, record, near)) is not None:
                fit.append(made)
        importer = self.importer
        versions = importer.ledger.append(
            fit,
            role=importer.actor.role(importer.network),
            reason=f"imported from {self.report.name}",
            action="import",
            author=importer.actor.account,
        )
        new = [v for v in versions if v is not None]
        self.report.new += sum(v.n == 1 for v in new)
        self.report.changed += sum(v.n > 1 for v in new)
        self.report.unchanged += len(versions) - len(new)
        return [v.record for v in new]

    def _fit(self, row: Row, record: Record, near: neighbourhood.Index) -> Record | None:
        """The record as it is to be stored, or None if it may not be; its results are told."""
        importer = self.importer
        try:
            made = self._placed(record)
        except WarrantedError as error:
            self._refuse(record, [self._message(row, None, None, "Violation", str(error))])
            return None
        around = neighbourhood.neighbourhood(made, near, importer.writer.graph.about, self._planned)
        results = validation.validate(made, around)
        told = [
            self._message(row, r.path, r.field, r.severity, r.message)
            for r in results
            if r.severity != "Info"
        ]
        if validation.violations(results):
            self._refuse(record, told)
            return None
        self.report.tell(told)
        return made

    def _placed(self, record: Record) -> Record:
        """The record with the status it has, or as a draft."""
        importer = self.importer
        version = importer.ledger.current(record.iri)
        if version is None:
            about = About(record.type, importer.network)
            decide(importer.actor, "create", about).check()
            return content.with_status(record, "draft")
        old = version.as_record()
        status = content.status(old)
        made = content.with_status(record, status)
        if made.digest == old.digest:
            return made
        decide(importer.actor, "edit", importer.curation.about(record.iri)).check()
        if status in APPROVED and record.type in ("package", "judgement"):
            return content.with_status(record, "draft")
        return made

    def _planned(self, iri: str) -> list[ox.Triple]:
        """What is known of a row that is not read yet: that there is one, and its class."""
        if iri not in self.named or iri in self.skip:
            return []
        cls = NIC + RECORD_CLASSES[self.type][0]
        return [ox.Triple(ox.NamedNode(iri), ox.NamedNode(f"{RDF}type"), ox.NamedNode(cls))]

    def _dangling(self) -> None:
        """Refuse what names a row that was refused: it was judged as if that row were there."""
        ledger = self.importer.ledger
        missing = [iri for iri in sorted(self.refused) if ledger.current(iri) is None]
        for iri in missing:
            naming = (record for record, _ in find.naming(ledger, iri))
            what = "Row: it names a row that was left out; put that one right."
            told = [CellMessage(self.report.name, 0, None, None, "Violation", what)]
            for record in naming:
                if record.startswith(self._prefix):
                    self.refused.setdefault(record, told)

    def _refuse(self, record: Record, told: list[CellMessage]) -> None:
        self.report.refused += 1
        self.refused[record.iri] = told
        self.report.tell(told)

    def _called(self, message: CellMessage) -> CellMessage:
        """The message by the file's own name, if its only sheet bears that of a copy."""
        own = message.sheet == self.path.name
        return replace(message, sheet=self.report.name) if own else message

    def _message(
        self, row: Row, path: str | None, field_: str | None, severity: Any, text: str
    ) -> CellMessage:
        column = row.columns.get(path or "")
        return self._called(CellMessage(row.sheet, row.number, column, field_, severity, text))


def kind_of(name: str) -> str:
    """The ending of a file's name, if it is one that can be imported.

    Raises:
        InputError: it is not; it lists those that can.
    """
    ending = Path(name).suffix.lower()
    known = (*TABLES, *(f".{f.extension}" for f in Format))
    if ending not in known:
        raise InputError(
            f"A file that ends in '{ending[:20]}' cannot be imported.",
            field="file",
            fix=f"These can: {', '.join(known)}.",
        )
    return ending
