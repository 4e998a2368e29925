"""What the pages "Adapt this package" and "Report a test" need: questions, choices, elements.

Both pages work without a server: a script makes the records in the reader's browser, as files or for
a hub's inbox. The questions are those of the shapes' form for a test; what a reader can keep, change
or drop are the package's own records. Nothing here knows of the hub but its address.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from warranted import shape_model, vocabulary
from warranted.context import CONTEXT_IRI
from warranted.form_model import FormField, Option, forms_of
from warranted.json_schema import name_of
from warranted.language import Language, terms
from warranted.namespaces import NIC, PREFIXES
from warranted_site.packages import Package
from warranted_site.things import Thing
from warranted_site.views import Views, is_made_up

SECTIONS: Final = ("Plan", "Do", "Study", "Act")
"""Sections of a test's form that are asked about."""
ELSEWHERE: Final = frozenset(["tests", "atSite", "stage", "inRamp", "followsTest", "hasSeries"])
"""Fields that the page fills by itself, or that name records only a member can see."""
DONE: Final = (
    "asPlanned",
    "decision",
    "hasFinding.predictionOutcome",
    "hasFinding.basis",
)
"""What a test that is complete must say (shapes test-finding-rule, -decision-rule, -as-planned-rule)."""
KINDS: Final = (
    ("aim", ("Aim",)),
    ("driver", ("Driver", "PrimaryDriver", "SecondaryDriver")),
    ("idea", ("ChangeIdea",)),
    ("measure", ("Measure",)),
)
"""Kind of element → its classes, in the order in which a reader goes through a package."""
ELEMENTS: Final = "elements.js"
"""The file with the elements, beside the page on which a package is adapted."""
_PREFIXES: Final = ("nic", "rdfs", "prov", "xsd")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the report: `key` is the way to the field in the record's JSON, with dots.

    Attributes:
        name, help, options: in the page's language. wanted: a report is worth little without it.
    """

    key: str
    widget: str
    name: str
    help: str
    options: tuple[Option, ...]
    required: bool
    wanted: bool
    longest: int | None


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to say of a place: its name, and (value, label) pairs."""

    key: str
    name: str
    values: tuple[tuple[str, str], ...]


def package_values(
    package: Package, language: Language, *, base: str, hub: str = ""
) -> dict[str, Any]:
    """The values of `adapt.html`.

    Args:
        base: below which records are minted. hub: address of the hub that takes what is made; may be
            empty.
    """
    data = _shared(base, hub, language) | {
        "package": {"id": package.thing.iri, "label": str(package.title)},
        "madeUp": package.illustrative,
        "fates": {c.key: c.iri for c in vocabulary.shipped()[f"{PREFIXES['nics']}fate"].concepts},
    }
    return {
        "p": package,
        "facets": facets(language, {f.id for f in package.thing.all("field")}),
        "kinds": [kind for kind, classes in KINDS if package.of(*classes)],
        "hub": hub,
        "data": script(data),
    }


def elements_script(package: Package, views: Views) -> bytes:
    """The file `ELEMENTS`: what a reader can keep, change or drop, with the steps of each idea.

    A package of sixty ideas has more text than a page may weigh, and a script can be had from a disk.
    """
    found = [
        _element(kind, thing, views) for kind, classes in KINDS for thing in package.of(*classes)
    ]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return f"window.warrantedElements={text};\n".encode()


def report_values(language: Language, *, base: str, hub: str = "") -> dict[str, Any]:
    """The values of `report.html`, which serves every idea: the idea is in the address."""
    asked = list(questions(language))
    parts = {f.key: f.part for f in _form().fields() if f.part is not None}
    above = {q.key.partition(".")[0] for q in asked if "." in q.key}
    data = _shared(base, hub, language) | {
        "kinds": {q.key: q.widget for q in asked},
        "parts": {k: name_of(parts[k].cls) for k in sorted(above)},
        "done": DONE,
    }
    stage = _form().field("stage")
    assert stage is not None  # every test has one
    return {
        "sections": [(s, [q for q in asked if _section(q.key) == s]) for s in SECTIONS],
        "done": DONE,
        "stages": _options(stage, terms.words(language.code)),
        "facets": facets(language),
        "hub": hub,
        "data": script(data),
    }


def report_link(idea: Thing, views: Views) -> str:
    """Where an idea's test is reported, from the site's root: the page, with all it has to know of the
    idea in its address, so that one page serves every idea and works from a file, too."""
    said: list[tuple[str, str]] = [("idea", idea.id), ("label", str(idea.label))]
    said += [("v", f"{v.id}|{v.label}") for v in _newest_first(idea, views)]
    said += [("m", f"{m.id}|{m.label}") for m in measures(idea, views)]
    if is_made_up(idea):
        said.append(("made-up", "1"))
    return f"report/index.html?{urlencode(said)}"


def measures(idea: Thing, views: Views) -> list[Thing]:
    """The measures a prediction about the idea may name: the idea's own and its drivers'; where none
    is stated, its packages'."""
    found = {m.iri: m for m in idea.all("trackedBy")}
    for driver in idea.all("addressesDriver"):
        found |= {m.iri: m for m in driver.all("trackedBy") if m.iri not in found}
    if not found:
        found = {m.iri: m for p in views.packages_with(idea) for m in p.measures}
    return list(found.values())


def questions(language: Language) -> Iterator[Asked]:
    """The questions of a report, from the shapes' form of a PDSA cycle."""
    words = terms.words(language.code)
    for section in _form().sections:
        if section.label not in SECTIONS:
            continue
        for field in section.fields:
            if field.key in ELSEWHERE:
                continue
            if field.part is None:
                yield _asked(field, field.key, words)
                continue
            for inner in field.part.sections:
                if inner.label in SECTIONS:
                    for f in inner.fields:
                        yield _asked(f, f"{field.key}.{f.key}", words)


def facets(language: Language, fields: Collection[str] = ()) -> tuple[Facet, ...]:
    """What can be said of a place, by the schemes that are context facets: those of any place first,
    then field by field. `fields`: keys of the fields of practice that matter; all where none is given."""
    words = terms.words(language.code)
    known = [scheme for scheme in vocabulary.shipped().values() if scheme.is_facet]
    asked = [s for s in known if not fields or s.field in ("", *fields)]
    return tuple(
        Facet(
            scheme.key,
            (words.label(scheme.iri) or scheme.label).partition(" (")[0],
            tuple((c.iri, words.label(c.iri) or c.label) for c in scheme.concepts),
        )
        for scheme in sorted(asked, key=lambda s: s.field)
    )


def script(data: dict[str, Any]) -> Markup:
    """JSON that may stand in a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(char, escape)
    return Markup(text)  # noqa: S704 - what could end the element is escaped above


def _shared(base: str, hub: str, language: Language) -> dict[str, Any]:
    return {
        "base": base,
        "hub": hub.rstrip("/"),
        "context": CONTEXT_IRI,
        "prefixes": {name: PREFIXES[name] for name in _PREFIXES},
        "scheme": PREFIXES["nics"],
        "language": language.code,
    }


@lru_cache(maxsize=1)
def _form() -> Any:
    return forms_of("test")[0]


def _section(key: str) -> str:
    """The section that a question stands in."""
    for section in _form().sections:
        for field in section.fields:
            if field.key == key.partition(".")[0]:
                return str(section.label)
    raise KeyError(key)


def _asked(field: FormField, key: str, words: terms.Words) -> Asked:
    shape = shape_of(field)
    return Asked(
        key=key,
        widget="measure" if field.types == ("measure",) else field.widget,
        name=words.label(shape) or field.name,
        help=words.definition(shape) or field.help,
        options=_options(field, words),
        required=field.required and key not in DONE,
        wanted=field.required or field.advised in ("Violation", "Warning"),
        longest=field.longest,
    )


def shape_of(field: FormField) -> str:
    """The property shape that names a field."""
    for cls in ("PDSACycle", "Prediction", "TestFinding"):
        for known in shape_model.shipped().types[NIC + cls].fields:
            if known.path == field.path and known.name == field.name:
                return known.shapes[0]
    raise KeyError(field.path)


def _options(field: FormField, words: terms.Words) -> tuple[Option, ...]:
    return tuple(
        Option(o.value, words.label(o.value) or o.label, words.definition(o.value) or o.help)
        for o in field.options
    )


def _element(kind: str, thing: Thing, views: Views) -> dict[str, Any]:
    """One element of a package, as the page's script has it."""
    found: dict[str, Any] = {
        "kind": kind,
        "id": thing.iri,
        "type": next(iter(sorted(thing.classes()))),
        "label": str(thing.label),
    }
    if kind == "driver":
        found["up"] = [above.iri for above in thing.all("contributesTo")]
    if kind == "idea":
        found["up"] = [driver.iri for driver in thing.all("addressesDriver")]
        for version in _newest_first(thing, views)[:1]:
            found["version"] = {"id": version.iri, "label": str(version.label)}
            found["parts"] = _parts(version.all("hasComponent"))
    return found


def _parts(components: Iterable[Thing]) -> list[dict[str, Any]]:
    return [{"id": c.iri, "label": str(c.label), "core": c.flag("isCore")} for c in components]


def _newest_first(idea: Thing, views: Views) -> list[Thing]:
    """The idea's versions that no other revises, then those before them."""
    versions = views.versions_of(idea)
    revised = {v.iri for one in versions for v in one.all("revises")}
    revised |= {v.iri for one in versions for v in one.all("inheritsEvidenceFrom")}
    return [
        *(v for v in reversed(versions) if v.iri not in revised),
        *(v for v in reversed(versions) if v.iri in revised),
    ]
