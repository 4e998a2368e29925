"""One-page cards, one an idea, to be handed out: what to do, how strong it is, where not to use it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from warranted_site.takeaway.ideas import aspect, needs, steps
from warranted_site.takeaway.subject import (
    Run,
    Subject,
    capital,
    current,
    cut,
    lower_first,
    sentence,
)
from warranted_site.things import Thing
from warranted_site.views import facets

SUMMARY = 420
"""Characters of a summary on a card; the page in the site has the whole text."""
STEPS, PLACES = 9, 5
"""Steps, and places of either kind, that a card names; what is left out is counted."""
WIDTH, HEIGHT = 30.0, 54.0
"""Columns and height of a card in its largest type, in widths of an M, as `is_short` reckons them."""
_WIDE = re.compile(r"[^a-z .,:;'()-]")
_RARE = re.compile(r"[^ -\u024f\u2010-\u2026]")
"""What may be named by its name in print, which is longer."""


def cards(subject: Subject) -> dict[str, Any]:
    """The values of `cards.typ`."""
    say = subject.say
    title = say("Idea cards: %(package)s", package=subject.package.title)
    return subject.frame(title) | {
        "words": {
            "do": say("What you do"),
            "not-where": say("Not where"),
            "strong": say("How far the evidence goes"),
            "as-predicted": say("Went as predicted"),
            "otherwise": say("Did not, or was mixed"),
            "more": say("Read more"),
            "wanted": say("What would help most"),
            "elsewhere": say("Known from publications"),
            "notes": say("Our notes"),
            "before": say("What those who did it would tell you"),
        },
        "cards": [_card(subject, idea) for idea in subject.package.ideas],
    }


def _card(s: Subject, idea: Thing) -> dict[str, Any]:
    found, level, say = s.assessment(idea), s.level(idea), s.say
    version = current(s.views.versions_of(idea))
    told = steps(s, version) if version else []
    done = [
        step | {"text": cut(step["text"]), "more": cut(step["more"], 90)} for step in told[:STEPS]
    ]
    acts = cut(", ".join(driver.label for driver in idea.all("addressesDriver")))
    need = s.views.wanted[idea.iri]
    asked = needs(s, version) if version else []
    details = [
        [aspect(s, statement), cut(statement.text("statementText"), SUMMARY // 2)]
        for statement in idea.all("hasStatement")[:3]
    ]
    tested = say("last tested: %(day)s", day=last) if (last := _last(s, idea)) else ""
    card = {
        "title": cut(idea.label),
        "summary": cut(idea.text("summary"), SUMMARY),
        "rank": level.rank,
        "level": level.label,
        "flags": s.flags(idea),
        "acts-on": say("Acts on: %(drivers)s", drivers=acts) if acts else "",
        "seen": capital(sentence("; ".join(part for part in (s.seen(idea), tested) if part))),
        "wanted": cut(need.words, SUMMARY),
        "evidence": [
            cut(f"{evidence.text('findingText')}{s.cites(evidence)}", SUMMARY // 2)
            for evidence in s.views.evidence_on(idea)[:2]
        ],
        "steps": done,
        "no-steps": "" if done or details else say("The sources read do not give its steps."),
        "left-out": _left(s, len(told) - len(done)),
        "needs": [*details, *([term, _short(text)] for term, text in asked)],
        "know-how": [_know_how(k) for k in idea.all("hasKnowHow")[:2]],
        "not-where": _list(s, [lower_first(b.label) for b in s.boundaries(idea)]),
        "as-predicted": _places(s, found.places, held=True),
        "otherwise": _places(s, found.places, held=False),
        "where": s.page(idea),
        "iri": idea.iri,
    }
    return card | {"is-short": is_short(card)}


def is_short(card: dict[str, Any]) -> bool:
    """Whether a card surely fits its page in the largest type, so that typst need not measure it.

    Texts are taken wider than the fonts have them: a page holds three quarters of `HEIGHT`.
    """
    parts = 8 + 2.5 * (bool(card["evidence"]) + bool(card["know-how"]) + bool(card["not-where"]))
    parts += 1.9 * (_lines(card["title"]) - 1)
    aside = {"title", "iri", "where", "level"}
    said = [text for text in _texts(v for k, v in card.items() if k not in aside) if text]
    if any(map(_RARE.search, (*said, card["title"]))):
        return False
    return parts + sum(1.2 * _lines(text) + 0.25 for text in said) <= HEIGHT


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):  # a step, and that it is core
            yield " ".join(_texts(value.values()))
        elif isinstance(value, list):
            yield from _texts(value)


def _lines(text: str) -> int:
    """Lines that a text takes at most."""
    return math.ceil((0.47 * len(text) + 0.3 * len(_WIDE.findall(text)) + 2) / WIDTH)


def _places(s: Subject, places: Any, *, held: bool) -> str:
    """The places where it went as predicted, or those where it did not, each with its context."""
    wanted = {"supports"} if held else {"partly", "contradicts"}
    told = []
    for place in places:
        if place.verdict is not None and place.verdict.value in wanted:
            site = s.views.things.get(place.site)
            context = ", ".join(lower_first(value) for _, value in facets(site))
            told.append(f"{site.label} ({context})" if context else site.label)
    return _list(s, told)


def _list(s: Subject, texts: list[str]) -> str:
    """The texts in a sentence, the last ones only counted where there are many."""
    if not texts:
        return ""
    said = "; ".join(cut(text) for text in texts[:PLACES])
    return f"{said} {_left(s, len(texts) - PLACES)}".strip() if texts[PLACES:] else sentence(said)


def _left(s: Subject, count: int) -> str:
    return s.say("… and %(n)s more on its page.", n=count) if count > 0 else ""


def _last(s: Subject, idea: Thing) -> str:
    """The month of the last test with a finding."""
    days = [t.text("startDate") for t in s.views.tests_of(idea) if t.one("hasFinding")]
    return s.day(max(days)[:7]) if any(days) else ""


def _know_how(thing: Thing) -> str:
    parts = [sentence(thing.text("label")), thing.text("comment")]
    return cut(" ".join(part for part in parts if part), SUMMARY // 2)


def _short(text: Any) -> Any:
    """A text, or runs of it, short enough for a card; an address is not needed on paper."""
    if isinstance(text, str):
        return cut(text)
    return cut("".join(run if isinstance(run, str) else _word(run) for run in text))


def _word(run: Run) -> str:
    return run if isinstance(run, str) else str(run["link"])
