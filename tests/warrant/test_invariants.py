"""The invariants of the warrant model, over thousands of random bodies of evidence.

Also: the rules agree with a second, independent writing of them, and reading the same evidence
from RDF gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
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

many = settings(max_examples=10_000, deadline=None)
seeds = st.integers(0, 2**63)  # of a random body of evidence; much faster than drawing its parts


def context(locality: str, level: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        {
            (f"{SCHEME}locality", f"{SCHEME}locality/{locality}"),
            (f"{SCHEME}level", f"{SCHEME}level/{level}"),
        }
    )


def a_test(random: Random, sites: Sequence[str] = "ABCDEFGH", **fixed: Any) -> Test:
    unreported = random.random() < 0.1
    return replace(
        Test(
            iri="",
            specification=f"{BASE}specification/{random.choice(['v1', 'v2'])}",
            site=f"{BASE}site/{random.choice(sites).lower()}",
            start=FIRST + timedelta(days=random.randint(0, 370)),
            stage=random.choice([Stage.PLANNED, Stage.UNDER_WAY, Stage.NOT_DONE])
            if unreported
            else Stage.COMPLETE,
            in_time=random.random() < 0.8,
            outcome=random.choice([Outcome.MET] * 3 + list(Outcome)),
            scale=random.randint(1, 5),
            basis=random.randint(0, 4),
            as_planned=random.random() < 0.9,
            by_originator=random.random() < 0.3,
            harm=random.random() < 0.05,
            harm_resolved=random.random() < 0.5,
            sustained=random.random() < 0.2,
            people=random.randint(0, 30),
        ),
        **fixed,
    )


def named(tests: Iterable[Test]) -> tuple[Test, ...]:
    return tuple(
        replace(t, iri=f"{BASE}test/{i}", finding=f"{BASE}test/{i}#f") for i, t in enumerate(tests)
    )


def evidence(random: Random) -> Evidence:
    # few sites and many tests a site, or many sites: both reach every level
    sites = random.choice(["ABC", "ABCDEFGH"])
    fixed: dict[str, Any] = {}
    if random.random() < 0.5:  # a good record, so that the upper levels are met often
        fixed = {"outcome": Outcome.MET, "in_time": True, "as_planned": True, "harm": False}
    tests = named(a_test(random, sites, **fixed) for _ in range(random.randint(0, 16)))
    places = {
        f"{BASE}site/{name.lower()}": Site(
            f"{BASE}site/{name.lower()}",
            f"Site {name}",
            context(random.choice(LOCALITIES), random.choice(LEVELS)),
        )
        for name in "ABCDEFGHZ"
    }
    v1, v2 = (f"{BASE}specification/{name}" for name in ("v1", "v2"))
    return Evidence(
        idea=IDEA,
        label="Idea",
        tests=tests,
        sites=places,
        inherits={v2: frozenset({v1})} if random.random() < 0.5 else {},
        explained={t.finding: "explained" for t in tests if t.finding and random.random() < 0.2},
    )


def rank(found: Evidence) -> int:
    return assess_idea(found, default_policy(), TODAY).level.rank


def with_test(found: Evidence, test: Test) -> Evidence:
    new = replace(test, iri=f"{BASE}test/new", finding=f"{BASE}test/new#f")
    return replace(found, tests=(*found.tests, new))


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
@given(seeds)
def test_1_a_contradicting_test_at_a_new_site_never_raises_the_level_above_tried(
    seed: int,
) -> None:
    random = Random(seed)
    found = evidence(random)
    against = a_test(random, "Z", **{**SOUND, "outcome": Outcome.NOT_MET, "basis": 1})
    assert rank(with_test(found, against)) <= max(rank(found), TRIED)


@many
@given(seeds)
def test_2_a_sound_supporting_test_at_a_new_site_never_lowers_the_level(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
    assert rank(with_test(found, a_test(random, "Z", **SOUND))) >= rank(found)


@many
@given(seeds)
def test_3_repeating_a_cycle_at_the_same_site_adds_no_replication(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
    if not found.tests:
        return
    again = with_test(found, random.choice(found.tests))
    before = assess_idea(found, default_policy(), TODAY).indicators
    after = assess_idea(again, default_policy(), TODAY).indicators
    for name in ("R_s", "I", "V", "D", "G"):
        assert getattr(after, name) <= getattr(before, name)


@many
@given(seeds)
def test_4_impressions_never_lift_anything_above_tried(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
    impression = a_test(random, "Z", **{**SOUND, "basis": 0})
    assert rank(with_test(found, impression)) <= max(rank(found), TRIED)


@many
@given(seeds)
def test_4_impressions_of_a_version_in_use_lift_nothing_either(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
    # with nothing overdue: a report, be it an impression, makes the share of unreported tests less
    done = tuple(t for t in found.tests if t.complete)
    if not done:
        return
    found = replace(found, tests=done)
    site = random.choice(sorted({t.site for t in done if t.site}))
    newest = max((t for t in done if t.site == site), key=lambda t: t.start or FIRST)
    impression = replace(newest, basis=0, harm=False, outcome=Outcome.MET)
    assert rank(with_test(found, impression)) <= max(rank(found), TRIED)


@many
@given(seeds)
def test_5_the_order_of_records_is_irrelevant(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
    tests = list(found.tests)
    random.shuffle(tests)
    shuffled = replace(found, tests=tuple(tests))
    assert (
        assess_idea(shuffled, default_policy(), TODAY).to_json()
        == assess_idea(found, default_policy(), TODAY).to_json()
    )


def test_the_random_evidence_reaches_every_level() -> None:
    reached = {rank(evidence(Random(seed))) for seed in range(2000)}
    assert reached == {-1, 0, 1, 2, 3, 4}


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
@given(seeds)
def test_the_rules_agree_with_a_second_writing_of_them(seed: int) -> None:
    plain = replace(evidence(Random(seed)), inherits={})
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


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_rdf_in_any_order_gives_the_same_answer_as_the_rules(seed: int) -> None:
    random = Random(seed)
    found = evidence(random)
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
