"""Raising a level keeps to the numbers of the policy it is made under."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from warranted import neighbourhood, resources, validation
from warranted.namespaces import SCHEME
from warranted.neighbourhood import Index
from warranted.records import Record

BASE = "https://example.org/id/"
WORLD = """@base <https://example.org/id/> . @prefix nic: <https://w3id.org/warranted/ns#> .
<assessment/a1> a nic:ComputedAssessment ;
    nic:warrantLevel <https://w3id.org/warranted/scheme/warrant/tried> .
<idea/i1> a nic:ChangeIdea . <claim/c1> a nic:EffectivenessClaim . <evidence/e1> a nic:ExternalEvidence .
<policy/p1> a nic:WarrantPolicy ;
    nic:maxRaise %s ; nic:minReviewersToRaise %s ; nic:minRationale %s ."""


def judged(raise_: int, reviewers: int, rationale: int, *changes: tuple[str, str]) -> list[str]:
    file = resources.shapes() / "examples/judgement/valid/judgement.ttl"
    text = file.read_text(encoding="utf-8").replace(
        "nic:aboutIdea", "nic:underPolicy <policy/p1> ;\n    nic:aboutIdea"
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    triples = tuple(q.triple for q in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    world = WORLD % (raise_, reviewers, rationale)
    near = Index(q.triple for q in ox.parse(world.encode(), format=ox.RdfFormat.TURTLE))
    record = Record(f"{BASE}judgement/j1", "judgement", triples)
    results = validation.validate(record, neighbourhood.neighbourhood(record, near))
    return [r.shape.rpartition("#")[2] for r in validation.violations(results)]


@pytest.mark.parametrize(
    ("raise_", "reviewers", "rationale", "refused"),
    [(1, 2, 80, False), (1, 3, 80, True), (1, 2, 500, True), (0, 2, 80, True)],
)
def test_the_policy_says_what_raising_needs(
    raise_: int, reviewers: int, rationale: int, refused: bool
) -> None:
    assert judged(raise_, reviewers, rationale) == (["raising"] if refused else [])


def test_a_laxer_policy_lets_more_through() -> None:
    two_steps = (f"{SCHEME}warrant/promising", f"{SCHEME}warrant/replicated")
    assert judged(1, 2, 80, two_steps) == ["raising"]
    assert judged(2, 2, 80, two_steps) == []


def test_the_originator_does_not_count_and_evidence_is_needed() -> None:
    own = (
        '"Hub analyst"@en ;\n    nic:isOriginator false',
        '"Hub analyst"@en ;\n    nic:isOriginator true',
    )
    assert judged(1, 2, 80, own) == ["raising"]
    assert judged(1, 1, 80, own) == []
    cited = ("    cito:citesAsEvidence <evidence/e1> ;\n", "")
    assert judged(1, 1, 1, cited) == ["raising"]
