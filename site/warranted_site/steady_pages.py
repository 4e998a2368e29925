"""Pages that are the same for every release, but for what their foot says of it.

They show the ontology, the shapes, the rules, the guides: what comes with the software. Reading all that
takes seconds, so the pages are made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from warranted.language import Language
from warranted.warrant import by_query
from warranted_site import adapting, guides, machine, reference_pages
from warranted_site.filling import Fill, Filler, Page
from warranted_site.machine import head
from warranted_site.once import once


def kept(
    filler: Filler,
    site: machine.Site,
    switch: Callable[[str], str],
    cache: Path,
    make: Callable[[Fill], Iterable[Any]],
    *,
    release: str,
    counts: Mapping[str, Any],
) -> Iterator[Page]:
    """The pages that `make` fills, in the filler's language; what they show is kept in the file `cache`.

    Only the foot of a page tells of the release: it is put in place of that of a page of none.

    Args:
        cache: named after the language and all that these pages come from.
        switch: path of a page → its language switch.
    """

    def fill(
        path: str,
        template: str,
        title: str,
        *,
        description: str = "",
        trail: tuple[tuple[str, str], ...] = (),
        **values: Any,
    ) -> tuple[str, str]:
        shown = machine.Page(path, title, template, description=description, trail=trail)
        told = head.lines(site, shown)
        page = filler.fill(
            path, template, title, head=told, switch=switch(path), release="", counts={}, **values
        )
        return path, page.html

    found: dict[str, str] = once(cache, lambda: dict(make(fill)))
    for path, html in found.items():
        begins, foot = filler.foot(path), filler.foot(path, release=release, counts=counts)
        assert begins in html
        yield Page(filler.folder + path, html.replace(begins, foot, 1))


def pages(fill: Fill, language: Language, *, base: str, hub: str, cache: Path) -> Iterator[Any]:
    """Every such page in a language.

    Args:
        base: the root of records' IRIs. hub: address of the hub's server, or empty.
        cache: a folder for what is the same for every site.
    """
    say = language.gettext
    rules = [by_query.rule(name) for name in by_query.rule_names()]
    yield fill("rules/index.html", "rules", say("The rules, as queries"), rules=rules)
    values = adapting.report_values(language, base=base, hub=hub)
    yield fill("report/index.html", "report", say("Report a test of this idea"), **values)
    yield from guides.pages(fill, language, guides.rendered(cache, language))
    yield fill("404.html", "missing", say("No such page"))
    yield from reference_pages.pages(fill, language)
