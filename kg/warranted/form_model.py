"""What a form for a record shows: sections, fields, widgets, choices, help and examples.

Made from the shapes and the schemes alone. A page of the hub, an import template and the docs' field
tables all read it, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from warranted import shape_model, vocabulary
from warranted.context import terms_of
from warranted.json_schema import name_of
from warranted.namespaces import RECORD_CLASSES, TYPE_OF_CLASS, XSD
from warranted.record_types import Field, RecordType, Rule
from warranted.records import known

ONE_LINE = 140
"""Characters up to which a text gets one line; longer ones get a box."""

DEEPEST = 4
"""Parts within parts that a form shows; a record can hold more."""

TYPED = {
    f"{XSD}boolean": "yes-no",
    f"{XSD}date": "date",
    f"{XSD}dateTime": "moment",
    f"{XSD}integer": "whole-number",
    f"{XSD}decimal": "number",
    f"{XSD}anyURI": "address",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: what is stored, what is shown, what it means."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        key: its name in the record's JSON.
        widget: `line`, `box`, `number`, `whole-number`, `date`, `moment`, `yes-no`, `address`, `choose`
            (one of `options`), `record` (an existing record of one of `types`), `part` (the form
            `part` within this one) or `iri`.
        required: the record is refused without it.
        advised: severity at which it is asked for without being required, with `advice` to say why.
        several: it may have more than one value.
        languages: it may have one value a language.
        longest: characters a text may have; `shortest`: those it should have.
    """

    key: str
    path: str
    name: str
    help: str
    example: str | None
    widget: str
    required: bool = False
    advised: str | None = None
    advice: str | None = None
    several: bool = False
    languages: bool = False
    longest: int | None = None
    shortest: int | None = None
    least: str | None = None
    options: tuple[Option, ...] = ()
    types: tuple[str, ...] = ()
    part: Form | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The fields under one heading."""

    label: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one class of record, or of part."""

    cls: str
    label: str
    sections: tuple[Section, ...]

    def fields(self) -> Iterator[FormField]:
        """Every field, in the order of the form."""
        for section in self.sections:
            yield from section.fields

    def field(self, key: str) -> FormField | None:
        """The field with that name in JSON, or None."""
        return next((f for f in self.fields() if f.key == key), None)

    def as_json(self) -> dict[str, Any]:
        """The form as plain values, for a page's script."""
        return {
            "class": name_of(self.cls),
            "label": self.label,
            "sections": [
                {"label": s.label, "fields": [_json(f) for f in s.fields]} for s in self.sections
            ],
        }


def _json(field: FormField) -> dict[str, Any]:
    made: dict[str, Any] = {
        "key": field.key,
        "name": field.name,
        "help": field.help,
        "widget": field.widget,
    }
    for name in ("example", "advised", "advice", "longest", "shortest", "least"):
        if (value := getattr(field, name)) is not None:
            made[name] = value
    for name in ("required", "several", "languages"):
        if getattr(field, name):
            made[name] = True
    if field.options:
        made["options"] = [
            {"value": o.value, "label": o.label, "help": o.help} for o in field.options
        ]
    if field.types:
        made["types"] = list(field.types)
    if field.part:
        made["part"] = field.part.as_json()
    return made


def forms_of(
    type_: str,
    model: shape_model.ShapeModel | None = None,
    schemes: Mapping[str, vocabulary.Scheme] | None = None,
) -> list[Form]:
    """The forms of a record type, one a class: a test has one for PDSA cycles, one for reports.

    Args:
        type_: a record type, such as `test`.
        model, schemes: the shapes and the schemes; those that ship if None.

    Raises:
        UnknownType: there is no such record type.
    """
    known(type_)
    maker = _Maker(model or shape_model.shipped(), schemes or vocabulary.shipped())
    own = [t for t in maker.model.types.values() if TYPE_OF_CLASS.get(t.cls) == type_]
    order = RECORD_CLASSES[type_]
    own.sort(key=lambda t: order.index(name_of(t.cls)))
    return [maker.form(t, 0) for t in own]


class _Maker:
    def __init__(
        self, model: shape_model.ShapeModel, schemes: Mapping[str, vocabulary.Scheme]
    ) -> None:
        self.model = model
        self.schemes = schemes
        self.terms = terms_of(model)
        self.parents = dict(shape_model.subclasses())

    def form(self, of: RecordType, depth: int) -> Form:
        sections: dict[str, list[FormField]] = {}
        asked = {r.path: r for r in reversed(of.rules) if r.severity != "Info"}
        for field in of.fields:
            sections.setdefault(field.group, []).append(self.field(field, asked, depth))
        return Form(of.cls, of.label, tuple(Section(k, tuple(v)) for k, v in sections.items()))

    def field(self, field: Field, asked: Mapping[str, Rule], depth: int) -> FormField:
        part = self.part(field)
        rule = asked.get(field.path)
        advised, advice = field.wanted, field.advice
        if advised is None and not field.min_count and rule is not None:
            advised, advice = rule.severity, rule.message
        return FormField(
            key=self.terms[field.path],
            path=field.path,
            name=field.name,
            help=field.description,
            example=self.example(field),
            widget=self.widget(field, part, depth),
            required=bool(field.min_count),
            advised=advised,
            advice=advice,
            several=field.max_count != 1 and not field.unique_lang,
            languages=field.unique_lang,
            longest=field.max_length,
            shortest=field.wanted_length,
            least=None if field.min_inclusive is None else str(field.min_inclusive),
            options=tuple(self.options(field)),
            types=self.types(field) if not part else (),
            part=self.form(part, depth + 1) if part and depth < DEEPEST else None,
        )

    def widget(self, field: Field, part: RecordType | None, depth: int) -> str:
        if field.scheme or field.choices or field.facet:
            return "choose"
        if field.is_iri:
            if part:
                return "part" if depth < DEEPEST else "iri"
            return "record" if self.types(field) else "iri"
        if field.datatype in TYPED:
            return TYPED[str(field.datatype)]
        return "line" if (field.max_length or ONE_LINE + 1) <= ONE_LINE else "box"

    def options(self, field: Field) -> Iterator[Option]:
        if field.facet:
            for facet in self.schemes.values():
                if facet.is_facet:
                    name = facet.label.removesuffix(" (context facet)")
                    for c in facet.concepts:
                        yield Option(c.iri, f"{name}: {c.label}", c.definition)
        elif scheme := self.schemes.get(field.scheme or ""):
            for concept in scheme.concepts:
                yield Option(concept.iri, concept.label, concept.definition)
        for choice in field.choices:
            yield Option(choice, choice)

    def example(self, field: Field) -> str | None:
        """The example in the words of the form: a choice by its label."""
        scheme = self.schemes.get(field.scheme or "")
        concept = scheme.of(field.example or "") if scheme else None
        if concept:
            return concept.label
        if field.datatype == f"{XSD}boolean" and field.example:
            return "yes" if field.example == "true" else "no"
        return field.example

    def types(self, field: Field) -> tuple[str, ...]:
        """The record types whose records the field can name."""
        if field.cls is None:
            return ()
        classes = {field.cls} | {c for c, p in self.parents.items() if p == field.cls}
        return tuple(sorted({TYPE_OF_CLASS[c] for c in classes if c in TYPE_OF_CLASS}))

    def part(self, field: Field) -> RecordType | None:
        """The type of the part that the field embeds, or None."""
        cls = field.cls
        while cls is not None and cls not in self.model.types:
            cls = self.parents.get(cls)
        return None if cls is None or self.types(field) else self.model.types[cls]
