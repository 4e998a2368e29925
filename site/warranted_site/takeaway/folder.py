"""The files to take away, written into a package's folder of the site."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warranted import documents, dumps
from warranted.language import Language
from warranted.language.text import primary
from warranted.namespaces import DCTERMS, RDFS
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


@dataclass(frozen=True, slots=True)
class Edition:
    """A language in which the PDFs of packages are made.

    Attributes:
        views, links: the packages as readers of the language are told them.
        say: English sentence, values → the sentence in that language.
        folder: where its pages stand, from the site's root: "" or "es/".
        asked: what a PDSA form asks in it, if it is known; see `forms.asked`.
    """

    views: Views
    links: Links
    say: Say
    folder: str = ""
    asked: list[dict[str, Any]] | None = None


def is_told_in(package: Package, language: Language) -> bool:
    """Whether the package itself is told in a language: its title, or its label, has a text in it."""
    said = package.thing.things.said(package.thing.iri)
    return any(
        isinstance(value, tuple) and primary(value[1]) == primary(language.code)
        for name in (f"{DCTERMS}title", f"{RDFS}label")
        for value in said.get(name, ())
    )


def write(
    package: Package,
    edition: Edition,
    out: Path,
    *,
    release: str,
    created: datetime,
    publisher: str = "Warranted",
    further: Sequence[Edition] = (),
    earlier: Earlier | None = None,
) -> Taken:
    """Write what can be taken away of a package; what has no content is left out.

    The same package gives the same bytes, in any process; of files only its dumps
    are read. A PDF that would say what the earlier one says, but for the release at its foot, stays that
    one, as a page does: to typeset is half of all that a site costs.

    Args:
        edition: the site's first language, of whose views the package is.
        out: the site's root. release, created: the release's name and moment.
        further: the other languages in which the package is told; see `is_told_in`.

    Returns:
        Of the report, `cards.pdf`, `pdsa.pdf`, `measures.csv` and the crate those that there are; of each
        further language the PDFs, in its folder.
    """

    def subject_of(one: Edition) -> Subject:
        own = next(p for p in one.views.packages if p.thing.iri == package.thing.iri)
        return Subject(own, one.views, one.links, release, created, one.say, publisher, one.folder)

    editions = [edition, *further]
    subject, *others = subjects = [subject_of(one) for one in editions]
    slug = package.slug
    made: dict[str, bytes] = {}
    printed: dict[str, str] = {}
    for one, of in zip(editions, subjects, strict=True):
        for name, (template, values) in _told(of, one.asked).items():
            path = f"{of.folder}{slug}/{FOLDER}/{name}"
            said = printed[path] = digest(template, values)
            same = earlier if earlier and earlier.printed.get(path) == said else None
            kept = _held(same.site / path) if same else None
            made[f"{of.folder}{name}"] = kept or typesetter().pdf(template, values, created)
    if (table := measures_csv(subject)) is not None:
        made[MEASURES] = table
    data = _data(package, edition.views)
    made[f"{slug}.crate.zip"] = package_crate(subject, made, data, others=others)
    files = []
    for name, content in made.items():
        folder, _, file = name.rpartition("/")
        path = f"{folder}/{slug}/{FOLDER}/{file}".lstrip("/")
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(content)
        files.append(path)
    return Taken(sorted(files), printed)


def _told(
    subject: Subject, asked: list[dict[str, Any]] | None
) -> dict[str, tuple[str, dict[str, Any]]]:
    """PDF → the template that draws it and its values."""
    told = {f"{subject.package.slug}.pdf": ("report", report(subject))}
    if subject.package.ideas:
        told[CARDS] = "cards", cards(subject)
        told[FORMS] = "forms", forms(subject, asked)
    return told


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
