"""Blank PDSA forms, a page an idea: what the shapes ask of a cycle, with the idea already filled in.

Sections, labels, choices and what is required come from the form model and so from the SHACL; a field
that is added to the shape is on the form of the next release.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from warranted import form_model
from warranted.form_model import Form, FormField
from warranted.language import ENGLISH, Language, terms
from warranted_site.adapting import shape_of
from warranted_site.takeaway.ideas import steps
from warranted_site.takeaway.subject import Say, Subject, current, cut, sentence
from warranted_site.things import Thing

SECTIONS: Final = ("Plan", "Do", "Study", "Act")
"""Headings of the shape's groups that a team fills in; the others are a curator's."""

COMPUTED: Final = frozenset(["direction"])
"""What a rule derives from the other fields."""

WANTED, CORE = 500, 6
"""Characters said of the test wanted, and core steps repeated, on a form."""

BOXES: Final = frozenset(["box", "iri"])


@lru_cache(maxsize=1)
def cycle() -> Form:
    """The form of a PDSA cycle, as the shapes that ship have it."""
    return next(f for f in form_model.forms_of("test") if f.cls.endswith("#PDSACycle"))


def asked(say: Say, language: Language = ENGLISH) -> list[dict[str, Any]]:
    """The sections of the form with their fields, as `forms.typ` draws them, in a language."""
    words = terms.words(language.code)
    named = {"Plan": say("Plan"), "Do": say("Do"), "Study": say("Study"), "Act": say("Act")}
    return [
        {"label": named[label], "fields": [_asked(say, field, words) for field in fields]}
        for label, fields in sections(cycle())
    ]


def forms(subject: Subject, known: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The values of `forms.typ`. `known`: what `asked` gave, if it was called."""
    say = subject.say
    title = say("PDSA forms: %(package)s", package=subject.package.title)
    return subject.frame(title) | {
        "words": {
            "form": say("PDSA cycle"),
            "wanted": say("The smallest test wanted"),
            "steps": say("Core steps: do these as they are"),
            "legend": say("* is needed for the record; ○ is asked for."),
            "day": say("year – month – day"),
        },
        "sections": asked(say, subject.language) if known is None else known,
        "forms": [_form(subject, idea) for idea in subject.package.ideas],
    }


def _form(s: Subject, idea: Thing) -> dict[str, Any]:
    version = current(s.views.versions_of(idea))
    need, say = s.views.wanted[idea.iri], s.say
    core = [cut(step["text"]) for step in steps(s, version) if step["core"]] if version else []
    filled = {
        "tests": cut(version.label)
        if version
        else say("%(idea)s, as its sources tell it", idea=idea.label),
        "ofMeasure": cut("; ".join(m.label for m in suggested(idea))),
    }
    return {
        "title": cut(idea.label),
        "iri": version.iri if version else idea.iri,
        "wanted": cut(sentence(need.words), WANTED),
        "core": core[:CORE],
        "left-out": say("… and %(n)s more on its page.", n=len(core) - CORE) if core[CORE:] else "",
        "filled": filled,
    }


def suggested(idea: Thing) -> list[Thing]:
    """The measures the idea is tracked by, else those of the drivers it acts on."""
    own = idea.all("trackedBy")
    if own:
        return own
    found = {m.iri: m for d in idea.all("addressesDriver") for m in d.all("trackedBy")}
    return list(found.values())


def sections(form: Form) -> Iterator[tuple[str, list[FormField]]]:
    """The headings of a cycle with their fields; those of its parts stand under the part's heading."""
    for section in form.sections:
        if section.label in SECTIONS:
            yield (
                section.label,
                [f for field in section.fields for f in _open(field, section.label)],
            )


def _open(field: FormField, label: str) -> Iterator[FormField]:
    if field.part is None:
        if field.key not in COMPUTED:
            yield field
        return
    for section in field.part.sections:
        if section.label == label:
            for inner in section.fields:
                yield from _open(inner, label)


def _asked(say: Say, field: FormField, words: terms.Words) -> dict[str, Any]:
    options = [words.label(option.value) or option.label for option in field.options]
    if field.widget == "yes-no":
        options = [say("yes"), say("no")]
    return {
        "key": field.key,
        "name": words.label(shape_of(field)) or field.name,
        "need": "*" if field.required else "○" if field.advised in ("Violation", "Warning") else "",
        "options": options,
        "box": field.widget in BOXES,
        "day": field.widget in ("date", "moment"),
    }
