"""What the pages say of warrant beyond the level: why, in which context, which tests are wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from warranted import warrant
from warranted.namespaces import NIC
from warranted.warrant import Assessment, by_query
from warranted.warrant.in_context import Choice
from warranted.warrant.model import Direction
from warranted_site.things import Thing
from warranted_site.views import Views

Fill = Callable[..., Any]
"""(path, template, title, **values) → page."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """Answers by kind of place: as a list to read, and as JSON for the page's script."""

    listed: tuple[tuple[str, str], ...]
    json: Markup


def pages(fill: Fill, views: Views) -> Iterator[Any]:
    """The board of tests wanted, and the rules."""
    board = warrant.board(views.wanted.values())
    networks = [(views.things.get(n) if n else None, rows) for n, rows in board.items()]
    networks.sort(key=lambda pair: (_made_up(pair[0]), pair[0].label if pair[0] else "~"))
    yield fill("wanted/index.html", "wanted", "Tests wanted", boards=networks)
    rules = [by_query.rule(name) for name in by_query.rule_names()]
    yield fill("rules/index.html", "rules", "The rules, as queries", rules=rules)


def _made_up(network: Thing | None) -> bool:
    return network is not None and network.flag("illustrative")


def words(views: Views) -> dict[str, Any]:
    """What the idea's template asks for."""

    def choices(idea: Thing) -> tuple[Choice, ...]:
        return views.body.choices(idea.iri)

    def contexts(idea: Thing) -> Contexts:
        table = views.body.table(idea.iri)
        names = {
            key: ", ".join(views.things.get(value).label for value in key.split()) or "Any place"
            for key in table
        }
        listed = sorted(((names[k], found.words) for k, found in table.items()), key=_whole_first)
        told = json.dumps({k: f.words for k, f in table.items()}, ensure_ascii=False)
        # Inside a script element only "</" could end it.
        return Contexts(tuple(listed), Markup(told.replace("</", "<\\/")))  # noqa: S704

    return {
        "behind": behind,
        "change": lambda idea: views.changes.get(idea.iri),
        "choices": choices,
        "contexts": contexts,
        "honesty": views.honesty,
        "indicator": lambda name: views.things.get(f"{_INDICATOR}{name}").label,
        "plain": plain,
        "previous": views.data.previous.id if views.data.previous else "",
        "stamp": lambda test: views.stamps.get(test.iri),
        "wanted": lambda idea: views.wanted[idea.iri],
    }


_INDICATOR = f"{NIC.removesuffix('ns#')}scheme/indicator/"


def _whole_first(pair: tuple[str, str]) -> tuple[bool, int, str]:
    return pair[0] != "Any place", pair[0].count(","), pair[0]


def plain(value: Fraction | None) -> str:
    """A number as people write it: two digits of a share."""
    return "–" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")


def behind(assessment: Assessment, indicator: str) -> list[str]:
    """The tests that made an indicator what it is, in the order of their IRIs."""
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
    return sorted(found)
