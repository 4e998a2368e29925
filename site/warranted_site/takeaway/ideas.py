"""An idea in the report: how far the evidence goes, what you do and need, how it went at each place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warranted.namespaces import DCTERMS
from warranted.warrant import Assessment
from warranted.warrant.model import Direction
from warranted_site.takeaway.fitting import facts
from warranted_site.takeaway.subject import Subject, Text, current, lower_first, sentence
from warranted_site.things import Thing
from warranted_site.views import facets, reviewers
from warranted_site.words import web

Block = dict[str, Any]
LEARNED = 12
"""Tests of an idea whose lesson is printed; the page in the site has all of them."""


def idea_blocks(s: Subject, idea: Thing) -> Iterator[Block]:
    """The blocks of an idea, its heading first."""
    say, found = s.say, s.assessment(idea)
    level = s.level(idea)
    yield {"kind": "heading", "level": 2, "text": idea.label}
    flags = "".join(f" · {flag}" for flag in s.flags(idea))
    acts = ", ".join(d.label for d in idea.all("addressesDriver"))
    yield {
        "kind": "text",
        "text": [
            {"rank": level.rank, "word": level.label},
            {"small": flags + (" · " + say("acts on: %(drivers)s", drivers=acts) if acts else "")},
        ],
    }
    if idea.text("summary"):
        yield {"kind": "lead", "text": [idea.text("summary"), {"small": s.cites(idea)}]}
    if limits := s.boundaries(idea):
        yield {"kind": "warn", "text": [{"strong": say("Not where: ")}, _limits(limits)]}
    yield from what_you_need(s, idea)
    yield {"kind": "heading", "level": 3, "text": say("How far the evidence goes")}
    yield {"kind": "text", "text": sentence(found.sentence)}
    if found.places:
        for question, answer in found.answers.pairs():
            yield {"kind": "text", "text": [{"strong": question}, f" {answer}"]}
    for judgement in s.views.judgements_on(idea):
        yield {"kind": "claim", "text": _judgement(s, judgement)}
    yield from _evidence(s, idea)
    if found.places:
        yield from _places(s, idea)
    need = s.views.wanted[idea.iri]
    title = say("Tests wanted: ") if need.next_level else say("What would change this: ")
    yield {"kind": "text", "text": [{"strong": title}, sentence(need.words)]}


def _limits(limits: list[Thing]) -> str:
    return sentence("; ".join(lower_first(b.label) for b in limits))


def _judgement(s: Subject, judgement: Thing) -> Text:
    level = judgement.one("warrantLevel")
    who = ", ".join(reviewers(judgement))
    until = s.day(judgement.text("reviewBy"))
    review = s.say("%(who)s; review by %(day)s.", who=who, day=until) if until else sentence(who)
    return [
        {
            "strong": s.say(
                "The hub's judgement, %(day)s: %(level)s. ",
                day=s.day(judgement.text("assessedOn")),
                level=level.label if level else "",
            )
        },
        judgement.text("rationale"),
        {"small": f" {review}"},
    ]


def what_you_need(s: Subject, idea: Thing) -> Iterator[Block]:
    """Core and adaptable steps of the version to hand out, who, time, how, cost, materials."""
    say, version = s.say, current(s.views.versions_of(idea))
    statements = [[aspect(s, x), s.statement(x)] for x in idea.all("hasStatement")]
    know_how = idea.all("hasKnowHow")
    if version is None and not (statements or know_how):
        yield {"kind": "small", "text": say("The sources read do not give its steps.")}
        return
    yield {"kind": "heading", "level": 3, "text": say("What you do, and what you need")}
    if version is not None:
        yield {"kind": "under", "text": version.label}
        if rows := steps(s, version):
            yield {"kind": "steps", "rows": rows}
        if told := needs(s, version):
            yield {"kind": "facts", "rows": facts(told)}
    if statements:
        yield {"kind": "facts", "rows": facts(statements)}
    if know_how:
        yield {"kind": "items", "items": [_know_how(s, k) for k in know_how]}


def aspect(s: Subject, statement: Thing) -> str:
    """What a statement is about, in a word or two."""
    found = statement.one("aspect")
    return found.label if found else s.say("Note")


def _know_how(s: Subject, thing: Thing) -> Text:
    label, comment = thing.text("label"), thing.text("comment")
    if not comment:
        return [label, {"small": s.cites(thing)}]
    return [{"strong": sentence(label)}, " ", comment, {"small": s.cites(thing)}]


def steps(s: Subject, version: Thing) -> list[dict[str, Any]]:
    """Its steps as the templates draw them."""
    core, free = s.say("core"), s.say("may be adapted")
    return [
        {
            "core": step.flag("isCore"),
            "text": step.label,
            "more": step.text("summary"),
            "word": core if step.flag("isCore") else free,
        }
        for step in version.all("hasComponent")
    ]


def needs(s: Subject, version: Thing) -> list[list[Any]]:
    """Who, time, how, cost and materials, as far as they are told."""
    say = s.say
    named = (
        ("deliveredBy", say("Who")),
        ("dose", say("Time")),
        ("deliveryMode", say("How")),
        ("cost", say("Cost")),
    )
    rows: list[list[Any]] = [[words, version.text(n)] for n, words in named if version.text(n)]
    if materials := version.all("needsMaterial"):
        runs: list[Any] = []
        for material in materials:
            url = material.text("url")
            runs += ["; "] if runs else []
            runs.append({"link": material.label, "to": url} if web(url) else material.label)
        rows.append([say("Materials"), runs])
    return rows


def _evidence(s: Subject, idea: Thing) -> Iterator[Block]:
    """Studies and reported tests that bear on it, in a line each; they stand in full further on."""
    items: list[Text] = []
    for evidence in s.views.evidence_on(idea):
        design = evidence.one("studyDesign")
        label = sentence(design.label) if design else ""
        items.append([{"strong": label}, " ", evidence.text("findingText"), *s.beside(evidence)])
    items += [[test.label, *s.beside(test)] for test in s.views.reported_of(idea)]
    if items:
        yield {"kind": "under", "text": s.say("Known from publications, shown and not weighed:")}
        yield {"kind": "items", "items": items}


def _places(s: Subject, idea: Thing) -> Iterator[Block]:
    say, found = s.say, s.assessment(idea)
    yield {"kind": "heading", "level": 3, "text": say("How it went at each place")}
    yield {
        "kind": "table",
        "widths": [3, 6, 5, 2],
        "head": [say("Place"), say("Context"), say("How it went"), say("Tests")],
        "rows": [_place(s, place) for place in found.places],
    }
    told = [
        test
        for test in s.views.tests_of(idea)
        if (finding := test.one("hasFinding")) and finding.text("learned")
    ]
    if told:
        yield {"kind": "under", "text": say("What those who tried it would tell a stranger:")}
        yield {"kind": "items", "items": [_learned(test) for test in _printed(told, found)]}
    if (left := len(told) - LEARNED) > 0:
        yield {"kind": "small", "text": say("… and %(n)s more on its page.", n=left)}


def _learned(test: Thing) -> Text:
    site, finding = test.one("atSite"), test.one("hasFinding")
    where = f"{_key(test)}, {site.label}: " if site else f"{_key(test)}: "
    return [{"strong": where}, finding.text("learned") if finding else ""]


def _printed(tests: list[Thing], found: Assessment) -> list[Thing]:
    """The tests that are told of in print, by their dates: those that went otherwise than predicted
    before others, and of others the newest.
    """
    newest = list(reversed(tests))
    newest.sort(key=lambda test: found.directions.get(test.iri) is Direction.SUPPORTS)
    chosen = newest[:LEARNED]
    return [test for test in tests if test in chosen]


def _place(s: Subject, place: Any) -> list[str]:
    site = s.views.things.get(place.site)
    context = "; ".join(f"{facet}: {value}" for facet, value in facets(site))
    tests = ", ".join(_key(s.views.things.get(test.iri)) for test in place.counted)
    return [site.label, context or "–", s.verdict(place), tests or "–"]


def _key(test: Thing) -> str:
    return test.text(f"{DCTERMS}identifier") or test.label
