"""schema.org JSON-LD of a page. It says what the record says: what a record leaves out stays out.

A package is a `Dataset`, not a `LearningResource`: what can be taken away is data (records, measures,
tests, with downloads and a version), and records say nothing of a learner's level or time. The fields
are those that dataset search reads: name, description, licence, creator, distribution, version,
isPartOf, citation. Its ideas are not listed in it; each names its package by `isPartOf`, so the page of a
package with sixty ideas stays lean.

An idea is a `HowTo` where its steps are recorded, else a `CreativeWork`. A source is a `CreativeWork`:
no record says which are scholarly articles. Who wrote it stands in `creditText`, since the field does
not tell organisations from persons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from warranted.namespaces import DCTERMS, PAV
from warranted_site.machine.pages import NAME, Page, Site, files, href, licence, packages
from warranted_site.things import Thing
from warranted_site.views import citations, is_made_up

Node = dict[str, Any]
CONTEXT = "https://schema.org"
MADE_UP = "Illustrative: made up to show how a full record looks. Nobody did it."
"""In English on every page: it is for programs, and must not depend on the reader's language."""


def script(site: Site, page: Page) -> str:
    """The `<script>` of a page; empty where there is nothing to say."""
    graph = nodes(site, page)
    if not graph:
        return ""
    told = json.dumps(
        {"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, separators=(",", ":")
    )
    # No "<" is left that could end the script or open a comment in it; JSON reads the same.
    safe = told.replace("<", "\\u003c")
    return f'<script type="application/ld+json">{safe}</script>'


def nodes(site: Site, page: Page) -> list[Node]:
    """What is said: the page's record, or the site on its home page, and where the page stands."""
    found = []
    if page.kind == "home":
        found = [_website(site), _catalogue(site)]
    elif page.thing is not None and page.kind in _MAKERS:
        found = [_record(site, page, page.thing)]
    if page.path not in ("index.html", "404.html"):
        found.append(_breadcrumbs(site, page))
    return found


def type_of(page: Page) -> str:
    """The class of what the page is about; empty on a page about no record."""
    if page.kind == "home":
        return "DataCatalog"
    if page.kind == "idea" and page.thing is not None:
        return "HowTo" if _steps(page.thing) else "CreativeWork"
    return _CLASSES.get(page.kind, "") if page.thing is not None else ""


_CLASSES = {
    "package": "Dataset",
    "network": "Organization",
    "measure": "StatisticalVariable",
    "source": "CreativeWork",
    "aim": "CreativeWork",
    "driver": "CreativeWork",
}


def _record(site: Site, page: Page, thing: Thing) -> Node:
    node: Node = {
        "@type": type_of(page),
        "@id": thing.iri,
        "identifier": thing.iri,
        "name": thing.text(f"{DCTERMS}title") or thing.label,
        "description": page.summary,
        "url": site.address + site.folder + page.path if site.address else "",
    }
    work = node["@type"] not in ("Organization", "StatisticalVariable")
    if page.made_up:
        node["disambiguatingDescription"] = MADE_UP
    if work:
        state = thing.one("lifecycle")
        node["creativeWorkStatus"] = (
            "Illustrative, made up" if page.made_up else state.label if state else ""
        )
        node["isPartOf"] = [
            _ref("Dataset", p, p.text(f"{DCTERMS}title") or p.label) for p in packages(page)
        ]
    return _said(node | _MAKERS[page.kind](site, page, thing))


def _package(site: Site, page: Page, thing: Thing) -> Node:
    """A dataset with what dataset search reads."""
    rights, link = thing.text(f"{DCTERMS}rights"), licence(thing)
    parts = thing.all(f"{DCTERMS}hasPart")
    fields = [_ref("DefinedTerm", concept, concept.label) for concept in thing.all("field")]
    return {
        "version": thing.text(f"{PAV}version"),
        "datePublished": thing.text(f"{DCTERMS}issued"),
        "license": link,
        "copyrightNotice": "" if link else rights,
        "creator": [_ref("Organization", n, n.label) for n in thing.all("packageOf")],
        "publisher": {"@type": "Organization", "name": site.publisher},
        "about": fields,
        "isPartOf": {
            "@type": "Dataset",
            "@id": site.release,
            "name": f"{NAME}, release {site.data.id}",
            "version": site.data.id,
        },
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": site.catalogue, "name": NAME},
        "variableMeasured": [
            _ref("StatisticalVariable", p, p.label) for p in parts if "Measure" in p.classes()
        ],
        "citation": [
            _ref("CreativeWork", p, p.text(f"{DCTERMS}title")) for p in parts if _is_source(p)
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": href(site, page, file.path),
                "encodingFormat": file.media,
            }
            for file in files(site, page)
        ],
    }


def _idea(_site: Site, _page: Page, thing: Thing) -> Node:
    """How it is done, by its newest version. Its time is told in free words, which `totalTime` cannot hold."""
    version = _newest(thing)
    node: Node = {"citation": _citations(thing)}
    if version is None:
        return node
    node["version"] = version.text(f"{PAV}version")
    steps = _steps(thing)
    if not steps:
        return node
    node["estimatedCost"] = version.text("cost")
    node["tool"] = [
        _said({"@type": "HowToTool", "name": m.label, "url": _web(m)})
        for m in version.all("needsMaterial")
    ]
    node["step"] = [
        _said(
            {
                "@type": "HowToStep",
                "position": n,
                "name": step.label,
                "text": step.text("summary") or step.label,
            }
        )
        for n, step in enumerate(steps, 1)
    ]
    return node


def _network(_site: Site, _page: Page, thing: Thing) -> Node:
    return {"member": [_ref("Organization", s, s.label) for s in thing.all("memberSite")]}


def _measure(_site: Site, _page: Page, thing: Thing) -> Node:
    return {
        "description": thing.text("operationalDefinition") or thing.text("summary"),
        "measurementTechnique": [i.label for i in thing.all("usesInstrument")],
    }


def _source(_site: Site, _page: Page, thing: Thing) -> Node:
    """A year is only told where it is one: "2018 or later" is no date."""
    year, within = thing.text("yearText"), thing.text("publishedIn")
    return {
        "creditText": thing.text("organisation"),
        "datePublished": year if re.fullmatch(r"\d{4}", year) else "",
        "url": _web(thing),
        "isPartOf": {"@type": "CreativeWork", "name": within} if within else "",
    }


def _part(_site: Site, _page: Page, thing: Thing) -> Node:
    return {"citation": _citations(thing)}


_MAKERS: dict[str, Callable[[Site, Page, Thing], Node]] = {
    "package": _package,
    "idea": _idea,
    "network": _network,
    "measure": _measure,
    "source": _source,
    "aim": _part,
    "driver": _part,
}


def _website(site: Site) -> Node:
    return _said(
        {
            "@type": "WebSite",
            "name": NAME,
            "url": site.address + site.folder,
            "inLanguage": site.language.code,
            "publisher": {"@type": "Organization", "name": site.publisher},
            "about": {"@id": site.catalogue},
        }
    )


def _catalogue(site: Site) -> Node:
    """The catalogue, with the release it now shows. Packages name it; to list them all would outgrow a page."""
    data, home = site.data, Page("index.html", NAME, "home")
    publisher = {"@type": "Organization", "name": site.publisher}
    release = {
        "@type": "Dataset",
        "@id": site.release,
        "identifier": site.release,
        "name": f"{NAME}, release {data.id}",
        "description": about(site),
        "version": data.id,
        "datePublished": data.created.date().isoformat(),
        "creator": publisher,
        "publisher": publisher,
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": href(site, home, file.path),
                "encodingFormat": "application/gzip",
                "name": file.path.rpartition("/")[2],
            }
            for file in site.dumped("all", ".gz")
        ],
    }
    return _said(
        {
            "@type": "DataCatalog",
            "@id": site.catalogue,
            "name": NAME,
            "description": about(site),
            "url": site.address,
            "publisher": publisher,
            "dataset": _said(release),
        }
    )


def about(site: Site) -> str:
    """What the whole is, in a sentence: the first one of the home page."""
    return site.language.say(
        "What schools and clinics tried in order to improve, whether it worked somewhere like yours, "
        "and what you need to try it."
    )


def _breadcrumbs(site: Site, page: Page) -> Node:
    way = [(site.language.say("Home"), "index.html"), *page.trail, (page.title, page.path)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": n,
                "name": name,
                "item": href(site, page, site.folder + path),
            }
            for n, (name, path) in enumerate(way, 1)
        ],
    }


def _newest(idea: Thing) -> Thing | None:
    versions = idea.back("specificationOf")
    return versions[-1] if versions else None


def _steps(idea: Thing) -> list[Thing]:
    version = _newest(idea)
    return version.all("hasComponent") if version is not None else []


def _citations(thing: Thing) -> list[Node]:
    sources = {c.source.iri: c.source for c in citations(thing)}
    return [_ref("CreativeWork", s, s.text(f"{DCTERMS}title")) for s in sources.values()]


def _is_source(thing: Thing) -> bool:
    return "Source" in thing.classes()


def _ref(type_: str, thing: Thing, name: str) -> Node:
    """Another thing by its name; one that is made up says so where it is only named, too."""
    node = {"@type": type_, "@id": thing.iri, "name": name}
    return node | ({"disambiguatingDescription": MADE_UP} if is_made_up(thing) else {})


def _web(thing: Thing) -> str:
    """The first web address; another scheme is none."""
    return next((u for u in thing.texts("url") if u.startswith(("http://", "https://"))), "")


def _said(node: Node) -> Node:
    """The node without what is empty."""
    return {key: value for key, value in node.items() if value not in ("", [], None)}
