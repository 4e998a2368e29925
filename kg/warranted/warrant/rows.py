"""Rows of the package's queries, and the plain values in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from warranted import resources
from warranted.errors import InputError

Row = dict[str, str]
"""Variable → the IRI or the literal's lexical form; variables without a value are left out."""

_DIGITS = 30
"""Digits before or after the point beyond which a number is not read."""

_QUERIES = Path(__file__).parent / "queries"


@lru_cache(maxsize=64)
def _query(name: str) -> str:
    return (_QUERIES / f"{name}.rq").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _schemes() -> tuple[Triple, ...]:
    """The concept schemes that ship with the ontology: ranks, labels, facets."""
    return tuple(
        quad.triple
        for path in sorted((resources.ontology() / "schemes").glob("*.ttl"))
        for quad in parse(path=path, format=RdfFormat.TURTLE)
    )


def store_of(quads: Iterable[Quad | Triple]) -> Store:
    """A store in memory with all of `quads` in its default graph, and the shipped schemes."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object) for t in _schemes())
    store.extend(Quad(q.subject, q.predicate, q.object) for q in quads)
    return store


def rows(store: Store, name: str) -> list[Row]:
    """The answers to the query `name`.rq, sorted, so that the order of records is irrelevant."""
    answer = store.query(_query(name))
    if not isinstance(answer, QuerySolutions):
        raise TypeError(f"{name}.rq is not a SELECT query")
    names = [variable.value for variable in answer.variables]
    found: list[tuple[list[str], Row]] = []
    for solution in answer:
        row: Row = {}
        order = [""] * len(names)
        for place, (name, term) in enumerate(zip(names, solution, strict=True)):
            if isinstance(term, NamedNode | Literal | BlankNode):
                text = f"_:{term.value}" if isinstance(term, BlankNode) else term.value
                row[name] = order[place] = text
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
