"""Each rule on its own: direction, site verdict, indicators, level, judgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from warranted.warrant import Evidence, Judgement, Site, Test, assess_idea, default_policy
from warranted.warrant.judgement import Standing, shown_level
from warranted.warrant.model import Direction, Level, Outcome, Stage
from warranted.warrant.rules import direction, is_stale, months_between, site_standing

TODAY = date(2025, 6, 15)
POLICY = default_policy()
LEVEL = {level.slug: level for level in POLICY.levels.values()}
GOOD = Test(
    "t",
    "v1",
    "a",
    date(2025, 1, 1),
    Stage.COMPLETE,
    in_time=True,
    outcome=Outcome.MET,
    scale=3,
    basis=2,
    finding="f",
)


def cycle(iri: str, **changes: Any) -> Test:
    return replace(GOOD, iri=iri, finding=f"{iri}#f", **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Direction.SUPPORTS),
        ({"stage": Stage.PLANNED}, None),
        ({"stage": Stage.NOT_DONE, "harm": True}, None),
        ({"stage": None}, None),
        ({"harm": True}, Direction.CONTRADICTS),
        ({"harm": True, "basis": 0}, Direction.CONTRADICTS),
        ({"harm": True, "harm_resolved": True}, Direction.CONTRADICTS),
        ({"as_planned": False}, Direction.INCONCLUSIVE),
        ({"basis": 0}, Direction.INCONCLUSIVE),
        ({"basis": 0, "outcome": Outcome.NOT_MET}, Direction.INCONCLUSIVE),
        ({"outcome": Outcome.CANNOT_TELL}, Direction.INCONCLUSIVE),
        ({"outcome": None}, Direction.INCONCLUSIVE),
        ({"outcome": Outcome.NOT_MET}, Direction.CONTRADICTS),
        ({"outcome": Outcome.PARTLY}, Direction.PARTLY),
        ({"in_time": False}, Direction.PARTLY),
        ({"in_time": False, "outcome": Outcome.NOT_MET}, Direction.CONTRADICTS),
    ],
)
def test_direction_is_the_first_rule_that_applies(
    changes: dict[str, Any], expected: Direction | None
) -> None:
    assert direction(replace(GOOD, **changes)) is expected


def verdict(
    tests: list[Test], inherits: dict[str, frozenset[str]] | None = None
) -> Direction | None:
    return site_standing("a", tests, inherits or {}, {}).verdict


FAILED = cycle("t1", start=date(2025, 1, 1), outcome=Outcome.NOT_MET)
ADAPTED = cycle("t2", start=date(2025, 2, 1), specification="v2")
UNCLEAR = cycle("t3", start=date(2025, 3, 1), specification="v2", basis=0)
LINK = {"v2": frozenset({"v1"})}


def test_an_early_failure_does_not_count_against_the_adapted_version() -> None:
    assert verdict([FAILED, ADAPTED]) is Direction.SUPPORTS
    assert verdict([FAILED, ADAPTED], LINK) is Direction.SUPPORTS


def test_the_same_version_failing_and_succeeding_is_mixed() -> None:
    assert verdict([FAILED, replace(ADAPTED, specification="v1")]) is Direction.PARTLY


def test_two_versions_last_tested_on_one_day_both_count() -> None:
    assert verdict([FAILED, replace(ADAPTED, start=FAILED.start)]) is Direction.PARTLY


def test_a_version_without_a_clear_result_keeps_what_it_inherits() -> None:
    supported = replace(FAILED, outcome=Outcome.MET)
    assert verdict([supported, UNCLEAR]) is None
    assert verdict([supported, UNCLEAR], LINK) is Direction.SUPPORTS
    assert verdict([FAILED, UNCLEAR], LINK) is Direction.CONTRADICTS


def test_inheritance_goes_back_one_version_at_a_time() -> None:
    third = replace(UNCLEAR, specification="v3")
    chain = {**LINK, "v3": frozenset({"v2"})}
    assert verdict([FAILED, ADAPTED, third], chain) is Direction.SUPPORTS
    assert verdict([FAILED, third], chain) is Direction.CONTRADICTS


def test_inheritance_in_a_circle_ends() -> None:
    circle = {"v2": frozenset({"v1"}), "v1": frozenset({"v2"})}
    assert verdict([UNCLEAR], circle) is None


def assessed(*tests: Test, **more: Any) -> Any:
    sites = {
        name: Site(name, f"Site {name.upper()}", frozenset({("locality", f"x/{place}")}))
        for name, place in zip("abcdef", ["city", "town", "rural"] * 2, strict=True)
    }
    return assess_idea(Evidence("i", tests=tests, sites=sites, **more), POLICY, TODAY)


def test_no_test_is_untested_and_impressions_are_tried() -> None:
    assert assessed().level.slug == "untested"
    assert assessed().missing == ("one completed test",)
    assert assessed(cycle("1", basis=0)).level.slug == "tried"


def test_two_contradicting_sites_are_set_aside_and_what_is_missing_is_said() -> None:
    found = assessed(
        cycle("1", site="a", outcome=Outcome.NOT_MET), cycle("2", site="b", outcome=Outcome.NOT_MET)
    )
    assert found.level.slug == "set-aside"
    assert found.missing == ("a supporting test of a new version",)


def test_replicated_needs_three_sites_in_differing_settings() -> None:
    found = assessed(*(cycle(s, site=s) for s in "abc"))
    assert found.level.slug == "replicated"
    assert found.indicators.V == 1
    same = assessed(*(cycle(s, site=s) for s in "ad"))
    assert same.indicators.V == 0
    assert same.missing == (
        "one more site where it goes as predicted",
        "support in differing settings on one more context facet",
    )


def test_dependable_and_nothing_missing() -> None:
    tests = [cycle(s, site=s, basis=3, scale=4, people=10, sustained=True) for s in "abcdef"]
    sites = {
        s: Site(s, s, frozenset({("x", f"x/{i % 3}"), ("y", f"y/{i % 2}")}))
        for i, s in enumerate("abcdef")
    }
    found = assess_idea(Evidence("i", tests=tuple(tests), sites=sites), POLICY, TODAY)
    assert found.level.slug == "dependable"
    assert found.missing == ()
    assert found.next_level is None


def test_an_unresolved_unwanted_effect_holds_the_level_at_tried() -> None:
    tests = [cycle(s, site=s) for s in "abc"]
    held = assessed(*tests, cycle("h", site="d", harm=True))
    assert held.level.slug == "tried"
    assert held.flags == ("contested", "unwanted-effect")
    assert held.missing == ("the unwanted effect resolved",)
    freed = assessed(*tests, cycle("h", site="d", harm=True, harm_resolved=True))
    assert freed.level.slug == "replicated"


def test_an_explained_contradiction_leaves_the_base_but_stays_in_sight() -> None:
    tests = [cycle(s, site=s) for s in "ab"]
    against = cycle("x", site="c", outcome=Outcome.NOT_MET)
    plain = assessed(*tests, against)
    explained = assessed(*tests, against, explained={"x#f": "Too short a lesson"})
    assert plain.indicators.value("C") == Fraction(2, 3)
    assert plain.flags == ("contested",)
    assert explained.indicators.value("C") == 1
    assert explained.flags == ()
    assert explained.indicators.R_c == explained.indicators.explained == 1
    assert "did not work at: rural" in explained.sentence


def test_explanations_never_outnumber_support() -> None:
    tests = [cycle(s, site=s, outcome=Outcome.NOT_MET) for s in "bc"]
    found = assessed(cycle("a", site="a"), *tests, explained={"b#f": "why", "c#f": "why"})
    assert found.indicators.explained == 1
    assert found.indicators.contested


def test_planned_tests_are_overdue_after_their_grace() -> None:
    planned = cycle("p", stage=Stage.PLANNED, start=date(2025, 4, 15))
    on_time = assess_idea(Evidence("i", tests=(planned,)), POLICY, date(2025, 6, 14))
    late = assess_idea(Evidence("i", tests=(planned,)), POLICY, date(2025, 6, 15))
    assert (on_time.overdue, late.overdue) == ((), ("p",))
    assert late.indicators.U == 1
    assert late.answers.tested_elsewhere.endswith("1 test overdue without a report.")
    assert assessed(replace(planned, stage=Stage.NOT_DONE)).overdue == ()


def test_stale_after_the_months_of_the_policy() -> None:
    assert months_between(date(2025, 1, 31), date(2025, 2, 28)) == 0
    assert months_between(date(2025, 1, 15), date(2026, 3, 15)) == 14
    assert not is_stale(date(2022, 6, 15), TODAY, 36)
    assert is_stale(date(2022, 6, 14), TODAY, 36)
    assert assessed(cycle("t", start=date(2022, 6, 14))).flags == ("stale",)
    ended = cycle("t", start=date(2022, 1, 1), end=date(2025, 5, 1))
    assert assessed(ended).indicators.age == 1


def test_a_test_without_a_site_is_counted_and_replicates_nothing() -> None:
    found = assessed(cycle("1", site=None))
    assert (found.indicators.T, found.indicators.R_s) == (1, 0)


def test_a_chart_signal_counts_for_g_only_where_there_is_data() -> None:
    assert assessed(cycle("1", basis=1, signal=True)).indicators.G == 1
    assert assessed(cycle("1", basis=0, signal=True)).indicators.G == 0


def test_few_people_are_never_given_as_a_number_in_words() -> None:
    tests = [cycle(s, site=s, basis=3, scale=4, people=1) for s in "abcdef"]
    found = assessed(*tests)
    assert any("at least 20 people" in text for text in found.missing)
    assert "6 people" not in found.sentence


# ---- the hub's judgement ----


def judged(computed: str, to: str, **changes: Any) -> tuple[Level, Standing, str]:
    whole: dict[str, Any] = {
        "iri": "j",
        "level": LEVEL[to],
        "assessed_on": date(2025, 5, 1),
        "review_by": date(2026, 5, 1),
        "rationale": "x" * 80,
        "reviewers": frozenset({"r1", "r2"}),
        "evidence": frozenset({"study"}),
    }
    shown = shown_level(LEVEL[computed], [Judgement(**{**whole, **changes})], POLICY, TODAY)
    return shown.level, shown.standing, shown.reason


def test_without_a_judgement_the_computed_level_is_shown() -> None:
    shown = shown_level(LEVEL["promising"], [], POLICY, TODAY)
    assert (shown.level, shown.standing) == (LEVEL["promising"], Standing.COMPUTED)


def test_lowering_always_holds() -> None:
    level, standing, reason = judged(
        "replicated",
        "tried",
        reviewers=frozenset(),
        evidence=frozenset(),
        rationale="",
        review_by=None,
    )
    assert (level, standing) == (LEVEL["tried"], Standing.LOWERED)
    assert "from Replicated to Tried" in reason


def test_a_sound_raise_by_one_step_holds() -> None:
    assert judged("tried", "promising")[:2] == (LEVEL["promising"], Standing.RAISED)
    assert judged("promising", "promising")[1] is Standing.AGREED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"level": LEVEL["replicated"]}, "up 2 steps"),
        ({"reviewers": frozenset({"r1"})}, "1 of the 2 reviewers"),
        ({"originators": frozenset({"r3"})}, "originator"),
        ({"rationale": "x" * 79}, "79 of the 80 characters"),
        ({"evidence": frozenset()}, "external evidence"),
        ({"review_by": None}, "review date"),
    ],
)
def test_a_raise_that_lacks_something_is_refused_and_says_what(
    changes: dict[str, Any], why: str
) -> None:
    level, standing, reason = judged("tried", "promising", **changes)
    assert (level, standing) == (LEVEL["tried"], Standing.REFUSED)
    assert why in reason


def test_a_lapsed_judgement_falls_back_to_the_computed_level() -> None:
    level, standing, reason = judged("replicated", "tried", review_by=date(2025, 6, 14))
    assert (level, standing) == (LEVEL["replicated"], Standing.LAPSED)
    assert "2025-06-14" in reason
    assert judged("replicated", "tried", review_by=TODAY)[1] is Standing.LOWERED


def test_the_latest_judgement_counts() -> None:
    first = Judgement("j1", LEVEL["tried"], date(2025, 1, 1), None, "", frozenset())
    second = Judgement("j2", LEVEL["promising"], date(2025, 2, 1), None, "", frozenset())
    for order in ([first, second], [second, first]):
        shown = shown_level(LEVEL["promising"], order, POLICY, TODAY)
        assert shown.judgement is second
