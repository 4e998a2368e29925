"""A record by a form: the questions of some sections of its form, and a record from their answers.

The questions, their help, choices and limits are those of the form model, which has them from the
shapes. Parts that a record has once (a prediction, a finding) are asked about in place.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from warranted import jsonld_io, records
from warranted.form_model import Form, FormField, forms_of
from warranted.json_schema import name_of
from warranted.namespaces import PREFIXES
from warranted.records import Record

LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `key` is the way to the field in the record's JSON, with dots."""

    key: str
    field: FormField
    section: str

    @property
    def wanted(self) -> bool:
        """Whether it is asked first: the record needs it, or is asked for it."""
        return self.field.required or self.field.advised in ("Violation", "Warning")


def questions(form: Form, sections: Collection[str]) -> list[Question]:
    """The questions of these sections, in the order of the form."""
    found: list[Question] = []
    for section in form.sections:
        if section.label in sections:
            for field in section.fields:
                found += _asked(field, field.key, section.label)
    return found


def _asked(field: FormField, key: str, section: str) -> Iterator[Question]:
    if field.part is None:
        yield Question(key, field, section)
    elif not field.several:
        for inner in field.part.fields():
            if inner.part is None:
                yield Question(f"{key}.{inner.key}", inner, section)


def answers(record: Record, asked: Collection[Question]) -> dict[str, str]:
    """What a record says to these questions, as a form shows it: the first of several values."""
    tree = jsonld_io.tree(record.triples, record.iri)
    found = {}
    for question in asked:
        value: Any = tree
        for key in question.key.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, dict):
            value = value.get("@value", value.get("id"))
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value is not None:
            found[question.key] = _whole(str(value))
    return found


def filled(
    type_: str, iri: str, asked: Collection[Question], given: Mapping[str, str], old: Record | None
) -> Record:
    """The record with these answers; what was not asked stays as `old` has it.

    Args:
        given: question key → what was written or chosen; empty takes the value out.

    Raises:
        InputError, ParseError: an answer cannot be what the field holds; it names the field.
    """
    form = forms_of(type_)[0]
    tree: dict[str, Any] = {"id": iri, "type": name_of(form.cls)}
    if old is not None:
        tree = jsonld_io.tree(old.triples, old.iri)
    parts = {f.key: f.part for f in form.fields() if f.part is not None}
    for question in asked:
        above, _, key = question.key.rpartition(".")
        text = given.get(question.key, "").strip()
        node = tree
        if above:
            part = parts[above]
            if above not in tree:
                if not text:
                    continue
                tree[above] = {"id": f"{iri}#{_fragment(above)}", "type": name_of(part.cls)}
            node = tree[above][0] if isinstance(tree[above], list) else tree[above]
        if text:
            node[key] = _value(question.field, text)
        else:
            node.pop(key, None)
    for key, part in parts.items():  # a part that says nothing is none
        if (
            part is not None
            and isinstance(tree.get(key), dict)
            and set(tree[key]) <= {"id", "type"}
        ):
            del tree[key]
    tree.pop("@context", None)
    quads = jsonld_io.to_quads(json.dumps(tree), name="form", base=iri)
    return records.split(quads, base=iri.partition("/id/")[0])[0]


def _value(field: FormField, text: str) -> Any:
    if field.widget == "yes-no":
        return text == "yes"
    if field.languages:
        return {"@value": text, "@language": LANGUAGE}
    return text


def _whole(text: str) -> str:
    prefix, colon, rest = text.partition(":")
    return PREFIXES[prefix] + rest if colon and prefix in PREFIXES else text


def _fragment(key: str) -> str:
    plain = key.removeprefix("has")
    return plain[:1].lower() + plain[1:]
