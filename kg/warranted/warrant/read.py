"""The evidence on every idea, read from RDF: a query a kind of thing, never one an idea."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import Any

from pyoxigraph import Store

from warranted.language import ENGLISH, Language
from warranted.warrant.model import Evidence, Judgement, Level, Outcome, Site, Stage, Test
from warranted.warrant.rows import Row, day, rows, truth, whole
from warranted.warrant.series import signals
from warranted.warrant.vocabulary import Vocabularies, Vocabulary


def evidence_of(store: Store, ladder: dict[str, Level]) -> dict[str, Evidence]:
    """Idea → all that the graph says of it, for every idea in the graph.

    Tests count for an idea through the specification they tried. Tests known only from a
    publication are counted apart.

    Args:
        ladder: the warrant levels, by IRI.
    """
    tests = _tests(store)
    reported = _grouped(rows(store, "reported"), "idea", "test")
    claims = _grouped(rows(store, "claims"), "idea", "claim")
    judgements = _judgements(store, ladder)
    sites = _sites(store)
    inherits = {
        later: frozenset(earlier)
        for later, earlier in _grouped(rows(store, "inheritance"), "later", "earlier").items()
    }
    explained = {
        row["finding"]: row.get("label", row["boundary"]) for row in rows(store, "explained")
    }
    found: dict[str, Evidence] = {}
    for row in rows(store, "ideas"):
        idea = row["idea"]
        if idea in found:
            continue
        found[idea] = Evidence(
            idea=idea,
            label=row.get("label", ""),
            tests=tuple(tests.get(idea, ())),
            sites=sites,
            inherits=inherits,
            explained=explained,
            claims=tuple(claims.get(idea, ())),
            judgements=tuple(judgements.get(idea, ())),
            reported=len(reported.get(idea, ())),
            network=row.get("network"),
        )
    return found


def vocabularies_of(store: Store) -> Vocabularies:
    """The words of the schemes, and of the graph's own facets, in every language they are in."""
    scales = {
        rank: (row["scale"], row.get("label", ""), row.get("definition", ""))
        for row in rows(store, "scales")
        if (rank := whole(row, "rank", "scale")) is not None
    }
    labels: dict[str, list[tuple[str, str]]] = {}
    for row in rows(store, "labels"):
        labels.setdefault(row["thing"], []).append((row["label"], row.get("tag", "")))
    return Vocabularies(scales, {thing: tuple(told) for thing, told in labels.items()})


def vocabulary_of(store: Store, language: Language = ENGLISH) -> Vocabulary:
    """The same words in one language, by its fallback where they are not in it."""
    return vocabularies_of(store).in_language(language)


def _grouped(found: Iterable[Row], key: str, value: str) -> dict[str, list[str]]:
    """`key` → its values, in order and each once."""
    groups: dict[str, dict[str, None]] = {}
    for row in found:
        groups.setdefault(row[key], {})[row[value]] = None
    return {name: list(values) for name, values in groups.items()}


def _tests(store: Store) -> dict[str, list[Test]]:
    by_idea: dict[tuple[str, str], Row] = {}
    for row in rows(store, "tests"):
        # a valid record has one of each; of a faulty one the first row is taken, whatever the order
        by_idea.setdefault((row["idea"], row["test"]), row)
    starts = {iri: day(row, "start", iri) for (_, iri), row in by_idea.items()}
    findings = {row["test"]: row for row in reversed(rows(store, "findings"))}
    predictions: dict[str, list[Row]] = {}
    for row in rows(store, "predictions"):
        predictions.setdefault(row["test"], []).append(row)
    charts = signals(store, starts)
    found: dict[str, list[Test]] = {}
    for (idea, iri), row in by_idea.items():
        chart = charts.get(iri)
        finding = findings.get(iri, {})
        start = day(row, "start", iri)
        test = Test(
            iri=iri,
            specification=row["specification"],
            site=row.get("site"),
            start=start,
            end=day(row, "end", iri),
            stage=_member(Stage, row.get("stage")),
            scale=whole(row, "scale", iri) or 0,
            as_planned=truth(row, "asPlanned") is not False,
            by_originator=truth(row, "byOriginator") is True,
            people=max(whole(row, "people", iri) or 0, 0),
            key=row.get("key", ""),
            in_time=_in_time(start, predictions.get(iri, [])),
            signal=chart is not None and chart.counts,
            chart=chart.reason if chart and chart.computed else None,
            finding=finding.get("finding"),
            outcome=_member(Outcome, finding.get("outcome")),
            basis=whole(finding, "basis", iri) or 0,
            harm=truth(finding, "harmSeen") is True,
            harm_resolved=truth(finding, "harmResolved") is True,
            sustained=truth(finding, "sustained") is True,
        )
        found.setdefault(idea, []).append(test)
    return found


def _in_time(start: date | None, predictions: list[Row]) -> bool:
    """Whether there is a prediction, and each is dated on or before the start."""
    if start is None or not predictions:
        return False
    days = [day(row, "statedOn", row["prediction"]) for row in predictions]
    return all(stated is not None and stated <= start for stated in days)


def _member(kind: type[Enum], iri: str | None) -> Any:
    """The member of `kind` a concept stands for; None where there is none."""
    name = (iri or "").rsplit("/", 1)[-1]
    return next((member for member in kind if member.value == name), None)


def _sites(store: Store) -> dict[str, Site]:
    labels: dict[str, str] = {}
    contexts: dict[str, set[tuple[str, str]]] = {}
    for row in rows(store, "sites"):
        site = row["site"]
        labels.setdefault(site, row.get("label", ""))
        pairs = contexts.setdefault(site, set())
        if "value" in row:
            # a value that names no scheme belongs to the facet its IRI lies in
            pairs.add((row.get("facet") or row["value"].rsplit("/", 1)[0], row["value"]))
    return {site: Site(site, labels[site], frozenset(contexts[site])) for site in labels}


def _judgements(store: Store, ladder: dict[str, Level]) -> dict[str, list[Judgement]]:
    people = rows(store, "reviewers")
    cited = _grouped(rows(store, "citations"), "judgement", "evidence")
    originators = {
        (row["judgement"], row["reviewer"]) for row in people if truth(row, "isOriginator")
    }
    reviewers = _grouped(people, "judgement", "reviewer")
    found: dict[str, dict[str, Judgement]] = {}
    for row in rows(store, "judgements"):
        iri = row["judgement"]
        if row["level"] not in ladder:
            continue
        named = reviewers.get(iri, [])
        found.setdefault(row["idea"], {}).setdefault(
            iri,
            Judgement(
                iri=iri,
                level=ladder[row["level"]],
                assessed_on=day(row, "assessedOn", iri),
                review_by=day(row, "reviewBy", iri),
                rationale=row.get("rationale", ""),
                reviewers=frozenset(name for name in named if (iri, name) not in originators),
                originators=frozenset(name for name in named if (iri, name) in originators),
                evidence=frozenset(cited.get(iri, [])),
            ),
        )
    return {idea: list(by_iri.values()) for idea, by_iri in found.items()}
