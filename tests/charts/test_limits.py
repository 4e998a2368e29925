"""Centre lines and limits of each kind of chart."""

from __future__ import annotations

from math import sqrt

import pytest

from warranted.charts import ChartInput, analyse

EXACT = {"rel": 1e-12, "abs": 1e-12}


def test_xmr_limits_are_the_mean_and_2_66_mean_moving_ranges() -> None:
    y = [4.0, 6.0, 5.0, 9.0, 5.0]
    result = analyse(ChartInput.of("i", y))
    mean, mean_range = 29 / 5, (2 + 1 + 4 + 4) / 4
    assert result.center == pytest.approx(mean, **EXACT)
    assert result.upper == pytest.approx(mean + 2.66 * mean_range, **EXACT)
    assert result.lower == pytest.approx(mean - 2.66 * mean_range, **EXACT)
    assert result.parts[0].mean_moving_range == pytest.approx(mean_range, **EXACT)
    assert "2.66 times the mean moving range" in result.notes[0]
    assert "no range was screened out" in result.notes[0]


def test_xmr_screening_drops_large_moving_ranges_once_and_says_so() -> None:
    y = [1, 2, 1, 2, 1, 2, 1, 50, 49, 50, 49, 50]
    plain = analyse(ChartInput.of("i", y))
    screened = analyse(ChartInput.of("i", y, screen=True))
    assert plain.parts[0].mean_moving_range == pytest.approx(59 / 11, **EXACT)
    assert screened.parts[0].mean_moving_range == pytest.approx(1.0, **EXACT)
    assert screened.parts[0].moving_ranges_screened == 1
    assert "3.267 times their mean were left out once (1 of them)" in screened.notes[0]
    assert (plain.upper, screened.upper) == (
        pytest.approx(258 / 12 + 2.66 * 59 / 11, **EXACT),
        pytest.approx(258 / 12 + 2.66, **EXACT),
    )


def test_a_gap_has_no_moving_range_beside_it() -> None:
    result = analyse(ChartInput.of("i", [1, 2, None, 10, 11]))
    assert result.parts[0].mean_moving_range == 1.0
    assert result.gaps == (2,)
    assert result.points[2].value is None
    assert "gaps" in " ".join(result.notes)


def test_xmr_without_two_points_in_a_row_has_no_limits() -> None:
    result = analyse(ChartInput.of("i", [1, None, 3]))
    assert result.lower is None
    assert result.upper is None
    assert any("no limits" in note for note in result.notes)


def test_p_chart_limits_vary_with_the_denominator_and_stay_within_0_and_1() -> None:
    y, n = [8, 9, 40, 2], [10, 10, 50, 2]
    result = analyse(ChartInput.of("p", y, n=n))
    center = 59 / 72
    assert result.center == pytest.approx(center, **EXACT)
    for point, size in zip(result.points, n, strict=True):
        spread = 3 * sqrt(center * (1 - center) / size)
        assert point.lower == pytest.approx(max(center - spread, 0), **EXACT)
        assert point.upper == pytest.approx(min(center + spread, 1), **EXACT)
    assert isinstance(result.lower, list)
    assert isinstance(result.upper, list)


def test_u_chart_in_thousands() -> None:
    y, n = [3, 5, 2, 20], [1000, 1200, 900, 1100]
    result = analyse(ChartInput.of("u", y, n=n, multiply=1000))
    center = 30 / 4200
    assert result.center == pytest.approx(center * 1000, **EXACT)
    for point, size in zip(result.points, n, strict=True):
        spread = 3 * sqrt(center / size)
        assert point.lower == pytest.approx(max(center - spread, 0) * 1000, **EXACT)
        assert point.upper == pytest.approx((center + spread) * 1000, **EXACT)
    assert result.sigma_signals == (3,)


def test_equal_denominators_give_one_number_a_limit() -> None:
    result = analyse(ChartInput.of("p", [3, 5, 4], n=[10, 10, 10]))
    assert isinstance(result.lower, float)
    assert isinstance(result.upper, float)


def test_c_chart() -> None:
    result = analyse(ChartInput.of("c", [4, 5, 3, 4, 15, 5]))
    assert result.center == 6.0
    assert result.upper == pytest.approx(6 + 3 * sqrt(6), **EXACT)
    assert result.lower == 0.0
    assert result.sigma_signals == (4,)
    assert result.verdict.endswith("1 point outside the control limits.")


def test_a_point_exactly_on_the_limit_is_not_outside() -> None:
    # centre 4, limits 4 ± 6; floats alone would not decide this reliably
    result = analyse(ChartInput.of("c", [10, 2, 3, 1]))
    assert result.center == 4.0
    assert result.upper == 10.0
    assert result.sigma_signals == ()


def test_frozen_limits_rest_on_the_baseline_alone() -> None:
    base = [10, 12, 11, 13, 12]
    result = analyse(ChartInput.of("i", [*base, 30, 31], freeze=5))
    alone = analyse(ChartInput.of("i", base))
    assert (result.center, result.lower, result.upper) == (alone.center, alone.lower, alone.upper)
    assert result.sigma_signals == (5, 6)
    assert result.parts[0].frozen
    assert result.parts[0].baseline == 5


def test_a_baseline_under_five_points_is_not_frozen_and_the_note_says_so() -> None:
    y = [1, 2, 3, 4, 50, 60, 70, 80]
    result = analyse(ChartInput.of("run", y, freeze=4))
    assert result.center == 27.0
    assert not result.parts[0].frozen
    assert "5 or more" in result.notes[0]
    assert analyse(ChartInput.of("run", y, freeze=5)).center == 3.0
    gap = analyse(ChartInput.of("run", [1, 2, None, 4, 5, 60, 70], freeze=5))
    assert not gap.parts[0].frozen


def test_each_part_has_its_own_centre_limits_and_figures() -> None:
    low, high = [1, 2, 1, 2, 1, 2], [11, 12, 11, 12]
    result = analyse(ChartInput.of("i", [*low, *high], part=[6]))
    assert result.center == [1.5] * 6 + [11.5] * 4
    assert [(p.first, p.last) for p in result.parts] == [(0, 5), (6, 9)]
    for part, values in zip(result.parts, (low, high), strict=True):
        assert part.center == analyse(ChartInput.of("i", values)).center
    assert result.shifts == ()
    assert result.verdict.startswith("In 2 parts: points 1 to 6: too few points for a verdict")


def test_indices_in_a_later_part_are_those_of_the_chart() -> None:
    y = [5, 5, 5, 1, 2, 3, 4, 5, 4, 1, 1]
    result = analyse(ChartInput.of("run", y, part=[3]))
    assert result.trends == ((3, 7, "up"),)


def test_ten_useful_points_outside_limits_are_a_signal_in_words() -> None:
    y = [5, 4, 6, 5, 4, 6, 5, 4, 40, 6, 4, 5]
    result = analyse(ChartInput.of("i", y))
    assert result.sigma_signals == (8,)
    assert "1 point outside the control limits" in result.verdict


def test_target_is_kept_and_plays_no_part_in_any_rule() -> None:
    y = [3, 1, 4, 1, 5]
    with_target = analyse(ChartInput.of("run", y, target=2.5)).to_json()
    without = analyse(ChartInput.of("run", y)).to_json()
    assert with_target.pop("target") == 2.5
    assert without.pop("target") is None
    assert with_target == without
