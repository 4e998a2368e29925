"""A package with its documents and its data as an RO-Crate."""

from __future__ import annotations

from collections.abc import Mapping
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


def package_crate(subject: Subject, *parts: Mapping[str, bytes]) -> bytes:
    """The crate of a package: its files, by their names, and what they are."""
    files: Files = {
        name: (MEDIA[PurePosixPath(name).suffix], content)
        for part in parts
        for name, content in part.items()
    }
    return crate(subject.work, files, about=_about(subject, files))


def _about(subject: Subject, files: Files) -> dict[str, str]:
    """File → what it is, in a sentence."""
    slug, say = subject.package.slug, subject.say
    told = {
        f"{slug}.pdf": say("The whole package, typeset to be printed"),
        "cards.pdf": say("A card for each change idea"),
        "pdsa.pdf": say("A blank PDSA form for each change idea"),
        "measures.csv": say(
            "Every observation, a row each; a cell that begins with an apostrophe is text"
        ),
        f"{slug}.ttl": say("Every record of the package as Turtle"),
        f"{slug}.jsonld": say("Every record of the package as JSON-LD"),
    }
    return {name: text for name, text in told.items() if name in files}
