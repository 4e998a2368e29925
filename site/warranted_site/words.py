"""What pages say in a few words: what was seen, what a test or a place says, dates, people."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from warranted.language import Language
from warranted.namespaces import NIC
from warranted.warrant import Assessment
from warranted_site.things import Said, Thing


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.day = lru_cache(maxsize=4096)(language.day)
        say = language.say
        self._says = {
            "supports": say("supports"),
            "partly": say("partly supports"),
            "contradicts": say("contradicts"),
        }
        self._nothing = say("tells nothing either way")
        self._verdicts = {
            "supports": say("went as predicted"),
            "partly": say("mixed"),
            "contradicts": say("did not go as predicted"),
        }
        self._neither = say("nothing either way")

    def seen(self, assessment: Assessment) -> str:
        """What was seen, with the base: "went as predicted at 2 of 4 places"."""
        i, count = assessment.indicators, self.language.count
        sites = int(i.R_s + i.R_m + i.R_c)
        if sites:
            return count(
                "went as predicted at %(held)s of %(n)s place",
                "went as predicted at %(held)s of %(n)s places",
                sites,
                held=i.R_s,
            )
        if i.T:
            return count(
                "tried in %(n)s test, which could not tell",
                "tried in %(n)s tests, none of which could tell",
                int(i.T),
            )
        if assessment.reported:
            return count(
                "no recorded test; %(n)s test reported in publications",
                "no recorded test; %(n)s tests reported in publications",
                assessment.reported,
            )
        return self.language.say("no recorded test")

    def failed(self, assessment: Assessment) -> str:
        """At how many places it did not go as predicted, with the base."""
        i = assessment.indicators
        return self.language.count(
            "did not go as predicted at %(failed)s of %(n)s place",
            "did not go as predicted at %(failed)s of %(n)s places",
            int(i.R_s + i.R_m + i.R_c),
            failed=i.R_c,
        )

    def says(self, assessment: Assessment, test: Thing) -> str:
        """What a test says of the claim."""
        found = assessment.directions.get(test.iri)
        if found is None:
            return ""
        return self._says.get(found.value, self._nothing)

    def verdict(self, place: Any) -> str:
        """What a place says."""
        if place.verdict is None:
            return self._neither
        text = self._verdicts.get(place.verdict.value, self._neither)
        if place.explained:
            return self.language.say("%(verdict)s; explained by a boundary condition", verdict=text)
        return text

    def people(self, test: Thing) -> str:
        """People reached, or that there were fewer than ten; never the small number itself."""
        count = test.number("peopleReached")
        if count is None:
            return ""
        return str(count) if count >= 10 else self.language.say("fewer than 10")

    def globals(self) -> dict[str, Callable[..., Any]]:
        """What templates call."""
        return {
            "day": self.day,
            "failed": self.failed,
            "people": self.people,
            "says": self.says,
            "seen": self.seen,
            "supplied": supplied,
            "verdict": self.verdict,
            "web": web,
        }


def marked(value: Any) -> Any:
    """What a template writes: a text of another language than the page's says which (WCAG 3.1.2)."""
    if type(value) is Said and value.is_fallback:
        return _in_language(str(value), value.tag)
    return value


@lru_cache(maxsize=16384)
def _in_language(text: str, tag: str) -> Markup:
    return Markup(f'<span lang="{escape(tag)}">{escape(text)}</span>')  # noqa: S704 - escaped here


def plain(value: Any) -> str:
    """The text without a mark of its language, for attributes and titles."""
    return str(value)


def lower_first(text: str) -> str:
    """The text to go on a sentence with; an abbreviation keeps its capitals."""
    return _kept(text, text[:1].lower() + text[1:] if text[1:2].islower() else text)


def sentence(text: str) -> str:
    """The text with a full stop at its end."""
    return text if text.endswith((".", "!", "?")) else _kept(text, f"{text}.")


def _kept(old: str, new: str) -> str:
    if isinstance(old, Said):
        return Said.of(new, old.tag, is_fallback=old.is_fallback)
    return Markup(new) if isinstance(old, Markup) else new  # noqa: S704 - it was markup before


def supplied(thing: Thing, name: str) -> bool:
    """Whether the curator, not a source, gave the property."""
    return any(p.iri == NIC + name for p in thing.all("curatorSupplied"))


def web(url: str) -> bool:
    """Whether an address may become a link."""
    return urlsplit(url).scheme in ("http", "https")


def heading(title: str) -> str:
    """A title as the `<title>` of its page, escaped."""
    return str(escape(title if title == "Warranted" else f"{title} · Warranted"))
