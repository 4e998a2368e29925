"""Layout: which sheet of a file is which of the template's, and which column is which field."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from warranted.errors import InputError, TooLarge
from warranted.form_model import forms_of
from warranted.imports.cells import CellMessage, close, plain, shown, text_of
from warranted.imports.files import MAX_COLUMNS, File
from warranted.imports.mapping import Mapping_, split_language
from warranted.json_schema import name_of
from warranted.template import Column, Sheet, sheets_of

_HELPERS: Final = {"how to fill it in", "choices"}
"""Sheets of the template that hold no data, as `plain` writes their names."""
_FIRST: Final = "key of the record"


@dataclass(frozen=True, slots=True)
class Source:
    """A column of a file that goes into a field.

    Attributes:
        index: its place in the row, from 0. title: as the file writes it.
        language: tag of the text's language, or None.
        bare: false if its text stands after its title, beside that of another column.
    """

    index: int
    title: str
    column: Column
    language: str | None = None
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a file: what it is, and where its rows begin.

    Attributes:
        sheet: that of the template. first: number of the first row of data.
        width: how many columns have titles.
        classes: key of a part that a record has once, with dots → name of the part's class.
        columns: a field's key, and the IRI of its property → the title of its column.
    """

    name: str
    sheet: Sheet
    first: int
    width: int
    sources: list[Source]
    classes: dict[str, str]
    columns: dict[str, str]


@dataclass(slots=True)
class Layout:
    """The sheets with records, those with their parts, and what is wrong with the file."""

    tables: list[Table] = field(default_factory=list)
    parts: list[Table] = field(default_factory=list)
    told: list[CellMessage] = field(default_factory=list)


def layout_of(file: File, type_: str, mapping: Mapping_ | None) -> Layout:
    """What stands where in a file.

    Raises:
        InputError: nothing in it is a table of that type, or the mapping names what is not there.
    """
    planner = _Planner(file, type_, mapping)
    planner.plan()
    return planner.made


class _Planner:
    def __init__(self, file: File, type_: str, mapping: Mapping_ | None) -> None:
        self.file, self.type, self.mapping = file, type_, mapping
        self.head = mapping.header_row if mapping else 1
        self.forms = {f.cls: f for f in forms_of(type_)}
        self.made = Layout()

    def plan(self) -> None:
        sheets = sheets_of(self.type)
        own = [s for s in sheets if s.part_key is None]
        wanted = self.mapping.cls if self.mapping else None
        usual = next((s for s in own if s.cls == wanted), own[0])
        names = self.file.sheets()
        if self.mapping and (self.mapping.sheet is not None or self.mapping.columns):
            names = [self.chosen(names, self.mapping.sheet)]
        if len(names) == 1:
            titles, below = self.peek(names[0])
            told = None if wanted or not titles else _which(names[0], titles, below, own)
            self.add(names[0], told or usual, titles, below)
            return
        left: list[str] = []
        for name in names:
            titles, below = self.peek(name)
            if titles and plain(name) not in _HELPERS:
                if sheet := _which(name, titles, below, sheets):
                    self.add(name, sheet, titles, below)
                else:
                    left.append(name)
        if not self.made.tables and len(left) == 1:
            self.add(left[0], usual, *self.peek(left.pop()))
        if not self.made.tables:
            raise InputError(
                f"{self.file.name}: no sheet is one of the template's "
                f"({', '.join(s.title for s in own)}).",
                fix="Keep the template's names of sheets, or name the sheet in a mapping.",
            )
        for name in left:
            text = f"The sheet '{shown(name)}' was not read; name it in a mapping if it should be."
            self.made.told.append(CellMessage(name, 1, None, None, "Warning", text))

    def chosen(self, names: list[str], wanted: str | int | None) -> str:
        if isinstance(wanted, int) or wanted is None:
            if (place := (wanted or 1) - 1) < len(names):
                return names[place]
        elif found := next((n for n in names if plain(n) == plain(wanted)), None):
            return found
        elif self.file.flat:  # a CSV file has one sheet, whatever it was called
            return names[0]
        raise InputError(
            f"{self.file.name} has no sheet '{wanted}'.",
            field="sheet",
            fix=f"The sheets are: {', '.join(names)[:500]}.",
        )

    def peek(self, name: str) -> tuple[list[str], list[str]]:
        """The titles, and the row below them."""
        with closing(self.file.rows(name, MAX_COLUMNS + 1)) as rows:
            top = [[text_of(c) for c in row] for row in islice(rows, self.head + 1)]
        top += [[]] * (self.head + 1 - len(top))
        titles, below = top[self.head - 1], top[self.head]
        while titles and not titles[-1]:
            titles.pop()
        if len(titles) > MAX_COLUMNS:
            raise TooLarge(
                f"{self.file.name}: '{name}' has more than {MAX_COLUMNS} columns.",
                fix="Take out the columns that are not needed.",
            )
        return titles, below

    def add(self, name: str, sheet: Sheet, titles: list[str], below: list[str]) -> None:
        if not titles:
            raise InputError(
                f"{self.file.name}: there are no titles in row {self.head} of '{name}'.",
                fix="Put the titles of the columns there, as the template has them.",
            )
        mapped = bool(self.mapping and self.mapping.columns)
        before = 1 if sheet.part_key else 0  # a part's first column names its record
        keys = below if not mapped and _keys_in(below[before:], sheet) else []
        sources, told = _match(
            [""] * before + titles[before:],
            [""] * before + keys[before:],
            sheet,
            self.mapping,
            CellMessage(name, self.head, None, None, "Warning", ""),
        )
        self.made.told += told
        if not sources:
            raise InputError(
                f"{self.file.name}: no column of '{name}' is a field of a {self.type}.",
                fix="Take the titles from the template, or write a mapping.",
            )
        columns: dict[str, str] = {}
        for source in sorted(sources, key=lambda s: s.column.key.count(".")):
            columns.setdefault(source.column.key, source.title)
            columns.setdefault(source.column.field.path, source.title)
        first = self.head + (2 if keys else 1)
        table = Table(name, sheet, first, len(titles), sources, self.classes(sheet), columns)
        (self.made.parts if sheet.part_key else self.made.tables).append(table)

    def classes(self, sheet: Sheet) -> dict[str, str]:
        """Key of each part that is columns of its own → the name of its class."""
        form = self.forms.get(sheet.cls)
        if sheet.part_key:
            fields = (f.field(sheet.part_key) for f in self.forms.values())
            form = next(f.part for f in fields if f and f.part)
        found: dict[str, str] = {}
        ahead = [("", form)]
        while ahead:
            above, form = ahead.pop()
            for f in form.fields() if form else ():
                if f.part and not f.several:
                    found[f"{above}{f.key}"] = name_of(f.part.cls)
                    ahead.append((f"{above}{f.key}.", f.part))
        return found


def _which(name: str, titles: list[str], below: list[str], sheets: list[Sheet]) -> Sheet | None:
    """The template's sheet that this one is: by its title, else by the keys below its titles."""
    parts = [s for s in sheets if s.part_key]
    own = [s for s in sheets if not s.part_key]
    if plain(titles[0]) == _FIRST:
        told = [s for s in parts if below[:1] == [s.part_key]]
        return next(iter(told or [s for s in parts if _tab(s) == plain(name)]), None)
    if called := next((s for s in own if _tab(s) == plain(name)), None):
        return called
    fitting = [s for s in own if _keys_in(below, s)]
    return max(fitting, key=lambda s: len({c.key for c in s.columns} & set(below)), default=None)


def _tab(sheet: Sheet) -> str:
    """A sheet's title as a workbook has room for it."""
    return plain(sheet.title.replace(":", " –").replace("/", " ")[:31])


def _keys_in(cells: Sequence[str], sheet: Sheet) -> bool:
    """Whether a row holds the template's keys and no data."""
    keys = {c.key for c in sheet.columns}
    filled = [text for text in cells if text]
    own = sum(split_language(text)[0] in keys for text in filled)
    return own * 2 > len(filled)


def _match(
    titles: Sequence[str],
    keys: Sequence[str],
    sheet: Sheet,
    mapping: Mapping_ | None,
    blank: CellMessage,
) -> tuple[list[Source], list[CellMessage]]:
    """The columns that are read, and a warning (made of `blank`) for each that is not.

    Args:
        titles: the file's titles, by place. keys: the template's keys below them, if there are any.
    """
    by_key = {c.key.casefold(): c for c in sheet.columns}
    by_title: dict[str, list[Column]] = {}
    for column in sheet.columns:
        by_title.setdefault(plain(column.title), []).append(column)
    theirs = mapping.columns if mapping else {}
    found: list[Source] = []
    told: list[CellMessage] = []
    for index, title in enumerate(titles):
        own = keys[index] if index < len(keys) else ""
        if not (title or own) or (mapping and plain(title) in mapping.ignore):
            continue
        same = [] if theirs or own else by_title.get(plain(title), [])
        language = None
        chosen: Column | None
        if same:  # two fields of one name: in their order
            taken = {s.column.key for s in found}
            chosen = next((c for c in same if c.key not in taken), None)
        else:
            key = theirs.get(plain(title), "") if theirs else own or title
            base, language = split_language(key)
            chosen = by_key.get(base.casefold())
            if language and chosen and not chosen.field.languages:
                chosen = None
        again = not theirs and any((s.column, s.language) == (chosen, language) for s in found)
        if chosen is not None and not again:
            found.append(Source(index, title or own, chosen, language))
            continue
        if again or same:
            why = "stands twice; only the first is read. Take it out."
        else:
            why = "is no field here and was not read. Correct the title, or list it under ignore "
            why += "in a mapping." + close(title or own, [c.title for c in sheet.columns])
        what = f"The column '{shown(title or own)}' {why}"
        told.append(replace(blank, column=title or own, message=what))
    return (_in_order(found, list(theirs)) if theirs else found), told


def _in_order(found: list[Source], titles: list[str]) -> list[Source]:
    """The columns in the order of the mapping; the first that goes into a field stands bare."""
    made: list[Source] = []
    for s in sorted(found, key=lambda s: titles.index(plain(s.title))):
        bare = all((s.column, s.language) != (m.column, m.language) for m in made)
        made.append(Source(s.index, s.title, s.column, s.language, bare))
    return made
