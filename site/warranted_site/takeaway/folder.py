"""The files to take away, written into a package's folder of the site."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from warranted import documents, dumps
from warranted.rdfio import Format
from warranted_site.links import Links
from warranted_site.takeaway.cards import cards
from warranted_site.takeaway.crate import package_crate
from warranted_site.takeaway.forms import forms
from warranted_site.takeaway.report import report
from warranted_site.takeaway.subject import Say, Subject
from warranted_site.takeaway.tables import measures_csv
from warranted_site.takeaway.typesetting import typesetter
from warranted_site.views import Package, Views

FOLDER = "takeaway"
CARDS, FORMS, MEASURES = "cards.pdf", "pdsa.pdf", "measures.csv"


def write(
    package: Package,
    views: Views,
    links: Links,
    out: Path,
    *,
    release: str,
    created: datetime,
    say: Say,
    publisher: str = "Warranted",
    asked: list[dict[str, Any]] | None = None,
) -> list[str]:
    """Write what can be taken away of a package; what has no content is left out.

    The same package gives the same bytes, in any process; of files only its dumps
    are read.

    Args:
        out: the site's root. release, created: the release's name and moment.
        say: English sentence, values → the sentence in the language of `views`.
        asked: what a PDSA form asks in that language, if it is known; see `forms.asked`.

    Returns:
        The files, relative to `out`: the report, `cards.pdf`, `pdsa.pdf`, `measures.csv`, the crate.
    """
    subject = Subject(package, views, links, release, created, say, publisher)
    slug, setter = package.slug, typesetter()
    made: dict[str, bytes] = {f"{slug}.pdf": setter.pdf("report", report(subject), created)}
    if package.ideas:
        made[CARDS] = setter.pdf("cards", cards(subject), created)
        made[FORMS] = setter.pdf("forms", forms(subject, asked), created)
    if (table := measures_csv(subject)) is not None:
        made[MEASURES] = table
    crate = f"{slug}.crate.zip"
    made[crate] = package_crate(subject, made, _data(package, views))
    folder = out / slug / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return sorted(f"{slug}/{FOLDER}/{name}" for name in made)


def _data(package: Package, views: Views) -> dict[str, bytes]:
    """The package with the records it needs, as Turtle and JSON-LD: its dumps of the release."""
    data = views.data
    names = {fmt: f"{package.slug}.{fmt.extension}" for fmt in (Format.TURTLE, Format.JSONLD)}
    if data.dumps is not None:
        return {name: (data.dumps / name).read_bytes() for name in names.values()}
    by_iri = {record.iri: record for record in data.records}
    members = dumps.members(by_iri[package.thing.iri], by_iri, dumps.by_idea(data.computed))
    made = {}
    for fmt, name in names.items():
        file = io.BytesIO()
        documents.write(members, fmt, file)
        made[name] = file.getvalue()
    return made
