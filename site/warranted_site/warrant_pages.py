"""What an idea's page says of warrant beyond the level: why, in which context, what is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from warranted.namespaces import DCTERMS, NIC
from warranted.warrant import Assessment, rules
from warranted.warrant.in_context import Choice
from warranted.warrant.model import Direction
from warranted_site.links import anchor
from warranted_site.things import Thing, natural
from warranted_site.views import Views
from warranted_site.words import marked


@dataclass(frozen=True, slots=True)
class Contexts:
    """Answers by kind of place: as a list to read, and as JSON for the page's script."""

    listed: tuple[tuple[str, str], ...]
    json: Markup


NAMED = 8
"""Tests that a cell names at most; all of them stand below, with what each says."""
_Asked = tuple[str, str, str, Markup]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion as it is shown: what it asks of an indicator, and what there is."""

    indicator: str
    label: str
    bound: Markup
    met: bool
    value: str
    behind: Markup


def words(views: Views, say: Callable[..., Markup]) -> dict[str, Any]:
    """What the idea's template asks for; `say` gives a sentence as HTML."""

    def choices(idea: Thing) -> tuple[Choice, ...]:
        return views.body.choices(idea.iri)

    def contexts(idea: Thing) -> Contexts:
        table = views.body.contexts(idea.iri)
        names = {
            key: ", ".join(views.things.get(value).label for value in key.split()) for key in table
        }
        whole = views.things.language.gettext("Any place")
        found = sorted((names[key], told) for key, told in table.items())
        found.sort(key=lambda pair: pair[0].count(",") if pair[0] else -1)
        listed = ((name or whole, told) for name, told in found)
        told = json.dumps(table, ensure_ascii=False)
        # Inside a script element only "</" could end it.
        return Contexts(tuple(listed), Markup(told.replace("</", "<\\/")))  # noqa: S704

    @lru_cache(maxsize=512)
    def links_to(tests: tuple[str, ...]) -> Markup:
        """Links to tests on this page, the first of many; the same ones stand behind many criteria."""
        shown = tests if len(tests) <= NAMED else tests[: NAMED - 1]
        made = [
            f'<a href="#{escape(anchor(test))}">{escape(marked(key_of(test)))}</a>'
            for test in map(views.things.get, shown)
        ]
        if left := len(tests) - len(shown):
            more = views.things.language.ngettext("and %(num)s more", "and %(num)s more", left)
            made.append(f'<a href="#tests">{escape(more % {"num": left})}</a>')
        return Markup(", ".join(made))  # noqa: S704 - escaped above

    made: dict[tuple[str, str], Markup] = {}

    def links_behind(assessment: Assessment, indicator: str) -> Markup:
        key = assessment.idea, indicator if indicator in _OWN else ""
        if key not in made:
            made[key] = links_to(behind(assessment, indicator))
        return made[key]

    asked: dict[str, list[_Asked]] = {}

    def criteria(assessment: Assessment) -> list[tuple[str, list[Criterion]]]:
        policy = assessment.policy.iri
        if policy not in asked:
            asked[policy] = [_asked(c, views, say) for c in assessment.criteria]
        found: dict[str, list[Criterion]] = {}
        for wanted, one in zip(asked[policy], assessment.criteria, strict=True):
            level, indicator, label, bound = wanted
            links = links_behind(assessment, indicator)
            shown = Criterion(indicator, label, bound, one.met, plain(one.value), links)
            found.setdefault(level, []).append(shown)
        return list(found.items())

    return {
        "counted": lambda place: links_to(tuple(test.iri for test in place.counted)),
        "change": lambda idea: views.changes.get(idea.iri),
        "choices": choices,
        "contexts": contexts,
        "criteria": criteria,
        "honesty": views.honesty,
        "previous": views.data.previous.id if views.data.previous else "",
        "stamp": lambda test: views.stamps.get(test.iri),
        "wanted": lambda idea: views.wanted[idea.iri],
    }


_INDICATOR = f"{NIC.removesuffix('ns#')}scheme/indicator/"


def _asked(one: rules.Criterion, views: Views, say: Callable[..., Markup]) -> _Asked:
    """The name of its level, its indicator and that one's name, and the bound in words."""
    name, bound = one.threshold.indicator, plain(one.threshold.bound)
    return (
        views.things.get(one.level.iri).label,
        name,
        views.things.get(f"{_INDICATOR}{name}").label,
        say("at least %(bound)s", bound=bound)
        if one.threshold.at_least
        else say("at most %(bound)s", bound=bound),
    )


_OWN = frozenset("TUCP")
"""Indicators that other tests are behind than the supporting ones; see `behind`."""


def plain(value: Fraction | None) -> str:
    """A number as people write it: two digits of a share."""
    return "–" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")


def key_of(test: Thing) -> str:
    """What a test's network calls it, or its name."""
    return test.text(f"{DCTERMS}identifier") or test.label


def behind(assessment: Assessment, indicator: str) -> tuple[str, ...]:
    """The tests that made an indicator what it is, t2 before t10."""
    verdicts = {test.iri: place.verdict for place in assessment.places for test in place.counted}
    supporting = [t for t, read in assessment.directions.items() if read is Direction.SUPPORTS]
    match indicator:
        case "T":
            found = [t for t, read in assessment.directions.items() if read is not None]
        case "U":
            found = list(assessment.overdue)
        case "C":
            found = [t for t, verdict in verdicts.items() if verdict is not None]
        case "P":
            helping = (Direction.SUPPORTS, Direction.PARTLY)
            found = [t for t, verdict in verdicts.items() if verdict in helping]
        case _:
            found = supporting
    return tuple(sorted(found, key=natural))
