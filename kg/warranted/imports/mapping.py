"""Mapping files: which column of somebody's own table is which field, and how it writes values.

A mapping is TOML. Only `type` must be there:

    type = "test"                # the type of record a row is
    class = "PDSACycle"          # which form of it, if it has several
    sheet = "Form responses 1"   # a sheet's name or number; else the first
    header_row = 1               # the row with the titles
    dates = "dmy"                # or "mdy"; else year-month-day
    decimal = ","                # else "."
    encoding = "cp1252"          # of a CSV file that is not UTF-8
    ignore = ["Timestamp"]       # columns that are left out without a word

    [columns]                    # their title = our key
    "What did you try?" = "label"
    [values."decision"]          # their word = our choice, by its label or its short name
    "Keep it" = "adopt"
    [fixed]                      # what a record says if its row does not
    "stage" = "complete"

Without [columns], titles are those of the template. Several columns may go into one text: the first
in the mapping stands bare, the others after their titles.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from warranted.errors import InputError
from warranted.form_model import FormField
from warranted.imports.cells import Manner, Wrong, close, converter, plain
from warranted.json_schema import name_of
from warranted.records import known
from warranted.template import Column, Sheet, sheets_of

_FOLDER: Final = Path(__file__).resolve().parent / "mappings"
_LONGEST: Final = 1_000_000
_ALLOWED: Final[dict[str, tuple[type, ...]]] = {
    "type": (str,),
    "class": (str,),
    "sheet": (str, int),
    "header_row": (int,),
    "dates": (str,),
    "decimal": (str,),
    "encoding": (str,),
    "ignore": (list,),
    "columns": (dict,),
    "values": (dict,),
    "fixed": (dict,),
}
_ONE_OF: Final = {
    "dates": ("iso", "dmy", "mdy"),
    "decimal": (".", ","),
    "encoding": ("utf-8", "cp1252"),
}
_LANGUAGE = re.compile(r"(.+)@([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")


@dataclass(frozen=True, slots=True)
class Mapping_:  # noqa: N801 - not the `Mapping` of collections
    """A mapping file, checked.

    Attributes:
        name: what errors call it.
        cls: IRI of the class its rows are, or None for the first.
        columns: their title, as `plain` writes it → our key, in the order of the file.
        values: our key → their word, as `plain` writes it → ours.
        fixed: our key → text of a value.
        ignore: titles, as `plain` writes them.
    """

    name: str
    type: str
    cls: str | None = None
    sheet: str | int | None = None
    header_row: int = 1
    manner: Manner = Manner()
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()


def mapping_names() -> list[str]:
    """The names of the mappings that ship with the project."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def read_mapping(name: str | Path) -> Mapping_:
    """The mapping of that name, or in that file.

    Raises:
        InputError: there is none, or it is not valid; it names the line or the field, and the fix.
    """
    path = _FOLDER / f"{name}.toml" if str(name) in mapping_names() else Path(name)
    try:
        if path.stat().st_size > _LONGEST:
            raise InputError(f"{path.name} is too long for a mapping.", fix="Give another file.")
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise InputError(
            f"There is no mapping '{str(name)[:80]}'.",
            field="mapping",
            fix=f"Give the path of a TOML file, or one of: {', '.join(mapping_names())}.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8 text.", fix="Save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            f"{path.name} is not TOML: {str(error)[:200]}.", fix="Put that line right."
        ) from error
    return _Checker(path.name, text, found).made()


class _Checker:
    """Makes a mapping of what a TOML file says, and refuses what would go unheard."""

    def __init__(self, name: str, text: str, found: dict[str, Any]) -> None:
        self.name, self.lines, self.found = name, text.splitlines(), found

    def wrong(self, near: str, what: str, fix: str) -> InputError:
        """An error that names the first line in which the word `near` stands."""
        number = next((n for n, line in enumerate(self.lines, 1) if near and near in line), None)
        place = f"{self.name}, line {number}" if number else self.name
        return InputError(f"{place}: {what}", field=near or None, fix=fix)

    def made(self) -> Mapping_:
        found = self.found
        for key, value in found.items():
            if key not in _ALLOWED:
                fix = f"The keys are: {', '.join(_ALLOWED)}.{close(key, list(_ALLOWED))}"
                raise self.wrong(key, f"'{key}' is not a key of a mapping.", fix)
            if not isinstance(value, _ALLOWED[key]) or isinstance(value, bool):
                kind = " or a ".join(_KINDS[t] for t in _ALLOWED[key])
                raise self.wrong(key, f"'{key}' has the wrong kind of value.", f"Give a {kind}.")
            if key in _ONE_OF and value not in _ONE_OF[key]:
                fix = f"Write one of: {', '.join(_ONE_OF[key])}."
                raise self.wrong(key, f"'{key}' cannot be '{value}'.", fix)
        for key in ("header_row", "sheet"):
            if isinstance(found.get(key), int) and not 1 <= found[key] <= 1000:
                raise self.wrong(key, f"'{key}' is out of range.", "Count from 1, up to 1000.")
        if "type" not in found:
            fix = 'Say what a row is, such as type = "test".'
            raise self.wrong("", "'type' is missing.", fix)
        sheet = self.sheet(sheets_of(known(found["type"])))
        keys = {c.key: c for c in sheet.columns}
        columns = {plain(t): self.key(t, k, keys) for t, k in found.get("columns", {}).items()}
        return Mapping_(
            name=self.name,
            type=found["type"],
            cls=sheet.cls if "class" in found else None,
            sheet=found.get("sheet"),
            header_row=found.get("header_row", 1),
            manner=Manner(found.get("dates", "iso"), found.get("decimal", ".")),
            encoding=found.get("encoding", "utf-8"),
            columns=columns,
            values={
                self.key(k, k, keys): self.words(k, words, keys)
                for k, words in found.get("values", {}).items()
            },
            fixed={self.key(k, k, keys): self.fixed(k, v, keys) for k, v in self.flat().items()},
            ignore=frozenset(plain(str(t)) for t in found.get("ignore", [])),
        )

    def sheet(self, sheets: list[Sheet]) -> Sheet:
        own = [s for s in sheets if s.part_key is None]
        given = self.found.get("class")
        for sheet in own:
            if given in (None, name_of(sheet.cls), sheet.cls):
                return sheet
        fix = f"The classes are: {', '.join(name_of(s.cls) for s in own)}."
        raise self.wrong("class", f"'{given}' is not a class of that type.", fix)

    def key(self, near: str, key: object, keys: Mapping[str, Column]) -> str:
        """`key`, if it is that of a field; text that may carry a language may end in `@es`."""
        base, language = split_language(str(key))
        column = keys.get(base)
        if column is None or (language and not column.field.languages):
            fix = f"See the second row of the template for the keys.{close(base, list(keys))}"
            raise self.wrong(near, f"'{key}' is not a field of that type.", fix)
        return str(key)

    def words(self, key: str, words: object, keys: Mapping[str, Column]) -> dict[str, str]:
        if not isinstance(words, dict):
            fix = f'Write [values."{key}"], and under it "Their word" = "ours".'
            raise self.wrong(key, f"[values] '{key}' holds no words.", fix)
        for theirs, ours in words.items():
            self.value(theirs, ours, keys[split_language(key)[0]].field)
        return {plain(theirs): str(ours) for theirs, ours in words.items()}

    def flat(self) -> dict[str, Any]:
        """[fixed], also where a key with a dot stands without quote marks."""
        made: dict[str, Any] = {}
        for key, value in self.found.get("fixed", {}).items():
            if isinstance(value, dict):
                made |= {f"{key}.{inner}": v for inner, v in value.items()}
            else:
                made[key] = value
        return made

    def fixed(self, key: str, value: object, keys: Mapping[str, Column]) -> str:
        return self.value(key, value, keys[split_language(key)[0]].field)

    def value(self, near: str, value: object, of: FormField) -> str:
        """`value` as text, if the field takes it; a reference is looked up when a table is read."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        try:
            converter(of, Manner(), {}, lambda _field, iri: iri)(text)
        except Wrong as wrong:
            raise self.wrong(near, f"{of.name}: {wrong}", "Put the value right.") from wrong
        return text


_KINDS: Final[dict[type, str]] = {str: "text", int: "number", list: "list", dict: "table"}


def split_language(key: str) -> tuple[str, str | None]:
    """`label@es` as `label` and `es`; a key without a language as it is."""
    found = _LANGUAGE.fullmatch(key)
    return (found[1], found[2]) if found else (key, None)
