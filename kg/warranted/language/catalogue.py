"""The catalogues of interface sentences, read from the `.po` files as they are kept."""

from __future__ import annotations

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN: Final = "warranted"
"""Name of the catalogues' files."""


def folder() -> Path:
    """The folder that holds a folder for each language but English."""
    return Path(__file__).parent / "locale"


def file(code: str) -> Path:
    """The catalogue of a language."""
    return folder() / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def codes() -> tuple[str, ...]:
    """The languages that have a catalogue."""
    return tuple(sorted(f.parents[1].name for f in folder().glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def read(code: str) -> Catalog:
    """Every message of a language with its translation, as the file has them."""
    with file(code).open("rb") as opened:
        return read_po(opened, locale=code, domain=DOMAIN)


@lru_cache(maxsize=8)
def translations(code: str) -> gettext.NullTranslations:
    """What `gettext` looks sentences up in; English has no catalogue and gives them back."""
    if code not in codes():
        return gettext.NullTranslations()
    made = BytesIO()
    write_mo(made, read(code))
    made.seek(0)
    return gettext.GNUTranslations(made)
