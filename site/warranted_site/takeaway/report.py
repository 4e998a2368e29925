"""The whole package as a report: its cover and its blocks, in the order practitioners read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warranted.namespaces import DCTERMS
from warranted_site.takeaway import tree
from warranted_site.takeaway.charts import series_blocks
from warranted_site.takeaway.fitting import facts
from warranted_site.takeaway.ideas import aspect, idea_blocks
from warranted_site.takeaway.subject import Run, Subject, Text, lower_first, sentence
from warranted_site.things import Thing
from warranted_site.words import web

Block = dict[str, Any]
"""`kind` and what `report.typ` needs to draw it."""


def report(subject: Subject) -> dict[str, Any]:
    """The values of `report.typ`."""
    return subject.frame(subject.package.title) | {
        "contents": subject.say("Contents"),
        "cover": _cover(subject),
        "blocks": [
            block
            for part in (
                _setting,
                _theory,
                _ideas,
                _limits,
                _measures,
                _conflicts,
                _evidence,
                _missing,
                _sources,
                _citing,
            )
            for block in part(subject)
        ],
    }


def heading(text: str, level: int = 1) -> Block:
    """A heading."""
    return {"kind": "heading", "level": level, "text": text}


def text(said: Text, kind: str = "text") -> Block:
    """A paragraph; `kind` may be `lead`, `small`, `warn` or `claim`."""
    return {"kind": kind, "text": said}


def _cover(s: Subject) -> dict[str, Any]:
    package, thing, say = s.package, s.package.thing, s.say
    told: list[Run] = []
    for level, count in package.counts():
        told += [", " if told else "", f"{count} ", {"rank": level.rank, "word": level.label}]
    rows: list[list[Any]] = [[say("Aim"), _aim(s, aim)] for aim in package.aims]
    rows = rows or [[say("Aim"), say("None is stated in the sources read.")]]
    rows.append([say("Ideas"), told or say("None was published in what was read.")])
    if results := thing.all("hasReportedResult"):
        rows.append([say("What the source says came of it"), s.statement(results[0])])
    if limits := thing.all("hasLimitation"):
        rows.append([say("Limit"), limits[0].text("statementText")])
    return {
        "kind": say("Change package"),
        "title": package.title,
        "by": ", ".join(s.networks),
        "minute": say("In one minute"),
        "summary": thing.text("summary"),
        "rows": facts(rows),
        "banner": say("This is made up to show how a full record looks. Nobody did it."),
        "foot": [
            say(
                "Release %(release)s of %(publisher)s, %(day)s. ",
                release=s.release,
                publisher=s.publisher,
                day=s.language.day(s.created.date()),
            ),
            thing.iri,
        ],
    }


def _aim(s: Subject, aim: Thing) -> str:
    told: list[str] = [aim.label]
    if aim.text("population"):
        told.append(s.say("for %(whom)s", whom=lower_first(aim.text("population"))))
    if aim.text("targetDate"):
        told.append(s.say("by %(day)s", day=s.day(aim.text("targetDate"))))
    return sentence("; ".join(told))


def _setting(s: Subject) -> Iterator[Block]:
    package, say = s.package, s.say
    problems = package.of("ProblemOfPractice")
    context = package.thing.all("hasContextStatement")
    yield heading(say("Problem, setting and aim"))
    for problem in problems:
        yield text([{"strong": sentence(problem.label)}, " ", problem.text("summary")])
    if context:
        yield {"kind": "items", "items": [s.statement(c) for c in context]}
    for aim in package.aims:
        yield heading(aim.label, 2)
        if aim.text("summary"):
            yield text([aim.text("summary"), {"small": s.cites(aim)}])
        if rows := _aim_facts(s, aim):
            yield {"kind": "facts", "rows": facts(rows)}
    if not (problems or context or package.aims):
        yield text(say("The sources read describe none of them."))


def _aim_facts(s: Subject, aim: Thing) -> list[list[Any]]:
    say, unit = s.say, aim.text("unit")
    rows: list[list[Any]] = []
    for name, words in (("baselineValue", say("From")), ("targetValue", say("To"))):
        if aim.text(name):
            rows.append([words, f"{aim.text(name)} {unit}".strip()])
    told = aim.all("hasStatement")
    whom = aim.text("population")
    if whom and whom not in [statement.text("statementText") for statement in told]:
        rows.append([say("For whom"), whom])
    if aim.text("targetDate"):
        rows.append([say("By when"), s.day(aim.text("targetDate"))])
    return [*rows, *([aspect(s, statement), s.statement(statement)] for statement in told)]


def _theory(s: Subject) -> Iterator[Block]:
    say = s.say
    drawn = tree.blocks(s)
    yield heading(say("Driver diagram"))
    if drawn:
        yield from drawn
        yield text(
            say(
                "Left to right: the aim, what drives it, the ideas. Dots show how far the evidence goes."
            ),
            "small",
        )
    else:
        yield text(say("The sources read publish no driver diagram."))
    for theory in s.package.of("TheoryOfImprovement"):
        if theory.text("summary"):
            yield text([theory.text("summary"), {"small": s.cites(theory)}])


def _ideas(s: Subject) -> Iterator[Block]:
    say = s.say
    yield heading(say("Change ideas"))
    if not s.package.ideas:
        yield text(
            say("No change idea was published in what was read. The network could fill this.")
        )
    for idea in s.package.ideas:
        yield from idea_blocks(s, idea)


def _limits(s: Subject) -> Iterator[Block]:
    yield heading(s.say("What did not work, and limits"))
    items: list[Text] = [
        [{"strong": idea.label}, f": {s.failed(idea)}."]
        for idea in s.package.ideas
        if s.assessment(idea).indicators.R_c
    ]
    items += [s.statement(limit) for limit in s.package.thing.all("hasLimitation")]
    if items:
        yield {"kind": "items", "items": items}
    else:
        yield text(s.say("Nothing is recorded."))


def _measures(s: Subject) -> Iterator[Block]:
    package, views, say = s.package, s.views, s.say
    measures = package.measures
    shown = s.series
    own = {m.iri for m in measures}
    loose = [x for x in shown if not (m := x.thing.one("ofMeasure")) or m.iri not in own]
    yield heading(say("Measures"))
    if not (measures or loose):
        yield text(say("None was published."))
    for measure in measures:
        yield heading(measure.label, 2)
        definition = measure.text("operationalDefinition")
        if definition:
            yield text([definition, {"small": s.cites(measure)}])
        for result in views.results_on(measure):
            yield text([{"strong": say("The source's claim: ")}, *s.statement(result)], "claim")
        series = [x for x in shown if (m := x.thing.one("ofMeasure")) and m.iri == measure.iri]
        for one in series:
            yield from series_blocks(s, one)
        if not series:
            yield text(say("No series was published."), "small")
    for one in loose:
        yield from series_blocks(s, one)
    measured = {r.iri for m in measures for r in views.results_on(m)}
    others = [r for r in package.thing.all("hasReportedResult") if r.iri not in measured]
    if others:
        yield heading(say("What sources say came of it"), 2)
        yield {"kind": "items", "items": [s.statement(r) for r in others]}


def _conflicts(s: Subject) -> Iterator[Block]:
    found = s.package.thing.all("hasConflict")
    if found:
        yield heading(s.say("Where sources disagree"))
    for conflict in found:
        yield heading(conflict.label, 2)
        items = [s.statement(x) for x in conflict.all("conflictingStatement")]
        yield {"kind": "items", "items": items}
        for note in conflict.texts("curatorNote"):
            yield text(s.say("Curator's note: %(note)s", note=note), "small")


def _evidence(s: Subject) -> Iterator[Block]:
    found, reported = s.package.of("ExternalEvidence"), s.package.of("ReportedTest")
    say = s.say
    if found:
        yield heading(say("Evidence from elsewhere"))
        yield text(say("Shown beside the level and never blended with it."), "small")
    for evidence in found:
        design = evidence.one("studyDesign")
        yield heading(evidence.label, 2)
        parts = [
            design.label if design else "",
            evidence.text("designText"),
            evidence.text("place"),
        ]
        yield text(
            [
                {"strong": " ".join(sentence(part) for part in parts if part)},
                " ",
                sentence(evidence.text("findingText")),
                *s.beside(evidence),
            ]
        )
    if reported:
        yield heading(say("Tests reported in publications"))
        yield text(
            say(
                "Their reports say less than a PDSA record needs, so they are shown and not weighed."
            ),
            "small",
        )
    for test in reported:
        items: list[Text] = [s.statement(x) for x in test.all("hasStatement")]
        yield heading(test.label, 2)
        yield {
            "kind": "items",
            "items": items or [[*s.beside(test)] or say("Nothing more is said.")],
        }


def _missing(s: Subject) -> Iterator[Block]:
    if texts := s.package.thing.texts("notFound"):
        yield heading(s.say("What the sources do not say"))
        yield text(s.say("Looked for and not found: %(what)s.", what="; ".join(texts)))


def _sources(s: Subject) -> Iterator[Block]:
    say, sources = s.say, s.package.of("Source")
    parts = {part.iri for part in s.package.parts} | {s.package.thing.iri}
    yield heading(say("Sources"))
    if not sources:
        yield text(
            say("None: it is made up.") if s.package.illustrative else say("None is recorded.")
        )
        return
    items: list[Text] = []
    for source in sources:
        key = source.text("sourceKey") or source.id
        told = [
            source.text(f"{DCTERMS}title"),
            source.text("organisation"),
            source.text("yearText"),
        ]
        runs: list[Run] = [{"strong": key}, " ", " ".join(sentence(x) for x in told if x)]
        for url in source.texts("url"):
            runs += [" ", {"link": url, "to": url} if web(url) else url]
        used = {r.text("locator") for r in source.back("source") if r.record in parts}
        if located := sorted(used - {""}):
            runs.append({"small": " " + say("Read at: %(where)s.", where="; ".join(located))})
        items.append(runs)
    yield {"kind": "numbered", "items": items}


def _citing(s: Subject) -> Iterator[Block]:
    say, thing = s.say, s.package.thing
    yield heading(say("How to cite"))
    if s.package.illustrative:
        yield text(say("It is made up. Do not cite it as evidence of anything."), "warn")
    yield text(s.reference)
    rows = [
        [words, thing.text(name)]
        for name, words in (
            ("funding", say("Funding")),
            ("ethics", say("Ethical review")),
            (f"{DCTERMS}rights", say("Rights")),
        )
        if thing.text(name)
    ]
    rows.append([say("Release"), s.release])
    if s.work.digest:
        rows.append([say("SHA-256 of the release"), s.work.digest])
    yield {"kind": "facts", "rows": facts(rows)}
