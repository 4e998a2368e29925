"""Each rule as SPARQL on one graph made by hand: what it must answer was worked out on paper."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyoxigraph as ox
import pytest
from queried import schemes

from warranted.errors import NotFound
from warranted.namespaces import SCHEME
from warranted.warrant import assess, default_policy
from warranted.warrant.by_query import (
    ENGINES,
    Derived,
    indicators_by_query,
    levels_by_query,
    rule_names,
)

DAY = date(2025, 12, 15)
MADE = "https://example.org/"
PREFIXES = f"""
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix b: <{SCHEME}basis/> .
@prefix p: <{SCHEME}prediction/> .
@prefix s: <{SCHEME}stage/> .
@prefix sc: <{SCHEME}scale/> .
@prefix lo: <{SCHEME}locality/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <{MADE}> .
"""
# idea: supported at A (by the version v2 inherits from) and B (v0 failed there first), mixed at C,
# contradicted at D (explained) and E (an unwanted effect); one test is overdue
# dropped: contradicted at both of its sites. bare: never tested
MADE_GRAPH = """
e:idea a nic:ChangeIdea . e:dropped a nic:ChangeIdea . e:bare a nic:ChangeIdea .
e:v0 nic:specificationOf e:idea . e:v1 nic:specificationOf e:idea .
e:v2 nic:specificationOf e:idea ; nic:inheritsEvidenceFrom e:v1 .
e:w nic:specificationOf e:dropped .
e:A nic:hasContext e:Ac . e:Ac nic:facetValue lo:city .
e:B nic:hasContext e:Bc . e:Bc nic:facetValue lo:rural .
e:C nic:hasContext e:Cc . e:Cc nic:facetValue lo:town .
e:a1 nic:tests e:v1 ; nic:atSite e:A ; nic:startDate "2025-02-01"^^xsd:date ; nic:stage s:complete ;
  nic:scale sc:small ; nic:peopleReached 20 ; nic:byOriginator true ;
  nic:hasPrediction e:early ; nic:hasFinding e:a1f .
e:a1f nic:predictionOutcome p:met ; nic:basis b:over-time .
e:a2 nic:tests e:v2 ; nic:atSite e:A ; nic:startDate "2025-03-01"^^xsd:date ; nic:stage s:complete ;
  nic:scale sc:large ; nic:hasPrediction e:early ; nic:hasFinding e:a2f .
e:a2f nic:predictionOutcome p:met ; nic:basis b:impression .
e:b1 nic:tests e:v0 ; nic:atSite e:B ; nic:startDate "2025-02-10"^^xsd:date ; nic:stage s:complete ;
  nic:hasPrediction e:early ; nic:hasFinding e:b1f .
e:b1f nic:predictionOutcome p:not-met ; nic:basis b:data .
e:b2 nic:tests e:v2 ; nic:atSite e:B ; nic:startDate "2025-04-10"^^xsd:date ; nic:stage s:complete ;
  nic:scale sc:medium ; nic:peopleReached 12 ; nic:hasSeries e:b2s ;
  nic:hasPrediction e:early ; nic:hasFinding e:b2f .
e:b2f nic:predictionOutcome p:met ; nic:basis b:data ; nic:sustained true .
e:b2s nic:hasSignal e:b2g . e:b2g nic:signalInPredictedDirection true ; nic:usefulPoints 12 .
e:c1 nic:tests e:v2 ; nic:atSite e:C ; nic:startDate "2025-05-01"^^xsd:date ; nic:stage s:complete ;
  nic:hasPrediction e:late ; nic:hasFinding e:c1f .
e:c1f nic:predictionOutcome p:met ; nic:basis b:data .
e:d1 nic:tests e:v2 ; nic:atSite e:D ; nic:startDate "2025-06-01"^^xsd:date ; nic:stage s:complete ;
  nic:hasPrediction e:early ; nic:hasFinding e:d1f .
e:d1f nic:predictionOutcome p:not-met ; nic:basis b:data .
e:boundary nic:explains e:d1f .
e:e1 nic:tests e:v2 ; nic:atSite e:E ; nic:startDate "2025-06-05"^^xsd:date ; nic:stage s:complete ;
  nic:endDate "2025-09-20"^^xsd:date ; nic:hasPrediction e:early ; nic:hasFinding e:e1f .
e:e1f nic:predictionOutcome p:met ; nic:basis b:data ; nic:harmSeen true .
e:f1 nic:tests e:v2 ; nic:atSite e:A ; nic:startDate "2025-08-01"^^xsd:date ; nic:stage s:planned .
e:early nic:statedOn "2025-01-01"^^xsd:date . e:late nic:statedOn "2025-05-02"^^xsd:date .
e:k1 nic:tests e:w ; nic:atSite e:D ; nic:startDate "2025-06-01"^^xsd:date ; nic:stage s:complete ;
  nic:hasPrediction e:early ; nic:hasFinding e:k1f .
e:k1f nic:predictionOutcome p:not-met ; nic:basis b:data .
e:k2 nic:tests e:w ; nic:atSite e:E ; nic:startDate "2025-06-02"^^xsd:date ; nic:stage s:complete ;
  nic:hasPrediction e:early ; nic:hasFinding e:k2f .
e:k2f nic:predictionOutcome p:not-met ; nic:basis b:data .
"""

# rule → its rows, each the answer's last names in the order of the query's variables
EXPECTED: dict[str, str] = {
    "direction": """
        dropped k1 contradicts | dropped k2 contradicts | idea a1 supports | idea a2 inconclusive
        | idea b1 contradicts | idea b2 supports | idea c1 partly | idea d1 contradicts
        | idea e1 contradicts""",
    "latest": "dropped D w | dropped E w | idea A v2 | idea B v2 | idea C v2 | idea D v2 | idea E v2",
    "speaks": """
        dropped D w | dropped E w | idea A v1 | idea B v0 | idea B v2 | idea C v2 | idea D v2
        | idea E v2""",
    "counts": """
        dropped D k1 | dropped E k2 | idea A a1 | idea B b2 | idea C c1 | idea D d1 | idea E e1""",
    "verdict": """
        dropped D contradicts | dropped E contradicts | idea A supports | idea B supports
        | idea C partly | idea D contradicts | idea E contradicts""",
    "explained": "idea D",
    # (indicator) idea, dropped and bare, in this order
    "indicator-T": "7 2 0",  # all but the planned one
    "indicator-supporting_tests": "2 0 0",  # a1, b2
    "indicator-R_s": "2 0 0",  # A, B
    "indicator-R_m": "1 0 0",  # C
    "indicator-R_c": "2 2 0",  # D, E
    "indicator-explained": "1 0 0",  # D
    "indicator-C": "0.625 0 0",  # (2 + 1/2) / (5 - 1)
    "indicator-S": "3 0 0",  # b2; a2 was wider, but an impression
    "indicator-V": "1 0 0",  # locality: city, rural
    "indicator-D": "2 0 0",  # A is stated; B by its chart
    "indicator-G": "1 0 0",  # B
    "indicator-P": "0.75 0 0",  # a1, b1, b2 of these and c1
    "indicator-I": "1 0 0",  # B
    "indicator-U": "0.1667 0 0",  # f1 of this and a1, a2, b1, b2, c1
    "indicator-N": "32 0 0",
    "indicator-sustained": "1 0 0",  # b2
    "indicator-harm": "1 0 0",  # e1
    "indicator-age": "2 6 None",  # from the end of e1, from k2
    "indicator-contested": "True False False",  # E
    "indicator-stale": "False False False",
    "level": "bare 0 | dropped 1 | idea 1",  # idea would be Promising without the unwanted effect
    "set-aside": "dropped",
}
NOT_MET = {
    "tried": "",
    "promising": "",
    "replicated": "R_s C",
    "dependable": "R_s I V C D G S",
}


def made(text: str = MADE_GRAPH) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


@cache
def derived(engine: str) -> Derived:
    found = Derived([*schemes(), *made()], default_policy(), DAY, engine)
    found.levels()  # the rules of levels read the indicators
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", EXPECTED)
def test_each_rule_on_a_graph_made_by_hand(engine: str, name: str) -> None:
    found = derived(engine)
    if name.startswith("indicator-"):
        counted = found.indicators()
        said = [counted[MADE + i][name.removeprefix("indicator-")] for i in _IDEAS]
        assert " ".join(map(str, said)) == EXPECTED[name]
        return
    answers = {" ".join(v.rsplit("/", 1)[-1] for v in row.values()) for row in found.ask(name)}
    assert answers == {" ".join(row.split()) for row in EXPECTED[name].split("|")}


_IDEAS = ("idea", "dropped", "bare")


@pytest.mark.parametrize("engine", ENGINES)
def test_criteria_on_a_graph_made_by_hand(engine: str) -> None:
    rows = [r for r in derived(engine).ask("criterion") if r["idea"] == f"{MADE}idea"]
    met = {(_last(r["level"]), _last(r["indicator"])): r["met"] == "true" for r in rows}
    every = {(r.level.slug, t.indicator) for r in default_policy().rules for t in r.thresholds}
    assert set(met) == every
    unmet = {(level, name) for level, names in NOT_MET.items() for name in names.split()}
    assert {which for which, holds in met.items() if not holds} == unmet


def _last(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_unwanted_effect_holds_the_level_until_it_is_resolved(engine: str) -> None:
    assert levels_by_query(made(), DAY, engine=engine) == _ranks(idea=1, dropped=-1, bare=0)
    resolved = made(MADE_GRAPH + "e:e1f nic:harmResolved true .")
    assert levels_by_query(resolved, DAY, engine=engine)[f"{MADE}idea"] == 2


def _ranks(**ranks: int) -> dict[str, int]:
    return {MADE + name: rank for name, rank in ranks.items()}


def test_every_rule_has_its_case() -> None:
    assert {*EXPECTED, "criterion"} == set(rule_names())


@pytest.mark.parametrize("engine", ENGINES)
def test_stale_is_more_than_the_months_of_the_policy_to_the_day(engine: str) -> None:
    # the last test ended on 2025-09-20; 36 months on is 2028-09-20
    for day, months, stale in (
        (date(2028, 9, 19), 35, False),
        (date(2028, 9, 20), 36, False),
        (date(2028, 9, 21), 36, True),
        (date(2025, 1, 1), 0, False),
    ):
        found = indicators_by_query(made(), day, engine=engine)[f"{MADE}idea"]
        assert (found["age"], found["stale"]) == (months, stale), day


OWN = f"""
e:own a nic:WarrantPolicy ; nic:hasLevelRule e:r1 , e:r2 ;
  nic:graceDays 60 ; nic:staleMonths 36 ; nic:setAsideMinSites 2 ; nic:setAsideMaxC 0.25 ;
  nic:harmCapRank 4 ; nic:maxRaise 1 ; nic:minReviewersToRaise 2 ; nic:minRationale 80 .
e:r1 nic:ruleLevel <{SCHEME}warrant/tried> ; nic:requires e:r1t .
e:r1t nic:indicator <{SCHEME}indicator/T> ; nic:atLeast 1.0 .
e:r2 nic:ruleLevel <{SCHEME}warrant/promising> ; nic:requires e:r2t .
e:r2t nic:indicator <{SCHEME}indicator/U> ; nic:atMost 0.1666 .
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_thresholds_are_the_policys_and_are_compared_without_rounding(engine: str) -> None:
    idea = f"{MADE}idea"
    for most, expected in (("0.1666", 1), ("0.16666", 1), ("0.16667", 2), ("0.1667", 2)):
        triples = made(MADE_GRAPH + OWN.replace("0.1666 .", f"{most} ."))
        assert levels_by_query(triples, DAY, f"{MADE}own", engine=engine)[idea] == expected
        assert assess(triples, DAY)[idea].level.rank == expected
    # 1/6 is .1667 when rounded, which it does not reach
    least = made(MADE_GRAPH + OWN.replace("nic:atMost 0.1666", "nic:atLeast 0.1667"))
    assert levels_by_query(least, DAY, f"{MADE}own", engine=engine)[idea] == 1
    assert assess(least, DAY)[idea].level.rank == 1


def test_a_policy_or_an_engine_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFound, match="no policy"):
        indicators_by_query(made(), DAY, f"{MADE}other")
    with pytest.raises(ValueError, match="none of oxigraph, rdflib"):
        levels_by_query(made(), DAY, engine="jena")
