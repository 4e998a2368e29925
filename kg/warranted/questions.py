"""The competency questions: what the graph must be able to answer, for whom, with the expected answer.

Each is a `.rq` in `ontology/questions/`; beside it a `.csv` holds its answer on the example data: the
shipped packages with the assessments computed on `EXAMPLE_DAY`. Comment lines give the question, who
asks it, values for its slots in the example, and whether the good answer is that there is none.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from warranted import queries, resources
from warranted.errors import StoreUnavailable
from warranted.namespaces import PREFIXES, ROOT, XSD

EXAMPLE_DAY: Final = date(2026, 11, 23)
"""The day on which the example's assessments are computed."""

_EXAMPLE = re.compile(r'\?(\w+) = (?:<([^<>\s]+)>|"([^"]*)"(?:\^\^xsd:(\w+))?)')
_NUMBERS = frozenset(f"{XSD}{n}" for n in ("integer", "decimal", "double", "float"))

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """One competency question.

    Attributes:
        key: its file's name, such as `cq01-ideas-under-an-aim`.
        example: value for each slot in the example.
        columns, expected: the answer on the example data, in short forms; see `short`.
        none_is_good: the expected answer is empty, and that is well.
    """

    key: str
    title: str
    asked_by: str
    query: queries.Query
    example: Mapping[str, queries.Term]
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]
    none_is_good: bool

    @property
    def text(self) -> str:
        """The query as it stands in its file."""
        return self.query.text

    @property
    def example_text(self) -> str:
        """The query with the example's values in its slots."""
        return self.query.bind(**self.example)


@lru_cache(maxsize=1)
def questions() -> tuple[Question, ...]:
    """Every question, in the order of their numbers.

    Raises:
        StoreUnavailable: a file does not say what it must; it names the file and what is missing.
    """
    folder = resources.ontology() / "questions"
    return tuple(_read(folder, name) for name in queries.names(folder))


def _read(folder: Path, name: str) -> Question:
    query = queries.load(folder, name)
    told = [line[2:] for line in query.text.splitlines() if line.startswith("# ")]
    asked = next((t.removeprefix("Asked by: ") for t in told if t.startswith("Asked by: ")), "")
    answer = folder / f"{name}.csv"
    if not asked or not answer.is_file():
        lacking = "a line '# Asked by: …'" if not asked else f"its answer, {answer.name}"
        raise StoreUnavailable(f"The question {name} lacks {lacking}.")
    example: dict[str, queries.Term] = {}
    for line in told:
        if line.startswith("Example: ") and (found := _EXAMPLE.fullmatch(line[9:])):
            slot, iri, text, datatype = found.groups()
            kind = ox.NamedNode(f"{XSD}{datatype or 'string'}")
            example[slot] = (
                ox.NamedNode(f"{ROOT}/{iri}") if iri else ox.Literal(text, datatype=kind)
            )
    rows = list(csv.reader(answer.read_text(encoding="utf-8").splitlines()))
    return Question(
        key=name,
        title=query.question,
        asked_by=asked,
        query=query,
        example=example,
        columns=tuple(rows[0]),
        expected=tuple(map(tuple, rows[1:])),
        none_is_good="Good answer: none." in told,
    )


def answer(store: ox.Store, text: str) -> tuple[tuple[str, ...], Rows]:
    """Columns and rows of a SELECT over the union of a store's graphs, in short forms."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = tuple(v.value for v in found.variables)
    return names, [tuple(short(row[n]) for n in names) for row in found]


def short(term: object) -> str:
    """A term as an answer file writes it.

    Records and schemes lose the address they begin with, other IRIs get a prefix where there is one,
    numbers lose the zeros that an engine may add or drop, and what is not bound is empty.
    """
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        if term.datatype.value in _NUMBERS:
            return _number(term.value)
        return " ".join(term.value.split())
    iri = str(getattr(term, "value", term))
    if iri.startswith(f"{ROOT}/"):
        return iri.removeprefix(f"{ROOT}/")
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _number(text: str) -> str:
    try:
        value = format(Decimal(text).normalize(), "f")
    except InvalidOperation:
        return text
    return "0" if value in ("-0", "") else value


def as_csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """An answer file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
