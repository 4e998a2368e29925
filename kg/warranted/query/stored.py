"""Stored queries with typed parameters: the competency questions, asked by name.

A parameter is a slot of the query (`queries.Query.slots`). Its type is that of its value in the
question's example; a slot without one takes an IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyoxigraph as ox

from warranted.errors import InputError, NotFound
from warranted.namespaces import XSD
from warranted.queries import Term
from warranted.questions import Question, questions

MOST: Final = 100
"""Values of one parameter."""
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_SHORT: Final = re.compile(r"(?:id|scheme)(?:/[A-Za-z0-9_.-]+)+")
_SCHEMA: Final[Mapping[str, dict[str, Any]]] = {
    "iri": {"type": "string", "format": "iri-reference"},
    "string": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `kind` is iri, string, date, integer or decimal; `example`: a value, or None."""

    name: str
    kind: str
    example: str | None

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        made = dict(_SCHEMA[self.kind])
        if self.example is not None:
            made["examples"] = [int(self.example) if self.kind == "integer" else self.example]
        return made

    def term(self, text: str, base: str) -> Term:
        """The value that `text` means; `id/…` and `scheme/…` are short for IRIs below `base`.

        Raises:
            InputError: it is none of this type; it names the parameter.
        """
        if self.kind == "iri":
            if _SHORT.fullmatch(text):
                return ox.NamedNode(f"{base}/{text}")
            if _IRI.fullmatch(text):
                return ox.NamedNode(text)
            raise self._wrong("an IRI, whole or short, such as id/idea/7qf3-c1")
        try:
            if self.kind == "date":
                date.fromisoformat(text)
            elif self.kind == "integer":
                int(text if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else "none")
            elif self.kind == "decimal" and not Decimal(text).is_finite():
                raise InvalidOperation
        except (ValueError, InvalidOperation) as error:
            kinds = {"date": "a date, YYYY-MM-DD", "integer": "a whole number"}
            raise self._wrong(kinds.get(self.kind, "a number")) from error
        if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text):
            raise self._wrong("text without control characters")
        return ox.Literal(text, datatype=ox.NamedNode(f"{XSD}{self.kind}"))

    def _wrong(self, wanted: str) -> InputError:
        return InputError(f"'{self.name}' should be {wanted}.", field=self.name)


def stored(name: str) -> Question:
    """The stored query of that name, or of the number it begins with (`cq05`).

    Raises:
        NotFound: there is none.
    """
    for question in questions():
        if name in (question.key, question.key.partition("-")[0]):
            return question
    raise NotFound(f"There is no stored query '{name[:60]}'.", fix="See /queries/ for those.")


def parameters(question: Question) -> tuple[Parameter, ...]:
    """The parameters of a stored query."""
    return tuple(_parameter(slot, question.example.get(slot)) for slot in question.query.slots)


def bound(question: Question, given: Mapping[str, Sequence[str]], base: str) -> str:
    """The query with values for its parameters; a parameter that is not given stays open.

    Args:
        given: the values of each parameter, one or several.

    Raises:
        InputError: there is no such parameter, or a value is of another type; it names it.
    """
    known = {p.name: p for p in parameters(question)}
    terms: dict[str, tuple[Term, ...]] = {}
    for name, values in given.items():
        if name not in known:
            listed = f"It has: {', '.join(known)}." if known else "It has none."
            raise InputError(
                f"This query has no parameter '{name[:40]}'.", field=name[:40], fix=listed
            )
        if len(values) > MOST:
            raise InputError(f"'{name}' has more than {MOST} values.", field=name)
        terms[name] = tuple(known[name].term(value, base) for value in values)
    return question.query.bind(**terms)


def _parameter(slot: str, example: Term | None) -> Parameter:
    if not isinstance(example, ox.Literal):
        short = None if example is None else re.sub(r"^.*/(?=(?:id|scheme)/)", "", example.value)
        return Parameter(slot, "iri", short)
    kind = example.datatype.value.removeprefix(XSD)
    return Parameter(slot, kind if kind in _SCHEMA else "string", example.value)
