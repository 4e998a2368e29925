"""Two packages as a site, with and without an address; three releases one after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.site.told import ADDRESS, LANGUAGES, Line, made, named, pages_of, read, views_of

from warranted_site.links import Links
from warranted_site.machine import Page, Site
from warranted_site.views import Views


@pytest.fixture(scope="session")
def views() -> Views:
    return views_of(made(read("nclabsi-neonatal", "illustrative-algebra-talk")))


@pytest.fixture(scope="session")
def links(views: Views) -> Links:
    return Links(views)


@pytest.fixture(scope="session")
def pages(views: Views, links: Links) -> dict[str, Page]:
    return {page.path: page for page in pages_of(views, links)}


@pytest.fixture(scope="session")
def plain(views: Views, links: Links) -> Site:
    """A site that does not know where it will stand."""
    return Site(views.data, links.path)


@pytest.fixture(scope="session")
def placed(plain: Site) -> Site:
    return replace(plain, address=ADDRESS, folders=LANGUAGES, image="assets/card.png")


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """Three releases: a package without its test T10; with it; an idea renamed."""
    line = Line(tmp_path_factory.mktemp("line"))
    records = read("illustrative-algebra-talk")
    line.publish([r for r in records if not r.iri.endswith("/test/z1il-t10")], 0)
    line.publish(records, 1)
    line.publish(
        [named(r, "Reason line") if r.iri.endswith("/idea/z1il-c1") else r for r in records], 2
    )
    return line
