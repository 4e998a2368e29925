"""Random records in our JSON-LD form: most conform, some break one rule or two."""

from __future__ import annotations

import random
from typing import Any

from warranted import json_schema, shape_model, vocabulary
from warranted.context import terms_of
from warranted.namespaces import NIC, TYPE_OF_CLASS, XSD
from warranted.record_types import Field, RecordType

MODEL = shape_model.shipped()
SCHEMES = vocabulary.shipped()
TERMS = terms_of(MODEL)
MAKER = json_schema._Maker(MODEL, SCHEMES, "")
THING = "https://example.org/id/"
ODD = (
    "",
    "x",
    "write to a@b.org",
    "call 555 123 4567",
    "2026-13-40",
    "2026-02-28",
    "nics:stage/complete",
    "nics:fate/kept",
    "not an IRI",
    "true",
    "12",
    "-3",
    "2.50",
    "half",
    "higher",
    "y" * 5000,
)


def record(type_: str, rng: random.Random) -> dict[str, Any]:
    """A record of that type; about every second one breaks something."""
    of = rng.choice([t for t in MODEL.types.values() if TYPE_OF_CLASS.get(t.cls) == type_])
    made = _object(of, rng, 0)
    made["id"] = f"{THING}{type_}/x1"
    for _ in range(rng.choice((0, 0, 1, 2))):
        _spoil(rng.choice(_objects(made)), rng)
    _name_parts(made)
    return made


def _object(of: RecordType, rng: random.Random, depth: int) -> dict[str, Any]:
    names = [json_schema.name_of(of.cls)]
    names += [json_schema.name_of(c) for c, p in shape_model.subclasses() if p == of.cls]
    made: dict[str, Any] = {"type": rng.choice(names)}
    asked = {r.path for r in of.rules if rng.random() < 0.7}
    for field in of.fields:
        if field.min_count or field.path in asked or rng.random() < 0.25:
            values = [_value(field, rng, depth) for _ in range(_how_many(field, rng))]
            values = [v for n, v in enumerate(values) if v not in values[:n]]
            single = len(values) == 1 and rng.random() < 0.8
            made[TERMS[field.path]] = values[0] if single else values
    return made


def _how_many(field: Field, rng: random.Random) -> int:
    if field.max_count == 1:
        return 1
    return rng.choice((1, 1, 2, 3)) + max(field.min_count - 1, 0)


def _value(field: Field, rng: random.Random, depth: int) -> Any:
    part = MAKER.part(field)
    if part is not None and depth < 3 and rng.random() < 0.8:
        made = _object(part, rng, depth + 1)
        if field.cls != part.cls:
            made["type"] = json_schema.name_of(field.cls or "")
        return made
    if field.scheme:
        named = rng.choice(SCHEMES[field.scheme].concepts).iri
        return rng.choice([*json_schema.forms(named), {"id": named}])
    if field.facet:
        facets = [s for s in SCHEMES.values() if s.is_facet]
        return rng.choice(rng.choice(facets).concepts).iri
    if field.is_iri:
        return f"{THING}idea/z{rng.randrange(9)}"
    if field.choices:
        return rng.choice(field.choices)
    if field.datatype == f"{XSD}boolean":
        return rng.choice((True, False, "true", "false", "1"))
    if field.datatype == f"{XSD}date":
        return f"20{rng.randrange(10, 30)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    if field.datatype == f"{XSD}dateTime":
        return f"2026-03-{rng.randrange(1, 29):02}T09:{rng.randrange(60):02}:00Z"
    if field.datatype == f"{XSD}integer":
        number = rng.randrange(1, 200)
        return rng.choice((number, str(number), f"+{number}"))
    if field.datatype == f"{XSD}decimal":
        return rng.choice((rng.randrange(100), 2.5, "2.040", "-0.1", "7."))
    text = field.example or "some words"
    if field.path.endswith("slug"):
        text = rng.choice(("algebra-talk", "a", "data", "x1", "-no"))
    if field.datatype:
        return text
    return rng.choice((text, {"@value": text, "@language": "en"}))


def _objects(made: dict[str, Any]) -> list[dict[str, Any]]:
    found = [made]
    for value in made.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and "type" in one:
                found += _objects(one)
    return found


def _spoil(made: dict[str, Any], rng: random.Random) -> None:
    keys = [k for k in made if k not in ("id", "type")]
    fields = [f for t in MODEL.types.values() for f in t.fields]
    match rng.randrange(5):
        case 0 if keys:
            del made[rng.choice(keys)]
        case 1 if keys:
            made[rng.choice(keys)] = rng.choice(ODD)
        case 2 if keys:
            key = rng.choice(keys)
            held = made[key] if isinstance(made[key], list) else [made[key]]
            other = rng.choice(ODD)
            said = {str(v).lower() for v in held}  # true and "true" are one value
            made[key] = [*held, *([other] if str(other).lower() not in said else [])]
        case 3:  # a field of another type
            field = rng.choice(fields)
            made.setdefault(TERMS[field.path], _value(field, rng, 3))
        case _:
            made["type"] = rng.choice(
                sorted(c.removeprefix(NIC) for c in MODEL.types if c.startswith(NIC))
            )


def _name_parts(made: dict[str, Any]) -> None:
    for number, part in enumerate(_objects(made)[1:], 1):
        part["id"] = f"{made['id']}#part-{number}"
