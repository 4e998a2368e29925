"""Rows of the package's queries, and the plain values in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Triple, parse

from warranted import resources
from warranted.errors import InputError
from warranted.statements import Graph, Statements
from warranted.warrant.matching import Query

Row = dict[str, str]
"""Variable → the IRI or the literal's lexical form; variables without a value are left out."""

_DIGITS = 30
"""Digits before or after the point beyond which a number is not read."""

_QUERIES = Path(__file__).parent / "queries"


@lru_cache(maxsize=64)
def _query(name: str) -> Query:
    return Query((_QUERIES / f"{name}.rq").read_text(encoding="utf-8"))


def schemes() -> Iterator[Quad]:
    """The concept schemes that ship with the ontology: ranks, labels, facets."""
    for path in sorted((resources.ontology() / "schemes").glob("*.ttl")):
        yield from parse(path=path, format=RdfFormat.TURTLE)


@lru_cache(maxsize=1)
def _shipped() -> Statements:
    return Statements.of(schemes())


def graph_of(given: Iterable[Quad | Triple] | Statements) -> Graph:
    """All that is given, whatever graphs it stands in, with the shipped schemes."""
    own = given if isinstance(given, Statements) else Statements.of(given)
    return Graph(own, _shipped())


def rows(graph: Graph, name: str) -> list[Row]:
    """The answers to the query `name`.rq, sorted, so that the order of records is irrelevant."""
    query = _query(name)
    names = [variable.removeprefix("?") for variable in query.names]
    found: list[tuple[list[str], Row]] = []
    for answer in query.answers(graph):
        row: Row = {}
        order = [""] * len(names)
        for place, term in enumerate(answer):
            if term is not None:
                text = term if isinstance(term, str) else term[0]
                row[names[place]] = order[place] = text
        found.append((order, row))
    found.sort(key=itemgetter(0))
    return [row for _, row in found]


def day(row: Row, name: str, record: str) -> date | None:
    """The date in `row[name]`, without time; None where there is none."""
    text = row.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise InputError(
            f"{name} of <{record}> is '{text}', which is not a date.",
            field=name,
            fix="Write it as YYYY-MM-DD.",
        ) from error


def number(row: Row, name: str, record: str) -> Fraction | None:
    """The number in `row[name]`; None where there is none."""
    text = row.get(name)
    if text is None:
        return None
    if text.isdecimal() and len(text) <= _DIGITS:
        return Fraction(int(text))
    try:
        exact = Decimal(text)
        if abs(exact.adjusted()) > _DIGITS:
            raise ValueError(text)
        return Fraction(exact)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InputError(
            f"{name} of <{record}> is '{text}', which is not a number.",
            field=name,
            fix="Write it as a plain number.",
        ) from error


def whole(row: Row, name: str, record: str) -> int | None:
    """The whole number in `row[name]`; None where there is none."""
    text = row.get(name, "")
    if text.isdecimal() and len(text) <= _DIGITS:
        return int(text)
    found = number(row, name, record)
    if found is None or found.denominator == 1:
        return None if found is None else int(found)
    raise InputError(
        f"{name} of <{record}> is '{row[name]}', which is not a whole number.",
        field=name,
        fix="Write it as a whole number.",
    )


def truth(row: Row, name: str) -> bool | None:
    """The boolean in `row[name]`; None where there is none."""
    text = row.get(name)
    return None if text is None else text in ("true", "1")
