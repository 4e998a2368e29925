"""What every document of a package is made from, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from warranted.citing import Work
from warranted.citing.styles import apa
from warranted.language import Language
from warranted.namespaces import DCTERMS, SCHEME
from warranted.warrant import Assessment
from warranted_site import words
from warranted_site.links import Links
from warranted_site.packages import Level, Package
from warranted_site.things import Thing
from warranted_site.views import Citation, Series, Views, citations
from warranted_site.words import Words, lower_first

Say = Callable[..., str]
"""English sentence, values → the sentence in the reader's language with its %(named)s values."""
Run = str | dict[str, Any]
Text = str | list[Run]
"""A text, or runs of it: words, `strong`, `small`, `link` with `to`, or a level's `rank` with its `word`."""


@dataclass(frozen=True)
class Subject:
    """A package of a release, told in one language.

    Attributes:
        release, created: the release's name and moment. publisher: who publishes it.
        say: the sentences. folder: where the pages of the language stand, from the site's root.
    """

    package: Package
    views: Views
    links: Links
    release: str
    created: datetime
    say: Say
    publisher: str = "Warranted"
    folder: str = ""

    @property
    def language(self) -> Language:
        """The reader's language: the document's tag and direction, its dates."""
        return self.views.things.language

    @cached_property
    def words(self) -> Words:
        """What is said in a few words."""
        return Words(self.language)

    @cached_property
    def networks(self) -> list[str]:
        """Names of the networks behind the package."""
        return [n.label for n in self.package.thing.all("packageOf")]

    @cached_property
    def work(self) -> Work:
        """The package as something to cite; its networks are its authors."""
        data, thing = self.views.data, self.package.thing
        whole = f"Warranted, release {self.release}"
        return Work(
            kind="package",
            iri=thing.iri,
            url=thing.iri,
            title=self.package.title,
            authors=tuple(self.networks),
            publisher=self.publisher,
            version=self.release,
            issued=self.created.date(),
            digest=str(data.manifest.get("digest", "")),
            rights=thing.text(f"{DCTERMS}rights"),
            part_of=whole,
            part_of_iri=f"{data.base}/release/{self.release}",
            abstract=thing.text("summary"),
        )

    @cached_property
    def series(self) -> list[Series]:
        """The package's series, in the order of its measures; those of measures elsewhere after them."""
        package, views = self.package, self.views
        parts = {part.iri for part in package.parts}
        found = [s for m in package.measures for s in views.series_of(m) if s.thing.iri in parts]
        found += [Series(thing) for thing in package.of("MeasureSeries")]
        first: dict[str, Series] = {}
        for series in found:
            first.setdefault(series.thing.iri, series)
        return list(first.values())

    @property
    def reference(self) -> str:
        """How the package is cited, in the manner of APA."""
        return apa(self.work)

    @property
    def made_up(self) -> str:
        """The mark of what is made up; empty for a real package."""
        say = self.say
        return say("Illustrative: made up. Do not cite it.") if self.package.illustrative else ""

    def frame(self, title: str) -> dict[str, Any]:
        """What `document-look` asks for."""
        say, package = self.say, self.package
        return {
            "title": title,
            "language": self.language.code,
            "direction": self.language.direction,
            "authors": self.networks,
            "keywords": [say("change package"), package.slug],
            "made-up": self.made_up,
            "foot": say(
                "%(package)s · release %(release)s", package=package.title, release=self.release
            ),
        }

    def day(self, iso: str) -> str:
        """A date in words."""
        return self.language.day(iso)

    def assessment(self, idea: Thing) -> Assessment:
        """How far the evidence goes for an idea."""
        return self.views.assessments[idea.iri]

    def level(self, idea: Thing) -> Level:
        """The level that readers see."""
        return self.package.level(idea)

    def page(self, thing: Thing) -> str:
        """Path of the thing's page from the site's root; empty if it has none."""
        path = self.links.path(thing)
        return f"{self.folder}{path}" if path else ""

    def boundaries(self, idea: Thing) -> list[Thing]:
        """Where the idea is not to be used, as its claims state."""
        return [b for claim in self.views.claims_on(idea) for b in claim.all("hasBoundary")]

    def flags(self, idea: Thing) -> list[str]:
        """The flags of its assessment, in words."""
        things = self.views.things
        return [things.get(f"{SCHEME}flag/{f}").label for f in self.assessment(idea).flags]

    def verdict(self, place: Any) -> str:
        """What a place says, in words."""
        return self.words.verdict(place)

    def seen(self, idea: Thing) -> str:
        """What was seen, in a few words with the base."""
        return self.words.seen(self.assessment(idea))

    def failed(self, idea: Thing) -> str:
        """At how many places it did not go as predicted, with the base."""
        return self.words.failed(self.assessment(idea))

    def cites(self, thing: Thing) -> str:
        """Its sources with where in them, in brackets; empty without sources."""
        found = [self.cited(c) for c in citations(thing)]
        return f" ({'; '.join(found)})" if found else ""

    def cited(self, citation: Citation) -> str:
        """A source's key and where in it."""
        key = citation.source.text("sourceKey") or citation.source.id
        return f"{key}, {citation.locator}" if citation.locator else key

    def statement(self, thing: Thing) -> list[Run]:
        """A statement of a source: its words, figures, sources and the curator's notes."""
        runs: list[Run] = [thing.text("statementText"), *self.beside(thing)]
        return [run for run in runs if run]

    def beside(self, thing: Thing) -> list[Run]:
        """What stands beside a statement in small: figures, sources, notes."""
        figures = [figure(f) for f in thing.all("hasFigure")]
        small = (f" [{'; '.join(figures)}]" if figures else "") + self.cites(thing)
        for note in thing.texts("curatorNote"):
            small += " " + self.say("Curator's note: %(note)s", note=note)
        return [{"small": small}] if small else []


def figure(thing: Thing) -> str:
    """A figure as its source prints it: statistic, value, unit, interval."""
    value = thing.text("value") or thing.text("valueText")
    low, high, kind = thing.text("low"), thing.text("high"), thing.text("intervalKind")
    say = thing.things.language.say
    span = say("%(low)s to %(high)s", low=low, high=high) if low else ""
    parts = [value or span, thing.text("unit")]
    if value and span:
        parts.append(f"({span}, {kind})" if kind else f"({span})")
    told = " ".join(part for part in parts if part)
    return ": ".join(part for part in (thing.text("statistic"), told) if part)


def current(versions: Iterable[Thing]) -> Thing | None:
    """The version to hand out: the last that was not superseded, else the last."""
    found = list(versions)
    live = [v for v in found if not (s := v.one("lifecycle")) or s.id != "superseded"]
    return next(reversed(live or found), None)


def sentence(text: str) -> str:
    """The text with a full stop, if it is a text and ends without."""
    return text if not text or text.endswith("…") else words.sentence(text)


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


LINE = 170
"""Characters of a line on a page that must stay one page."""


def cut(text: str, longest: int = LINE) -> str:
    """The text, ended at a word where it is too long."""
    if len(text) <= longest:
        return text
    kept = text[:longest].rpartition(" ")[0] or text[:longest]
    return kept.rstrip(" ,;:.") + " …"


__all__ = [
    "Run",
    "Say",
    "Subject",
    "Text",
    "capital",
    "current",
    "cut",
    "figure",
    "lower_first",
    "sentence",
]
