"""Tables in: the rows of a CSV or XLSX file as records, one at a time, with what is wrong with each.

A file is a template of ours, filled in, or any table with a mapping. It is measured before it is
opened, and never held as a whole: of a workbook only its texts and the rows of its parts are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from warranted.errors import InputError, TooLarge
from warranted.form_model import FormField
from warranted.imports.cells import CellMessage, Manner, Raw, Wrong, converter, shown, text_of
from warranted.imports.files import MAX_ROWS, File, opened
from warranted.imports.layout import Layout, Source, Table, layout_of
from warranted.imports.mapping import Mapping_, split_language
from warranted.imports.trees import default, iri_in, named, put, record_of, tagged, terms, within
from warranted.json_schema import name_of
from warranted.records import Record, known, type_of

Name = Callable[[str, str], str]
"""The IRI of the record of a type that has that key: the same one each time."""

Find = Callable[[tuple[str, ...], str], list[str]]
"""The IRIs of the records of one of these types that a text (key, name or IRI) may mean."""

_CACHED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file as a record, or what keeps it from being one.

    Attributes:
        number: as the user sees it in the spreadsheet.
        key: the record's; made from the row's content if the row gives none. None: no record's row.
        tree: the record as JSON-LD without its context, as far as it could be read.
        record: None if a message is a Violation, or the row stands twice.
        columns: a field's key, and the IRI of its property → the title of its column. One object
            serves all rows of a sheet.
    """

    sheet: str
    number: int
    key: str | None
    type: str
    tree: dict[str, Any] | None
    record: Record | None
    messages: tuple[CellMessage, ...]
    columns: Mapping[str, str] = field(default_factory=dict)


def read_table(
    path: Path,
    type_: str,
    *,
    base: str,
    name: Name,
    find: Find,
    mapping: Mapping_ | None = None,
    common: Mapping[str, Any] | None = None,
) -> Iterator[Row]:
    """The rows of a table as records of one type, in the order of the file.

    Args:
        path: a .csv or .xlsx file. base: IRI that records stand below.
        name, find: how records are named, and found.
        mapping: how the table is written, if it is no template.
        common: properties every record gets, whatever its row says: text, IRIs, yes or no, or lists.

    Returns:
        An iterator that reads as it goes. A row without cells is passed over. What is wrong with
        the file comes first, as a row without a key; rows of parts without a record come last.

    Raises:
        UnknownType: there is no such type. InputError: the file cannot be read or the mapping is for
        another; it names the file and the fix. Both come when a row is asked for; a broken file may
        show itself late, so nothing should be stored before the last row.
    """
    known(type_)
    if mapping and mapping.type != type_:
        raise InputError(
            f"{mapping.name} is for records of type '{mapping.type}', not '{type_}'.",
            field="mapping",
            fix="Give another mapping or type.",
        )
    if unknown := sorted(set(common or {}) - set(terms())):
        raise InputError(f"'{unknown[0]}' is not a field.", field=unknown[0])
    how = (mapping.encoding, mapping.header_row) if mapping else ()
    with closing(opened(path, *how)) as file:
        yield from _Reader(file, type_, base, name, find, mapping).rows(common or {})


@dataclass(frozen=True, slots=True)
class _Part:
    """One row of a sheet of parts."""

    table: Table
    number: int
    tree: dict[str, Any]
    messages: list[CellMessage]


class _Reader:
    def __init__(
        self, file: File, type_: str, base: str, name: Name, find: Find, mapping: Mapping_ | None
    ) -> None:
        self.file, self.type, self.base, self.name, self.mapping = file, type_, base, name, mapping
        self.found = lru_cache(maxsize=_CACHED)(find)
        self.seen: dict[str, int] = {}
        self._keys: set[str] | None = None
        self._iris: set[str] | None = None
        self.layout: Layout = layout_of(file, type_, mapping)
        if file.flat:  # so that a broken file shows itself before the first record
            self.keys()
        self.fixed = {table.sheet.cls: self.fixed_in(table) for table in self.layout.tables}
        self.parts = self.parts_by_key()

    def rows(self, common: Mapping[str, Any]) -> Iterator[Row]:
        if told := self.layout.told:
            number = self.mapping.header_row if self.mapping else 1
            yield Row(told[0].sheet, number, None, self.type, None, None, tuple(told))
        for table in self.layout.tables:
            fills = self.fills(table)
            for number, cells in self.data(table):
                yield self.row(table, fills, number, cells, common)
        for key, left in self.parts.items():
            what = f"no row has the key '{shown(key)}'" if key else "the key is empty"
            what = f"Key of the record: {what}; write the key of the record that this belongs to."
            for part in left:
                name, field_ = part.table.name, part.table.sheet.part_key
                where = (name, part.number, "Key of the record", field_)
                told = [CellMessage(*where, "Violation", what), *part.messages]
                yield Row(name, part.number, None, self.type, None, None, tuple(told))

    def fills(self, table: Table) -> list[_Fill]:
        """What turns each of the table's columns into values."""
        return [
            (s, converter(s.column.field, self.manner, self.words(s.column.key), self.resolve))
            for s in table.sources
        ]

    @property
    def manner(self) -> Manner:
        return self.mapping.manner if self.mapping else Manner()

    def words(self, key: str) -> Mapping[str, str]:
        return self.mapping.values.get(key, {}) if self.mapping else {}

    def fixed_in(self, table: Table) -> list[tuple[str, list[Any]]]:
        """What the mapping says of records whose rows do not."""
        fields = {c.key: c.field for c in table.sheet.columns}
        found: list[tuple[str, list[Any]]] = []
        for said, text in self.mapping.fixed.items() if self.mapping else ():
            key, language = split_language(said)
            try:
                values = converter(fields[key], Manner(), {}, self.resolve)(text)
            except Wrong as wrong:
                assert self.mapping
                told = f"{self.mapping.name}, fixed: {fields[key].name}: {wrong}"
                raise InputError(told, field=key) from wrong
            found.append((key, tagged(values, language)))
        return found

    def parts_by_key(self) -> dict[str, list[_Part]]:
        """The rows of the sheets of parts, by the key of their record."""
        found: dict[str, list[_Part]] = {}
        for table in self.layout.parts:
            fills = self.fills(table)
            for number, cells in self.data(table):
                tree: dict[str, Any] = {"type": name_of(table.sheet.cls)}
                told = self.fill(table, fills, number, cells, tree)
                found.setdefault(text_of(cells[0]), []).append(_Part(table, number, tree, told))
        return found

    def data(self, table: Table) -> Iterator[tuple[int, Sequence[Raw]]]:
        """The rows below the titles that are not empty, with their numbers."""
        with closing(self.file.rows(table.name, table.width)) as rows:
            for number, cells in enumerate(rows, 1):
                if number > MAX_ROWS:
                    raise TooLarge(
                        f"{self.file.name}: '{table.name}' has more than {MAX_ROWS} rows.",
                        fix="Split it, or delete the rows below the data.",
                    )
                if number >= table.first and any(c is not None and c != "" for c in cells):
                    yield number, cells

    def keys(self) -> set[str]:
        """The keys that the file's rows give themselves; read ahead when first asked for."""
        if self._keys is None:
            self._keys = set()
            for table in self.layout.tables:
                at = next((s.index for s in table.sources if s.column.key == "identifier"), None)
                for _, cells in self.data(table):
                    if at is not None and at < len(cells) and (key := text_of(cells[at])):
                        self._keys.add(key)
        return self._keys

    def resolve(self, of: FormField, text: str) -> str:
        """What a reference means: a row of this file, or a record that is there."""
        if not of.types and (iri := iri_in(text)):
            return iri
        own = not of.types or self.type in of.types
        if own and (text in self.seen or text in self.keys()):
            return self.name(self.type, text)
        found = self.found(of.types, text)
        if len(found) == 1:
            return found[0]
        if not found and own and text.startswith(self.base):
            if self._iris is None:
                self._iris = {self.name(self.type, key) for key in self.keys()}
            if text in self._iris:
                return text
        kinds = " or ".join(of.types) or "record"
        if found:
            some = ", ".join(found[:3])
            raise Wrong(f"'{shown(text)}' may be {len(found)} records ({some}); give the address.")
        raise Wrong(
            f"there is no {kinds} with the key, name or address '{shown(text)}'; correct it, or "
            "record that first."
        )

    def row(
        self,
        table: Table,
        fills: list[_Fill],
        number: int,
        cells: Sequence[Raw],
        common: Mapping[str, Any],
    ) -> Row:
        tree: dict[str, Any] = {"type": name_of(table.sheet.cls)}
        told = self.fill(table, fills, number, cells, tree)
        for field_, values in self.fixed[table.sheet.cls]:
            default(tree, field_, values)
        own = next((_cell(cells, s) for s in table.sources if s.column.key == "identifier"), "")
        key = own or _digest(table, cells)

        def tell(severity: Any, field_: str | None, what: str) -> None:
            title = table.columns.get(field_) if field_ else None
            told.append(CellMessage(table.name, number, title, field_, severity, what))

        if any(text_of(c) for c in cells[table.width :]):
            what = "The row has more cells than there are titles; put a text that holds the "
            tell("Violation", None, what + "separator into quotation marks.")
        for part in self.parts.pop(own, ()) if own else ():
            tree.setdefault(str(part.table.sheet.part_key), []).append(part.tree)
            told += part.messages
        for field_, value in common.items():
            if tree.get(field_, value) != value:
                what = "what the row says was left out, because the import sets it."
                tell("Warning", field_, f"{table.columns.get(field_, field_)}: {what}")
            tree[field_] = value
        before = self.seen.setdefault(key, number)
        if before != number and own:
            what = f"Key: '{shown(key)}' stands in row {before} already; give each row its own."
            tell("Violation", "identifier", what)
        elif before != number:
            what = f"The row says the same as row {before} and was left out; give it a key of its "
            tell("Warning", None, what + "own if it is another record.")
        iri = self.name(self.type, key)
        type_of(iri, self.base)
        tree = named(tree, iri)
        fine = before == number and all(m.severity != "Violation" for m in told)
        record = record_of(tree, self.type) if fine else None
        return Row(table.name, number, key, self.type, tree, record, tuple(told), table.columns)

    def fill(
        self,
        table: Table,
        fills: list[_Fill],
        number: int,
        cells: Sequence[Raw],
        tree: dict[str, Any],
    ) -> list[CellMessage]:
        """Put the row's values into `tree`; what could not be read is told."""
        told: list[CellMessage] = []
        for source, convert in fills:
            raw = cells[source.index] if source.index < len(cells) else None
            if raw is None or raw == "":
                continue
            column = source.column
            try:
                if values := convert(raw):
                    node, key = within(tree, column.key, table.classes)
                    _add(node, key, source, values)
            except Wrong as wrong:
                what = f"{column.title}: {wrong}"
                where = (table.name, number, source.title, column.key)
                told.append(CellMessage(*where, "Violation", what))
        return told


_Fill = tuple[Source, Callable[[Raw], list[Any]]]


def _add(node: dict[str, Any], key: str, source: Source, values: list[Any]) -> None:
    of = source.column.field
    if not source.bare and not of.several and of.widget in ("line", "box"):
        text = f"{source.title.strip(' *:?')}: {values[0]}"
        node[key] = f"{node[key]}\n{text}" if key in node else text
    else:
        several = of.several or source.language is not None
        put(node, key, tagged(values, source.language), several=several)


def _cell(cells: Sequence[Raw], source: Source) -> str:
    return text_of(cells[source.index]) if source.index < len(cells) else ""


def _digest(table: Table, cells: Sequence[Raw]) -> str:
    """A key made from what the row says, whatever the order of its columns."""
    told = sorted(
        f"{s.column.key}@{s.language}={text}" for s in table.sources if (text := _cell(cells, s))
    )
    return "row-" + hashlib.sha256("\n".join(told).encode(errors="replace")).hexdigest()[:16]
