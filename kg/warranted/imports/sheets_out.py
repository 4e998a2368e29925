"""Records out, as the rows of their type's template: to be read, changed in a spreadsheet, and imported
again. What a spreadsheet would take for a formula is neutralised; an import takes that off again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from warranted import jsonld_io, vocabulary
from warranted.imports.cells import neutralise
from warranted.namespaces import PREFIXES, RDF
from warranted.records import Record
from warranted.template import BETWEEN, Column, Sheet, sheets_of


def csv_rows(type_: str, records: Iterable[Record]) -> Iterator[bytes]:
    """The records of a type as a CSV file in UTF-8, a line at a time, the titles first.

    Parts that a record can have many times have sheets of their own in a template, and are left out.

    Raises:
        UnknownType: there is no such type.
    """
    sheet = sheets_of(type_)[0]
    yield _line([c.title for c in sheet.columns], mark="\ufeff")
    for record in records:
        if _is(record, sheet):
            tree = jsonld_io.tree(record.triples, record.iri)
            yield _line([_cell(tree, column) for column in sheet.columns])


def _is(record: Record, sheet: Sheet) -> bool:
    """Whether the record has the class of the sheet, or one below it, and no other sheet's."""
    classes = {
        t.object.value
        for t in record.triples
        if t.predicate.value == f"{RDF}type"
        and isinstance(t.object, ox.NamedNode)
        and t.subject == ox.NamedNode(record.iri)
    }
    others = {s.cls for s in sheets_of(record.type) if s.part_key is None} - {sheet.cls}
    return not classes & others


def _line(cells: list[str], mark: str = "") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([neutralise(cell) for cell in cells])
    return (mark + out.getvalue()).encode()


def _cell(tree: dict[str, Any], column: Column) -> str:
    values: list[Any] = [tree]
    for key in column.key.split("."):
        values = [v for value in values if isinstance(value, dict) for v in _listed(value.get(key))]
    return f"{BETWEEN} ".join(_text(value) for value in values)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        value = value.get("@value", value.get("id", value.get("@id", "")))
    text = str(value)
    prefix, colon, rest = text.partition(":")
    whole = f"{PREFIXES[prefix]}{rest}" if colon and prefix in PREFIXES else text
    return _labels().get(whole, whole)


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    return {c.iri: c.label for s in vocabulary.shipped().values() for c in s.concepts}
