"""What a page says of the files to take away: what each is, its format and its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from warranted.language import ENGLISH, Language
from warranted_site.filling import folders
from warranted_site.packages import Package
from warranted_site.takeaway.folder import CARDS, FOLDER, FORMS, MEASURES, is_told_in
from warranted_site.takeaway.subject import Say
from warranted_site.things import Thing
from warranted_site.views import Views


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to take away: its path from the site's root, what it is, its format and size in words.

    `language`: the one its words are in, where that is not the page's.
    """

    path: str
    label: str
    format: str
    size: str
    language: Language | None = None


def of_package(
    package: Package, views: Views, out: Path, say: Say, languages: Sequence[Language] = (ENGLISH,)
) -> list[Offer]:
    """The files of a package that are there, in the order a reader wants them.

    Args:
        out: the site's root, after `write`. The dumps are those of the release.
        languages: those of the site, its first before the others.
    """
    slug, language = package.slug, views.things.language
    own, told_in = _place(package, language, languages)
    first = f"{slug}/{FOLDER}"
    other = languages[0] if language.code != languages[0].code else None
    told = [
        (f"{own}/{slug}.pdf", say("The whole package, to print or read offline"), "PDF", told_in),
        (f"{own}/{CARDS}", say("Idea cards, a page each, to hand out"), "PDF", told_in),
        (f"{own}/{FORMS}", say("Blank PDSA forms, a page for each idea"), "PDF", told_in),
        (
            f"{first}/{MEASURES}",
            say("Every value of its measures, for a spreadsheet"),
            "CSV",
            other,
        ),
        (
            f"{first}/{slug}.crate.zip",
            say("All of it in one file, with its description"),
            "RO-Crate",
            None,
        ),
    ]
    found = [(path, label, kind, out / path, of) for path, label, kind, of in told]
    if (dumps := views.data.dumps) is not None:
        records = say("Its records as data")
        for ending, kind in (("ttl", "Turtle"), ("jsonld", "JSON-LD"), ("nq", "N-Quads")):
            name = f"{slug}.{ending}"
            found.append((f"data/dumps/{name}", records, kind, dumps / name, None))
    return [
        Offer(path, label, kind, size(file.stat().st_size, language), of)
        for path, label, kind, file, of in found
        if file.is_file()
    ]


def of_idea(
    idea: Thing, packages: Iterable[Package], say: Say, languages: Sequence[Language] = (ENGLISH,)
) -> list[Offer]:
    """The card and the form of an idea, at their pages in the files of each package that has it."""
    made = []
    for package in packages:
        number = [i.iri for i in package.ideas].index(idea.iri) + 1
        own, of = _place(package, idea.things.language, languages)
        card, form = say("This idea on one page"), say("A blank PDSA form for this idea")
        made += [
            Offer(f"{own}/{CARDS}#page={number}", card, "PDF", "", of),
            Offer(f"{own}/{FORMS}#page={number}", form, "PDF", "", of),
        ]
    return made


def _place(
    package: Package, language: Language, languages: Sequence[Language]
) -> tuple[str, Language | None]:
    """The folder of the PDFs for readers of a language, and their language if it is another."""
    own = f"{package.slug}/{FOLDER}"
    if language.code == languages[0].code:
        return own, None
    if is_told_in(package, language):
        return folders(languages)[language.code] + own, None
    return own, languages[0]


def size(count: int, language: Language) -> str:
    """A number of bytes in words: 31 KB, 1.2 MB; never less than 1 KB."""
    if count < 1_000_000:
        return f"{language.number(max(1, round(count / 1000)))} KB"
    return f"{language.number(round(Decimal(count) / 1_000_000, 1))} MB"
