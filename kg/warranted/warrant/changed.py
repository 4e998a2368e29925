"""What changed between two moments of an idea's warrant, and which records made it change.

A cause is named only if taking it back, alone, gives the former level back; if none does alone, all
that changed are named together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from warranted.language import Language
from warranted.warrant.assessment import assess_idea
from warranted.warrant.model import Direction, Evidence, Level, Policy, Test
from warranted.warrant.rules import direction
from warranted.warrant.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Cause:
    """One change of the evidence: a test that came, went or was changed; or the day; in words."""

    kind: str
    iri: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The difference between two moments.

    Attributes:
        before, after: the computed levels.
        causes: what made the level change (or, if it did not, all that changed).
        together: the causes only suffice together.
        indicators: indicator → its value before and after, where they differ.
        words: the change in a sentence.
    """

    idea: str
    label: str
    before: Level
    after: Level
    causes: tuple[Cause, ...]
    together: bool
    indicators: dict[str, tuple[Any, Any]]
    words: str

    def to_json(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {
            "idea": self.idea,
            "label": self.label,
            "before": self.before.slug,
            "after": self.after.slug,
            "causes": [{"kind": c.kind, "iri": c.iri, "words": c.words} for c in self.causes],
            "together": self.together,
            "indicators": {k: list(v) for k, v in self.indicators.items()},
            "words": self.words,
        }


def changed(
    before: Evidence,
    after: Evidence,
    policies: tuple[Policy, Policy],
    days: tuple[date, date],
    vocabulary: Vocabulary | None = None,
) -> Changed:
    """The difference between an idea's warrant at two moments.

    Args:
        before, after: all that was, and is, known of the idea.
        policies, days: the policy and the day of each moment.
    """
    was = assess_idea(before, policies[0], days[0], vocabulary)
    now = assess_idea(after, policies[1], days[1], vocabulary)
    words = vocabulary or Vocabulary()
    steps = _steps(before, after, policies, days, words)
    every = tuple(cause for cause, *_ in steps)
    causes, together = every, False
    if was.level != now.level:
        alone = tuple(
            cause
            for cause, evidence, policy, day in steps
            if assess_idea(evidence, policy, day).level == was.level
        )
        causes, together = (alone, False) if alone else (every, len(every) > 1)
    old, new = was.indicators.to_json(), now.indicators.to_json()
    return Changed(
        idea=after.idea,
        label=after.label or before.label,
        before=was.level,
        after=now.level,
        causes=causes,
        together=together,
        indicators={k: (old[k], new[k]) for k in new if old[k] != new[k]},
        words=_words(was.level, now.level, causes, together, words),
    )


def _steps(
    before: Evidence,
    after: Evidence,
    policies: tuple[Policy, Policy],
    days: tuple[date, date],
    words: Vocabulary,
) -> list[tuple[Cause, Evidence, Policy, date]]:
    """Each single change, with the later moment as it would be without that change."""
    old = {t.iri: t for t in before.tests}
    new = {t.iri: t for t in after.tests}
    steps = []
    say = words.language.say

    def step(kind: str, iri: str | None, said: str, evidence: Evidence) -> None:
        steps.append((Cause(kind, iri, said), evidence, policies[1], days[1]))

    for iri in sorted(old.keys() | new.keys()):
        one, other = old.get(iri), new.get(iri)
        if one == other:
            continue
        kept = tuple(t for t in after.tests if t.iri != iri)
        without = replace(after, tests=(*kept, one) if one else kept)
        if other is None:
            said = say("test %(test)s was taken back", test=_called(one, iri))
            step("taken back", iri, said, without)
        else:
            kind = "added" if one is None else "changed"
            step(kind, iri, _told(other, _place(after, other, words), words.language), without)
    if before.explained != after.explained:
        said = say("a boundary condition was stated or taken back")
        step("boundary", None, said, replace(after, explained=before.explained))
    if before.inherits != after.inherits:
        said = say("what a version inherits was changed")
        step("inheritance", None, said, replace(after, inherits=before.inherits))
    if before.sites != after.sites:
        said = say("the context of a site was changed")
        step("context", None, said, replace(after, sites={**after.sites, **before.sites}))
    if policies[0] != policies[1]:
        said = say("the policy is now %(policy)s", policy=policies[1].label)
        cause = Cause("policy", policies[1].iri, said)
        steps.append((cause, after, policies[0], days[1]))
    if days[0] != days[1]:
        cause = Cause("time", None, say("time passed without a report"))
        steps.append((cause, after, policies[1], days[0]))
    return steps


def _told(test: Test, place: str, language: Language) -> str:
    """What one test at a place did."""
    say, given = language.say, {"test": _called(test, test.iri), "place": place}
    match direction(test):
        case Direction.SUPPORTS:
            return say("test %(test)s at %(place)s supported it", **given)
        case Direction.PARTLY:
            return say("test %(test)s at %(place)s supported it in part", **given)
        case Direction.CONTRADICTS:
            return say("test %(test)s at %(place)s contradicted it", **given)
        case Direction.INCONCLUSIVE:
            return say("test %(test)s at %(place)s told nothing either way", **given)
        case None:
            return say("test %(test)s at %(place)s is not complete", **given)


def _called(test: Test | None, iri: str) -> str:
    return (test.key if test else "") or _name(iri)


def _name(iri: str) -> str:
    return iri.rstrip("/").rsplit("/", 1)[-1]


def _place(evidence: Evidence, test: Test, words: Vocabulary) -> str:
    site = evidence.sites.get(test.site or "")
    if site is None:
        return words.language.say("a place that is not named")
    context = ", ".join(sorted(words.label(value).lower() for _, value in site.context))
    label = words.site(site) or _name(site.iri)
    return f"{label} ({context})" if context else label


def _words(
    before: Level, after: Level, causes: tuple[Cause, ...], together: bool, words: Vocabulary
) -> str:
    say = words.language.say
    told = [cause.words for cause in causes]
    why = "".join(told)
    if len(told) > 1:
        why = say("%(first)s and %(last)s", first=", ".join(told[:-1]), last=told[-1])
    given = {"before": words.level(before), "after": words.level(after), "why": why}
    if before == after:
        if told:
            return say("Still %(after)s. Since: %(why)s.", **given)
        return say("Still %(after)s.", **given)
    if after.rank > before.rank:
        if not told:
            return say("Rose from %(before)s to %(after)s.", **given)
        if together:
            return say("Rose from %(before)s to %(after)s because %(why)s, together.", **given)
        return say("Rose from %(before)s to %(after)s because %(why)s.", **given)
    if not told:
        return say("Fell from %(before)s to %(after)s.", **given)
    if together:
        return say("Fell from %(before)s to %(after)s because %(why)s, together.", **given)
    return say("Fell from %(before)s to %(after)s because %(why)s.", **given)
