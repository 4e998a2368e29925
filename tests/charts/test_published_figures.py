"""The chart rules against figures that are in print or were worked out by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise, product
from math import comb, log2
from pathlib import Path
from typing import Any

import pytest

from warranted.charts import ChartInput, analyse
from warranted.charts.runs import crossings_min, longest_run_max, runs_limits

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases.json").read_text(encoding="utf-8")
)

INFECTIONS = [27, 15, 11, 24, 18, 22, 20, 18, 10]
LINE_DAYS = [13215, 15187, 15655, 17728, 18257, 19558, 17296, 16318, 11690]
PRINTED_RATES = [2.043, 0.988, 0.703, 1.354, 0.986, 1.125, 1.156, 1.103, 0.855]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case_worked_out_by_hand(case: dict[str, Any]) -> None:
    found = analyse(ChartInput.from_json({"chart": case["chart"], "y": case["y"]})).to_json()
    assert {key: found[key] for key in case["expected"]} == case["expected"], case["why"]


@pytest.mark.parametrize(
    ("n", "longest", "crossings"),
    [(10, 6, 2), (11, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (24, 8, 8), (100, 10, 41)],
)
def test_anhoej_limits_as_in_print(n: int, longest: int, crossings: int) -> None:
    assert (longest_run_max(n), crossings_min(n)) == (longest, crossings)


def test_anhoej_limits_follow_their_formulas_at_every_length() -> None:
    for n in range(1, 300):
        assert longest_run_max(n) == round(log2(n)) + 3
        least = crossings_min(n)
        ways = [comb(n - 1, k) for k in range(n)]
        assert Fraction(sum(ways[: least + 1]), 2 ** (n - 1)) >= Fraction(1, 20)
        assert Fraction(sum(ways[:least]), 2 ** (n - 1)) < Fraction(1, 20)


def test_runs_limits_agree_with_counting_every_order() -> None:
    for n in (10, 11, 12, 13):
        orders = [o for o in product((False, True), repeat=n) if sum(o) == n // 2]
        counts = [1 + sum(a != b for a, b in pairwise(o)) for o in orders]
        fewest, most = runs_limits(n)
        too_few = sum(c < fewest for c in counts) / len(counts)
        too_many = sum(c > most for c in counts) / len(counts)
        assert too_few <= 0.025 < sum(c <= fewest for c in counts) / len(counts)
        assert too_many <= 0.025 < sum(c >= most for c in counts) / len(counts)


def test_runs_limits_where_the_printed_tables_agree_with_the_distribution() -> None:
    assert {n: runs_limits(n) for n in (10, 14, 15, 30)} == {
        10: (3, 9),
        14: (4, 12),
        15: (5, 12),
        30: (11, 21),
    }
    assert runs_limits(20)[1] == 15
    assert runs_limits(16)[0] == 5


def test_neonatal_infections_run_chart_gives_no_verdict() -> None:
    result = analyse(ChartInput.of("run", PRINTED_RATES))
    assert result.median == 1.103
    assert (result.longest_run, result.crossings, result.n_useful) == (2, 5, 8)
    assert not result.runs_signal
    assert result.verdict.startswith("Too few points for a verdict: 8 of 9 points")
    assert "no change" not in result.verdict.lower()


def test_neonatal_infections_from_counts_give_the_same_chart() -> None:
    result = analyse(ChartInput.of("run", INFECTIONS, n=LINE_DAYS, multiply=1000))
    assert [round(p.value, 3) for p in result.points if p.value is not None] == PRINTED_RATES
    assert round(result.median, 3) == 1.103
    assert (result.longest_run, result.crossings, result.n_useful) == (2, 5, 8)


def test_neonatal_baseline_lies_just_above_the_u_chart_limit() -> None:
    result = analyse(ChartInput.of("u", INFECTIONS, n=LINE_DAYS, multiply=1000))
    first = result.points[0]
    assert first.upper is not None
    assert first.value is not None
    assert round(first.upper, 3) == 2.019
    assert round(first.value, 3) == 2.043
    assert result.sigma_signals == (0,)
    assert result.verdict.startswith("Too few points for a verdict")
    assert "1 point outside the control limits" in result.verdict
