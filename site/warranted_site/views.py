"""What pages show, gathered once from a release. Templates read these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from warranted import charts, warrant
from warranted.errors import InputError
from warranted.namespaces import DCTERMS
from warranted.release import ReleaseData
from warranted.warrant import Assessment
from warranted.warrant.changed import Changed
from warranted_site.things import Thing, Things

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
        return [p for p in self.parts if p.classes() & set(classes)]

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return self.thing.text("slug")

    @property
    def title(self) -> str:
        """Its title."""
        return self.thing.text(f"{DCTERMS}title") or self.thing.label

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

    def level(self, idea: Thing) -> Level:
        """The level shown for an idea of the package."""
        return level_of(self.assessments[idea.iri])

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
    """Everything a site shows of a release."""

    def __init__(self, data: ReleaseData, things: Things) -> None:
        self.data = data
        self.things = things
        triples = [t for record in data.records for t in record.triples]
        self.assessments = warrant.assess(triples, data.created.date())
        self.body = warrant.Body(triples, data.created.date())
        self.packages = [self._package(t) for t in things.of_class("ChangePackage")]
        self.packages.sort(key=lambda p: (p.illustrative, p.title))

    def _package(self, thing: Thing) -> Package:
        parts = [t for t in thing.all(f"{DCTERMS}hasPart") if t.iri in self.things]
        return Package(thing, parts, self.assessments)

    @cached_property
    def stamps(self) -> dict[str, tuple[str, bool]]:
        """Test → the day its prediction was first recorded as it is, and whether it was edited."""
        computed = Things(t for record in self.data.computed for t in record.triples)
        return {
            test.iri: (reading.text("predictionRecorded")[:10], reading.flag("predictionEdited"))
            for reading in computed.of_class("TestReading")
            if reading.text("predictionRecorded") and (test := reading.one("ofTest"))
        }

    @cached_property
    def wanted(self) -> dict[str, warrant.Wanted]:
        """Idea → the smallest evidence that would lift it."""
        return self.body.wanted()

    @cached_property
    def changes(self) -> dict[str, Changed]:
        """Idea → what changed since the release before, where something did."""
        before = self.data.previous
        if before is None:
            return {}
        triples = [t for record in before.records for t in record.triples]
        found = self.body.since(warrant.Body(triples, before.day))
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

    def packages_with(self, thing: Thing) -> list[Package]:
        """Packages that have the record as a part."""
        return [p for p in self.packages if any(part.iri == thing.iri for part in p.parts)]

    def series_of(self, measure: Thing) -> list[Series]:
        """The series of a measure."""
        return [Series(t) for t in measure.back("ofMeasure") if "MeasureSeries" in t.classes()]

    def tests_of(self, idea: Thing) -> list[Thing]:
        """PDSA cycles of every version of an idea, by date."""
        versions = self.versions_of(idea)
        tests = {t.iri: t for v in versions for t in v.back("tests") if "PDSACycle" in t.classes()}
        return sorted(tests.values(), key=lambda t: (t.text("startDate"), t.iri))

    def reported_of(self, idea: Thing) -> list[Thing]:
        """Tests of an idea that are only known from publications."""
        return [t for t in idea.back("aboutIdea") if "ReportedTest" in t.classes()]

    def kept_by(self, network: Thing, name: str) -> list[Thing]:
        """Records of a class that the network keeps, in the order of their keys."""
        found = [x for x in network.back("ofNetwork") if x in self.things.of_class(name)]
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


def level_of(assessment: Assessment) -> Level:
    """The level readers see: computed, or the hub's judgement where one is in force."""
    level = assessment.shown.level
    return Level(level.rank, level.label)


def facets(site: Thing) -> list[tuple[str, str]]:
    """(facet, value) pairs of a site's context, in words."""
    found = []
    for profile in site.all("hasContext"):
        for value in profile.all("facetValue"):
            scheme = value.one("http://www.w3.org/2004/02/skos/core#inScheme")
            facet = scheme.label.removesuffix(" (context facet)") if scheme else "Context"
            found.append((facet, value.label))
    return sorted(found)


def reviewers(judgement: Thing) -> list[str]:
    """Roles of the reviewers."""
    return sorted(r.label for r in judgement.all("namedReviewer"))


def is_made_up(thing: Thing) -> bool:
    """Whether a record, or the record a part belongs to, is illustrative."""
    return thing.flag("illustrative") or thing.things.get(thing.record).flag("illustrative")
