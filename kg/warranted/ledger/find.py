"""Records found by what they are about: type, network, status, driver, facet, words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from warranted.errors import InputError
from warranted.ledger import tables
from warranted.ledger.versions import Ledger
from warranted.namespaces import NIC

_C, _L = tables.current, tables.link
_WORD: Final = re.compile(r"\w+")
MOST_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is None is not asked about.

    Attributes:
        networks: the networks it may be kept by (those a member reads); what is kept by none counts
            as well. None: any.
        driver: a driver's IRI: the ideas that act on it, and the versions, tests and claims of these.
        facet: a context value's IRI: sites that have it, and what was tested there.
        names: an IRI that the record names, anywhere in it.
        words: every one must stand in the record, by its beginning, accents and case aside.
    """

    type: str | None = None
    networks: Iterable[str] | None = None
    network: str | None = None
    status: str | None = None
    driver: str | None = None
    facet: str | None = None
    names: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One record in a list."""

    record: str
    type: str
    network: str
    status: str
    label: str


def find(ledger: Ledger, wanted: Wanted, *, after: str = "", limit: int = 100) -> list[Line]:
    """Current records that are wanted, with an IRI after `after`, in the order of their IRIs.

    Raises:
        InputError: the words hold none, or too many.
    """
    listed: Any = sa.select(_C.c.record, _C.c.type, _C.c.network, _C.c.status, _C.c.label)
    query = _filtered(listed, wanted, ledger.database.dialect)
    query = query.where(_C.c.record > after).order_by(_C.c.record).limit(limit)
    with ledger.snapshot() as connection:
        return [Line(*row) for row in connection.execute(query)]


def count(ledger: Ledger, wanted: Wanted) -> int:
    """How many current records are wanted."""
    counted: Any = sa.select(sa.func.count()).select_from(_C)
    query = _filtered(counted, wanted, ledger.database.dialect)
    with ledger.snapshot() as connection:
        return int(connection.execute(query).scalar() or 0)


def naming(ledger: Ledger, iri: str) -> list[tuple[str, str]]:
    """Which current records name that IRI, or a part of that record: (record, property), sorted."""
    query = sa.select(_L.c.record, _L.c.predicate).where(
        sa.or_(_L.c.object == iri, sa.and_(_L.c.object > f"{iri}#", _L.c.object < f"{iri}$"))
    )
    with ledger.snapshot() as connection:
        rows = connection.execute(query.distinct()).all()
    return sorted((record, predicate) for record, predicate in rows if record != iri)


def meant(
    ledger: Ledger, types: Iterable[str], text: str, networks: Iterable[str] | None
) -> list[str]:
    """The current records of these types that a text may mean: by IRI, else by key, else by name.

    Args:
        networks: the networks they may be kept by; what is kept by none counts as well. None: any.
    """
    query = sa.select(_C.c.record).order_by(_C.c.record).limit(10)
    if kinds := sorted(types):
        query = query.where(_C.c.type.in_(kinds))
    if networks is not None:
        query = query.where(_C.c.network.in_([*sorted(networks), ""]))
    with ledger.snapshot() as connection:
        for column in (_C.c.record, _C.c.key, _C.c.label):
            found = list(connection.execute(query.where(column == text)).scalars())
            if found:
                return found
    return []


def keyed(ledger: Ledger, type_: str, key: str, network: str) -> str | None:
    """The one current record of a type with that key in that network, or None."""
    query = sa.select(_C.c.record).where(
        _C.c.key == key, _C.c.type == type_, _C.c.network == network
    )
    with ledger.snapshot() as connection:
        found = connection.execute(query.limit(2)).scalars().all()
    return str(found[0]) if len(found) == 1 else None


def lines(ledger: Ledger, iris: Iterable[str]) -> dict[str, Line]:
    """Those of the records that are in force, by their IRIs."""
    found: dict[str, Line] = {}
    asked = sorted(set(iris))
    query = sa.select(_C.c.record, _C.c.type, _C.c.network, _C.c.status, _C.c.label)
    with ledger.snapshot() as connection:
        for start in range(0, len(asked), 500):
            part = query.where(_C.c.record.in_(asked[start : start + 500]))
            found |= {row[0]: Line(*row) for row in connection.execute(part)}
    return found


def _filtered(query: sa.Select[Any], wanted: Wanted, dialect: str) -> sa.Select[Any]:
    if wanted.type is not None:
        query = query.where(_C.c.type == wanted.type)
    if wanted.networks is not None:
        query = query.where(_C.c.network.in_([*sorted(wanted.networks), ""]))
    if wanted.network is not None:
        query = query.where(_C.c.network == wanted.network)
    if wanted.status is not None:
        query = query.where(_C.c.status == wanted.status)
    if wanted.driver is not None:
        query = query.where(_C.c.record.in_(_under(wanted.driver)))
    if wanted.facet is not None:
        query = query.where(_C.c.record.in_(_at(wanted.facet)))
    if wanted.names is not None:
        query = query.where(_C.c.record.in_(_naming(sa.literal(wanted.names))))
    if wanted.words is not None:
        query = query.where(_C.c.seq.in_(_having(wanted.words, dialect)))
    return query


def _naming(objects: Any, *properties: str) -> sa.Select[Any]:
    """Records that name one of `objects` (a value or a query of IRIs), by one of the properties."""
    named = _L.c.object.in_(objects) if isinstance(objects, sa.Select) else _L.c.object == objects
    query = sa.select(_L.c.record).where(named)
    return query.where(_L.c.predicate.in_([NIC + p for p in properties])) if properties else query


def _under(driver: str) -> sa.CompoundSelect[Any]:
    ideas = _naming(sa.literal(driver), "addressesDriver")
    versions = _naming(ideas, "specificationOf", "aboutIdea", "assesses")
    tests = _naming(versions, "tests")
    below = _naming(sa.literal(driver), "contributesTo", "trackedBy")
    return sa.union(ideas, versions, tests, below)


def _at(facet: str) -> sa.CompoundSelect[Any]:
    sites = _naming(sa.literal(facet), "facetValue")
    return sa.union(sites, _naming(sites, "atSite"))


def _having(words: str, dialect: str) -> Any:
    found = _WORD.findall(words)
    if not found or len(found) > MOST_WORDS:
        raise InputError(
            f"Look for 1 to {MOST_WORDS} words.", field="q", fix="Use letters and digits."
        )
    # The words go in as values of the engine's own small language, each quoted; nothing else does.
    if dialect == "sqlite":
        asked = " ".join(f'"{word}"*' for word in found)
        return sa.text("SELECT rowid FROM words WHERE words MATCH :asked").bindparams(asked=asked)
    asked = " & ".join(f"'{word}':*" for word in found)
    return sa.text("SELECT rowid FROM words WHERE tsv @@ to_tsquery('simple', :asked)").bindparams(
        asked=asked
    )
