"""The invariants of the warrant model, over thousands of random bodies of evidence.

Also: the rules agree with a second, independent writing of them, and reading the same evidence
from RDF gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from warranted.namespaces import NIC, RDF, SCHEME, XSD
from warranted.warrant import Evidence, Site, Test, assess, assess_idea, default_policy
from warranted.warrant.model import Outcome, Stage

TODAY = date(2026, 1, 15)
FIRST = date(2025, 1, 1)
BASE = "https://w3id.org/warranted/id/"
IDEA = f"{BASE}idea/i"
LOCALITIES = ("city", "town", "rural")
LEVELS = ("primary", "lower-secondary")
SCALES = ("very-small", "small", "medium", "large", "system")
BASES = ("impression", "data", "over-time", "signal", "comparison")
TRIED = 1

many = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def context(locality: str, level: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        {
            (f"{SCHEME}locality", f"{SCHEME}locality/{locality}"),
            (f"{SCHEME}level", f"{SCHEME}level/{level}"),
        }
    )


@st.composite
def a_test(draw: st.DrawFn, sites: Sequence[str] = "ABCDEFGH", **fixed: Any) -> Test:
    start = FIRST + timedelta(days=draw(st.integers(0, 370)))
    overdue = draw(st.integers(0, 9)) == 0
    return replace(
        Test(
            iri="",
            specification=f"{BASE}specification/{draw(st.sampled_from(['v1', 'v2']))}",
            site=f"{BASE}site/{draw(st.sampled_from(sites)).lower()}",
            start=start,
            stage=draw(st.sampled_from([Stage.PLANNED, Stage.UNDER_WAY, Stage.NOT_DONE]))
            if overdue
            else Stage.COMPLETE,
            in_time=draw(st.integers(0, 9)) < 8,
            outcome=draw(st.sampled_from([Outcome.MET] * 3 + list(Outcome))),
            scale=draw(st.integers(1, 5)),
            basis=draw(st.integers(0, 4)),
            as_planned=draw(st.integers(0, 9)) > 0,
            by_originator=draw(st.integers(0, 9)) < 3,
            harm=draw(st.integers(0, 19)) == 0,
            harm_resolved=draw(st.booleans()),
            sustained=draw(st.integers(0, 9)) < 2,
            people=draw(st.integers(0, 30)),
        ),
        **fixed,
    )


def named(tests: Iterable[Test]) -> tuple[Test, ...]:
    return tuple(
        replace(t, iri=f"{BASE}test/{i}", finding=f"{BASE}test/{i}#f") for i, t in enumerate(tests)
    )


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    # few sites and many tests a site, or many sites: both reach every level
    sites = draw(st.sampled_from(["ABC", "ABCDEFGH"]))
    fixed: dict[str, Any] = {}
    if draw(st.booleans()):  # a good record, so that the upper levels are met often
        fixed = {"outcome": Outcome.MET, "in_time": True, "as_planned": True, "harm": False}
    tests = named(draw(st.lists(a_test(sites, **fixed), max_size=14)))
    explained = {
        t.finding: "explained" for t in tests if t.finding and draw(st.integers(0, 4)) == 0
    }
    places = {
        f"{BASE}site/{name.lower()}": Site(
            f"{BASE}site/{name.lower()}",
            f"Site {name}",
            context(draw(st.sampled_from(LOCALITIES)), draw(st.sampled_from(LEVELS))),
        )
        for name in "ABCDEFGHZ"
    }
    inherits = {}
    if draw(st.booleans()):
        inherits = {f"{BASE}specification/v2": frozenset({f"{BASE}specification/v1"})}
    return Evidence(
        idea=IDEA, label="Idea", tests=tests, sites=places, inherits=inherits, explained=explained
    )


def rank(found: Evidence) -> int:
    return assess_idea(found, default_policy(), TODAY).level.rank


def with_test(found: Evidence, test: Test) -> Evidence:
    return replace(found, tests=named([*found.tests, test]))


SOUND: dict[str, Any] = {
    "stage": Stage.COMPLETE,
    "as_planned": True,
    "in_time": True,
    "outcome": Outcome.MET,
    "basis": 3,
    "scale": 5,
    "harm": False,
}


@many
@given(evidence(), a_test("Z", **{**SOUND, "outcome": Outcome.NOT_MET, "basis": 1}))
def test_1_a_contradicting_test_at_a_new_site_never_raises_the_level_above_tried(
    found: Evidence, test: Test
) -> None:
    assert rank(with_test(found, test)) <= max(rank(found), TRIED)


@many
@given(evidence(), a_test("Z", **SOUND))
def test_2_a_sound_supporting_test_at_a_new_site_never_lowers_the_level(
    found: Evidence, test: Test
) -> None:
    assert rank(with_test(found, test)) >= rank(found)


@many
@given(evidence(), st.data())
def test_3_repeating_a_cycle_at_the_same_site_adds_no_replication(
    found: Evidence, data: st.DataObject
) -> None:
    assume(found.tests)
    again = with_test(found, data.draw(st.sampled_from(found.tests)))
    before = assess_idea(found, default_policy(), TODAY).indicators
    after = assess_idea(again, default_policy(), TODAY).indicators
    for name in ("R_s", "I", "V", "D", "G"):
        assert getattr(after, name) <= getattr(before, name)


@many
@given(
    evidence(),
    a_test("Z", stage=Stage.COMPLETE, basis=0, outcome=Outcome.MET, harm=False),
)
def test_4_impressions_never_lift_anything_above_tried(found: Evidence, test: Test) -> None:
    assert rank(with_test(found, test)) <= max(rank(found), TRIED)


@many
@given(evidence(), st.data())
def test_4_impressions_of_a_version_in_use_lift_nothing_either(
    found: Evidence, data: st.DataObject
) -> None:
    done = [t for t in found.tests if t.complete]
    assume(done)
    site = data.draw(st.sampled_from(sorted({t.site for t in done if t.site})))
    newest = max((t for t in done if t.site == site), key=lambda t: t.start or FIRST)
    impression = replace(newest, basis=0, harm=False, outcome=Outcome.MET)
    assert rank(with_test(found, impression)) <= max(rank(found), TRIED)


@many
@given(evidence(), st.randoms(use_true_random=False))
def test_5_the_order_of_records_is_irrelevant(found: Evidence, random: Any) -> None:
    tests = list(found.tests)
    random.shuffle(tests)
    shuffled = replace(found, tests=tuple(tests))
    assert (
        assess_idea(shuffled, default_policy(), TODAY).to_json()
        == assess_idea(found, default_policy(), TODAY).to_json()
    )


# ---- a second writing of the rules, without versions that inherit ----


def _direction(t: Test) -> str | None:
    if t.stage is not Stage.COMPLETE:
        return None
    if t.harm:
        return "no"
    if not t.as_planned or t.basis == 0 or t.outcome is Outcome.CANNOT_TELL:
        return "unclear"
    if t.outcome is Outcome.NOT_MET:
        return "no"
    return "yes" if t.outcome is Outcome.MET and t.in_time else "mixed"


def _by_hand(found: Evidence) -> dict[str, Any]:
    done = [t for t in found.tests if t.stage is Stage.COMPLETE]
    verdicts: dict[str, str] = {}
    excused = set()
    for site in {t.site for t in done if t.site}:
        here = [t for t in done if t.site == site]
        newest = max(t.start for t in here if t.start)
        versions = {t.specification for t in here if t.start == newest}
        counted = [t for t in here if t.specification in versions]
        said = {_direction(t) for t in counted} - {"unclear"}
        if said:
            verdicts[site] = said.pop() or "" if len(said) == 1 else "mixed"
        if any(_direction(t) == "no" and t.finding in found.explained for t in counted):
            excused.add(site)
    yes, mixed, no = (
        {s for s, v in verdicts.items() if v == kind} for kind in ("yes", "mixed", "no")
    )
    explained = min(len(no & excused), len(yes))
    base = len(yes) + len(mixed) + len(no) - explained
    good = [t for t in done if t.site in yes and _direction(t) == "yes"]
    helping = [t for t in done if t.site in yes | mixed]
    data = [t for t in helping if t.basis]
    best = {s: max(t.basis for t in good if t.site == s) for s in yes}
    facets: dict[str, set[str]] = {}
    for s in yes:
        for facet, value in found.sites[s].context:
            facets.setdefault(facet, set()).add(value)
    late = [
        t
        for t in found.tests
        if t.stage in (Stage.PLANNED, Stage.UNDER_WAY) and t.start and (TODAY - t.start).days > 60
    ]
    return {
        "T": len(done),
        "supporting_tests": len(good),
        "R_s": len(yes),
        "R_m": len(mixed),
        "R_c": len(no),
        "explained": explained,
        "C": round((len(yes) + len(mixed) / 2) / base, 4) if base else 0.0,
        "S": max((t.scale for t in good), default=0),
        "V": sum(len(v) > 1 for v in facets.values()),
        "D": sum(b >= 2 for b in best.values()),
        "G": sum(b >= 3 for b in best.values()),
        "P": round(sum(t.in_time for t in data) / len(data), 4) if data else 0.0,
        "I": len({t.site for t in good if not t.by_originator}),
        "U": round(len(late) / max(1, len(late) + len(helping)), 4),
        "N": sum(t.people for t in good),
        "sustained": sum(t.sustained for t in good),
        "harm": sum(t.harm and not t.harm_resolved for t in done),
        "contested": bool(yes) and len(no) > explained,
    }


def _level_by_hand(i: dict[str, Any]) -> str:
    if not i["T"]:
        return "untested"
    if i["R_s"] + i["R_m"] + i["R_c"] >= 2 and not i["R_s"] and i["C"] <= 0.25:
        return "set-aside"
    steps = {
        "promising": ({"supporting_tests": 2, "R_s": 1, "C": 0.5, "S": 2, "P": 0.5}, 1),
        "replicated": (
            {"R_s": 3, "I": 1, "V": 1, "C": 0.75, "D": 1, "S": 3, "P": 0.75},
            0.3,
        ),
        "dependable": (
            {"R_s": 5, "I": 3, "V": 2, "C": 0.8, "D": 3, "G": 2, "S": 4, "N": 20}
            | {"sustained": 1, "P": 0.75},
            0.2,
        ),
    }
    level = "tried"
    for name, (least, most_unreported) in steps.items():
        if any(i[k] < v for k, v in least.items()) or i["U"] > most_unreported:
            break
        level = name
    return "tried" if i["harm"] else level


@many
@given(evidence())
def test_the_rules_agree_with_a_second_writing_of_them(found: Evidence) -> None:
    plain = replace(found, inherits={})
    assessed = assess_idea(plain, default_policy(), TODAY).to_json()
    expected = _by_hand(plain)
    assert {name: assessed[name] for name in expected} == expected
    assert assessed["level"] == _level_by_hand(expected)
    assert bool(assessed["missing"]) == (assessed["level"] != "dependable")


# ---- the same evidence, read from RDF ----


def _rdf(found: Evidence) -> list[Triple]:
    triples: list[Triple] = []

    def say(subject: str, name: str, value: Any) -> None:
        if isinstance(value, bool):
            term: NamedNode | Literal = Literal(value)
        elif isinstance(value, date):
            term = Literal(value.isoformat(), datatype=NamedNode(XSD + "date"))
        elif isinstance(value, int):
            term = Literal(str(value), datatype=NamedNode(XSD + "integer"))
        else:
            term = NamedNode(value)
        predicate = RDF + "type" if name == "a" else NIC + name
        triples.append(Triple(NamedNode(subject), NamedNode(predicate), term))

    say(found.idea, "a", NIC + "ChangeIdea")
    for version in ("v1", "v2"):
        say(f"{BASE}specification/{version}", "specificationOf", found.idea)
    for later, earlier in found.inherits.items():
        for one in earlier:
            say(later, "inheritsEvidenceFrom", one)
    for site in found.sites.values():
        say(site.iri, "hasContext", site.iri + "#c")
        for _, value in site.context:
            say(site.iri + "#c", "facetValue", value)
    for finding in found.explained:
        say(f"{BASE}claim/c#b", "explains", finding)
    for t in found.tests:
        say(t.iri, "a", NIC + "PDSACycle")
        say(t.iri, "tests", t.specification)
        say(t.iri, "atSite", t.site)
        say(t.iri, "startDate", t.start)
        say(t.iri, "stage", f"{SCHEME}stage/{t.stage.value if t.stage else ''}")
        say(t.iri, "scale", f"{SCHEME}scale/{SCALES[t.scale - 1]}")
        say(t.iri, "asPlanned", t.as_planned)
        say(t.iri, "byOriginator", t.by_originator)
        say(t.iri, "peopleReached", t.people)
        say(t.iri, "hasPrediction", t.iri + "#p")
        if t.start:
            say(t.iri + "#p", "statedOn", t.start + timedelta(days=0 if t.in_time else 1))
        say(t.iri, "hasFinding", t.iri + "#f")
        say(
            t.iri + "#f",
            "predictionOutcome",
            f"{SCHEME}prediction/{t.outcome.value}" if t.outcome else f"{SCHEME}prediction/none",
        )
        say(t.iri + "#f", "basis", f"{SCHEME}basis/{BASES[t.basis]}")
        say(t.iri + "#f", "harmSeen", t.harm)
        say(t.iri + "#f", "harmResolved", t.harm_resolved)
        say(t.iri + "#f", "sustained", t.sustained)
    return triples


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(evidence(), st.randoms(use_true_random=False))
def test_rdf_in_any_order_gives_the_same_answer_as_the_rules(found: Evidence, random: Any) -> None:
    triples = _rdf(found)
    random.shuffle(triples)
    read = assess(triples, TODAY)[IDEA].to_json()
    ruled = assess_idea(found, default_policy(), TODAY).to_json()
    words = ("sentence", "questions", "missing", "label", "sites")
    assert {k: v for k, v in read.items() if k not in words} == {
        k: v for k, v in ruled.items() if k not in words
    }
    assert [(s["site"], s["verdict"], s["tests"]) for s in read["sites"]] == [
        (s["site"], s["verdict"], s["tests"]) for s in ruled["sites"]
    ]
