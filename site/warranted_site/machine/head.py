"""The lines of a page's `<head>` that machines read; see RFC 8288, RFC 8574, signposting.org, ogp.me."""

from __future__ import annotations

from functools import lru_cache

from babel.core import get_global
from markupsafe import escape

from warranted_site.machine import schema_org
from warranted_site.machine.pages import NAME, Page, Site, beside, files, licence, packages

FEED = "changes.atom"


def lines(site: Site, page: Page) -> str:
    """The lines of a page, its schema.org script last.

    A made-up record's page asks search engines to leave it out: in a list of results, without its
    banner, it would read like a finding. For the same reason its name says so where it is shared.
    Without an address of the site no line names one: the site works wherever it is put.
    """
    made = [*_described(site, page), *_elsewhere(site, page)]
    if page.thing is not None:
        made += _signposts(site, page)
    made += _open_graph(site, page)
    script = schema_org.script(site, page)
    return "\n".join([*made, script] if script else made)


def _described(site: Site, page: Page) -> list[str]:
    made = [_meta("name", "description", page.summary)] if page.summary else []
    if page.made_up or page.path == "404.html":
        made.append(_meta("name", "robots", "noindex"))
    feed = beside(site, page, site.folder + FEED)
    title = site.language.say("What changed")
    made.append(_link("alternate", feed, type="application/atom+xml", title=title))
    return made


def _elsewhere(site: Site, page: Page) -> list[str]:
    """Where the page stands, and the same page in other languages."""
    if page.path == "404.html":
        return []
    made = []
    if site.address:
        made.append(_link("canonical", site.address + site.folder + page.path))
    if len(site.folders) > 1:
        others = [*site.folders.items(), ("x-default", next(iter(site.folders.values())))]
        for language, folder in others:
            path = folder + page.path
            target = site.address + path if site.address else beside(site, page, path)
            made.append(_link("alternate", target, hreflang=language))
    return made


def _signposts(site: Site, page: Page) -> list[str]:
    """The record's persistent IRI, its descriptions, its class, and what belongs to it."""
    thing = page.thing
    assert thing is not None
    stem = site.beside + page.path.removesuffix(".html")
    kinds = [schema_org.type_of(page), "AboutPage"]
    made = [
        _link("cite-as", thing.iri),
        *(
            _link("alternate describedby", beside(site, page, f"{stem}.{ending}"), type=media)
            for ending, media in (("ttl", "text/turtle"), ("jsonld", "application/ld+json"))
        ),
        *(_link("type", f"{schema_org.CONTEXT}/{kind}") for kind in kinds if kind),
        *(_link("item", beside(site, page, f.path), type=f.media) for f in files(site, page)),
    ]
    for package in packages(page):
        path = site.path(package)
        if path is not None:
            made.append(_link("collection", beside(site, page, site.folder + path)))
    if link := licence(thing):
        made.append(_link("license", link))
    # Only a network is named as author, never whoever wrote a record or a source.
    made += [_link("author", network.iri) for network in thing.all("packageOf")]
    return made


def _open_graph(site: Site, page: Page) -> list[str]:
    title = page.title
    if page.made_up:
        title = site.language.say("%(title)s (illustrative, made up)", title=title)
    said = {
        "title": title,
        "description": page.summary,
        "type": "website" if page.kind == "home" else "article",
        "site_name": NAME,
        "locale": _territory(site.language.code),
    }
    if site.address and page.path != "404.html":
        said["url"] = site.address + site.folder + page.path
        said["image"] = site.address + site.image if site.image else ""
    made = [_meta("property", f"og:{name}", text) for name, text in said.items() if text]
    others = [_territory(code) for code in site.folders if code != site.language.code]
    return made + [_meta("property", "og:locale:alternate", name) for name in others]


@lru_cache
def _territory(code: str) -> str:
    """A language with the country Open Graph wants beside it, by CLDR's likely subtags: es → es_ES."""
    known: str = get_global("likely_subtags").get(code, "")
    return f"{code}_{known.rpartition('_')[2]}" if known else code.replace("-", "_")


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _link(rel: str, target: str, **more: str) -> str:
    said = "".join(f' {name}="{escape(value)}"' for name, value in more.items())
    return f'<link rel="{rel}"{said} href="{escape(target)}">'
