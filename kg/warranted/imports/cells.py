"""Cells: what a spreadsheet holds, turned into the value that a field takes, and text made safe."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal

from warranted.form_model import FormField
from warranted.template import BETWEEN

SHOWN: Final = 60
"""Characters of a wrong value that a message shows."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]+Z?)?")
_OTHER_DATE = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: [0-9:]+(?: ?[AaPp][Mm])?)?"
)
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ERRORS: Final = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_YES: Final = {"yes", "true", "1", "sí", "si"}
_NO: Final = {"no", "false", "0"}
_MANY: Final = 10

Resolve = Callable[[FormField, str], str]
"""The IRI that a reference cell's text means; raises Wrong if it means none or several."""


class Percent(float):
    """A number that its cell shows as a percentage: a hundredth of what the user sees."""


class NoValue:
    """A formula whose result the file does not hold."""


Raw = str | int | float | bool | datetime | date | time | NoValue | None
"""What a cell holds when it is read."""


class Wrong(Exception):
    """A cell does not hold what its field takes; the text says what was found and the fix."""


@dataclass(frozen=True, slots=True)
class CellMessage:
    """What is wrong with one cell, row or column.

    Attributes:
        row: the number that the user sees in the spreadsheet.
        column: the column's title in the file. field: the field's key in the record's JSON.
        severity: a Violation keeps the record out; a Warning lets it in.
        message: names the field, what was found, and the fix.
    """

    sheet: str
    row: int
    column: str | None
    field: str | None
    severity: Literal["Violation", "Warning"]
    message: str

    def as_json(self) -> dict[str, Any]:
        """The message as plain values."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "field": self.field,
            "severity": self.severity,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file writes dates (`iso`, `dmy` or `mdy`) and the decimal sign (`.` or `,`)."""

    dates: str = "iso"
    decimal: str = "."


def neutralise(value: str) -> str:
    """`value` as a cell to export, so that no spreadsheet program takes it for a formula.

    A quote mark is put before it, unless it is a plain number such as -5; `bare` takes it off.
    """
    if value.lstrip("'").startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def bare(value: str) -> str:
    """`value` without the quote mark that `neutralise` put before it."""
    if value.startswith("'") and value.lstrip("'").startswith(_FORMULA):
        return value[1:]
    return value


def text_of(raw: Raw) -> str:
    """A cell as text, the same whether it comes from CSV or a workbook; empty if nothing is in it."""
    if isinstance(raw, str):
        text = bare(raw.strip())
        if "\r" in text or "_x000D_" in text:  # how workbooks write the return of a line end
            text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
        return text.strip()
    if raw is None or isinstance(raw, NoValue):
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float):
        return _digits(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat()
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)


def shown(text: str) -> str:
    """`text` as a message shows it: in one line, shortened."""
    line = _CONTROL.sub("?", " ".join(text.split()))
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def plain(text: str) -> str:
    """A title or a choice as it is compared: without case, spaces at the ends, `*`, `:` and `?`."""
    return " ".join(text.split()).strip(" *:?").casefold()


def close(text: str, known: list[str]) -> str:
    """` Did you mean 'x'?` if one of the known words is near, else nothing."""
    near = difflib.get_close_matches(plain(text), {plain(k): k for k in known}, n=1, cutoff=0.7)
    return next((f" Did you mean '{k}'?" for k in known if near and plain(k) == near[0]), "")


def converter(
    field: FormField, manner: Manner, words: Mapping[str, str], resolve: Resolve
) -> Callable[[Raw], list[Any]]:
    """What turns a cell of that field into its values, as they stand in the record's JSON.

    Args:
        words: the file's own words, as `plain` writes them → ours.
        resolve: finds what a reference means.

    Returns:
        A function of the raw cell, which is not empty. It raises Wrong.
    """
    single = _single(field, manner, resolve)

    def convert(raw: Raw) -> list[Any]:
        if isinstance(raw, NoValue):
            raise Wrong(
                "the formula in this cell has no stored result; open the file in a spreadsheet "
                "program and save it, or put the value in."
            )
        if isinstance(raw, str):
            text = text_of(raw)
            if text in _ERRORS:
                raise Wrong(f"the cell holds the error {text}; put the value in.")
            if _CONTROL.search(text):
                raise Wrong(f"'{shown(text)}' holds a control character; take it out.")
            text = words.get(plain(text), text) if words else text
            if field.several and BETWEEN in text:
                pieces = [p for piece in text.split(BETWEEN) if (p := piece.strip())]
                told = [single(words.get(plain(p), p) if words else p) for p in pieces]
                return list(dict.fromkeys(told))
            return [single(text)] if text else []
        if words and (word := words.get(plain(text_of(raw)))) is not None:
            return [single(word)]
        return [single(raw)]

    return convert


def _single(field: FormField, manner: Manner, resolve: Resolve) -> Callable[[Raw], Any]:
    if field.widget == "choose":
        return _choice(field)
    if field.widget in ("record", "iri"):
        return lambda raw: resolve(field, _text(raw))
    kinds: dict[str, Callable[[Raw], Any]] = {
        "yes-no": _yes_no,
        "date": lambda raw: _date(raw, manner),
        "moment": _moment,
        "number": lambda raw: _number(raw, manner),
        "whole-number": _whole,
        "address": _address,
    }
    return kinds.get(field.widget, _text)


def _text(raw: Raw) -> str:
    """The text of a cell; that of CSV was made bare before, which is done once."""
    return raw if isinstance(raw, str) else text_of(raw)


def _choice(field: FormField) -> Callable[[Raw], str]:
    known: dict[str, str | None] = {}
    for option in field.options:
        last = option.value.rpartition("/")[2].rpartition("#")[2]
        ways = {option.label, option.value, last, option.label.partition(": ")[2]}
        for way in {plain(w) for w in ways if w}:
            # A word that stands for two choices stands for none.
            known[way] = option.value if known.get(way, option.value) == option.value else None
    labels = [o.label for o in field.options]
    few = len(labels) <= _MANY
    offered = ", ".join(labels) if few else "the sheet Choices of the template lists them"

    def choose(raw: Raw) -> str:
        text = _text(raw)
        if value := known.get(plain(text)):
            return value
        near = close(text, labels)
        why = "means more than one choice" if plain(text) in known else "is not one of the choices"
        raise Wrong(f"'{shown(text)}' {why}; choose one of them: {offered}.{near}")

    return choose


def _yes_no(raw: Raw) -> bool:
    text = _text(raw).casefold()
    if text in _YES or text in _NO:
        return text in _YES
    raise Wrong(f"'{shown(_text(raw))}' is neither yes nor no; write one of them.")


def _date(raw: Raw, manner: Manner) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    text = _text(raw)
    found = _ISO_DATE.fullmatch(text)
    numbers = [int(n) for n in found.groups()] if found else []
    if not found and manner.dates != "iso" and (found := _OTHER_DATE.fullmatch(text)):
        first, second, year = (int(n) for n in found.groups())
        numbers = [year, second, first] if manner.dates == "dmy" else [year, first, second]
    try:
        return date(*numbers).isoformat()
    except (TypeError, ValueError):  # no numbers, or no such day
        hint = ""
        if not found and _OTHER_DATE.fullmatch(text):
            hint = ' If the file writes dates another way, say so in a mapping: dates = "dmy".'
        raise Wrong(
            f"'{shown(text)}' is not a date; write year-month-day, such as 2026-03-02.{hint}"
        ) from None


def _moment(raw: Raw) -> str:
    text = raw.isoformat() if isinstance(raw, datetime) else _text(raw)
    if found := _MOMENT.fullmatch(text):
        day, clock, seconds, zone = found.groups()
        made = f"{day}T{clock}{seconds or ':00'}{zone or ''}"
        try:
            datetime.fromisoformat(made)
        except ValueError:
            pass
        else:
            return made
    raise Wrong(
        f"'{shown(text)}' is not a day with a time; write it as 2026-03-02T14:30:00, with Z or "
        "+01:00 after it if the zone is known."
    )


def _number(raw: Raw, manner: Manner) -> str:
    if isinstance(raw, Percent):
        seen = _digits(float(Decimal(repr(float(raw))) * 100))
        raise Wrong(
            f"the cell shows {seen} % and holds {_digits(raw)}; format it as a plain number, and "
            "write the value in the unit of its measure."
        )
    if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        return _digits(raw)
    text = _text(raw).replace("−", "-")
    written, hint = text, ""
    if manner.decimal == ",":
        written = "" if "." in text else text.replace(",", ".", 1)
    elif _DECIMAL.fullmatch(text.replace(",", ".", 1)):
        hint = ' If the file writes a decimal comma, say so in a mapping: decimal = ",".'
    if _DECIMAL.fullmatch(written) and not isinstance(raw, bool):
        return written
    sign = "comma" if manner.decimal == "," else "point"
    raise Wrong(
        f"'{shown(text)}' is not a number; write digits with at most one decimal {sign}, and "
        f"neither a unit nor a sign for percent.{hint}"
    )


def _whole(raw: Raw) -> str:
    if isinstance(raw, float) and not isinstance(raw, Percent) and raw.is_integer():
        return str(int(raw))
    text = _text(raw).replace("−", "-")
    if _INTEGER.fullmatch(text) and not isinstance(raw, bool | Percent):
        return text
    raise Wrong(f"'{shown(text)}' is not a whole number; write digits only, such as 24.")


def _address(raw: Raw) -> str:
    text = _text(raw)
    if _ADDRESS.fullmatch(text):
        return text
    raise Wrong(f"'{shown(text)}' is not an address; write it whole, such as https://example.org/.")


def _digits(number: float) -> str:
    """A number of a workbook in as few digits as mean the same, without an exponent."""
    if isinstance(number, int) or not math.isfinite(number):
        return str(number)
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")


def is_address(text: str) -> bool:
    """Whether `text` is an absolute IRI."""
    return _ADDRESS.fullmatch(text) is not None
