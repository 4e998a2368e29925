"""Rows of the package's queries, and the plain values in them."""

from __future__ import annotations

import re
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
from warranted.namespaces import RDF
from warranted.records import Record

Row = dict[str, str]
"""Variable → the IRI or the literal's lexical form; variables without a value are left out."""

_DIGITS = 30
"""Digits before or after the point beyond which a number is not read."""

_QUERIES = Path(__file__).parent / "queries"


_TYPE = f"<{RDF}type>"
_PREFIX = re.compile(r"PREFIX\s+(\w*:)\s*<([^<>\s]*)>")
_NAME = re.compile(r"(\w*:)(\w+)")


@lru_cache(maxsize=64)
def _query(name: str) -> str:
    return (_QUERIES / f"{name}.rq").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _asked() -> frozenset[str]:
    """The properties and classes that the queries name, as N-Quads writes them."""
    found = {_TYPE}
    for path in _QUERIES.glob("*.rq"):
        text = _query(path.stem)
        prefixes = dict(_PREFIX.findall(text))
        names = _NAME.findall(_PREFIX.sub("", text))
        found |= {f"<{prefixes[prefix]}{name}>" for prefix, name in names if prefix in prefixes}
    return frozenset(found)


@lru_cache(maxsize=1)
def _schemes() -> str:
    """What the queries ask for of the concept schemes that ship with the ontology, as N-Triples."""
    lines = (
        str(Quad(quad.subject, quad.predicate, quad.object))
        for path in sorted((resources.ontology() / "schemes").glob("*.ttl"))
        for quad in parse(path=path, format=RdfFormat.TURTLE)
    )
    return "".join(f"{line} .\n" for line in lines if _is_asked(line))


def store_of(given: Iterable[Quad | Triple | Record]) -> Store:
    """A store in memory for the package's queries: all that is given in its default graph, and the
    shipped schemes.

    Of records only what the queries ask for is read, less than half of what they say.
    """
    store, quads, lines = Store(), list[Quad](), [_schemes()]
    for one in given:
        if isinstance(one, Record):
            said = one.nquads.split(f" <{one.iri}> .\n")
            lines += [f"{line} .\n" for line in said if _is_asked(line)]
        else:
            quads.append(Quad(one.subject, one.predicate, one.object))
    store.load("".join(lines).encode(), format=RdfFormat.N_TRIPLES)
    store.extend(quads)
    return store


def _is_asked(line: str) -> bool:
    """Whether the queries ask for a line of N-Triples, written without its end."""
    if not line:
        return False
    _, predicate, object_ = line.split(" ", 2)
    return predicate in _asked() and (predicate != _TYPE or object_ in _asked())


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
