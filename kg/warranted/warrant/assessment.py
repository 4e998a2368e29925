"""Assessments: the rules applied to every idea of a graph, with all that a page shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, Triple

from warranted import rdfio
from warranted.errors import InputError
from warranted.language import ENGLISH, Language
from warranted.warrant import words
from warranted.warrant.judgement import Shown, shown_level
from warranted.warrant.model import (
    CHART_SIGNAL,
    Direction,
    Evidence,
    Indicators,
    Level,
    Policy,
)
from warranted.warrant.policy import levels, policies, policy_for
from warranted.warrant.read import evidence_of, vocabulary_of
from warranted.warrant.rows import store_of
from warranted.warrant.rules import (
    Computed,
    Criterion,
    SiteStanding,
    computed_level,
    direction,
    flags,
    indicators,
    is_overdue,
    standings,
)
from warranted.warrant.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far the evidence warrants an idea, and why.

    Attributes:
        level: the computed level; `shown` holds the one readers see.
        criteria: every criterion of every level, met or not.
        missing: what stands between the level and `next_level`, in plain words.
        flags: names of the scheme flag.
        places: what each site with a completed test says.
        directions: test → what it says; None for a test that is not complete.
        weighed: findings (IRIs) the verdicts and the supporting tests rest on.
        overdue: tests past their start and grace without a report.
        sentence, answers: what a reader is told.
        notes: where records disagree with one another.
        signals: tests whose own series shows a signal by the chart rules.
    """

    idea: str
    label: str
    claims: tuple[str, ...]
    as_of: date
    policy: Policy
    indicators: Indicators
    level: Level
    next_level: Level | None
    criteria: tuple[Criterion, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]
    shown: Shown
    places: tuple[SiteStanding, ...]
    directions: dict[str, Direction | None]
    weighed: tuple[str, ...]
    reported: int
    overdue: tuple[str, ...]
    sentence: str
    answers: words.Answers
    notes: tuple[str, ...]
    signals: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Every indicator by its name, beside the level, what is missing and the rest."""
        judgement = self.shown.judgement
        return {
            "idea": self.idea,
            "label": self.label,
            **self.indicators.to_json(),
            "level": self.level.slug,
            "level_label": self.level.label,
            "rank": self.level.rank,
            "next_level": self.next_level.slug if self.next_level else None,
            "missing": list(self.missing),
            "flags": list(self.flags),
            "shown": {
                "level": self.shown.level.slug,
                "level_label": self.shown.level.label,
                "rank": self.shown.level.rank,
                "standing": self.shown.standing.value,
                "reason": self.shown.reason,
                "judgement": judgement.iri if judgement else None,
                "rationale": judgement.rationale if judgement else None,
            },
            "criteria": [_criterion_json(criterion) for criterion in self.criteria],
            "sites": [_place_json(place) for place in self.places],
            "directions": {
                test: found.value if found else None for test, found in self.directions.items()
            },
            "weighed": list(self.weighed),
            "reported": self.reported,
            "overdue": list(self.overdue),
            "claims": list(self.claims),
            "policy": self.policy.iri,
            "as_of": self.as_of.isoformat(),
            "sentence": self.sentence,
            "questions": [
                {"question": question, "answer": answer}
                for question, answer in self.answers.pairs()
            ],
            "notes": list(self.notes),
        }


def _criterion_json(criterion: Criterion) -> dict[str, Any]:
    threshold = criterion.threshold
    return {
        "level": criterion.level.slug,
        "indicator": threshold.indicator,
        "at_least" if threshold.at_least else "at_most": float(threshold.bound),
        "value": None if criterion.value is None else round(float(criterion.value), 4),
        "met": criterion.met,
        "source": threshold.source,
    }


def _place_json(place: SiteStanding) -> dict[str, Any]:
    return {
        "site": place.site,
        "verdict": place.verdict.value if place.verdict else None,
        "tests": [test.iri for test in place.counted],
        "explained": place.explained,
    }


def assess(
    quads: Iterable[Quad | Triple],
    as_of: date | None = None,
    *,
    policy: Policy | None = None,
    language: Language = ENGLISH,
) -> dict[str, Assessment]:
    """Idea → its assessment, for every idea in `quads`; graphs are read as one.

    Args:
        as_of: the day on which tests are overdue, evidence is stale and judgements have lapsed;
            today (UTC) if None.
        policy: the thresholds; None: the policy in `quads` of the idea's network, else the only one
            of no network beside the default, else the default.
        language: of the sentences.

    Raises:
        InputError: a date or a number cannot be read, or the policy is incomplete.
    """
    store = store_of(quads)
    held = {} if policy else policies(store)
    day = as_of or datetime.now(tz=UTC).date()
    vocabulary = vocabulary_of(store, language)
    found = evidence_of(store, levels(store))
    return {
        idea: assess_idea(
            found[idea], policy or policy_for(found[idea].network, held), day, vocabulary
        )
        for idea in sorted(found)
    }


def assess_file(
    path: Path, as_of: date | None = None, *, policy: Policy | None = None
) -> dict[str, Assessment]:
    """The same for an RDF file, its format by its ending.

    Raises:
        InputError: the file cannot be read, or its ending is not that of a format we read.
        ParseError: it is not valid; with file, line and reason.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", fix="Give the path of an RDF file."
        ) from error
    return assess(
        rdfio.parse(data, rdfio.Format.of_path(path), name=str(path)),
        as_of,
        policy=policy,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules find of one idea, the same in every language; see `Assessment` for the parts."""

    places: tuple[SiteStanding, ...]
    indicators: Indicators
    computed: Computed
    overdue: tuple[str, ...]
    directions: dict[str, Direction | None]


def judge(evidence: Evidence, policy: Policy, as_of: date) -> Judged:
    """The rules applied to the evidence on one idea."""
    places = standings(evidence)
    found = indicators(evidence, places, policy, as_of)
    return Judged(
        places,
        found,
        computed_level(found, policy),
        tuple(sorted(test.iri for test in evidence.tests if is_overdue(test, policy, as_of))),
        {t.iri: direction(t) for t in sorted(evidence.tests, key=lambda t: t.iri)},
    )


def assess_idea(
    evidence: Evidence,
    policy: Policy,
    as_of: date,
    vocabulary: Vocabulary | None = None,
    judged: Judged | None = None,
) -> Assessment:
    """The assessment of one idea from plain values, told in the words of `vocabulary`.

    Args:
        judged: what `judge` found of the same evidence, if that is known already.
    """
    vocabulary = vocabulary or Vocabulary()
    judged = judged or judge(evidence, policy, as_of)
    places, found, computed = judged.places, judged.indicators, judged.computed
    lacking = words.missing(computed, policy, vocabulary)
    overdue = judged.overdue
    reading = words.Reading(evidence, places, found, computed, lacking, len(overdue), vocabulary)
    return Assessment(
        idea=evidence.idea,
        label=evidence.label,
        claims=evidence.claims,
        as_of=as_of,
        policy=policy,
        indicators=found,
        level=computed.level,
        next_level=computed.next,
        criteria=computed.criteria,
        missing=lacking,
        flags=flags(found),
        shown=shown_level(computed.level, evidence.judgements, policy, as_of, vocabulary),
        places=places,
        directions=judged.directions,
        weighed=_weighed(evidence, judged),
        reported=evidence.reported,
        overdue=overdue,
        sentence=words.sentence(reading),
        answers=words.answers(reading),
        notes=_notes(evidence, vocabulary.language),
        signals=frozenset(test.iri for test in evidence.tests if test.signal),
    )


def _weighed(evidence: Evidence, judged: Judged) -> tuple[str, ...]:
    counted = {test.iri: test for place in judged.places for test in place.counted}
    support = {p.site for p in judged.places if p.verdict is Direction.SUPPORTS}
    counted |= {
        test.iri: test
        for test in evidence.tests
        if test.site in support and judged.directions[test.iri] is Direction.SUPPORTS
    }
    findings = {t.finding for t in counted.values() if t.finding is not None}
    return tuple(sorted(f for f in findings if not f.startswith("_:")))


def _notes(evidence: Evidence, language: Language) -> tuple[str, ...]:
    return tuple(
        language.say(
            "The finding of <%(test)s> states a chart signal; the chart rules find none in its "
            "series. %(verdict)s",
            test=test.iri,
            verdict=test.chart,
        )
        for test in sorted(evidence.tests, key=lambda t: t.iri)
        if test.basis >= CHART_SIGNAL and test.chart and not test.signal
    )
