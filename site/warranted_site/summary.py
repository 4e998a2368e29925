"""What the pages of the whole site show of one part: plain values, in one language.

They travel between processes and are kept from release to release, so they hold nothing but texts,
numbers and lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from warranted import warrant
from warranted_site.links import Links
from warranted_site.things import Thing
from warranted_site.views import DOTS, Package, Views, is_made_up, level_of
from warranted_site.words import Words

Row = dict[str, Any]

DESIGNS: Final = (
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
"""Designs of studies; what rules out more comes first."""


def summary(views: Views, links: Links, words: Words) -> Row:
    """The part's packages, ideas, studies, and tests wanted."""
    return {
        "packages": [_package(p, links) for p in views.packages],
        "ideas": [_idea(views, idea, links, words) for idea in views.things.of_class("ChangeIdea")],
        "studies": [_study(e, links) for e in views.things.of_class("ExternalEvidence")],
        "wanted": list(_wanted(views, links)),
    }


def merged(parts: Iterable[Row]) -> Row:
    """The summary of several parts."""
    whole: Row = {"packages": [], "ideas": [], "studies": [], "wanted": []}
    for part in parts:
        for name, rows in whole.items():
            rows += part[name]
    whole["packages"].sort(key=lambda p: (p["made_up"], p["title"]))
    return whole


def _package(package: Package, links: Links) -> Row:
    thing, best = package.thing, package.strongest
    field = thing.one("field")
    return {
        "slug": package.slug,
        "title": str(package.title),
        "path": links.path(thing),
        "field": field.label if field else "",
        "summary": str(thing.text("summary")),
        "problems": [str(x.label) for a in package.aims for x in a.all("addressesProblem")],
        "networks": [str(n.label) for n in thing.all("packageOf")],
        "ideas": len(package.ideas),
        "drivers": len(package.drivers),
        "measures": len(package.measures),
        "studies": len(package.of("ExternalEvidence")),
        "tests": len(package.of("PDSACycle")),
        "made_up": package.illustrative,
        "strongest": _level(best.rank, best.label) if best else None,
    }


def _idea(views: Views, idea: Thing, links: Links, words: Words) -> Row:
    assessment = views.assessments[idea.iri]
    level = level_of(assessment, views.things)
    package = next(iter(views.packages_with(idea)), None)
    drivers = [str(d.label) for d in idea.all("addressesDriver")]
    return {
        "label": str(idea.label),
        "path": links.path(idea),
        "package": str(package.title) if package else "",
        "drivers": drivers,
        "level": _level(level.rank, level.label),
        "seen": words.seen(assessment),
        "scale": _largest(views, idea),
        "contradicted": int(assessment.indicators.R_c),
        "made_up": is_made_up(idea),
    }


def _largest(views: Views, idea: Thing) -> str:
    """The largest scale of a completed test."""
    scales = [s for t in views.tests_of(idea) if t.one("hasFinding") and (s := t.one("scale"))]
    found = max(scales, key=lambda s: s.number("rank") or 0, default=None)
    return str(found.label) if found else ""


def _study(evidence: Thing, links: Links) -> Row:
    design = evidence.one("studyDesign")
    order = DESIGNS.index(design.id) if design and design.id in DESIGNS else len(DESIGNS)
    return {
        "label": str(evidence.label),
        "path": links.path(evidence),
        "design": str(design.label) if design else "",
        "place": str(evidence.text("place")),
        "order": order,
        "made_up": is_made_up(evidence),
    }


def _wanted(views: Views, links: Links) -> Iterable[Row]:
    for iri, rows in warrant.board(views.wanted.values()).items():
        network = views.things.get(iri) if iri else None
        yield {
            "network": str(network.label) if network else "",
            "path": links.path(network) if network else None,
            "made_up": network is not None and is_made_up(network),
            "rows": [_want(views, row, links) for row in rows],
        }


def _want(views: Views, want: warrant.Wanted, links: Links) -> Row:
    idea = views.things.get(want.idea)
    level = level_of(views.assessments[want.idea], views.things)
    reachable = want.tests is not None
    return {
        "idea": str(idea.label),
        "path": links.path(idea),
        "level": _level(level.rank, level.label),
        "tests": want.tests,
        "next": str(views.things.get(want.next_level.iri).label)
        if reachable and want.next_level
        else "",
        "needs": list(want.needs) if reachable else [],
        "blocked": "" if reachable else want.blocked,
    }


def _level(rank: int, label: str) -> Row:
    return {"rank": rank, "label": str(label), "dots": DOTS[rank]}
