"""Warrant policies as they stand in a graph."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from pyoxigraph import RdfFormat, Store, parse

from warranted import resources
from warranted.errors import InputError
from warranted.namespaces import SCHEME
from warranted.warrant.model import Indicators, Level, LevelRule, Policy, Threshold
from warranted.warrant.rows import Row, number, rows, store_of, whole

UNTESTED = SCHEME + "warrant/untested"
SET_ASIDE = SCHEME + "warrant/set-aside"

N = TypeVar("N", int, Fraction)


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The policy "default 1" that ships with the ontology."""
    path = resources.ontology() / "policies" / "default-1.ttl"
    return next(iter(policies(store_of(parse(path=path, format=RdfFormat.TURTLE))).values()))


def policy_for(network: str | None, held: dict[str, Policy]) -> Policy:
    """The policy an idea of `network` is judged by, out of those a graph holds.

    Its network's own, if there is one; else the graph's one policy of no network beside the
    default; else the default.
    """
    default = default_policy()
    ours = [policy for policy in held.values() if policy.network and policy.network == network]
    others = [p for p in held.values() if p.network is None and p.iri != default.iri]
    for candidates in (ours, others):
        if len(candidates) == 1:
            return candidates[0]
    return held.get(default.iri, default)


def policies(store: Store) -> dict[str, Policy]:
    """Every policy with level rules in the graph, by IRI.

    Raises:
        InputError: a number is missing, or a level or an indicator is not one the rules know.
    """
    ladder = levels(store)
    rules = _rules(store, ladder)
    return {
        row["policy"]: Policy(
            iri=row["policy"],
            label=row.get("label", row["policy"]),
            rules=rules[row["policy"]],
            untested=_level(UNTESTED, ladder),
            set_aside=_level(SET_ASIDE, ladder),
            grace_days=_needed(row, "graceDays"),
            stale_months=_needed(row, "staleMonths"),
            set_aside_min_sites=_needed(row, "setAsideMinSites"),
            set_aside_max_c=_needed_share(row, "setAsideMaxC"),
            harm_cap_rank=_needed(row, "harmCapRank"),
            max_raise=_needed(row, "maxRaise"),
            min_reviewers_to_raise=_needed(row, "minReviewersToRaise"),
            min_rationale=_needed(row, "minRationale"),
            network=row.get("network"),
        )
        for row in rows(store, "policies")
    }


def levels(store: Store) -> dict[str, Level]:
    """The levels of the scheme warrant, by IRI."""
    return {
        row["level"]: Level(
            row["level"],
            whole(row, "rank", row["level"]) or 0,
            row.get("label", row["level"].rsplit("/", 1)[-1]),
        )
        for row in rows(store, "levels")
    }


def _level(iri: str, ladder: dict[str, Level]) -> Level:
    if iri not in ladder:
        raise InputError(
            f"<{iri}> is no level of the scheme warrant.",
            field="ruleLevel",
            fix="Use one of the scheme's levels.",
        )
    return ladder[iri]


def _rules(store: Store, ladder: dict[str, Level]) -> dict[str, tuple[LevelRule, ...]]:
    found: dict[str, dict[str, list[Threshold]]] = {}
    for row in rows(store, "thresholds"):
        thresholds = found.setdefault(row["policy"], {}).setdefault(row["level"], [])
        if "indicator" in row:
            thresholds += _thresholds(row)
    return {
        policy: tuple(
            sorted(
                (
                    LevelRule(_level(iri, ladder), _in_order(given))
                    for iri, given in by_level.items()
                ),
                key=lambda rule: rule.level.rank,
            )
        )
        for policy, by_level in found.items()
    }


def _in_order(thresholds: list[Threshold]) -> tuple[Threshold, ...]:
    """Thresholds in the order in which the indicators are named."""
    names = Indicators.names()
    return tuple(sorted(thresholds, key=lambda t: (names.index(t.indicator), not t.at_least)))


def _thresholds(row: Row) -> list[Threshold]:
    name = row["indicator"].rsplit("/", 1)[-1]
    if name not in Indicators.names():
        raise InputError(
            f"The policy <{row['policy']}> compares '{name}', which is no indicator.",
            field="indicator",
            fix="Use one of: " + ", ".join(Indicators.names()) + ".",
        )
    found = []
    for bound, at_least in (("atLeast", True), ("atMost", False)):
        value = number(row, bound, row["policy"])
        if value is not None:
            found.append(Threshold(name, value, at_least, row.get("source", "")))
    if not found:
        raise InputError(
            f"The policy <{row['policy']}> sets no bound on {name}.",
            field="atLeast",
            fix="Give nic:atLeast or nic:atMost.",
        )
    return found


def _needed(row: Row, name: str) -> int:
    value = whole(row, name, row["policy"])
    return _given(value, row, name)


def _needed_share(row: Row, name: str) -> Fraction:
    value = number(row, name, row["policy"])
    return _given(value, row, name)


def _given(value: N | None, row: Row, name: str) -> N:
    if value is None:
        raise InputError(
            f"The policy <{row['policy']}> says nothing of {name}.",
            field=name,
            fix=f"Give nic:{name}.",
        )
    return value
