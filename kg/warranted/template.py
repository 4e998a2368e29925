"""Import templates: an empty sheet a record type, with drop-downs, made from the form model.

A column is a field; a part that a record has once (a finding) is columns of its own, one that it can
have many times (steps) a sheet of its own, whose rows name the record by its key.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from warranted import shape_model, vocabulary
from warranted.errors import InputError
from warranted.form_model import Form, FormField, forms_of

ROWS = 1000
"""Rows that have drop-downs."""

BETWEEN = ";"
"""What stands between several values in one cell."""

_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` is the path to the field in the record's JSON, with dots."""

    key: str
    title: str
    field: FormField


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the record's own, or that of a part it can have many times (`part_key`)."""

    title: str
    cls: str
    part_key: str | None
    columns: tuple[Column, ...]


def sheets_of(
    type_: str,
    model: shape_model.ShapeModel | None = None,
    schemes: Mapping[str, vocabulary.Scheme] | None = None,
) -> list[Sheet]:
    """The sheets of a record type's template: for each of its classes one, its parts' after it.

    Raises:
        UnknownType: there is no such record type.
    """
    found: list[Sheet] = []
    for form in forms_of(type_, model, schemes):
        columns = tuple(_columns(form, "", "", 0))
        found.append(Sheet(form.label, form.cls, None, columns))
        for field in form.fields():
            if field.part and field.several:
                inner = tuple(_columns(field.part, "", "", 1))
                title = f"{form.label}: {field.name}"
                found.append(Sheet(title, field.part.cls, field.key, inner))
    return found


def _columns(form: Form, key: str, title: str, depth: int) -> Iterator[Column]:
    for field in form.fields():
        inner = f"{key}{field.key}"
        if field.part is None:
            yield Column(inner, f"{title}{field.name}", field)
        elif not field.several and depth < _DEEPEST:
            yield from _columns(field.part, f"{inner}.", f"{title}{field.name}: ", depth + 1)


def write(type_: str, path: Path, model: shape_model.ShapeModel | None = None) -> list[Sheet]:
    """Write the template of a record type to `path`: .xlsx, or .csv without the sheets of parts.

    Returns:
        The sheets that were written.

    Raises:
        UnknownType: there is no such record type. InputError: the path's ending is another.
    """
    sheets = sheets_of(type_, model)
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(xlsx(sheets))
        return sheets
    if path.suffix.lower() == ".csv":
        path.write_text(csv_header(sheets[0]), encoding="utf-8", newline="")
        return sheets[:1]
    raise InputError(
        f"{path.name} is neither .xlsx nor .csv.", field="OUT", fix="Give a path that ends in one."
    )


def csv_header(sheet: Sheet) -> str:
    """The first line of a CSV template, in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    csv.writer(out).writerow([c.title for c in sheet.columns])
    return "\ufeff" + out.getvalue()


def xlsx(sheets: list[Sheet]) -> bytes:
    """The workbook: a sheet for each, one that explains the columns, one with the choices."""
    book = Workbook()
    book.remove(book.worksheets[0])
    choices = _Choices()
    for sheet in sheets:
        _fill(book.create_sheet(_title(sheet.title, book)), sheet, choices)
    _explain(book.create_sheet("How to fill it in"), sheets)
    choices.write(book.create_sheet("Choices"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(text: str, book: Workbook) -> str:
    """A sheet's title: Excel takes 31 characters, and neither colon nor slash."""
    clean = text.replace(":", " –").replace("/", " ")[:31].strip()
    return clean if clean not in book.sheetnames else clean[:28] + f" {len(book.sheetnames)}"


_BOLD = Font(bold=True)
_NEEDED = PatternFill("solid", fgColor="FFE8B0")
_WANTED = PatternFill("solid", fgColor="E4EEF8")


def _fill(page: Worksheet, sheet: Sheet, choices: _Choices) -> None:
    columns = list(sheet.columns)
    first = "Key of the record" if sheet.part_key else None
    titles = ([first] if first else []) + [c.title for c in columns]
    keys = ([f"{sheet.part_key}"] if first else []) + [c.key for c in columns]
    page.append(titles)
    page.append(keys)  # what an import reads; hidden, so that nobody need
    page.row_dimensions[2].hidden = True
    page.freeze_panes = "A3"
    for number, title in enumerate(titles, 1):
        cell = page.cell(1, number)
        cell.font = _BOLD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(number)].width = max(14, min(len(title) + 2, 34))
        if first and number == 1:
            continue
        field = columns[number - 1 - (1 if first else 0)].field
        if field.required:
            cell.fill = _NEEDED
        elif field.advised == "Warning":
            cell.fill = _WANTED
        note = f"{field.help}\nExample: {field.example}" if field.example else field.help
        cell.comment = Comment(note, "Warranted", width=320, height=110)
        if check := _check(field, choices):
            letter = get_column_letter(number)
            check.add(f"{letter}3:{letter}{ROWS + 2}")
            page.add_data_validation(check)


def _check(field: FormField, choices: _Choices) -> DataValidation | None:
    """What Excel lets into a cell of that column."""
    if field.several:  # several values stand in one cell: no drop-down would let them in
        return None
    if field.widget == "choose":
        check = DataValidation(type="list", formula1=choices.range(field), allow_blank=True)
    elif field.widget == "yes-no":
        check = DataValidation(type="list", formula1='"yes,no"', allow_blank=True)
    elif field.widget == "date":
        check = DataValidation(type="date", operator="greaterThan", formula1="1", allow_blank=True)
    elif field.widget == "whole-number":
        check = DataValidation(
            type="whole", operator="greaterThanOrEqual", formula1=field.least or "-1000000000"
        )
    elif field.widget == "number":
        check = DataValidation(
            type="decimal", operator="between", formula1="-1E+15", formula2="1E+15"
        )
    elif field.longest and field.widget in ("line", "box"):
        check = DataValidation(
            type="textLength", operator="lessThanOrEqual", formula1=str(field.longest)
        )
    else:
        return None
    check.showErrorMessage = True
    check.errorTitle = field.name[:32]
    check.error = (field.advice or f"{field.name}: {field.help}")[:255]
    return check


class _Choices:
    """The sheet that holds what drop-downs offer: a list written into a cell may have 255 characters."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], tuple[str, int]] = {}

    def range(self, field: FormField) -> str:
        """The cells that hold the labels of the field's options."""
        labels = tuple(o.label for o in field.options)
        _, number = self._columns.setdefault(labels, (field.name, len(self._columns) + 1))
        letter = get_column_letter(number)
        return f"Choices!${letter}$2:${letter}${len(labels) + 1}"

    def write(self, page: Worksheet) -> None:
        for labels, (name, number) in self._columns.items():
            page.cell(1, number, name).font = _BOLD
            for row, label in enumerate(labels, 2):
                page.cell(row, number, label)
            page.column_dimensions[get_column_letter(number)].width = 30


def _explain(page: Worksheet, sheets: list[Sheet]) -> None:
    page.append(["Sheet", "Column", "Needed", "What goes in", "Example", "Choices"])
    for cell in page[1]:
        cell.font = _BOLD
    for sheet in sheets:
        for column in sheet.columns:
            field = column.field
            needed = "yes" if field.required else "asked for" if field.advised else "no"
            told = field.help
            if field.several:
                told += f" Several: put {BETWEEN} between them."
            if field.types:
                told += " Give the key, the name or the address of a record."
            options = f"{BETWEEN} ".join(o.label for o in field.options)
            page.append([sheet.title, column.title, needed, told, field.example or "", options])
    for letter, width in zip("ABCDEF", (22, 34, 10, 60, 40, 60), strict=True):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "A2"
