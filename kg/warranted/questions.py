"""The competency questions: what the graph must be able to answer, for whom, with the expected answer.

Each is a `.rq` in `ontology/questions/`; beside it a `.csv` holds its answer on the example data: the
shipped packages, schemes, policies and the ontology, with the assessments computed on `EXAMPLE_DAY`.
Comment lines give the question, who asks it, values for its slots in the example, whether the good
answer is that there is none, and what answer every release must have.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from warranted import queries, resources
from warranted.errors import StoreUnavailable
from warranted.namespaces import NIC, PREFIXES, ROOT, XSD

if TYPE_CHECKING:
    from rdflib import Graph

EXAMPLE_DAY: Final = date(2026, 1, 31)
"""The day on which the example's assessments are computed."""

NONE: Final = "none"
"""The gate of a question that may find nothing."""

_GATE = re.compile(r"Gate: (?:(none)\.|some, where there is nic:(\w+)\.)")
_EXAMPLE = re.compile(r'\?(\w+) = (?:<([^<>\s]+)>|"([^"]*)"(?:\^\^xsd:(\w+))?)')
_NUMBERS = frozenset(f"{XSD}{n}" for n in ("integer", "decimal", "double", "float"))

Rows = list[tuple[str, ...]]
Terms = tuple[tuple[str, ...], list[tuple[Any, ...]]]
"""An answer as a store gives it: its columns, and a term or None for each in every row."""


@dataclass(frozen=True, slots=True)
class Question:
    """One competency question.

    Attributes:
        key: its file's name, such as `cq01-ideas-under-an-aim`.
        example: value for each slot in the example.
        columns, expected: the answer on the example data, in short forms; see `short`.
        none_is_good: the expected answer is empty, and that is well.
        gate: what a release must answer: `NONE`, nothing; the local name of a class, something, if
            the release holds a thing of that class; empty, either.
    """

    key: str
    title: str
    asked_by: str
    query: queries.Query
    example: Mapping[str, queries.Term]
    columns: tuple[str, ...]
    expected: tuple[tuple[str, ...], ...]
    none_is_good: bool
    gate: str = ""

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
        StoreUnavailable: a file does not say what it must; it names the file and what to do.
    """
    folder = resources.ontology() / "questions"
    return tuple(_read(folder, name) for name in queries.names(folder))


def _read(folder: Path, name: str) -> Question:
    query = queries.load(folder, name)
    told = [line[2:] for line in query.text.splitlines() if line.startswith("# ")]
    asked = next((t.removeprefix("Asked by: ") for t in told if t.startswith("Asked by: ")), "")
    if not query.question.endswith("?"):
        raise _faulty(f"{name}.rq", "begins with no question", "Let its first line ask one.")
    if not asked:
        raise _faulty(f"{name}.rq", "does not say who asks", "Add a line '# Asked by: …'.")
    columns, *rows = _expected(folder / f"{name}.csv")
    return Question(
        key=name,
        title=query.question,
        asked_by=asked,
        query=query,
        example=dict(_bindings(query, told)),
        columns=columns,
        expected=tuple(rows),
        none_is_good="Good answer: none." in told,
        gate=_gate(name, told),
    )


def _gate(name: str, told: list[str]) -> str:
    """What the line `# Gate: …` says; empty if there is none."""
    for line in told:
        if line.startswith("Gate:"):
            if not (found := _GATE.fullmatch(line)):
                fix = "Write '# Gate: none.' or '# Gate: some, where there is nic:Aim.'."
                raise _faulty(f"{name}.rq", f"has a gate that cannot be read, '{line}'", fix)
            return str(found[1] or found[2])
    return ""


def _bindings(query: queries.Query, told: list[str]) -> Iterator[tuple[str, queries.Term]]:
    """What the lines `# Example: …` put into the slots."""
    file = f"{query.name}.rq"
    for line in told:
        if not line.startswith("Example:"):
            continue
        found = _EXAMPLE.fullmatch(line[8:].strip())
        if not found:
            fix = 'Write ?slot = <id/…>, ?slot = "text" or ?slot = "2026-01-31"^^xsd:date.'
            raise _faulty(file, f"has an example that cannot be read, '{line}'", fix)
        slot, iri, text, datatype = found.groups()
        if slot not in query.slots:
            fix = f"Add 'VALUES ?{slot} {{ UNDEF }}' or take the example out."
            raise _faulty(file, f"has an example for ?{slot}, which is no slot of it", fix)
        kind = ox.NamedNode(f"{XSD}{datatype or 'string'}")
        yield slot, ox.NamedNode(f"{ROOT}/{iri}") if iri else ox.Literal(text, datatype=kind)


def _expected(file: Path) -> list[tuple[str, ...]]:
    """The header and the rows of an answer file."""
    if not file.is_file():
        raise _faulty(file.name, "is missing", "Put the expected answer on the example data there.")
    rows = [tuple(row) for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8")))]
    if not rows or not rows[0]:
        raise _faulty(file.name, "has no header", "Let its first line name the query's columns.")
    for row in rows:
        if len(row) != len(rows[0]):
            fix = f"Give the row that begins '{(*row, '')[0]}' {len(rows[0])} values."
            raise _faulty(file.name, "has a row of another length than its header", fix)
    return rows


def _faulty(file: str, what: str, fix: str) -> StoreUnavailable:
    return StoreUnavailable(f"ontology/questions/{file} {what}.", fix=fix)


def terms(question: Question, store: ox.Store) -> Terms:
    """Columns and rows of a question's answer, as terms; the union of all graphs is asked."""
    found = store.query(question.text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = tuple(v.value for v in found.variables)
    return names, [tuple(row[name] for name in names) for row in found]


def answer(
    question: Question, data: ox.Store | Graph, *, example: bool = False
) -> tuple[tuple[str, ...], Rows]:
    """Columns and rows of a question's answer, in short forms.

    Args:
        data: an Oxigraph store, of which the union of all graphs is asked, or an rdflib graph.
        example: put the example's values into the slots; otherwise they stay open.
    """
    text = question.example_text if example else question.text
    if not isinstance(data, ox.Store):
        return _with_rdflib(data, text)
    found = data.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = tuple(v.value for v in found.variables)
    return names, [tuple(short(row[n]) for n in names) for row in found]


def _with_rdflib(graph: Graph, text: str) -> tuple[tuple[str, ...], Rows]:
    from rdflib import Literal

    def term(value: object) -> object:
        if isinstance(value, Literal):
            return ox.Literal(str(value), datatype=ox.NamedNode(value.datatype or f"{XSD}string"))
        return value

    found = graph.query(text)
    rows = [tuple(short(term(value)) for value in row) for row in found]  # type: ignore[union-attr]
    return tuple(str(v) for v in found.vars or ()), rows


def short(term: object) -> str:
    """A term as an answer file writes it.

    Terms of this ontology and of those it borrows from get their prefix, records and schemes lose the
    address they begin with, numbers lose the zeros that an engine may add or drop, and what is not
    bound is empty.
    """
    if term is None:
        return ""
    if isinstance(term, ox.Literal):
        if term.datatype.value in _NUMBERS:
            return _number(term.value)
        return " ".join(term.value.split())
    iri = str(getattr(term, "value", term))
    if iri.startswith(f"{ROOT}/") and not iri.startswith(NIC):
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
