"""The rules as SPARQL agree with the rules in Python, in Oxigraph and in rdflib."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest
from queried import schemes
from test_invariants import BASE, IDEA, TODAY, _rdf, evidence

from warranted import checking, resources
from warranted.namespaces import NIC, RDF, ROOT, SCHEME, XSD
from warranted.warrant import Evidence, assess, default_policy, indicator_rules
from warranted.warrant.by_query import (
    ENGINES,
    Derived,
    rule,
    rule_names,
)
from warranted.warrant.model import Indicators, Outcome, Stage


def renamed(triples: Iterable[ox.Triple], number: int) -> list[ox.Triple]:
    """The triples with every record's address made that of body of evidence `number`."""

    def own(term: Any) -> Any:
        if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
            return ox.NamedNode(f"{BASE}{number}/" + term.value.removeprefix(BASE))
        return term

    return [ox.Triple(own(t.subject), t.predicate, own(t.object)) for t in triples]


def many(seeds: Iterable[int]) -> list[ox.Triple]:
    found = list(schemes())
    for seed in seeds:
        found += renamed(_rdf(evidence(Random(seed))), seed)
    return found


def differing(triples: list[ox.Triple], engine: str, day: date = TODAY) -> list[str]:
    derived = Derived(triples, default_policy(), day, engine)
    counted, ranks = derived.indicators(), derived.levels()
    found = []
    for idea, assessed in assess(triples, day).items():
        ours = assessed.indicators.to_json()
        for name, value in ours.items():
            said = counted[idea].get(name)
            if said != value and not (
                isinstance(value, float)
                and isinstance(said, int | float)
                and abs(said - value) <= 0.0001
            ):
                found.append(f"{idea} {name}: {value} by the rules, {said} by the query")
        if ranks[idea] != assessed.level.rank:
            found.append(
                f"{idea}: level {assessed.level.rank} by the rules, {ranks[idea]} by query"
            )
    return found


@pytest.mark.parametrize("batch", range(20))
def test_6_queries_in_oxigraph_give_the_same_for_ten_thousand_graphs(batch: int) -> None:
    triples = many(range(batch * 500, batch * 500 + 500))
    assert differing(triples, "oxigraph") == []


@pytest.mark.parametrize("batch", range(6))
def test_6_queries_in_rdflib_give_the_same(batch: int) -> None:
    # rdflib joins by nested loops: small graphs, and several of them
    assert differing(many(range(batch * 5, batch * 5 + 5)), "rdflib") == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_illustrative_package_is_read_alike(engine: str) -> None:
    records = checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=ROOT)
    triples = [*schemes(), *(t for r in records for t in r.triples)]
    assert differing(triples, engine, date(2026, 11, 23)) == []


def test_random_evidence_would_show_a_wrong_rule() -> None:
    """If the queries read another graph than the rules, the comparison says so."""
    triples = many(range(50))
    broken = [
        t
        for t in triples
        if not (t.predicate.value.endswith("#byOriginator") and str(t.object).startswith('"true'))
    ]
    derived = Derived(broken, default_policy(), TODAY)
    ours = assess(triples, TODAY)
    assert any(derived.indicators()[i]["I"] != a.indicators.I for i, a in ours.items())


def test_every_indicator_has_its_file_and_every_file_says_its_rule() -> None:
    names = set(rule_names())
    assert {f"indicator-{n}" for n in Indicators.names()} <= names
    assert {"direction", "latest", "counts", "verdict", "explained"} <= names
    assert {"criterion", "level", "set-aside"} <= names
    for name in names:
        query = rule(name)
        assert query.question.endswith("?"), name
        assert re.search(r"^# (Rule|Formula): ", query.text, re.MULTILINE), name
        lines = [ln for ln in query.text.splitlines() if not ln.startswith(("#", "PREFIX"))]
        assert len(lines) <= 45, f"{name}: keep it short enough to read"


CASES: dict[str, tuple[dict[str, Any], str | None]] = {
    # one test of change → the direction its reading has
    "not complete": ({"stage": Stage.PLANNED}, None),
    "unwanted effect": ({"harm": True}, "contradicts"),
    "not as planned": ({"as_planned": False}, "inconclusive"),
    "impression": ({"basis": 0}, "inconclusive"),
    "as predicted": ({}, "supports"),
    "late prediction": ({"in_time": False}, "partly"),
}


def one_test(**changed: Any) -> Evidence:
    plain: dict[str, Any] = {
        "harm": False,
        "as_planned": True,
        "basis": 2,
        "in_time": True,
        "people": 12,
        "by_originator": False,
    }
    found = next(e for s in range(999) if len((e := evidence(Random(s))).tests) > 1)
    values = plain | {"stage": Stage.COMPLETE, "outcome": Outcome.MET} | changed
    return replace(found, tests=(replace(found.tests[0], **values),), explained={}, inherits={})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES)
def test_direction_of_one_test(engine: str, case: str) -> None:
    changed, direction = CASES[case]
    triples = [*schemes(), *_rdf(one_test(**changed))]
    derived = Derived(triples, default_policy(), TODAY, engine)
    rows = derived.ask("direction")
    said = [r["direction"].removeprefix(f"{SCHEME}direction/") for r in rows]
    assert said == ([direction] if direction else [])
    supports = direction == "supports"
    counted = derived.indicators()[IDEA]
    assert counted["R_s"] == int(supports)
    assert counted["N"] == (12 if supports else 0)


def test_a_release_can_be_asked_by_the_same_queries() -> None:
    """The computed assessments hold what the rules read, so the indicator queries run on a release."""
    from warranted import warrant

    records = checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=ROOT)
    day = date(2026, 11, 23)
    computed = warrant.assessment_records(records, as_of=day, base=ROOT)
    store = ox.Store()
    for record in (*records, *computed):
        store.bulk_extend(record.quads())
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in schemes())
    expected = assess([t for r in records for t in r.triples], day)
    for name in ("R_s", "R_m", "R_c", "C", "S", "V", "D", "G", "I", "N", "P", "harm"):
        found = store.query(rule(f"indicator-{name}").text, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        said = {row["idea"].value: float(row["value"].value) for row in found}  # type: ignore[union-attr]
        for idea, assessed in expected.items():
            value = assessed.indicators.to_json()[name]
            assert abs(said[idea] - float(value or 0)) <= 0.0001, (name, idea)


def test_the_page_names_each_indicators_query() -> None:
    assert set(indicator_rules()) == set(Indicators.names())


GAPS = tuple(
    NIC + name
    for name in [
        "atSite",
        "startDate",
        "stage",
        "scale",
        "asPlanned",
        "byOriginator",
        "peopleReached",
        "hasPrediction",
        "statedOn",
        "hasFinding",
        "predictionOutcome",
        "basis",
        "harmResolved",
        "sustained",
    ]
)


def gappy(seed: int) -> list[ox.Triple]:
    random = Random(seed)
    kept = [
        t for t in _rdf(evidence(random)) if t.predicate.value not in GAPS or random.random() < 0.92
    ]
    told: list[ox.Triple] = []

    def say(subject: str, name: str, value: Any) -> None:
        term = ox.NamedNode(value) if isinstance(value, str) else value
        told.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(NIC + name), term))

    first, oldest = (f"{BASE}specification/{name}" for name in ("v1", "v0"))
    say(oldest, "specificationOf", IDEA)
    if random.random() < 0.7:
        say(first, "inheritsEvidenceFrom", oldest)
    for t in kept:
        iri = str(getattr(t.subject, "value", ""))
        if t.predicate.value != f"{NIC}tests":
            told.append(t)
            continue
        older = str(t.object) == f"<{first}>" and random.random() < 0.5
        told.append(ox.Triple(t.subject, t.predicate, ox.NamedNode(oldest)) if older else t)
        start = date(2025, 1, 1) + timedelta(days=random.randint(0, 500))
        day = ox.Literal(start.isoformat(), datatype=ox.NamedNode(f"{XSD}date"))
        if random.random() < 0.2:
            say(iri, "endDate", day)
        if random.random() < 0.2:  # a second prediction
            say(iri, "hasPrediction", f"{iri}#q")
            say(f"{iri}#q", "statedOn", day)
        if random.random() < 0.3:
            say(iri, "hasSeries", f"{iri}#s")
            say(f"{iri}#s", "hasSignal", f"{iri}#g")
            say(f"{iri}#g", "signalInPredictedDirection", ox.Literal(random.random() < 0.7))
            say(f"{iri}#g", "usefulPoints", ox.Literal(random.choice([8, 12])))
        if random.random() < 0.1:
            reported = ox.NamedNode(f"{NIC}ReportedTest")
            told.append(ox.Triple(t.subject, ox.NamedNode(f"{RDF}type"), reported))
    return told


@pytest.mark.parametrize(("engine", "first", "last"), [("oxigraph", 0, 1500), ("rdflib", 0, 5)])
def test_6_graphs_with_gaps_are_read_alike(engine: str, first: int, last: int) -> None:
    triples = list(schemes())
    for seed in range(first, last):
        triples += renamed(gappy(seed), seed)
    assert differing(triples, engine) == []
