"""A change package and the levels of its ideas, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from warranted.namespaces import DCTERMS
from warranted.warrant import Assessment
from warranted.warrant.rules import SiteStanding
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


@dataclass(frozen=True)
class Package:
    """A change package with what its page shows.

    A page is to stay within ten kilobytes. With more than `FEW` ideas it says of each what it takes in a
    row; with more than `FOREMOST` it shows those, and all stand on a page of their own.
    """

    FEW: ClassVar = 6
    FOREMOST: ClassVar = 12

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

    @property
    def foremost(self) -> list[Thing]:
        """The ideas its own page shows."""
        return self.ideas[: self.FOREMOST]

    @property
    def is_long(self) -> bool:
        """Whether it has more ideas than that."""
        return len(self.ideas) > self.FOREMOST

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


def level_of(assessment: Assessment, things: Things) -> Level:
    """The level readers see: computed, or the hub's judgement where one is in force."""
    level = assessment.shown.level
    return Level(level.rank, things.get(level.iri).label)
