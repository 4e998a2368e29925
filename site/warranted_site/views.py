"""What pages show, gathered once from a release. Templates read these and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

from warranted import charts, warrant
from warranted.errors import InputError
from warranted.language import Language
from warranted.namespaces import DCTERMS, NIC
from warranted.records import Record
from warranted.release_data import ReleaseData
from warranted.warrant import Assessment
from warranted.warrant.changed import Changed
from warranted.warrant.rules import SiteStanding
from warranted_site.networks import JointWork, joint_work
from warranted_site.things import Thing, Things, things_of

_RECORDED = f"<{NIC}predictionRecorded>"
_ASIDE = re.compile(r"\s*\([^()]*\)$")
DOTS = {-1: "✕", 0: "○○○○", 1: "●○○○", 2: "●●○○", 3: "●●●○", 4: "●●●●"}
"""Shape of a level by its rank: filled dots, or a cross for what was set aside."""


@dataclass(frozen=True, slots=True)
class Level:
    """A warrant level as it is shown: in words and by a shape."""

    rank: int
    label: str

    @property
    def dots(self) -> str:
        """Filled and empty dots."""
        return DOTS[self.rank]


@dataclass(frozen=True, slots=True)
class Citation:
    """A source and where in it."""

    source: Thing
    locator: str


@dataclass(frozen=True)
class Series:
    """A measure series: its points, and the run chart if there is a number to draw."""

    thing: Thing

    @cached_property
    def points(self) -> list[Thing]:
        """Observations in their order."""
        return self.thing.all("hasObservation")

    @cached_property
    def baseline(self) -> int:
        """How many points lie before the change; 0 where no change date is given."""
        change = self.thing.text("changeDate")
        return sum(1 for p in self.points if p.text("periodStart") < change) if change else 0

    @cached_property
    def chart(self) -> charts.ChartResult | None:
        """The run chart; None where fewer than two points carry a number."""
        known, key = self.thing.things.remembered, ("chart", self.thing.iri)
        if key not in known:
            known[key] = self._analysed()
        found: charts.ChartResult | None = known[key]
        return found

    def _analysed(self) -> charts.ChartResult | None:
        values = [float(v) if (v := p.text("value")) else None for p in self.points]
        if sum(v is not None for v in values) < 2:
            return None
        given: dict[str, object] = {"chart": "run", "y": values}
        if self.baseline:
            given["freeze"] = self.baseline
        try:
            return charts.analyse(charts.ChartInput.from_json(given))
        except InputError:
            return None

    @property
    def has_counts(self) -> bool:
        """Whether any point has a numerator and a denominator."""
        return any(p.text("numerator") for p in self.points)

    @property
    def has_more(self) -> bool:
        """Whether anything stands beside the value of any point."""
        names = ("hasFigure", "reference", "curatorNote")
        return any(p.all(n) or p.texts(n) for p in self.points for n in names)

    @property
    def verdict(self) -> str:
        """What the run-chart rules find; empty without a chart."""
        return self.chart.told(self.thing.things.language) if self.chart else ""

    @property
    def unit(self) -> str:
        """Unit of the values."""
        measure = self.thing.one("ofMeasure")
        return self.thing.text("unit") or (measure.text("unit") if measure else "")

    @property
    def where(self) -> str:
        """The site or place."""
        site = self.thing.one("atSite")
        return site.label if site else self.thing.text("place")


@dataclass(frozen=True)
class Package:
    """A change package with what its page shows."""

    thing: Thing
    parts: list[Thing]
    assessments: dict[str, Assessment] = field(repr=False)

    def of(self, *classes: str) -> list[Thing]:
        """Parts of these classes."""
        if len(classes) == 1:
            return list(self._by_class.get(classes[0], ()))
        return [p for p in self.parts if not p.classes().isdisjoint(classes)]

    @cached_property
    def _by_class(self) -> dict[str, list[Thing]]:
        found: dict[str, list[Thing]] = {}
        for part in self.parts:
            for name in part.classes():
                found.setdefault(name, []).append(part)
        return found

    @cached_property
    def iris(self) -> frozenset[str]:
        """The IRIs of its parts."""
        return frozenset(part.iri for part in self.parts)

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return self.thing.text("slug")

    @property
    def title(self) -> str:
        """Its one title; its label, where that alone is in the reader's language."""
        title, label = self.thing.text(f"{DCTERMS}title"), self.thing.label
        return label if not title or (title.is_fallback and not label.is_fallback) else title

    @property
    def illustrative(self) -> bool:
        """Whether it is made up."""
        return self.thing.flag("illustrative")

    @cached_property
    def ideas(self) -> list[Thing]:
        """Its change ideas, the strongest first, in the package's own order among equals."""
        return sorted(self.of("ChangeIdea"), key=lambda i: -self.level(i).rank)

    @cached_property
    def aims(self) -> list[Thing]:
        """Its aims."""
        return self.of("Aim")

    @cached_property
    def drivers(self) -> list[Thing]:
        """Its drivers."""
        return self.of("Driver", "PrimaryDriver", "SecondaryDriver")

    @cached_property
    def measures(self) -> list[Thing]:
        """Its measures."""
        return self.of("Measure")

    @cached_property
    def charts(self) -> int:
        """How many series its measures have."""
        return sum(
            "MeasureSeries" in t.classes() for m in self.measures for t in m.back("ofMeasure")
        )

    @cached_property
    def problems(self) -> list[Thing]:
        """The problems its aims address, each once."""
        found = {b.iri: b for aim in self.aims for b in aim.all("addressesProblem")}
        return list(found.values())

    @cached_property
    def needs(self) -> list[tuple[Thing, Thing]]:
        """(idea, its newest version) where the version says what it takes."""
        says = ("hasComponent", "needsMaterial", "deliveredBy", "dose", "deliveryMode", "cost")
        found = []
        for idea in self.ideas:
            told = [
                v for v in idea.back("specificationOf") if any(v.all(n) or v.texts(n) for n in says)
            ]
            if told:
                found.append((idea, told[-1]))
        return found

    @cached_property
    def places(self) -> list[tuple[Thing, list[tuple[Thing, SiteStanding]]]]:
        """Place → what was tried there and how it stands, by the place's name."""
        found: dict[str, list[tuple[Thing, SiteStanding]]] = {}
        for idea in self.ideas:
            for place in self.assessments[idea.iri].places:
                found.setdefault(place.site, []).append((idea, place))
        things = self.thing.things
        rows = [(things.get(site), tried) for site, tried in found.items()]
        return sorted(rows, key=lambda row: (row[0].label, row[0].iri))

    @cached_property
    def failed(self) -> list[Thing]:
        """Ideas that did not go as predicted at some place, the most such places first."""
        count = {i.iri: self.assessments[i.iri].indicators.R_c for i in self.ideas}
        return sorted((i for i in self.ideas if count[i.iri]), key=lambda i: -count[i.iri])

    def level(self, idea: Thing) -> Level:
        """The level shown for an idea of the package."""
        return level_of(self.assessments[idea.iri], self.thing.things)

    @cached_property
    def strongest(self) -> Level | None:
        """The highest level among its ideas; None without ideas."""
        return max((self.level(i) for i in self.ideas), key=lambda lv: lv.rank, default=None)

    def counts(self) -> list[tuple[Level, int]]:
        """How many ideas stand at each level, the strongest first."""
        found: dict[int, tuple[Level, int]] = {}
        for idea in self.ideas:
            level = self.level(idea)
            found[level.rank] = (level, found.get(level.rank, (level, 0))[1] + 1)
        return [found[rank] for rank in sorted(found, reverse=True)]


class Views:
    """Everything the pages of a release, or of a part of one, show in the language of `things`.

    Args:
        data: the release. things: its records, as `things_of` makes them.
        body: the same, judged already.
    """

    def __init__(self, data: ReleaseData, things: Things, body: warrant.Body | None = None) -> None:
        self.data = data
        self.things = things
        if body is None:
            body = warrant.Body(data.records, data.created.date(), things.language)
        self.body = body
        self._tests: dict[str, list[Thing]] = {}
        self.assessments = body.assessments()
        self.packages = [self._package(t) for t in things.of_class("ChangePackage")]
        self.packages.sort(key=lambda p: (p.illustrative, p.title))

    def of_release(self, id_: str, digest: str) -> Views:
        """The same, as of the release since which it is so."""
        other = copy(self)
        manifest = self.data.manifest | {"digest": digest}
        other.data = replace(self.data, id=id_, manifest=manifest)
        return other

    def told_in(self, language: Language) -> Views:
        """The same for readers of another language; nothing is read again."""
        return Views(self.data, self.things.told_in(language), self.body.told_in(language))

    def _package(self, thing: Thing) -> Package:
        parts = [t for t in thing.all(f"{DCTERMS}hasPart") if t.iri in self.things]
        return Package(thing, parts, self.assessments)

    @cached_property
    def stamps(self) -> dict[str, tuple[str, bool]]:
        """Test → the day its prediction was first recorded as it is, and whether it was edited."""
        known, key = self.things.remembered, ("stamps", "")
        if key not in known:
            known[key] = dict(_stamps(self.data.computed))
        found: dict[str, tuple[str, bool]] = known[key]
        return found

    @cached_property
    def wanted(self) -> dict[str, warrant.Wanted]:
        """Idea → the fewest sound tests at new places that would lift it."""
        return self.body.wanted()

    @cached_property
    def changes(self) -> dict[str, Changed]:
        """Idea → what changed since the release before, where something did."""
        before = self.data.previous
        if before is None:
            return {}
        known, key = self.things.remembered, ("body", before.id)
        if key not in known:
            known[key] = warrant.Body(before.records, before.day)
        found = self.body.since(known[key])
        return {
            idea: one
            for idea, one in found.items()
            if one.before != one.after or any(c.kind != "time" for c in one.causes)
        }

    def honesty(self, network: Thing) -> warrant.Honesty:
        """How the documentation of a network's tests stands."""
        found = [e for e in self.body.evidence.values() if e.network == network.iri]
        policies = {e.idea: self.body.policy(e.idea) for e in found}
        return warrant.honesty(found, policies, self.body.as_of)

    def joint_work(self, network: Thing) -> JointWork:
        """How far the network's tests share measures or instruments across its sites."""
        known, key = self.things.remembered, ("joint work", network.iri)
        if key not in known:
            known[key] = joint_work(network)
        found: JointWork = known[key]
        return found

    def packages_with(self, thing: Thing) -> list[Package]:
        """Packages that have the record as a part."""
        return [p for p in self.packages if thing.iri in p.iris]

    def series_of(self, measure: Thing) -> list[Series]:
        """The series of a measure."""
        return [Series(t) for t in measure.back("ofMeasure") if "MeasureSeries" in t.classes()]

    def tests_of(self, idea: Thing) -> list[Thing]:
        """PDSA cycles of every version of an idea, by date."""
        found = self._tests.get(idea.iri)
        if found is None:
            every = [t for v in self.versions_of(idea) for t in v.back("tests")]
            tests = {t.iri: t for t in every if "PDSACycle" in t.classes()}
            found = sorted(tests.values(), key=lambda t: (t.text("startDate"), t.iri))
            self._tests[idea.iri] = found
        return found.copy()

    def reported_of(self, idea: Thing) -> list[Thing]:
        """Tests of an idea that are only known from publications."""
        return [t for t in idea.back("aboutIdea") if "ReportedTest" in t.classes()]

    def kept_by(self, network: Thing, name: str) -> list[Thing]:
        """Records of a class that the network keeps, in the order of their keys."""
        found = [x for x in network.back("ofNetwork") if name in x.classes()]
        return sorted(found, key=lambda x: (x.text(f"{DCTERMS}identifier"), x.iri))

    def versions_of(self, idea: Thing) -> list[Thing]:
        """Versions of an idea, the first first."""
        return idea.back("specificationOf")

    def evidence_on(self, *about: Thing) -> list[Thing]:
        """External evidence that bears on any of these."""
        found = {e.iri: e for a in about for e in a.back("bearsOn")}
        return [found[iri] for iri in sorted(found)]

    def results_on(self, measure: Thing) -> list[Thing]:
        """What sources say came of it, by measure."""
        return [t for t in measure.back("ofMeasure") if "ReportedResult" in t.classes()]

    def boundaries_on(self, idea: Thing) -> list[Thing]:
        """Where an idea is known not to hold."""
        return [b for claim in self.claims_on(idea) for b in claim.all("hasBoundary")]

    def claims_on(self, idea: Thing) -> list[Thing]:
        """Effectiveness claims about an idea."""
        return [t for t in idea.back("aboutIdea") if "EffectivenessClaim" in t.classes()]

    def judgements_on(self, idea: Thing) -> list[Thing]:
        """The hub's judgements about an idea, by date."""
        found = {j.iri: j for j in idea.back("aboutIdea") if "Adjudication" in j.classes()}
        for claim in self.claims_on(idea):
            found |= {j.iri: j for j in claim.back("assesses") if "Adjudication" in j.classes()}
        return sorted(found.values(), key=lambda j: j.text("assessedOn"))


def citations(thing: Thing) -> list[Citation]:
    """Sources of a thing with their locators."""
    found = []
    for reference in thing.all("reference"):
        source = reference.one("source")
        if source is not None:
            found.append(Citation(source, reference.text("locator")))
    return sorted(found, key=lambda c: (c.source.iri, c.locator))


def level_of(assessment: Assessment, things: Things) -> Level:
    """The level readers see: computed, or the hub's judgement where one is in force."""
    level = assessment.shown.level
    return Level(level.rank, things.get(level.iri).label)


def facet_name(label: str) -> str:
    """The name of a facet without the words that tell it from other schemes."""
    return _ASIDE.sub("", label)


def facets(site: Thing) -> list[tuple[str, str]]:
    """(facet, value) pairs of a site's context, in words."""
    found = []
    for profile in site.all("hasContext"):
        for value in profile.all("facetValue"):
            scheme = value.one("http://www.w3.org/2004/02/skos/core#inScheme")
            facet = facet_name(scheme.label) if scheme else value.id
            found.append((facet, value.label))
    return sorted(found)


def reviewers(judgement: Thing) -> list[str]:
    """Roles of the reviewers."""
    return sorted(r.label for r in judgement.all("namedReviewer"))


def is_made_up(thing: Thing) -> bool:
    """Whether a record, or the record a part belongs to, is illustrative."""
    return thing.flag("illustrative") or thing.things.get(thing.record).flag("illustrative")


def _stamps(computed: Iterable[Record]) -> Iterator[tuple[str, tuple[str, bool]]]:
    for record in computed:
        if _RECORDED not in record.nquads:  # most say nothing of it, and to read one takes time
            continue
        readings = things_of([record])
        for reading in readings.of_class("TestReading"):
            day, test = reading.text("predictionRecorded")[:10], reading.one("ofTest")
            if day and test is not None:
                yield test.iri, (day, reading.flag("predictionEdited"))
