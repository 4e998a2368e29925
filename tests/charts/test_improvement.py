"""The signal that counts for warrant."""

from __future__ import annotations

import pytest

from warranted.charts import Better, ChartInput, improvement_signal
from warranted.errors import InputError

BASE = [10, 12, 9, 11, 10, 12]


def counts(y: list[float | None], baseline: int, better: Better) -> bool:
    return improvement_signal(ChartInput.of("run", y), baseline, better).counts


def test_six_after_the_change_on_the_better_side_count() -> None:
    y = [*BASE, 14, 15, 16, 15, 14, 16]
    assert counts(y, 6, Better.HIGHER)
    assert not counts(y, 6, Better.LOWER)
    found = improvement_signal(ChartInput.of("run", y), 6, Better.HIGHER)
    assert "points 7 to 12" in found.reason


def test_five_after_the_change_do_not_count_as_a_shift() -> None:
    assert not counts([*BASE, 14, 15, 16, 15, 14, 1, 15], 6, Better.HIGHER)


def test_a_run_that_began_before_the_change_is_counted_from_the_change_on() -> None:
    y = [10, 9, 10.5, 9, 12, 12, 14, 15, 14, 15, 14, 9]
    assert not counts(y, 6, Better.HIGHER)


def test_too_few_crossings_count_when_most_points_after_lie_on_the_better_side() -> None:
    y: list[float | None] = [1, 2, 5, 9, 8, *[9] * 5, *[1] * 4, *[9] * 5]
    found = improvement_signal(ChartInput.of("run", y), 5, Better.HIGHER)
    assert (found.result.crossings, found.result.crossings_min) == (3, 5)
    assert found.counts
    assert "fewer crossings of the baseline median (3)" in found.reason
    assert not counts(y, 5, Better.LOWER)


def test_a_baseline_under_five_points_never_counts() -> None:
    found = improvement_signal(ChartInput.of("run", [1, 2, 1, 2, *[9] * 12]), 4, Better.HIGHER)
    assert not found.counts
    assert "baseline" in found.reason


def test_under_ten_useful_points_never_count() -> None:
    found = improvement_signal(
        ChartInput.of("run", [1, 2, 3, 2, 1, 9, 9, 9, 9, 9, 9]), 5, Better.HIGHER
    )
    assert found.result.n_useful == 9
    assert not found.counts
    assert found.reason.startswith("Too few points for a verdict")


def test_a_trend_never_counts() -> None:
    y = [10, 12, 9, 11, 10, 12, 9, 10, 11, 12, 13, 9, 12]
    found = improvement_signal(ChartInput.of("run", y), 6, Better.HIGHER)
    assert found.result.trends
    assert not found.counts


def test_rates_are_read_as_rates() -> None:
    y = [20, 22, 19, 21, 20, 22, 5, 4, 6, 5, 4, 6]
    n = [1000] * 12
    assert improvement_signal(ChartInput.of("u", y, n=n), 6, Better.LOWER).counts


@pytest.mark.parametrize("baseline", [0, 20])
def test_baseline_out_of_range(baseline: int) -> None:
    with pytest.raises(InputError) as refused:
        improvement_signal(ChartInput.of("run", BASE), baseline, Better.HIGHER)
    assert refused.value.field == "baseline"
