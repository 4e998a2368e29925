"""JSON Schema and SHACL agree on what is a record, but for what is listed."""

from __future__ import annotations

import json
import os
import random
from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
from jsonschema import Draft202012Validator
from random_records import MODEL, THING, record

from warranted import json_schema, neighbourhood, rdfio, records, shape_model, validation
from warranted.errors import WarrantedError
from warranted.namespaces import RDF, RECORD_CLASSES

EACH = int(os.environ.get("WARRANTED_RANDOM_RECORDS", "60"))
"""Random records a type. The suite runs some; 1,000 take about five minutes."""

_TYPE = ox.NamedNode(f"{RDF}type")


@cache
def schema(type_: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema.schema(type_))


def by_shapes(found: dict[str, Any]) -> list[str]:
    """Why the shapes refuse it; empty if they take it. What it names is of every class."""
    try:
        text = json.dumps(found).encode()
        quads = rdfio.parse(text, rdfio.Format.JSONLD, name="record", base=found["id"])
        made = records.split(quads, base="https://example.org")
    except WarrantedError as error:
        return [str(error)]
    if [r.iri for r in made] != [found["id"]]:
        return ["it is more than one record"]
    near = list(neighbourhood.neighbourhood(made[0]))
    own = {t.subject for t in made[0].triples}
    named = {t.object for t in made[0].triples if isinstance(t.object, ox.NamedNode)} - own
    pairs = shape_model.subclasses()
    classes = [ox.NamedNode(c) for c in {*MODEL.types, *(c for p in pairs for c in p)}]
    for thing in named:
        if thing.value.startswith(THING):
            near += [ox.Triple(thing, _TYPE, c) for c in classes]
    results = validation.validate(made[0], near)
    return [f"{r.constraint} {r.message}" for r in validation.violations(results)]


def beyond(reasons: list[str], type_: str) -> bool:
    """Whether all reasons are among the differences that are listed."""
    listed = " ".join(json_schema.differences(type_))
    return all(
        r.startswith("ClassConstraintComponent")
        or (
            r.startswith("OrConstraintComponent") and "choose an existing" in r
        )  # one of two classes
        or r.partition(" ")[2] in listed
        for r in reasons
    )


@pytest.mark.parametrize("type_", RECORD_CLASSES)
def test_schema_is_a_schema_and_takes_the_valid_examples(type_: str) -> None:
    Draft202012Validator.check_schema(json_schema.schema(type_))


@pytest.mark.parametrize("type_", RECORD_CLASSES)
def test_schema_and_shapes_agree(type_: str) -> None:
    rng = random.Random(f"{type_} 1")
    taken = 0
    for number in range(EACH):
        found = record(type_, rng)
        by_schema = [e.message for e in schema(type_).iter_errors(found)]
        refused = by_shapes(found)
        taken += not refused
        if bool(by_schema) != bool(refused) and not (not by_schema and beyond(refused, type_)):
            pytest.fail(
                f"record {number} of type {type_}: JSON Schema says {by_schema[:2] or 'yes'}, "
                f"the shapes say {refused[:2] or 'yes'}:\n{json.dumps(found, indent=1)}"
            )
    assert EACH // 10 <= taken <= EACH * 9 // 10, "the random records are all of one kind"
