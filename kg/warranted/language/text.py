"""Which of several texts in different languages a reader is shown, and whether it is a fallback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError


@dataclass(frozen=True, slots=True)
class Text:
    """A text, its language tag ("" where it has none), and whether the reader's language is missing."""

    value: str
    tag: str = ""
    is_fallback: bool = False

    def __str__(self) -> str:
        return self.value

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def direction(self) -> str:
        """The direction of its language; "auto" where that is not known."""
        return direction_of(self.tag)


def pick(code: str, literals: Iterable[tuple[str, str]]) -> Text:
    """The text for a reader of the language `code`, from (value, language tag) pairs.

    The order, which is stated to readers: the tag itself, a tag of the same primary language, a text
    without a tag, English, then the first by tag. Among equals the first by tag and value. Only blank
    texts are passed over; with nothing else the text is empty.
    """
    wanted = code.lower()

    def rank(literal: tuple[str, str]) -> tuple[int, str, str, str]:
        value, tag = literal
        low = tag.lower()
        if low == wanted:
            order = 0
        elif low and primary(low) == primary(wanted):
            order = 1
        elif not low:
            order = 2
        else:
            order = 3 if primary(low) == "en" else 4
        return order, low, value, tag

    told = [(value, tag) for value, tag in literals if value.strip()]
    if not told:
        return Text("")
    found = min(told, key=rank)
    return Text(*found, is_fallback=rank(found)[0] > 2)


def primary(tag: str) -> str:
    """The language itself, without script and region: "es" of "es-MX"."""
    return tag.partition("-")[0]


@lru_cache(maxsize=256)
def direction_of(tag: str) -> str:
    """ "ltr" or "rtl" by CLDR; "auto" for no tag, or one that CLDR does not know."""
    try:
        return str(Locale.parse(tag, sep="-").text_direction)
    except (UnknownLocaleError, ValueError, TypeError):
        return "auto"
