"""The pages of a part of a release, in one language: a page a record that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from warranted.language import Language
from warranted.namespaces import DCTERMS, SCHEME, SKOS
from warranted.release_data import ReleaseData
from warranted_site import adapting, diagram, machine, plot, takeaway, warrant_pages
from warranted_site.filling import Filler, Page, folders
from warranted_site.links import Links, anchor, relative
from warranted_site.machine import cite, feed, head, saying
from warranted_site.networks import bridging, ties
from warranted_site.packages import Package, level_of
from warranted_site.shell import Kind, language_switch
from warranted_site.things import Thing
from warranted_site.views import Views, citations, facet_name, facets, is_made_up, reviewers

KINDS: Final = (
    ("aim", ("Aim",)),
    ("driver", ("Driver", "PrimaryDriver", "SecondaryDriver")),
    ("idea", ("ChangeIdea",)),
    ("measure", ("Measure",)),
    ("source", ("Source",)),
    ("network", ("Network",)),
)
"""Template → the classes whose records it shows; a package's page is made apart."""


TAKEN: Final = {"PDF": "application/pdf", "CSV": "text/csv", "RO-Crate": "application/zip"}
"""Formats of the files to take away, but for the dumps, and their media types."""


@dataclass(frozen=True, slots=True)
class Around:
    """What pages of a part need to know of the rest of the site.

    Attributes:
        languages: those the site has, the first one's pages at the root.
        address: the site's public address, or empty. hub: that of the hub's server, or empty.
        shell: what renders the frame of the pages.
        dumps: whether the whole packages can be downloaded. publisher: who publishes the releases.
        versions: short name of a package → its versions, the newest first.
    """

    languages: tuple[Language, ...]
    address: str = ""
    hub: str = ""
    shell: Kind = "material"
    dumps: bool = True
    publisher: str = machine.pages.NAME
    versions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


class RecordPages:
    """Renders the records of one part. It touches no store: everything comes from `views`."""

    def __init__(
        self, views: Views, links: Links, filler: Filler, around: Around, out: Path
    ) -> None:
        self.views, self.links, self.filler, self.around = views, links, filler, around
        self.out = out
        self.site = site_of(views.data, around, filler.language, links.path)
        filler.add(self._vocabulary())

    def pages(self) -> Iterator[Page]:
        """Every page of the part."""
        for package in self.views.packages:
            yield self._package(package)
            yield self._adapt(package)
            if package.is_long:
                yield self._ideas(package)
        for template, classes in KINDS:
            for thing in self.views.things.of_class(*classes):
                path = self.links.path(thing)
                if path is not None and thing.iri == thing.record:
                    title = thing.text(f"{DCTERMS}title") or thing.label
                    yield self._page(path, template, title, thing, self._trail(thing), t=thing)

    def _package(self, package: Package) -> Page:
        drawn = self._drawn(package, 1, has_ideas=not package.is_long)
        return self._page(
            f"{package.slug}/index.html",
            "package",
            package.title,
            package.thing,
            [(self.filler.language.gettext("Packages"), "packages/index.html")],
            p=package,
            diagram=drawn,
            parts=package.iris,
            versions=self.around.versions.get(package.slug, []),
            offers=takeaway.of_package(
                package, self.views, self.out, self.filler.language.say, self.around.languages
            ),
        )

    def _drawn(self, package: Package, depth: int, *, has_ideas: bool) -> diagram.Diagram:
        """The driver diagram, for a page so many folders deep."""
        return diagram.layout(
            diagram.tree(package, lambda thing: self.href(thing, depth) or "", has_ideas=has_ideas)
        )

    def _ideas(self, package: Package) -> Page:
        """All ideas of a package whose own page shows the foremost."""
        title = self.filler.language.say("All ideas: %(package)s", package=package.title)
        drawn = self._drawn(package, 2, has_ideas=True)
        return self._beside(package, "ideas", title, p=package, diagram=drawn)

    def _adapt(self, package: Package) -> Page:
        language = self.filler.language
        base, hub = self.views.data.base, self.around.hub
        values = adapting.package_values(package, language, base=base, hub=hub)
        page = self._beside(package, "adapt", language.gettext("Adapt this package"), **values)
        file = f"{self.filler.folder}{package.slug}/adapt/{adapting.ELEMENTS}"
        return replace(page, beside={file: adapting.elements_script(package, self.views)})

    def _beside(self, package: Package, name: str, title: str, **values: Any) -> Page:
        """A page of a package beside its own, which is of no record."""
        path, thing = f"{package.slug}/{name}/index.html", package.thing
        packages = (self.filler.language.gettext("Packages"), "packages/index.html")
        told = machine.Page(path, title, name, trail=(packages, *self._trail(thing)))
        return self.filler.fill(
            path,
            name,
            title,
            head=head.lines(self.site, told),
            since=self.views.data.id,
            version=self.views.data.id,
            switch=self.switch(path),
            link=lambda other: self.href(other, path.count("/")),
            **values,
        )

    def _page(
        self,
        path: str,
        template: str,
        title: str,
        thing: Thing,
        trail: list[tuple[str, str]],
        **more: Any,
    ) -> Page:
        depth = path.count("/")
        downloads = [
            machine.Download(offer.path, TAKEN[offer.format])
            for offer in more.get("offers", ())
            if offer.format in TAKEN
        ]
        told = machine.Page(
            path, str(title), template, thing, trail=tuple(trail), downloads=tuple(downloads)
        )
        lines = head.lines(self.site, told)
        cited = cite.box(self.site, told, self.views.data.manifest["digest"])
        stem = "../" * self.filler.folder.count("/") + "../" * depth + path.removesuffix(".html")
        return self.filler.fill(
            path,
            template,
            title,
            head=lines,
            record=thing.iri,
            link=lambda other: self.href(other, depth),
            trail=[(text, "../" * depth + to) for text, to in trail],
            data=stem,
            version=self.views.data.id,
            switch=self.switch(path),
            since=self.views.data.id,
            told=cited.told if cited is not None else "",
            cited=cited,
            **more,
        )

    def switch(self, path: str) -> str:
        """The language switch of the page at `path`."""
        return switch(self.filler, self.around.languages, path)

    def href(self, thing: Thing, depth: int) -> str | None:
        """The way from a page so many folders deep to the page of a thing, if it has one."""
        path = self.links.path(thing)
        return None if path is None else relative(path, depth)

    def _trail(self, thing: Thing) -> list[tuple[str, str]]:
        package = next(iter(self.views.packages_with(thing)), None)
        if package is None:
            return []
        return [(package.title, self.links.path(package.thing) or "")]

    def _vocabulary(self) -> dict[str, Callable[..., Any] | Any]:
        views, levels = self.views, feed.level_names(self.views.things)
        made: dict[str, Callable[..., Any] | Any] = {
            "dcterms": DCTERMS,
            "skos": SKOS,
            "anchor": anchor,
            "around": self.around,
            "assessment": lambda idea: views.assessments[idea.iri],
            "boundaries": views.boundaries_on,
            "bridging": bridging,
            "citations": citations,
            "report_link": lambda idea: adapting.report_link(idea, views),
            "resting": self._resting,
            "claims_on": views.claims_on,
            "evidence_on": views.evidence_on,
            "facet_name": facet_name,
            "facets": lru_cache(maxsize=512)(facets),
            "flag": lambda name: views.things.get(f"{SCHEME}flag/{name}").label,
            "is_made_up": is_made_up,
            "idea_offers": self._idea_offers,
            "joint_work": views.joint_work,
            "judgements": views.judgements_on,
            "kept": views.kept_by,
            "level": lambda idea: level_of(views.assessments[idea.iri], views.things),
            "level_name": lambda level: views.things.get(level.iri).label,
            "not_stated": self._not_stated,
            "packages_with": views.packages_with,
            "plot": plot.plot,
            "policy_name": lambda a: views.things.get(a.policy.iri).label,
            "reported_of": views.reported_of,
            "results_on": views.results_on,
            "reviewers": reviewers,
            "series_of": views.series_of,
            "steps_counted": _steps_counted,
            "test_key": warrant_pages.key_of,
            "tests_of": views.tests_of,
            "thing": views.things.get,
            "ties": ties,
            "versions_apart": _apart,
            "versions_of": views.versions_of,
        }
        made["level_called"] = lambda label: levels.get(label, label)
        made |= saying.vocabulary(self.filler.language, self.around.languages[0])
        return made | warrant_pages.words(views, self.filler.say)

    def _idea_offers(self, idea: Thing) -> list[takeaway.Offer]:
        packages = self.views.packages_with(idea)
        say = self.filler.language.say
        return takeaway.of_idea(idea, packages, say, self.around.languages)

    def _not_stated(self, thing: Thing) -> list[str]:
        things = self.views.things
        return [p.label if p.iri in things else p.id for p in thing.all("notStated")]

    def _resting(self, source: Thing) -> list[tuple[str, list[Thing]]]:
        """What rests on a source: locator → the records that refer to it there."""
        found: dict[str, dict[str, Thing]] = {}
        for reference in source.back("source"):
            record = self.views.things.get(reference.record)
            found.setdefault(reference.text("locator"), {})[record.iri] = record
        return [(locator, list(found[locator].values())) for locator in sorted(found)]


def _apart(versions: Sequence[Thing]) -> tuple[list[Thing], list[Thing]]:
    """The versions of an idea that stand and those that were superseded, the newest first.

    Where all were, the newest stands for them.
    """
    newest = list(reversed(versions))
    past = [v for v in newest if (stage := v.one("lifecycle")) and stage.id == "superseded"]
    if len(past) == len(newest):
        past = newest[1:]
    return [v for v in newest if v not in past], past


def _steps_counted(version: Thing) -> tuple[int, int]:
    """How many core steps a version of an idea has, and how many that may be adapted."""
    core = [step.flag("isCore") for step in version.all("hasComponent")]
    return sum(core), len(core) - sum(core)


def site_of(
    data: ReleaseData,
    around: Around,
    language: Language,
    path: Callable[[Thing], str | None] | None = None,
) -> machine.Site:
    """The site as its pages tell machines of it, in one language."""
    made = machine.Site(
        data,
        address=around.address,
        language=language,
        folders=folders(around.languages),
        dumps=around.dumps,
        publisher=around.publisher,
    )
    return made if path is None else replace(made, path=path)


def switch(filler: Filler, languages: Sequence[Language], path: str) -> str:
    """The language switch of the page at `path` (within each language's folder)."""
    up, own = "../" * (path.count("/") + filler.folder.count("/")), filler.language
    where = folders(languages)
    others = [(one, up + where[one.code] + path) for one in languages if one.code != own.code]
    return language_switch(own, others)
