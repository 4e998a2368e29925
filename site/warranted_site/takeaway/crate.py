"""A package with its documents and its data as an RO-Crate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from warranted.citing import Files, crate
from warranted_site.takeaway.subject import Subject

MEDIA: Final = {
    ".csv": "text/csv",
    ".jsonld": "application/ld+json",
    ".pdf": "application/pdf",
    ".ttl": "text/turtle",
}


def package_crate(
    subject: Subject, *parts: Mapping[str, bytes], others: Iterable[Subject] = ()
) -> bytes:
    """The crate of a package: its files, by their names, and what they are.

    Args:
        others: the package in further languages; their files begin with `folder` of each.
    """
    files: Files = {
        name: (MEDIA[PurePosixPath(name).suffix], content)
        for part in parts
        for name, content in part.items()
    }
    about: dict[str, str] = {}
    tags: dict[str, str] = {}
    for one in (subject, *others):
        told = {f"{one.folder}{name}": text for name, text in _printed(one).items()}
        about |= told
        tags |= dict.fromkeys(told, one.language.code)
    about |= _data(subject)
    return crate(
        subject.work,
        files,
        about={name: text for name, text in about.items() if name in files},
        languages={name: tag for name, tag in tags.items() if name in files},
    )


def _printed(subject: Subject) -> dict[str, str]:
    """PDF → what it is, in a sentence."""
    say = subject.say
    return {
        f"{subject.package.slug}.pdf": say("The whole package, typeset to be printed"),
        "cards.pdf": say("A card for each change idea"),
        "pdsa.pdf": say("A blank PDSA form for each change idea"),
    }


def _data(subject: Subject) -> dict[str, str]:
    """File of data → what it is, in a sentence."""
    slug, say = subject.package.slug, subject.say
    return {
        "measures.csv": say(
            "Every observation, a row each; a cell that begins with an apostrophe is text"
        ),
        f"{slug}.ttl": say("Every record of the package as Turtle"),
        f"{slug}.jsonld": say("Every record of the package as JSON-LD"),
    }
