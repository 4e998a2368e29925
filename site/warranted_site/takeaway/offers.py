"""What a page says of the files to take away: what each is, its format and its size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from warranted.language import Language
from warranted_site.packages import Package
from warranted_site.takeaway.folder import CARDS, FOLDER, FORMS, MEASURES
from warranted_site.takeaway.subject import Say
from warranted_site.things import Thing
from warranted_site.views import Views


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to take away: its path from the site's root, what it is, its format and size in words."""

    path: str
    label: str
    format: str
    size: str


def of_package(package: Package, views: Views, out: Path, say: Say) -> list[Offer]:
    """The files of a package that are there, in the order a reader wants them.

    Args:
        out: the site's root, after `write`. The dumps are those of the release.
    """
    slug, language = package.slug, views.things.language
    own = f"{slug}/{FOLDER}"
    told = [
        (f"{own}/{slug}.pdf", say("The whole package, to print or read offline"), "PDF"),
        (f"{own}/{CARDS}", say("Idea cards, a page each, to hand out"), "PDF"),
        (f"{own}/{FORMS}", say("Blank PDSA forms, a page for each idea"), "PDF"),
        (f"{own}/{MEASURES}", say("Every value of its measures, for a spreadsheet"), "CSV"),
        (f"{own}/{slug}.crate.zip", say("All of it in one file, with its description"), "RO-Crate"),
    ]
    found = [(path, label, kind, out / path) for path, label, kind in told]
    if (dumps := views.data.dumps) is not None:
        records = say("Its records as data")
        for ending, kind in (("ttl", "Turtle"), ("jsonld", "JSON-LD"), ("nq", "N-Quads")):
            name = f"{slug}.{ending}"
            found.append((f"data/dumps/{name}", records, kind, dumps / name))
    return [
        Offer(path, label, kind, size(file.stat().st_size, language))
        for path, label, kind, file in found
        if file.is_file()
    ]


def of_idea(idea: Thing, packages: Iterable[Package], say: Say) -> list[Offer]:
    """The card and the form of an idea, at their pages in the files of each package that has it."""
    made = []
    for package in packages:
        number = [i.iri for i in package.ideas].index(idea.iri) + 1
        own = f"{package.slug}/{FOLDER}"
        made += [
            Offer(f"{own}/{CARDS}#page={number}", say("This idea on one page"), "PDF", ""),
            Offer(
                f"{own}/{FORMS}#page={number}", say("A blank PDSA form for this idea"), "PDF", ""
            ),
        ]
    return made


def size(count: int, language: Language) -> str:
    """A number of bytes in words: 31 KB, 1.2 MB; never less than 1 KB."""
    if count < 1_000_000:
        return f"{language.number(max(1, round(count / 1000)))} KB"
    return f"{language.number(round(Decimal(count) / 1_000_000, 1))} MB"
