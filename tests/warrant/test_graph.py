"""Warrant read from RDF: a worked example, policies, series, reported tests, and back to RDF."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from warranted import checking, resources
from warranted.errors import InputError, ParseError
from warranted.namespaces import NIC, SCHEME
from warranted.warrant import (
    Assessment,
    Body,
    assess,
    assess_file,
    default_policy,
    sentence,
)
from warranted.warrant.rows import rows, store_of

DATA = Path(__file__).parent / "data"
BASE = "https://w3id.org/warranted"
TODAY = date(2025, 6, 15)
PREFIXES = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix s: <https://w3id.org/warranted/scheme/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <https://example.org/> .
"""


def turtle(text: str) -> list[Quad]:
    return list(parse(PREFIXES + text, format=RdfFormat.TURTLE))


def example() -> list[Quad]:
    return list(parse(path=DATA / "algebra-talk.ttl", format=RdfFormat.TURTLE))


def idea(name: str, quads: list[Quad] | None = None, day: date = TODAY) -> Assessment:
    return assess(quads or example(), day)[f"{BASE}/id/idea/{name}"]


def test_every_indicator_of_the_worked_example() -> None:
    assert idea("exit-ticket").indicators.to_json() == {
        "T": 5,
        "supporting_tests": 2,
        "R_s": 2,
        "R_m": 1,
        "R_c": 1,
        "explained": 1,
        "C": 0.8333,
        "S": 3,
        "V": 1,
        "D": 2,
        "G": 1,
        "P": 0.75,
        "I": 1,
        "U": 0.0,
        "N": 0,
        "sustained": 0,
        "harm": 0,
        "age": 1,
        "contested": False,
        "stale": False,
    }


def test_the_worked_example_without_its_boundary_condition_is_contested() -> None:
    quads = [q for q in example() if q.predicate.value != NIC + "explains"]
    found = idea("exit-ticket", quads)
    assert found.indicators.to_json()["C"] == 0.625
    assert found.flags == ("contested",)
    assert found.level.slug == "promising"
    assert found.missing == (
        "one more site where it goes as predicted",
        "results that agree (consistency now 62%, needs at least 75%)",
    )


def test_levels_and_judgements_of_the_worked_example() -> None:
    ticket, starters, marking = (idea(n) for n in ("exit-ticket", "starters", "peer-marking"))
    assert (ticket.level.slug, ticket.shown.level.slug) == ("promising", "tried")
    assert ticket.shown.reason.startswith("The hub lowered it from Promising to Tried")
    assert (starters.level.slug, starters.shown.level.slug) == ("tried", "tried")
    assert "does not hold" in starters.shown.reason
    assert (marking.level.slug, marking.missing) == ("untested", ("one completed test",))
    later = idea("exit-ticket", day=date(2026, 6, 11))
    assert later.shown.level.slug == "promising"
    assert "lapsed on 2026-06-10" in later.shown.reason


def test_what_a_reader_is_told() -> None:
    found = idea("exit-ticket")
    assert sentence(found) == (
        "Went as predicted at 2 of 4 places · mixed at 1 · largest test: several testers at one "
        "site · data over time at 2 · did not work at: upper secondary · last tested May 2025 · "
        "to reach Replicated: one more site where it goes as predicted"
    )
    assert found.answers.tested_elsewhere == (
        "5 tests completed at 4 places; 1 of 2 supporting sites did not invent it."
    )
    assert found.answers.track_record == (
        "Of 4 places with a clear result, it went as predicted at 2, was mixed at 1 and did not "
        "work at 1; data over time at 2 and a chart signal at 1 of 2 supporting sites."
    )
    assert found.answers.in_contexts_like_mine == (
        "The supporting sites differ in one respect (locality: city, rural). It did not work at: "
        "upper secondary."
    )
    assert [question for question, _ in found.answers.pairs()] == [
        "Has it been tested elsewhere?",
        "What is the track record?",
        "Does that hold in contexts like mine?",
    ]


def test_a_planned_test_becomes_overdue() -> None:
    assert idea("starters").overdue == ()
    late = idea("starters", day=date(2025, 7, 1))
    assert late.overdue == (f"{BASE}/id/test/7",)
    assert late.indicators.U == 1


def test_a_file_gives_the_same_and_a_faulty_one_is_refused_by_line(tmp_path: Path) -> None:
    found = assess_file(DATA / "algebra-talk.ttl", TODAY)
    assert found[f"{BASE}/id/idea/exit-ticket"].to_json() == idea("exit-ticket").to_json()
    faulty = tmp_path / "faulty.ttl"
    faulty.write_text(PREFIXES + "e:idea a nic:ChangeIdea ; .\ne:x e:y .\n", encoding="utf-8")
    with pytest.raises(ParseError) as refused:
        assess_file(faulty, TODAY)
    assert refused.value.line is not None
    with pytest.raises(InputError, match="cannot be read"):
        assess_file(tmp_path / "none.ttl", TODAY)
    (tmp_path / "table.xlsx").write_bytes(b"")
    with pytest.raises(InputError, match="not a file we can read"):
        assess_file(tmp_path / "table.xlsx", TODAY)


def test_named_graphs_are_read_as_one() -> None:
    graph = NamedNode("https://example.org/g")
    quads = [Quad(q.subject, q.predicate, q.object, graph) for q in example()]
    assert idea("exit-ticket", quads).to_json() == idea("exit-ticket").to_json()


def test_json_has_each_indicator_by_name_and_is_plain() -> None:
    found = idea("exit-ticket").to_json()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    scheme = parse(path=resources.ontology() / "schemes/indicator.ttl", format=RdfFormat.TURTLE)
    names = {
        quad.subject.value.rsplit("/", 1)[-1]
        for quad in scheme
        if isinstance(quad.subject, NamedNode) and quad.predicate.value.endswith("inScheme")
    }
    assert names <= found.keys()
    assert {"level", "missing", "flags", "shown", "contested", "stale"} <= found.keys()


def test_every_query_gives_the_same_rows_in_another_engine() -> None:
    folder = Path(str(resources.__file__)).parent / "warrant/queries"
    graph = rdflib.Graph()
    for path in (
        DATA / "algebra-talk.ttl",
        *(resources.ontology() / "schemes").glob("*.ttl"),
        resources.ontology() / "policies/default-1.ttl",
    ):
        graph.parse(path)
    quads = [
        *example(),
        *parse(path=resources.ontology() / "policies/default-1.ttl", format=RdfFormat.TURTLE),
    ]
    store = store_of(quads)
    for path in sorted(folder.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert text.splitlines()[0].endswith("?")
        answer = graph.query(text)
        there = [{str(k): plain(str(v)) for k, v in row.asdict().items()} for row in answer]
        here = [{k: plain(v) for k, v in row.items()} for row in rows(store, path.stem)]
        assert sorted(map(sorted_items, here)) == sorted(map(sorted_items, there)), path.name


def plain(text: str) -> str:
    """Numbers by value: engines may write 2.0 as 2."""
    try:
        return str(Fraction(text))
    except ValueError:
        return text


def sorted_items(row: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(row.items())


# ---- policies ----


def test_the_default_policy_is_the_one_in_the_graph_that_ships() -> None:
    policy = default_policy()
    assert [rule.level.slug for rule in policy.rules] == [
        "tried",
        "promising",
        "replicated",
        "dependable",
    ]
    assert (policy.grace_days, policy.stale_months, policy.min_rationale) == (60, 36, 80)


def own_policy() -> list[Quad]:
    path = resources.ontology() / "policies/default-1.ttl"
    text = path.read_text(encoding="utf-8")
    text = text.replace("id/policy/default-1", "id/policy/strict").replace(
        "nic:atLeast 2.0", "nic:atLeast 3.0"
    )
    return list(parse(text, format=RdfFormat.TURTLE))


def test_a_networks_own_policy_is_used_and_named() -> None:
    found = idea("exit-ticket", [*example(), *own_policy()])
    assert found.policy.iri.endswith("policy/strict")
    assert found.level.slug == "tried"
    assert "one more supporting test" in found.missing


def test_each_idea_is_judged_by_the_policy_of_its_own_network() -> None:
    policy = NamedNode(f"{BASE}/id/policy/strict")
    of_network = NamedNode(NIC + "ofNetwork")
    network, ticket = NamedNode("https://example.org/n"), f"{BASE}/id/idea/exit-ticket"
    default = parse(path=resources.ontology() / "policies/default-1.ttl", format=RdfFormat.TURTLE)
    quads = [*example(), *own_policy(), *default, Quad(policy, of_network, network)]
    assert idea("exit-ticket", quads).policy.iri == default_policy().iri
    joined = [*quads, Quad(NamedNode(ticket), of_network, network)]
    assert idea("exit-ticket", joined).policy.iri == policy.value
    assert idea("starters", joined).policy.iri == default_policy().iri


def test_an_incomplete_policy_is_refused() -> None:
    quads = [q for q in own_policy() if q.predicate.value != NIC + "graceDays"]
    with pytest.raises(InputError, match="graceDays") as refused:
        assess([*example(), *quads])
    assert refused.value.field == "graceDays"


# ---- tests known only from a publication, faulty records ----

ONE_TEST = """
e:idea a nic:ChangeIdea . e:v1 nic:specificationOf e:idea .
e:t a nic:PDSACycle ; nic:tests e:v1 ; nic:atSite e:site ; nic:startDate "2025-03-01"^^xsd:date ;
  nic:stage <https://w3id.org/warranted/scheme/stage/complete> ; nic:asPlanned true ;
  nic:scale <https://w3id.org/warranted/scheme/scale/medium> ;
  nic:hasPrediction e:p ; nic:hasFinding e:f .
e:p nic:statedOn "2025-02-28"^^xsd:date .
e:f nic:predictionOutcome <https://w3id.org/warranted/scheme/prediction/met> ;
  nic:basis <https://w3id.org/warranted/scheme/basis/over-time> .
"""
IDEA = "https://example.org/idea"


def test_a_reported_test_is_counted_apart_and_never_weighed() -> None:
    quads = turtle(
        ONE_TEST
        + """
        e:r1 a nic:ReportedTest ; nic:aboutIdea e:idea .
        e:r2 a nic:ReportedTest ; nic:tests e:v1 ; nic:atSite e:other ;
          nic:stage <https://w3id.org/warranted/scheme/stage/complete> ; nic:hasFinding e:rf .
        """
    )
    found = assess(quads, TODAY)[IDEA]
    assert (found.reported, found.indicators.T, found.indicators.R_s) == (2, 1, 1)
    assert "2 tests are known only from a publication and are not weighed" in found.sentence


def test_a_prediction_on_the_day_is_in_time_and_one_without_a_date_is_not() -> None:
    on_the_day = turtle(ONE_TEST.replace("2025-02-28", "2025-03-01"))
    assert assess(on_the_day, TODAY)[IDEA].indicators.R_s == 1
    for text in (
        ONE_TEST.replace("2025-02-28", "2025-03-02"),
        ONE_TEST.replace('e:p nic:statedOn "2025-02-28"^^xsd:date .', ""),
        ONE_TEST.replace("nic:hasPrediction e:p ;", ""),
        ONE_TEST.replace("nic:hasPrediction e:p ;", "nic:hasPrediction e:p , e:q ;"),
    ):
        found = assess(turtle(text), TODAY)[IDEA]
        assert (found.indicators.R_s, found.indicators.R_m) == (0, 1)


def test_a_date_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="2025-02-31") as refused:
        assess(turtle(ONE_TEST.replace("2025-03-01", "2025-02-31")))
    assert refused.value.field == "start"


def test_specifications_may_be_listed_from_the_idea() -> None:
    text = ONE_TEST.replace("e:v1 nic:specificationOf e:idea", "e:idea nic:hasSpecification e:v1")
    assert assess(turtle(text), TODAY)[IDEA].indicators.R_s == 1


# ---- series ----

BEFORE = [50, 52, 49, 51, 50, 52]


def series(values: list[int], *, better: str = "higher", more: str = "") -> list[Quad]:
    points = "".join(
        f"e:s nic:hasObservation e:o{i} . e:o{i} nic:sequence {i + 1} ; nic:value {value}.0 ; "
        f'nic:periodStart "2025-{1 + i // 28:02d}-{1 + i % 28:02d}"^^xsd:date .\n'
        for i, value in enumerate(values)
    )
    return turtle(
        ONE_TEST
        + points
        + f"""
        e:t nic:hasSeries e:s . e:s nic:ofMeasure e:m ; nic:changeDate "2025-01-07"^^xsd:date .
        e:m nic:betterIs "{better}" . {more}
        """
    )


def test_a_series_with_a_signal_towards_better_counts_for_g() -> None:
    values = [*BEFORE, 60, 61, 62, 61, 60, 62]
    assert assess(series(values), TODAY)[IDEA].indicators.G == 1
    assert assess(series(values, better="lower"), TODAY)[IDEA].indicators.G == 0
    assert assess(series([*BEFORE, 49, 52] * 2), TODAY)[IDEA].indicators.G == 0


def test_a_balancing_measure_is_no_support() -> None:
    balancing = "e:m nic:measureType <https://w3id.org/warranted/scheme/measure-type/balancing> ."
    quads = series([*BEFORE, 60, 61, 62, 61, 60, 62], more=balancing)
    assert assess(quads, TODAY)[IDEA].indicators.G == 0


def test_what_is_computed_comes_before_what_is_stated() -> None:
    stated = (
        "e:s nic:hasSignal e:g . e:g nic:signalInPredictedDirection true ; nic:usefulPoints 12 ."
    )
    flat = [*BEFORE, 49, 52, 50, 51, 49, 52]
    assert assess(series(flat, more=stated), TODAY)[IDEA].indicators.G == 0
    alone = turtle(ONE_TEST + "e:t nic:hasSeries e:s ." + stated)
    assert assess(alone, TODAY)[IDEA].indicators.G == 1
    short = turtle(ONE_TEST + "e:t nic:hasSeries e:s ." + stated.replace("12", "9"))
    assert assess(short, TODAY)[IDEA].indicators.G == 0


def test_a_stated_basis_the_chart_does_not_bear_out_is_noted() -> None:
    flat = [*BEFORE, 49, 52, 50, 51, 49, 52]
    quads = [
        Quad(q.subject, q.predicate, NamedNode(f"{SCHEME}basis/signal"))
        if q.predicate.value == NIC + "basis"
        else q
        for q in series(flat)
    ]
    found = assess(quads, TODAY)[IDEA]
    assert found.indicators.G == 1
    assert len(found.notes) == 1
    assert "the chart rules find none" in found.notes[0]


@pytest.mark.parametrize("path", sorted(resources.packages().glob("*.ttl")), ids=lambda p: p.stem)
def test_records_are_judged_as_all_they_say_is(path: Path) -> None:
    records = checking.read_file(path, base=BASE)
    day = date(2026, 3, 2)
    whole = Body([quad for record in records for quad in record.quads()], day)
    told = Body(records, day)
    assert told.evidence == whole.evidence
    assert told.assessments() == whole.assessments()
