"""Where each record's page is, and links between pages that work under any prefix and from a file."""

from __future__ import annotations

from warranted_site.things import Thing
from warranted_site.views import Views

FOLDERS = {
    "Aim": "aims",
    "Driver": "drivers",
    "PrimaryDriver": "drivers",
    "SecondaryDriver": "drivers",
    "ChangeIdea": "ideas",
    "Measure": "measures",
    "Source": "sources",
    "Network": "networks",
}
"""Class → the folder its pages stand in; a package's page is a folder of its own at the root."""


class Links:
    """Paths of pages, by record IRI."""

    def __init__(self, views: Views) -> None:
        self._paths: dict[str, str] = {}
        for package in views.packages:
            self._paths[package.thing.iri] = f"{package.slug}/index.html"
        for name, folder in FOLDERS.items():
            for thing in views.things.of_class(name):
                if thing.iri == thing.record:
                    self._paths[thing.iri] = f"{folder}/{thing.id}/index.html"
        self._anchors(views)

    def _anchors(self, views: Views) -> None:
        for idea in views.things.of_class("ChangeIdea"):
            page = self._paths[idea.iri]
            related = [
                *views.tests_of(idea),
                *views.reported_of(idea),
                *views.versions_of(idea),
                *views.claims_on(idea),
                *views.judgements_on(idea),
            ]
            for thing in related:
                self._paths.setdefault(thing.iri, f"{page}#{anchor(thing)}")
        for series in views.things.of_class("MeasureSeries"):
            measure = series.one("ofMeasure")
            if measure is not None and measure.iri in self._paths:
                self._paths.setdefault(series.iri, f"{self._paths[measure.iri]}#{anchor(series)}")
        for uptake in views.things.of_class("Uptake"):
            network = uptake.one("ofNetwork")
            if network is not None and network.iri in self._paths:
                self._paths.setdefault(uptake.iri, f"{self._paths[network.iri]}#{anchor(uptake)}")
        for package in views.packages:
            page = self._paths[package.thing.iri]
            for thing in package.of("ExternalEvidence", "ReportedTest"):
                self._paths.setdefault(thing.iri, f"{page}#{anchor(thing)}")
            for thing in package.parts:
                self._paths.setdefault(thing.iri, page)

    def path(self, thing: Thing) -> str | None:
        """Path of the page from the site's root, with an anchor if it has one; None: no page."""
        return self._paths.get(thing.iri) or self._paths.get(thing.record)

    def all(self) -> dict[str, str]:
        """Record IRI → path."""
        return dict(sorted(self._paths.items()))


def anchor(thing: Thing) -> str:
    """The anchor of a thing that has no page of its own."""
    return thing.anchor


def relative(path: str, depth: int) -> str:
    """`path` as seen from a page `depth` folders below the root."""
    return "../" * depth + path
