"""Every valid example is judged clean; every invalid one fails for exactly the reason it states."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import resources
from warranted.namespaces import PREFIXES, SHAPES
from warranted.records import Record
from warranted.validation import NEIGHBOUR_PROPERTIES, Result, validate

EXAMPLES = resources.shapes() / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.ttl"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.ttl"))
EXPECT = re.compile(r"# expect: <(\S+)> (\S+) nsh:(\S+) (Violation|Warning|Info) sh:(\w+)")
MORE = PREFIXES | {"foaf": "http://xmlns.com/foaf/0.1/"}


def triples(file: Path) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(path=file, format=ox.RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def known() -> dict[str, list[ox.Triple]]:
    """What the valid examples and the schemes say of each IRI, as far as shapes look."""
    found = defaultdict(list)
    schemes = sorted((resources.ontology() / "schemes").glob("*.ttl"))
    for file in [*VALID, *schemes]:
        for triple in triples(file):
            if triple.predicate.value in NEIGHBOUR_PROPERTIES:
                found[str(triple.subject)].append(triple)
    return found


def judge(file: Path, known: dict[str, list[ox.Triple]]) -> list[Result]:
    record = triples(file)
    own = {str(t.subject) for t in record}
    near = [t for r in record for t in known.get(str(r.object), []) if str(r.object) not in own]
    near += [t for n in near for t in known.get(str(n.object), [])]
    iri = min((t.subject.value for t in record), key=len).partition("#")[0]
    return validate(Record(iri, iri.split("/")[-2], tuple(record)), near)


@pytest.mark.parametrize("file", VALID, ids=lambda f: f.stem)
def test_valid_example_is_clean(file: Path, known: dict[str, list[ox.Triple]]) -> None:
    assert [r.message for r in judge(file, known)] == []


@pytest.mark.parametrize("file", INVALID, ids=lambda f: f"{f.parts[-3]}-{f.stem}")
def test_invalid_example_fails_for_its_reason(
    file: Path, known: dict[str, list[ox.Triple]]
) -> None:
    match = EXPECT.match(file.read_text(encoding="utf-8"))
    assert match, f"{file.name} does not begin with an '# expect:' line"
    focus, path, shape, severity, constraint = match.groups()
    prefix, _, name = path.partition(":")
    wanted = (
        f"https://example.org/id/{focus}",
        MORE[prefix] + name,
        SHAPES + shape,
        severity,
        constraint,
    )
    results = judge(file, known)
    assert wanted in {(r.focus, r.path, r.shape, r.severity, r.constraint) for r in results}
    others = [r for r in results if r.path != wanted[1] and r.severity in ("Violation", "Warning")]
    assert not others, f"fails for more than its reason: {others[0].message}"
