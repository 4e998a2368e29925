"""Tests wanted: the fewest tests at new places that would lift an idea, found by trying them on the rules.

A hypothetical test is sound: carried out as planned, predicted in time, met, on data whose chart shows
a signal, run by others, at a place of its own, in a context no supporting site has. No other test at a
place without a completed one does more for a level, so the fewest of these is the fewest of any there;
what of that strength is needed is then said, criterion by criterion.

A further test at a tested place is not asked for, though one can do more where the idea failed: by the
verdict of one site it takes a contradiction away and adds support at once. What a level stands for is
that the idea holds at one more place; whoever is sent back to where it failed learns when to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from typing import Any, Final

from warranted.warrant.assessment import Assessment, assess_idea
from warranted.warrant.model import Evidence, Level, Outcome, Policy, Site, Stage, Test
from warranted.warrant.rules import SiteStanding, computed_level, indicators, standings
from warranted.warrant.vocabulary import Vocabulary

MOST: Final = 20
"""Tests beyond which an idea is said not to be within reach."""

_NEW = "urn:x-wanted:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would lift one idea.

    Attributes:
        level, next_level: where it stands, and where it would stand; None at the top.
        tests: the fewest tests at new places, all of them sound, that suffice; None if `MOST` do not.
        needs: what is missing, in plain words.
        blocked: why tests alone cannot lift it.
        words: the need in a sentence or two.
    """

    idea: str
    label: str
    network: str | None
    level: Level
    next_level: Level | None
    tests: int | None
    needs: tuple[str, ...]
    blocked: str | None
    words: str

    def to_json(self) -> dict[str, Any]:
        """The need as plain values."""
        return {
            "idea": self.idea,
            "label": self.label,
            "network": self.network,
            "level": self.level.slug,
            "next_level": self.next_level.slug if self.next_level else None,
            "tests": self.tests,
            "needs": list(self.needs),
            "blocked": self.blocked,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class Lift:
    """The fewest sound tests at new places that lift an idea, and the level it then stands at.

    Attributes:
        tests: None if `MOST` do not.
        reached: None where no test can lift it, or none is needed.
    """

    tests: int | None
    reached: Level | None = None


def lift(evidence: Evidence, now: Assessment, policy: Policy, as_of: date) -> Lift:
    """The fewest, tried on the rules one by one; `now` is the assessment of that evidence."""
    if now.next_level is None:
        return Lift(0)
    for number in range(1, MOST + 1):
        reached = level_with(evidence, number, policy, as_of, now.places)
        if reached.rank > now.level.rank:
            return Lift(number, reached)
    return Lift(None)


def wanted(
    evidence: Evidence, policy: Policy, as_of: date, vocabulary: Vocabulary | None = None
) -> Wanted:
    """The fewest tests at new places that would lift the idea to a higher level, in those words."""
    now = assess_idea(evidence, policy, as_of, vocabulary)
    return wanted_of(evidence, now, policy, lift(evidence, now, policy, as_of), vocabulary)


def wanted_of(
    evidence: Evidence,
    now: Assessment,
    policy: Policy,
    found: Lift,
    vocabulary: Vocabulary | None = None,
) -> Wanted:
    """The same, from an assessment and a lift already made of that evidence."""
    words = vocabulary or Vocabulary()
    next_level = found.reached or now.next_level
    needs = now.missing if now.next_level else ()
    blocked = _blocked(now, policy, words) if found.tests is None else None
    return Wanted(
        idea=evidence.idea,
        label=evidence.label,
        network=evidence.network,
        level=now.level,
        next_level=next_level,
        tests=found.tests,
        needs=needs,
        blocked=blocked,
        words=blocked or _words(next_level, found.tests or 0, needs, words),
    )


def _blocked(now: Assessment, policy: Policy, vocabulary: Vocabulary) -> str:
    say = vocabulary.language.say
    if now.indicators.harm and now.level.rank >= policy.harm_cap_rank:
        return say("An unwanted effect is not resolved; that comes before any test.")
    return say("Not even %(n)s sound tests at new places would do; see what is missing.", n=MOST)


def _words(
    next_level: Level | None, tests: int, needs: tuple[str, ...], vocabulary: Vocabulary
) -> str:
    say, count = vocabulary.language.say, vocabulary.language.count
    if next_level is None:
        return say(
            "Nothing: it stands at the highest level. A test at a new kind of place is welcome."
        )
    said = count(
        "One sound test at a new place would lift it to %(level)s.",
        "%(n)s sound tests at new places would lift it to %(level)s.",
        tests,
        level=vocabulary.level(next_level),
    )
    if needs:
        said += " " + say("Wanted: %(needs)s.", needs="; ".join(needs))
    return said


def level_with(
    evidence: Evidence,
    number: int,
    policy: Policy,
    as_of: date,
    places: Sequence[SiteStanding] | None = None,
) -> Level:
    """The level with so many sound tests at new places added.

    Args:
        places: what the places there are say (see `standings`), if that is known: new ones change none.
    """
    facets = sorted({facet for site in evidence.sites.values() for facet, _ in site.context})
    facets += [f"{_NEW}facet-{n}" for n in range(_asked(policy, "V") - len(facets))]
    people = _asked(policy, "N")
    sites: dict[str, Site] = dict(evidence.sites)
    new: list[Test] = []
    for n in range(number):
        site = f"{_NEW}site-{n}"
        context = frozenset((facet, f"{_NEW}value-{n}") for facet in facets)
        sites[site] = Site(site, "", context)
        new.append(_sound(n, site, as_of, people))
    more = replace(evidence, tests=(*evidence.tests, *new), sites=sites)
    held = standings(evidence) if places is None else places
    there = (*held, *standings(replace(evidence, tests=tuple(new))))
    found = indicators(more, there, policy, as_of)
    return computed_level(found, policy).level


def _asked(policy: Policy, indicator: str) -> int:
    """The most that any level asks of an indicator, in whole numbers."""
    thresholds = (t for rule in policy.rules for t in rule.thresholds if t.at_least)
    return max((ceil(t.bound) for t in thresholds if t.indicator == indicator), default=0)


def _sound(number: int, site: str, day: date, people: int) -> Test:
    return Test(
        iri=f"{_NEW}test-{number}",
        specification=f"{_NEW}version",
        site=site,
        start=day,
        stage=Stage.COMPLETE,
        in_time=True,
        outcome=Outcome.MET,
        scale=5,
        basis=4,
        signal=True,
        sustained=True,
        people=people,
    )


def board(found: Iterable[Wanted]) -> Mapping[str | None, tuple[Wanted, ...]]:
    """Network → its ideas that tests would lift, the fewest tests first, then the higher level."""
    rows: dict[str | None, list[Wanted]] = {}
    for one in found:
        if one.next_level is not None:
            rows.setdefault(one.network, []).append(one)
    return {
        network: tuple(
            sorted(
                ones,
                key=lambda w: (
                    w.tests is None,
                    w.tests or 0,
                    -(w.next_level.rank if w.next_level else 0),
                    w.label,
                    w.idea,
                ),
            )
        )
        for network, ones in sorted(rows.items(), key=lambda item: item[0] or "")
    }
