"""The values by which a change idea can be looked for: who does it, how long it takes, where it was tested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from warranted.namespaces import SKOS
from warranted_site.packages import Package
from warranted_site.things import Thing
from warranted_site.views import Views

Value = tuple[str, str, str, str]
"""(facet, the facet's label, value, the value's label). The page words a label that is empty."""

FIELD: Final = "field"
PROBLEM: Final = "problem"
WHO: Final = "who"
TIME: Final = "time"
MEASURE: Final = "measure"

_LONGEST_ROLE: Final = 60
_BUCKETS: Final = ((5, "5"), (15, "15"), (60, "60"))
"""Minutes at most → the bucket."""
_NUMBERS: Final = {
    word: number
    for number, words in (
        (0.5, ("half an", "media")),
        (1, ("a", "an", "one", "un", "una", "uno")),
        (2, ("two", "dos")),
        (3, ("three", "tres")),
        (4, ("four", "cuatro")),
        (5, ("five", "cinco")),
        (6, ("six", "seis")),
        (7, ("seven", "siete")),
        (8, ("eight", "ocho")),
        (9, ("nine", "nueve")),
        (10, ("ten", "diez")),
        (12, ("twelve", "doce")),
        (15, ("fifteen", "quince")),
        (20, ("twenty", "veinte")),
        (30, ("thirty", "treinta")),
        (40, ("forty", "cuarenta")),
        (45, ("forty-five",)),
        (50, ("fifty", "cincuenta")),
        (60, ("sixty", "sesenta")),
        (90, ("ninety", "noventa")),
    )
    for word in words
}
"""Numbers as doses write them, in the languages of the interface."""
_UNITS: Final = {"s": 1 / 60, "m": 1.0, "h": 60.0}
_SPAN: Final = re.compile(
    rf"(?<![\w.,-])(\d+(?:[.,]\d+)?|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})[\s-]+"
    r"(?:(s)(?:ec(?:ond)?s?|egundos?)|(m)(?:in(?:ute|uto)?s?)|(h)(?:(?:ou)?rs?|oras?)?)(?!\w)",
    re.IGNORECASE,
)


def of_idea(idea: Thing, views: Views, inside: list[Package]) -> Iterator[Value]:
    """Every value of one idea."""
    yield from fields(inside)
    yield from problems(_aims_of(idea) or [aim for p in inside for aim in p.aims])
    current = _current(views.versions_of(idea))
    for version in current:
        if who := role(version.text("deliveredBy")):
            yield (WHO, "", who, "")
    if bucket := time_of(idea, views):
        yield (TIME, "", bucket, "")
    predicted = [
        m for t in views.tests_of(idea) for p in t.all("hasPrediction") for m in p.all("ofMeasure")
    ]
    for measure in [*idea.all("trackedBy"), *predicted]:
        if measure.iri in views.things:
            yield (MEASURE, "", plain(measure.label), "")
    for place in views.assessments[idea.iri].places:
        yield from settings(views.things.get(place.site))


def time_of(idea: Thing, views: Views) -> str:
    """The time it takes, as `time_needed` has it, by the versions that stand."""
    return time_needed(version.text("dose") for version in _current(views.versions_of(idea)))


def fields(packages: Iterable[Package]) -> Iterator[Value]:
    """The fields of practice of packages."""
    for package in packages:
        for field in package.thing.all("field"):
            yield (FIELD, "", field.id, plain(field.label))


def problems(aims: Iterable[Thing]) -> Iterator[Value]:
    """What aims are set against: the problem of practice, or the aim itself where none is recorded."""
    for aim in aims:
        found = aim.all("addressesProblem")
        for thing in found or [aim]:
            yield (PROBLEM, "", plain(thing.label), "")


def measures(package: Package) -> Iterator[Value]:
    """The measures a package follows."""
    for measure in package.measures:
        yield (MEASURE, "", plain(measure.label), "")


def settings(site: Thing) -> Iterator[Value]:
    """The context facets of a place that tested it."""
    for profile in site.all("hasContext"):
        for value in profile.all("facetValue"):
            scheme = value.one(f"{SKOS}inScheme")
            if scheme is not None:
                # "Locality (context facet)": the part in brackets tells curators what it is for.
                name = re.sub(r" \([^()]*\)$", "", plain(scheme.label))
                yield (scheme.id, name, value.id, plain(value.label))


def role(text: str) -> str:
    """Who carries it out: the first phrase of the record's own words, which names the role.

    "The class teacher; no training" → "The class teacher". A phrase too long for a filter gives "".
    """
    first = plain(re.split(r"[;,.(]", text, maxsplit=1)[0])
    return first if len(first) <= _LONGEST_ROLE else ""


def time_needed(texts: Iterable[str]) -> str:
    """The bucket of the longest time that doses name for one go; "unsaid" if they name none.

    Weeks and terms say for how long a change is kept up, not what one go takes: they are not read.
    Returns "" where no dose is given at all.
    """
    given = [text for text in texts if text]
    spans = [minutes for text in given for minutes in _minutes(text)]
    if not spans:
        return "unsaid" if given else ""
    return next((name for most, name in _BUCKETS if max(spans) <= most), "more")


def plain(text: str) -> str:
    """The text on one line, as a plain string."""
    return " ".join(str(text).split())


def _minutes(text: str) -> Iterator[float]:
    for number, *units in _SPAN.findall(text):
        count = _NUMBERS.get(number.lower()) or float(number.replace(",", "."))
        yield count * _UNITS["".join(units).lower()]


def _current(versions: list[Thing]) -> list[Thing]:
    """Versions that no other replaces."""
    replaced = {old.iri for version in versions for old in version.all("revises")}
    return [version for version in versions if version.iri not in replaced]


def _aims_of(idea: Thing) -> list[Thing]:
    """The aims that an idea's drivers lead to."""
    found: dict[str, Thing] = {}
    seen: set[str] = set()
    waiting = idea.all("addressesDriver")
    while waiting:
        thing = waiting.pop()
        if thing.iri in seen:
            continue
        seen.add(thing.iri)
        if "Aim" in thing.classes():
            found[thing.iri] = thing
        waiting += thing.all("contributesTo")
    return [found[iri] for iri in sorted(found)]
