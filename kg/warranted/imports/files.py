"""Files with tables: measured before they are opened, and read a row at a time."""

from __future__ import annotations

import csv
import re
import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol
from xml.etree.ElementTree import ParseError as XMLError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from warranted.errors import InputError, TooLarge
from warranted.imports.cells import NoValue, Percent, Raw

MAX_BYTES: Final = 500_000_000
"""Largest CSV file, and largest workbook when it is unpacked."""

MAX_TEXTS: Final = 200_000_000
"""Largest list of a workbook's texts, in bytes: it is held in memory."""

MAX_ENTRIES: Final = 10_000
"""Most files in a workbook."""

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 1000
MAX_LINE: Final = 1_000_000
"""Most characters of one line of a CSV file."""

_CHUNK: Final = 200
_FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[\s/>]")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    XMLError,
    InvalidFileException,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a damaged workbook was seen to raise, in the reader or below it."""


class File(Protocol):
    """A file with tables, open.

    Attributes:
        name: what messages call it.
        flat: it has one sheet, which is cheap to read twice (CSV).
    """

    name: str
    flat: bool

    def sheets(self) -> list[str]:
        """The names of its sheets."""

    def rows(self, sheet: str, width: int, /) -> Generator[Sequence[Raw], None, None]:
        """The sheet's rows from the first one on; those of a workbook at most `width` cells wide.

        Raises:
            InputError, TooLarge: it is damaged or over a limit; either can show itself late.
        """

    def close(self) -> None:
        """Let the file go."""


def opened(path: Path, encoding: str = "utf-8", head: int = 1) -> File:
    """The file, measured and opened. For CSV: its encoding, and the row its titles are in.

    Raises:
        InputError: it is neither CSV nor XLSX, or damaged. TooLarge: it is over a limit.
    """
    try:
        size, ending = path.stat().st_size, path.suffix.lower()
        with path.open("rb") as handle:
            start = handle.read(8)
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror}.", fix="See that the file is there."
        ) from error
    if ending not in (".csv", ".xlsx"):
        raise InputError(
            f"{path.name} is neither .xlsx nor .csv.",
            fix="Save it as an Excel workbook (.xlsx) or as CSV UTF-8.",
        )
    if not size:
        raise InputError(f"{path.name} is empty.", fix="Fill the template in, and save it.")
    if ending == ".csv":
        if size > MAX_BYTES:
            raise _too_large(path.name, "Split it into several files.")
        return _Csv(path, start, encoding, head)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InputError(
            f"{path.name} is an old Excel file, or has a password.",
            fix="Save it as .xlsx, without a password.",
        )
    return _Book(path)


def _too_large(name: str, fix: str) -> TooLarge:
    return TooLarge(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.", fix=fix)


class _Csv:
    flat = True

    def __init__(self, path: Path, start: bytes, encoding: str, head: int) -> None:
        self.name, self.head = path.name, head
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{self.name} is UTF-16 text.", fix='Save it as "CSV UTF-8".')
        if start.startswith(b"PK\x03\x04"):
            raise InputError(f"{self.name} is a workbook.", fix="Give its name the ending .xlsx.")
        self.path, self.encoding = path, "utf-8-sig" if encoding == "utf-8" else encoding

    def sheets(self) -> list[str]:
        return [self.name]

    def rows(self, _sheet: str, _width: int, /) -> Generator[Sequence[Raw], None, None]:
        between = self._between()
        with self.path.open(encoding=self.encoding, newline="") as handle:
            reader = csv.reader(self._lines(handle), delimiter=between, strict=True)
            try:
                yield from reader
            except csv.Error as error:
                raise InputError(
                    f"{self.name}, line {reader.line_num}: it is not CSV ({error}).",
                    fix="See that every quotation mark has its pair, and is doubled within a text.",
                ) from error

    def close(self) -> None:
        """Each reading opens the file anew."""

    def _between(self) -> str:
        """What stands between cells: of comma, semicolon and tab the one that makes most titles."""
        with self.path.open(encoding=self.encoding, newline="") as handle:
            top = list(islice(self._lines(handle), self.head))[-1:]
        return max(",;\t", key=lambda d: len(next(csv.reader(top, delimiter=d), [])))

    def _lines(self, handle: Any) -> Iterator[str]:
        number = 0
        try:
            while line := handle.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise TooLarge(
                        f"{self.name}, line {number}: longer than {MAX_LINE} characters.",
                        fix="Save the table as CSV UTF-8 again.",
                    )
                if "\0" in line:
                    raise InputError(
                        f"{self.name}, line {number}: it holds a NUL byte, so it is no text.",
                        fix='Save the table as "CSV UTF-8" again.',
                    )
                yield line
        except UnicodeDecodeError as error:
            fix = 'Save it as "CSV UTF-8", or write a mapping with encoding = "cp1252".'
            if self.encoding == "cp1252":
                fix = 'Save it as "CSV UTF-8", and take encoding out of the mapping.'
            said = "UTF-8" if self.encoding == "utf-8-sig" else self.encoding
            raise InputError(
                f"{self.name}, after line {number}: it is not {said} text.", fix=fix
            ) from error


class _Book:
    flat = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            formulas = self._measure(path)
            self._values = self._open(path, data_only=True)
        except _BROKEN as error:
            raise self._damaged() from error
        self._written = self._open(path, data_only=False) if formulas else None

    def _damaged(self) -> InputError:
        return InputError(
            f"{self.name} is damaged, or no Excel workbook.",
            fix="Open it in a spreadsheet program and save it as .xlsx again.",
        )

    def _measure(self, path: Path) -> bool:
        """Whether it has formulas, if it is small enough to look."""
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            texts = sum(e.file_size for e in entries if "sharedstrings" in e.filename.lower())
            if sum(e.file_size for e in entries) > MAX_BYTES or texts > MAX_TEXTS:
                raise _too_large(f"{self.name}, unpacked,", "Split it, or save it as CSV UTF-8.")
            if len(entries) > MAX_ENTRIES:
                raise TooLarge(f"{self.name} holds too many files.", fix="Save it anew.")
            found = False
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(entry) as handle:
                        block = handle.read(4096)
                        if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                            raise self._damaged()
                        while block and not found and "/worksheets/" in entry.filename:
                            found = bool(_FORMULA.search(block))
                            block = block[-64:] + more if (more := handle.read(1 << 20)) else b""
            return found

    def _open(self, path: Path, *, data_only: bool) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it leaves out, none is a value
            return openpyxl.load_workbook(path, read_only=True, data_only=data_only)

    def sheets(self) -> list[str]:
        return [sheet.title for sheet in self._values.worksheets]

    def rows(self, sheet: str, width: int, /) -> Generator[Sequence[Raw], None, None]:
        values = self._cells(self._values, sheet, width)
        if self._written is None:
            for row in values:
                yield [_raw(cell) for cell in row]
            return
        written = self._cells(self._written, sheet, width)
        for row, formulas in zip(values, written, strict=False):
            yield [
                NoValue() if cell.value is None and formula.value is not None else _raw(cell)
                for cell, formula in zip(row, formulas, strict=False)
            ]

    def _cells(self, book: Any, sheet: str, width: int) -> Iterator[Sequence[Any]]:
        page = book[sheet]
        page.reset_dimensions()  # what a file says of its size may be wrong
        rows = page.iter_rows(max_col=width)
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    chunk = list(islice(rows, _CHUNK))
                except _BROKEN as error:
                    raise self._damaged() from error
            if not chunk:
                return
            yield from chunk

    def close(self) -> None:
        self._values.close()
        if self._written is not None:
            self._written.close()


def _raw(cell: Any) -> Raw:
    value = cell.value
    if value is None or isinstance(value, str | bool | datetime | date | time):
        return value
    if isinstance(value, int | float):
        return Percent(value) if _shows_percent(cell.number_format) else value
    return str(value)


@lru_cache(maxsize=1000)
def _shows_percent(number_format: str) -> bool:
    return "%" in re.sub(r'"[^"]*"|\\.', "", number_format)
