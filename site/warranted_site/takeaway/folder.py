"""The files to take away, written into a package's folder of the site."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warranted import documents, dumps
from warranted.rdfio import Format
from warranted_site.links import Links
from warranted_site.packages import Package
from warranted_site.takeaway.cards import cards
from warranted_site.takeaway.crate import package_crate
from warranted_site.takeaway.forms import forms
from warranted_site.takeaway.report import report
from warranted_site.takeaway.subject import Say, Subject
from warranted_site.takeaway.tables import measures_csv
from warranted_site.takeaway.typesetting import digest, typesetter
from warranted_site.views import Views

FOLDER = "takeaway"
CARDS, FORMS, MEASURES = "cards.pdf", "pdsa.pdf", "measures.csv"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: the files, relative to the site's root, and of each PDF a digest of what it says."""

    files: list[str]
    printed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The site before: its folder, and of each PDF there a digest of what it says."""

    site: Path
    printed: Mapping[str, str]


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
    earlier: Earlier | None = None,
) -> Taken:
    """Write what can be taken away of a package; what has no content is left out.

    The same package gives the same bytes, in any process; of files only its dumps
    are read. A PDF that would say what the earlier one says, but for the release at its foot, stays that
    one, as a page does: to typeset is half of all that a site costs.

    Args:
        out: the site's root. release, created: the release's name and moment.
        say: English sentence, values → the sentence in the language of `views`.
        asked: what a PDSA form asks in that language, if it is known; see `forms.asked`.

    Returns:
        Of the report, `cards.pdf`, `pdsa.pdf`, `measures.csv` and the crate those that there are.
    """
    subject = Subject(package, views, links, release, created, say, publisher)
    slug = package.slug
    told = {f"{slug}.pdf": ("report", report(subject))}
    if package.ideas:
        told[CARDS] = "cards", cards(subject)
        told[FORMS] = "forms", forms(subject, asked)
    made: dict[str, bytes] = {}
    printed: dict[str, str] = {}
    for name, (template, values) in told.items():
        path = f"{slug}/{FOLDER}/{name}"
        said = printed[path] = digest(template, values)
        same = earlier if earlier and earlier.printed.get(path) == said else None
        kept = _held(same.site / path) if same else None
        made[name] = kept or typesetter().pdf(template, values, created)
    if (table := measures_csv(subject)) is not None:
        made[MEASURES] = table
    made[f"{slug}.crate.zip"] = package_crate(subject, made, _data(package, views))
    folder = out / slug / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return Taken(sorted(f"{slug}/{FOLDER}/{name}" for name in made), printed)


def _held(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


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
