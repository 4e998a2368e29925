"""What the pages of the whole site show of one part: plain values, in one language.

They travel between processes and are kept from release to release, so they hold nothing but texts,
numbers and lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from warranted import warrant
from warranted_site.find import facets
from warranted_site.links import Links
from warranted_site.packages import DOTS, Package, level_of
from warranted_site.things import Said, Thing
from warranted_site.views import Views, is_made_up
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
    """The summary of several parts, its texts as records say them."""
    whole: Row = {"packages": [], "ideas": [], "studies": [], "wanted": []}
    for part in parts:
        for name, rows in whole.items():
            rows += [_told(row) for row in part[name]]
    whole["packages"].sort(key=lambda p: (p["made_up"], p["title"]))
    return whole


def _kept(text: str) -> Any:
    """A text as a plain value; one of another language than the page's brings its tag along."""
    if isinstance(text, Said) and text.is_fallback:
        return {"text": str(text), "tag": text.tag}
    return str(text)


def _told(value: Any) -> Any:
    """What `_kept` gave, as the text it was."""
    if isinstance(value, dict):
        if value.keys() == {"text", "tag"}:
            return Said.of(value["text"], value["tag"], is_fallback=True)
        return {key: _told(one) for key, one in value.items()}
    return [_told(one) for one in value] if isinstance(value, list) else value


def _package(package: Package, links: Links) -> Row:
    thing, best = package.thing, package.strongest
    field = thing.one("field")
    return {
        "slug": package.slug,
        "title": _kept(package.title),
        "path": links.path(thing),
        "field": _kept(field.label) if field else "",
        "summary": _kept(thing.text("summary")),
        "problems": [_kept(x.label) for a in package.aims for x in a.all("addressesProblem")],
        "networks": [_kept(n.label) for n in thing.all("packageOf")],
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
    packages = views.packages_with(idea)
    package = next(iter(packages), None)
    drivers = [_kept(d.label) for d in idea.all("addressesDriver")]
    return {
        "label": _kept(idea.label),
        "path": links.path(idea),
        "package": _kept(package.title) if package else "",
        "drivers": drivers,
        "level": _level(level.rank, level.label),
        "seen": words.seen(assessment),
        "failed": words.failed(assessment) if assessment.indicators.R_c else "",
        "scale": _largest(views, idea),
        "fields": {key: label for _, _, key, label in facets.fields(packages)},
        "time": facets.time_of(idea, views),
        "made_up": is_made_up(idea),
    }


def _largest(views: Views, idea: Thing) -> str:
    """The largest scale of a completed test."""
    scales = [s for t in views.tests_of(idea) if t.one("hasFinding") and (s := t.one("scale"))]
    found = max(scales, key=lambda s: s.number("rank") or 0, default=None)
    return _kept(found.label) if found else ""


def _study(evidence: Thing, links: Links) -> Row:
    design = evidence.one("studyDesign")
    order = DESIGNS.index(design.id) if design and design.id in DESIGNS else len(DESIGNS)
    return {
        "label": _kept(evidence.label),
        "path": links.path(evidence),
        "design": _kept(design.label) if design else "",
        "place": _kept(evidence.text("place")),
        "finding": _kept(evidence.text("findingText")),
        "order": order,
        "made_up": is_made_up(evidence),
    }


def _wanted(views: Views, links: Links) -> Iterable[Row]:
    for iri, rows in warrant.board(views.wanted.values()).items():
        network = views.things.get(iri) if iri else None
        yield {
            "network": _kept(network.label) if network else "",
            "path": links.path(network) if network else None,
            "made_up": network is not None and is_made_up(network),
            "rows": [_want(views, row, links) for row in rows],
        }


def _want(views: Views, want: warrant.Wanted, links: Links) -> Row:
    idea = views.things.get(want.idea)
    level = level_of(views.assessments[want.idea], views.things)
    reachable = want.tests is not None
    return {
        "idea": _kept(idea.label),
        "path": links.path(idea),
        "level": _level(level.rank, level.label),
        "tests": want.tests,
        "next": _kept(views.things.get(want.next_level.iri).label)
        if reachable and want.next_level
        else "",
        "needs": list(want.needs) if reachable else [],
        "blocked": "" if reachable else want.blocked,
    }


def _level(rank: int, label: str) -> Row:
    return {"rank": rank, "label": _kept(label), "dots": DOTS[rank]}
