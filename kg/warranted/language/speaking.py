"""A language as the rest of the program uses it: sentences, counts, dates, numbers, choice of text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from warranted.errors import InputError
from warranted.language import catalogue, pseudo, text
from warranted.language.text import Text

_ISO = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def gettext_noop(message: str) -> str:
    """The message as it is: marks it for the catalogues where it is only translated later."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """A language; it holds no messages itself, so it goes from process to process as it is.

    Attributes:
        code: its BCP 47 tag. direction: "ltr" or "rtl". name: its own name.
        is_pseudo: whether it is the made-up one for tests.
    """

    code: str
    direction: str
    name: str
    is_pseudo: bool = False

    @classmethod
    def pseudo(cls, direction: str = "ltr") -> Language:
        """The made-up language, written to the right ("qps") or to the left (tagged "ar")."""
        return cls("ar" if direction == "rtl" else "qps", direction, "Pseudo", is_pseudo=True)

    @property
    def is_default(self) -> bool:
        """Whether it is the language the sentences are written in."""
        return self.code == "en"

    def gettext(self, message: str) -> str:
        """The sentence; `message` where there is no translation."""
        if self.is_pseudo:
            return pseudo.marked(message)
        # "" is the key of a catalogue's header.
        return catalogue.translations(self.code).gettext(message) if message else message

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The sentence for that number of things."""
        if self.is_pseudo:
            return pseudo.marked(one if n == 1 else many)
        return catalogue.translations(self.code).ngettext(one, many, n)

    def pgettext(self, context: str, message: str) -> str:
        """The sentence where `context` tells two meanings apart."""
        if self.is_pseudo:
            return pseudo.marked(message)
        return catalogue.translations(self.code).pgettext(context, message)

    def npgettext(self, context: str, one: str, many: str, n: int) -> str:
        """The sentence for that number of things where `context` tells two meanings apart."""
        if self.is_pseudo:
            return pseudo.marked(one if n == 1 else many)
        return catalogue.translations(self.code).npgettext(context, one, many, n)

    def say(self, message: str, /, **values: object) -> str:
        """The sentence with `values` for its %(named)s placeholders; plain text, not escaped.

        As in the templates a percent sign is written %%, with values or without.
        """
        return self.gettext(message) % values

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The sentence for `n` things, with `n` itself as %(n)s beside the other values."""
        return self.ngettext(one, many, n) % {"n": n, **values}

    def pick(self, literals: Iterable[tuple[str, str]]) -> Text:
        """The text for this reader from (value, language tag) pairs; see `text.pick`."""
        return text.pick(self.code, literals)

    def day(self, when: str | date, *, short: bool = False) -> str:
        """A date in words: 2 March 2026, March 2026, 2026; what is no date stays as it is.

        Args:
            when: a day, or ISO text of a day, a month or a year.
            short: as an axis shows it: 2 Mar 26, Mar 2026.
        """
        found = _ISO.fullmatch(when) if isinstance(when, str) else None
        if isinstance(when, str) and not found:
            return when
        try:
            day = _first_day(found) if found else when
        except ValueError:
            return str(when)
        assert isinstance(day, date)
        if found and not found[2]:
            return found[1]
        if found and not found[3]:
            skeleton = "yMMM" if short else "yMMMM"
            return format_skeleton(skeleton, day, locale=self._cldr)
        if short:
            return format_date(day, "d MMM yy", locale=self._cldr)
        pattern = "d MMMM y" if self._cldr.language == "en" else "long"
        return format_date(day, pattern, locale=self._cldr)

    def month(self, day: date) -> str:
        """The month of a day: March 2026."""
        return self.day(f"{day:%Y-%m}")

    def number(self, value: int | float | Decimal, places: int | None = None) -> str:
        """A number we computed, as its readers write it; figures of sources stay digit for digit.

        Args:
            places: decimals to show exactly; None for up to three.
        """
        exact = Decimal(str(value)) if isinstance(value, float) else value
        if places is None:
            return format_decimal(exact, locale=self._cldr)
        pattern = "#,##0." + "0" * places if places else "#,##0"
        return format_decimal(exact, format=pattern, locale=self._cldr)

    def percent(self, share: Fraction | float) -> str:
        """A share as a whole number of percent: 67%."""
        return format_percent(Decimal(f"{float(share) * 100:.0f}") / 100, locale=self._cldr)

    @property
    def _cldr(self) -> Locale:
        return _locale("en" if self.code == "qps" else self.code)


def _first_day(found: re.Match[str]) -> date:
    return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))


@lru_cache(maxsize=16)
def _locale(code: str) -> Locale:
    return Locale.parse(code, sep="-")


def _made(code: str) -> Language:
    locale = _locale(code)
    name = str(locale.get_display_name(code))
    return Language(code, str(locale.text_direction), name[:1].upper() + name[1:])


ENGLISH: Final = _made("en")
"""The language the sentences are written in."""


@lru_cache(maxsize=1)
def available() -> tuple[Language, ...]:
    """English, then every language with a catalogue, by code."""
    return (ENGLISH, *(_made(code) for code in catalogue.codes()))


def get(code: str) -> Language:
    """The language of that code.

    Raises:
        InputError: there is no such catalogue; it names those there are.
    """
    for language in available():
        if language.code == code:
            return language
    raise InputError(
        f"There is no interface in the language '{code[:40]}'.",
        field="language",
        fix="The languages are: " + ", ".join(x.code for x in available()) + ".",
    )
