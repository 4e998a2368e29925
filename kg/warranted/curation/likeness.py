"""Suggestions for a hub: which of the ideas its members may read say the same, and why."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from warranted.errors import NotFound
from warranted.ledger import Ledger, tables
from warranted.records import Record
from warranted.rights import Actor
from warranted.similar import Finder, facts_of

_KINDS = ("idea", "specification", "driver", "concept")


def suggestions(
    ledger: Ledger,
    actor: Actor,
    apart: frozenset[frozenset[str]],
    *,
    idea: str | None = None,
    most: int = 20,
) -> list[dict[str, Any]]:
    """Pairs of ideas that may say the same, the likest first: `idea`, `other`, `score`, `reasons`.

    Args:
        apart: pairs that were said to be two. idea: only those with this one.

    Raises:
        NotFound: `idea` is no idea that was not replaced.
    """
    networks = actor.networks()
    finder = _finder(ledger, None if networks is None else tuple(sorted(networks)), apart)
    if idea is not None:
        try:
            found = finder.like(idea, most=most)
        except KeyError as error:
            raise NotFound("There is no such idea.", field="idea") from error
    else:
        found = finder.pairs(most=most)
    return [
        {"idea": s.idea, "other": s.other, "score": round(s.score, 3), "reasons": list(s.reasons)}
        for s in found
    ]


def _finder(
    ledger: Ledger, networks: tuple[str, ...] | None, apart: frozenset[frozenset[str]]
) -> Finder:
    return _made(ledger, ledger.last_seq(), networks, apart)


@lru_cache(maxsize=4)
def _made(
    ledger: Ledger, _seq: int, networks: tuple[str, ...] | None, apart: frozenset[frozenset[str]]
) -> Finder:
    # `_seq` has it made anew after a write, and only then
    current, version = tables.current.c, tables.version.c
    query = (
        sa.select(version.record, version.type, version.body)
        .join_from(tables.current, tables.version, version.seq == current.seq)
        .where(current.type.in_(_KINDS), current.status.not_in(["superseded", "withdrawn"]))
        .order_by(version.record)
    )
    if networks is not None:
        query = query.where(current.network.in_([*networks, ""]))
    with ledger.snapshot() as connection:
        rows = connection.execute(query).all()
    records = [Record.from_nquads(iri, type_, body) for iri, type_, body in rows if body]
    ideas = [r for r in records if r.type == "idea"]
    return Finder(facts_of(ideas, records), distinct=apart)
