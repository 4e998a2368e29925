"""What the shapes say of records, as values: types, their fields, what must hold between fields.

Everything in them is read from the SHACL (see `shape_model`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a record type, as its property shapes describe it."""

    path: str
    """IRI of the property."""
    name: str
    """What a form calls it."""
    description: str
    group: str
    """Label of the form's section."""
    order: tuple[int, int]
    """(order of the section, order within it)."""
    datatype: str | None = None
    """IRI of the literal's datatype; None for text that may carry a language, and for IRIs."""
    cls: str | None = None
    """IRI of the class a value must have."""
    scheme: str | None = None
    """IRI of the scheme a value must be from."""
    is_iri: bool = False
    choices: tuple[str, ...] = ()
    min_count: int = 0
    max_count: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_inclusive: Decimal | None = None
    unique_lang: bool = False
    """Whether it may have one value a language, and no more."""
    not_above: str | None = None
    """IRI of the property whose value this one's may not exceed."""
    facet: bool = False
    """Whether a value is one of any context facet."""
    forbidden: tuple[str, ...] = ()
    """Patterns that a text may not match (contact details)."""
    taken: tuple[str, ...] = ()
    """Values that may not be used."""
    example: str | None = None
    """A value that conforms: a literal's text, or an IRI."""
    message: str = ""
    """What is said when the field breaks its shape."""
    shapes: tuple[str, ...] = ()
    """IRIs of the property shapes on this path, hardest severity first."""
    wanted: str | None = None
    """Severity at which the field is asked for without being required, if it is."""
    wanted_length: int | None = None
    """Characters a text should have, where a warning asks for more than the shape requires."""
    advice: str | None = None
    """What is said when the field is asked for and missing."""

    @property
    def key(self) -> str:
        """Short name: the last part of the property's IRI."""
        return self.path.rpartition("#")[2].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Has:
    """The property has that value (an IRI, or a literal's text)."""

    path: str
    value: str
    is_iri: bool


@dataclass(frozen=True, slots=True)
class Count:
    """The property has at least `least` values, and at most `most`."""

    path: str
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Longest:
    """No value of the property is longer than `most` characters."""

    path: str
    most: int


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    of: Condition


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the conditions holds."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All conditions hold."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something this model has no words for; `why` says what."""

    why: str


Condition = Has | Count | Longest | Not | AnyOf | AllOf | Beyond


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that a record of the type must meet, about the field on `path`."""

    shape: str
    path: str
    name: str
    description: str
    severity: str
    message: str
    must: Condition


@dataclass(frozen=True, slots=True)
class RecordType:
    """A node shape with a target class: a record, or a part embedded in one."""

    shape: str
    cls: str
    label: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()

    def field(self, path: str) -> Field | None:
        """The field on that property, or None."""
        return next((f for f in self.fields if f.path == path), None)


@dataclass(frozen=True, slots=True)
class ShapeInfo:
    """What a validation result says of the shape it came from."""

    name: str | None
    path: str | None
    message: str | None
    severity: str
    group: str
    order: tuple[int, int]
    holds: bool
    """Whether a warning holds a release back; false for what is past and cannot be put right."""
