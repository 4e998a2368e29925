"""One-page cards, one an idea, to be handed out: what to do, how strong it is, where not to use it."""

from __future__ import annotations

from typing import Any

from warranted_site.takeaway.fitting import LINE, facts, lines, stacked
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
SIZES = (15, 14, 13, 12, 11, 10, 9, 8)
"""Points of the type of a card, the largest first: it is set in the largest in which it fits its page."""
WIDTH, HEIGHT = 493, 748
"""Points of a page within its margins."""
HEAD, FOOT, SPARE = 16, 44, 5
"""Points under the title, for where to read more, and left over."""
LEADING, SPACING, GAP, PART, TERM = 0.55, 0.75, 0.62, 2.2, 5.6
"""In the size of the type: between lines, paragraphs and items; what the head of a part takes; a column of terms."""
LONG_TITLE = 60
"""Characters of a title beyond which it is set smaller."""


def cards(subject: Subject) -> dict[str, Any]:
    """The values of `cards.typ`."""
    say = subject.say
    title = say("Idea cards: %(package)s", package=subject.package.title)
    words = {
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
    }
    told = [_card(subject, idea) for idea in subject.package.ideas]
    return subject.frame(title) | {
        "words": words,
        "cards": [card | {"size": size(card, words)} for card in told],
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
    return {
        "title": (title := cut(idea.label)),
        "title-size": 20 if len(title) > LONG_TITLE else 25,
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
        "needs": facts([*details, *((term, _short(text)) for term, text in asked)], TERM),
        "know-how": [_know_how(k) for k in idea.all("hasKnowHow")[:2]],
        "not-where": _list(s, [lower_first(b.label) for b in s.boundaries(idea)]),
        "as-predicted": _places(s, found.places, held=True),
        "otherwise": _places(s, found.places, held=False),
        "where": s.page(idea),
        "iri": idea.iri,
    }


def size(card: dict[str, Any], words: dict[str, str]) -> int:
    """The largest of `SIZES` in which a card fits its page, as `cards.typ` draws it; else the smallest."""
    big = card["title-size"]
    title = lines(card["title"], WIDTH / big, bold=True)
    room = HEIGHT - HEAD - FOOT - SPARE - big * stacked([title], 0.4, 0)
    fits = (size for size in SIZES if size * _face(card, words, size) <= room)
    return next(fits, SIZES[-1])


def _face(card: dict[str, Any], words: dict[str, str], size: int) -> float:
    """Height of all between title and foot, in the size of its type."""
    wide = WIDTH / size

    def high(*told: str, gap: float = SPACING, beside: float = 0) -> float:
        """Texts under each other, with the gap after the last."""
        rows = [lines(text, wide - beside) for text in told]
        return stacked(rows, LEADING, gap) + gap if any(rows) else 0

    def said(key: str) -> str:
        return f"{words[key]}:M {card[key]}" if card[key] else ""

    steps = [part for s in card["steps"] for part in (f"{s['text']} ({s['word']})M", s["more"])]
    over = sum(not fits for _, fits, _ in card["needs"])
    heads = 2 + bool(card["evidence"]) + bool(card["know-how"])
    return (
        PART * heads
        + high(card["acts-on"])
        + 1.08 * high(card["summary"], beside=0.08 * wide)
        + (high(said("not-where"), beside=24 / size) + 17 / size + 0.7 if card["not-where"] else 0)
        + high(*steps, gap=GAP, beside=1.25)
        + high(card["no-steps"], card["left-out"])
        + high(*(text for *_, text in card["needs"]), gap=GAP, beside=TERM)
        + over * (LINE + LEADING)  # a long term has a line of its own
        + sum(high(*card[key], gap=GAP, beside=1.5) for key in ("evidence", "know-how"))
        + high(" · ".join(["MMM " + card["level"], *card["flags"]]), card["seen"])
        + high(said("as-predicted"), said("otherwise"), said("wanted"))
    )


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
