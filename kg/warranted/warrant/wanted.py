"""Tests wanted: the smallest evidence that would lift an idea, found by trying it on the rules.

A hypothetical test is sound and at a new place: carried out as planned, predicted in time, met, on
data whose chart shows a signal, run by others, in a context no supporting site has. No other test does
more for a level, so the fewest of these is the fewest of any; what of that strength is needed is then
said, criterion by criterion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from warranted.warrant.assessment import Assessment, assess_idea
from warranted.warrant.model import Evidence, Level, Outcome, Policy, Site, Stage, Test
from warranted.warrant.rules import computed_level, indicators, standings
from warranted.warrant.words import Vocabulary

MOST: Final = 20
"""Tests beyond which an idea is said not to be within reach."""

_NEW = "urn:x-wanted:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would lift one idea.

    Attributes:
        level, next_level: where it stands, and where it would stand; None at the top.
        tests: the fewest sound tests at new places that suffice; None if none suffice.
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


def wanted(
    evidence: Evidence, policy: Policy, as_of: date, vocabulary: Vocabulary | None = None
) -> Wanted:
    """The smallest evidence that would lift the idea to the next level, in those words."""
    now = assess_idea(evidence, policy, as_of, vocabulary)
    return wanted_of(evidence, now, policy, as_of, vocabulary)


def wanted_of(
    evidence: Evidence,
    now: Assessment,
    policy: Policy,
    as_of: date,
    vocabulary: Vocabulary | None = None,
) -> Wanted:
    """The same, from an assessment already made of that evidence."""
    words = vocabulary or Vocabulary()
    say = words.language.say

    def told(tests: int | None, blocked: str | None = None, reached: Level | None = None) -> Wanted:
        next_level = reached or now.next_level
        needs = now.missing if now.next_level else ()
        return Wanted(
            idea=evidence.idea,
            label=evidence.label,
            network=evidence.network,
            level=now.level,
            next_level=next_level,
            tests=tests,
            needs=needs,
            blocked=blocked,
            words=blocked or _words(next_level, tests or 0, needs, words),
        )

    if now.next_level is None:
        return told(0)
    for number in range(1, MOST + 1):
        reached = level_with(evidence, number, policy, as_of)
        if reached.rank > now.level.rank:
            return told(number, reached=reached)
    if now.indicators.harm and now.level.rank >= policy.harm_cap_rank:
        said = say("An unwanted effect is not resolved; that comes before any test.")
        return told(None, said)
    return told(None, say("Not even %(n)s sound tests would do; see what is missing.", n=MOST))


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


def level_with(evidence: Evidence, number: int, policy: Policy, as_of: date) -> Level:
    """The level with so many sound tests at new places added."""
    facets = sorted({facet for site in evidence.sites.values() for facet, _ in site.context})
    facets += [f"{_NEW}facet-{n}" for n in range(max(0, 4 - len(facets)))]
    sites: dict[str, Site] = dict(evidence.sites)
    tests = list(evidence.tests)
    for n in range(number):
        site = f"{_NEW}site-{n}"
        context = frozenset((facet, f"{_NEW}value-{n}") for facet in facets)
        sites[site] = Site(site, "", context)
        tests.append(_sound(n, site, as_of))
    more = replace(evidence, tests=tuple(tests), sites=sites)
    found = indicators(more, standings(more), policy, as_of)
    return computed_level(found, policy).level


def _sound(number: int, site: str, day: date) -> Test:
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
        people=1000,
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
