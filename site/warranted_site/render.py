"""Records to pages: each template with what it needs, each page in the shell at its depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import escape

from warranted.namespaces import DCTERMS, NIC, SCHEME, SKOS
from warranted.warrant import Assessment, default_policy
from warranted_site import diagram, plot, reference_pages, warrant_pages
from warranted_site.links import Links, anchor, relative
from warranted_site.question_pages import Answered
from warranted_site.shell import Shell
from warranted_site.things import Thing
from warranted_site.views import (
    Citation,
    Level,
    Views,
    citations,
    facets,
    is_made_up,
    level_of,
    reviewers,
)

MONTHS = "January February March April May June July August September October November December"


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: its path from the root, its HTML, the record it is about."""

    path: str
    html: str
    record: str | None


class Renderer:
    """Fills templates. Rendering touches no store: everything comes from `views`."""

    def __init__(
        self, views: Views, links: Links, shell: Shell, answers: Sequence[Answered] = ()
    ) -> None:
        self.views, self.links, self.shell, self.answers = views, links, shell, answers
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["lower_first"] = _lower_first
        self.environment.filters["sentence"] = lambda s: (
            s if s.endswith((".", "!", "?")) else s + "."
        )
        self.environment.globals |= self._vocabulary()
        self._templates: dict[str, jinja2.Template] = {}

    def pages(self) -> Iterator[Page]:
        """Every page of the site."""
        views = self.views
        yield self._page("index.html", "home", "Warranted", **self._home())
        yield self._page(
            "packages/index.html", "packages", "All change packages", packages=views.packages
        )
        yield self._page("about/index.html", "about", "About the warrant", **self._about())
        yield self._page(
            "data/index.html", "data", "Data", packages=views.packages, answers=self.answers
        )
        yield self._page("404.html", "missing", "No such page")
        yield from reference_pages.pages(self._page)
        yield from warrant_pages.pages(self._page, views)
        yield self._page(
            "questions/index.html",
            "questions",
            "Questions the graph answers",
            answers=self.answers,
            where=self._where,
        )
        for package in views.packages:
            drawn = diagram.layout(diagram.tree(package, lambda thing: self._href(thing, 1) or ""))
            yield self._page(
                f"{package.slug}/index.html",
                "package",
                package.title,
                record=package.thing,
                p=package,
                diagram=drawn,
                parts={part.iri for part in package.parts},
            )
        for template, classes in (
            ("aim", ("Aim",)),
            ("driver", ("Driver", "PrimaryDriver", "SecondaryDriver")),
            ("idea", ("ChangeIdea",)),
            ("measure", ("Measure",)),
            ("source", ("Source",)),
            ("network", ("Network",)),
        ):
            for thing in views.things.of_class(*classes):
                path = self.links.path(thing)
                if path is not None and thing.iri == thing.record:
                    title = thing.text(f"{DCTERMS}title") or thing.label
                    yield self._page(path, template, title, record=thing, t=thing)

    def _page(
        self, path: str, template: str, title: str, *, record: Thing | None = None, **more: Any
    ) -> Page:
        depth = path.count("/")
        if template not in self._templates:
            self._templates[template] = self.environment.get_template(f"{template}.html")
        content = self._templates[template].render(
            root="../" * depth,
            link=lambda thing: self._href(thing, depth),
            trail=lambda thing: self._trail(thing, depth),
            release=self.views.data.id,
            counts=self.views.data.manifest,
            **more,
        )
        head = self._head(record) if record is not None else ""
        whole = title if title == "Warranted" else f"{title} · Warranted"
        html = self.shell.stub(path).fill(str(escape(whole)), head, content)
        return Page(path, html, record.iri if record is not None else None)

    def _href(self, thing: Thing, depth: int) -> str | None:
        path = self.links.path(thing)
        return None if path is None else relative(path, depth)

    def _where(self, iri: str | None) -> str | None:
        """The page of the record with that IRI, from a page one folder deep."""
        if iri is None or iri not in self.views.things:
            return None
        return self._href(self.views.things.get(iri), 1)

    def _head(self, record: Thing) -> str:
        summary = record.text("summary") or record.text("operationalDefinition")
        lines = [f'<meta name="description" content="{escape(summary)}">'] if summary else []
        lines += [
            '<link rel="alternate describedby" type="text/turtle" href="index.ttl">',
            '<link rel="alternate describedby" type="application/ld+json" href="index.jsonld">',
        ]
        return "\n".join(lines)

    def _trail(self, thing: Thing, depth: int) -> list[tuple[str, str]]:
        package = next(iter(self.views.packages_with(thing)), None)
        if package is None:
            return []
        return [(package.title, self._href(package.thing, depth) or "")]

    def _home(self) -> dict[str, Any]:
        views = self.views
        every = {i.iri: i for p in views.packages for i in p.ideas}.values()
        by_rank = sorted(every, key=lambda i: (-self._rank(i), i.label))
        real = [idea for idea in by_rank if not is_made_up(idea)]
        made_up = [idea for idea in by_rank if is_made_up(idea)]
        counts: dict[int, tuple[Level, int]] = {}
        for idea in real:
            level = level_of(views.assessments[idea.iri])
            counts[level.rank] = (level, counts.get(level.rank, (level, 0))[1] + 1)
        studies = [e for e in views.things.of_class("ExternalEvidence") if not is_made_up(e)]
        return {
            "packages": views.packages,
            "strongest": [i for i in real if self._rank(i) > 0][:6],
            "failed": [i for i in reversed(real) if views.assessments[i.iri].indicators.R_c][:6],
            "examples": [*made_up[:3], *made_up[-1:]],
            "studies": sorted(studies, key=_design)[:6],
            "ladder": [counts[r] for r in sorted(counts, reverse=True)],
            "total_ideas": len(real),
        }

    def _rank(self, idea: Thing) -> int:
        return level_of(self.views.assessments[idea.iri]).rank

    def _about(self) -> dict[str, Any]:
        things, policy = self.views.things, default_policy()
        rows = []
        for concept in things.get(f"{SCHEME}warrant").back(f"{SKOS}inScheme"):
            rank = int(concept.text("rank"))
            rules = [
                f"{_lower_first(things.get(f'{SCHEME}indicator/{t.indicator}').label)} "
                f"{'at least' if t.at_least else 'at most'} {float(t.bound):g}"
                for rule in policy.rules
                if rule.level.rank == rank
                for t in rule.thresholds
            ]
            rows.append((Level(rank, concept.label), concept.text(f"{SKOS}definition"), rules))
        indicators = things.get(f"{SCHEME}indicator").back(f"{SKOS}inScheme")
        return {
            "ladder_rules": sorted(rows, key=lambda row: -row[0].rank),
            "indicators": indicators,
        }

    def _vocabulary(self) -> dict[str, Any]:
        views = self.views
        made: dict[str, Callable[..., Any] | str] = {
            "dcterms": DCTERMS,
            "skos": SKOS,
            "anchor": anchor,
            "assessment": lambda idea: views.assessments[idea.iri],
            "boundaries": lambda idea: [
                b for c in views.claims_on(idea) for b in c.all("hasBoundary")
            ],
            "citations": citations,
            "cited": self._cited,
            "claims_on": views.claims_on,
            "day": day,
            "evidence_on": views.evidence_on,
            "facets": facets,
            "flag": lambda name: views.things.get(f"{SCHEME}flag/{name}").label,
            "is_made_up": is_made_up,
            "judgements": views.judgements_on,
            "kept": views.kept_by,
            "level": lambda idea: level_of(views.assessments[idea.iri]),
            "not_stated": self._not_stated,
            "packages_with": views.packages_with,
            "people": people,
            "plot": plot.plot,
            "policy_name": lambda a: views.things.get(a.policy.iri).label,
            "reported_of": views.reported_of,
            "results_on": views.results_on,
            "reviewers": reviewers,
            "says": says,
            "seen": seen,
            "series_of": views.series_of,
            "supplied": supplied,
            "test_key": lambda test: test.text(f"{DCTERMS}identifier") or test.label,
            "tests_of": views.tests_of,
            "thing": views.things.get,
            "verdict": verdict,
            "versions_of": views.versions_of,
            "web": web,
        }
        return dict(made) | warrant_pages.words(views)

    def _not_stated(self, thing: Thing) -> list[str]:
        things = self.views.things
        return [p.label if p.iri in things else p.id for p in thing.all("notStated")]

    def _cited(self, source: Thing) -> list[tuple[str, list[Thing]]]:
        """What rests on a source: locator → the records that refer to it there."""
        found: dict[str, dict[str, Thing]] = {}
        for reference in source.back("source"):
            record = self.views.things.get(reference.record)
            found.setdefault(reference.text("locator"), {})[record.iri] = record
        return [(locator, list(found[locator].values())) for locator in sorted(found)]


def _lower_first(text: str) -> str:
    """The text to go on a sentence with; an abbreviation keeps its capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


_DESIGNS = (
    "randomised",
    "synthesis",
    "matched-comparison",
    "over-time",
    "before-after",
    "projection",
    "cross-section",
    "case-study",
    "network-result",
)


def _design(evidence: Thing) -> tuple[int, str]:
    """Order of studies on the home page: what rules out more comes first."""
    design = evidence.one("studyDesign")
    return (_DESIGNS.index(design.id) if design and design.id in _DESIGNS else 99, evidence.label)


def day(iso: str) -> str:
    """A date in words: 2 March 2026; what is no date stays as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {MONTHS.split()[found.month - 1]} {found.year}"


def seen(assessment: Assessment) -> str:
    """What was seen, in a few words with the base: "went as predicted at 2 of 4 places"."""
    i = assessment.indicators
    sites = i.R_s + i.R_m + i.R_c
    if sites:
        return f"went as predicted at {i.R_s} of {sites} {'place' if sites == 1 else 'places'}"
    if i.T:
        return f"tried in {i.T} {'test' if i.T == 1 else 'tests'}, none of which could tell"
    if assessment.reported:
        tests = "test" if assessment.reported == 1 else "tests"
        return f"no recorded test; {assessment.reported} {tests} reported in publications"
    return "no recorded test"


def says(assessment: Assessment, test: Thing) -> str:
    """What a test says of the claim, in words."""
    found = assessment.directions.get(test.iri)
    words = {"supports": "supports", "partly": "partly supports", "contradicts": "contradicts"}
    return "" if found is None else words.get(found.value, "tells nothing either way")


def verdict(place: Any) -> str:
    """What a place says, in words."""
    if place.verdict is None:
        return "nothing either way"
    words = {
        "supports": "went as predicted",
        "partly": "mixed",
        "contradicts": "did not go as predicted",
    }
    text = words.get(place.verdict.value, "nothing either way")
    return f"{text}; explained by a boundary condition" if place.explained else text


def people(test: Thing) -> str:
    """People reached, or that there were fewer than ten; never the small number itself."""
    count = test.number("peopleReached")
    return "" if count is None else str(count) if count >= 10 else "fewer than 10"


def supplied(thing: Thing, name: str) -> bool:
    """Whether the curator, not a source, gave the property."""
    return any(p.iri == NIC + name for p in thing.all("curatorSupplied"))


def web(url: str) -> bool:
    """Whether an address may become a link."""
    return urlsplit(url).scheme in ("http", "https")


__all__ = ["Citation", "Page", "Renderer"]
