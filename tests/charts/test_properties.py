"""What must hold for every chart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warranted.charts import ChartInput, analyse
from warranted.charts.runs import MIN_USEFUL

values = st.one_of(st.none(), st.integers(-20, 20))
series = st.lists(values, min_size=1, max_size=40).filter(lambda y: any(v is not None for v in y))
counted = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 60)).map(lambda p: (min(p), max(p))),
    min_size=1,
    max_size=30,
)
RUN_FIGURES = ("n_useful", "longest_run", "crossings", "runs_signal", "n_runs", "runs_verdict")


@given(series, st.integers(-1000, 1000))
def test_adding_a_constant_shifts_the_centre_and_nothing_else(y: list[int | None], by: int) -> None:
    plain = analyse(ChartInput.of("run", y))
    moved = analyse(ChartInput.of("run", [None if v is None else v + by for v in y]))
    assert moved.center == plain.now.center + by
    for name in (*RUN_FIGURES, "shifts", "trends"):
        assert getattr(moved, name) == getattr(plain, name)


@given(series)
def test_reversing_time_keeps_runs_and_mirrors_patterns(y: list[int | None]) -> None:
    plain, back = analyse(ChartInput.of("run", y)), analyse(ChartInput.of("run", y[::-1]))
    for name in RUN_FIGURES:
        assert getattr(back, name) == getattr(plain, name)
    last = len(y) - 1
    assert [(last - b, last - a, side) for a, b, side in reversed(back.shifts)] == list(
        plain.shifts
    )
    assert len(back.trends) == len(plain.trends)


@given(series)
def test_turning_the_chart_upside_down_swaps_above_and_below(y: list[int | None]) -> None:
    plain = analyse(ChartInput.of("run", y))
    flipped = analyse(ChartInput.of("run", [None if v is None else -v for v in y]))
    swap = {"above": "below", "below": "above", "up": "down", "down": "up"}
    assert [(a, b, swap[side]) for a, b, side in flipped.shifts] == list(plain.shifts)
    assert [(a, b, swap[way]) for a, b, way in flipped.trends] == list(plain.trends)
    assert flipped.runs_signal == plain.runs_signal


@given(series)
def test_gaps_play_no_part_in_the_run_rules(y: list[int | None]) -> None:
    plain = analyse(ChartInput.of("run", y))
    dense = analyse(ChartInput.of("run", [v for v in y if v is not None]))
    for name in (*RUN_FIGURES, "center"):
        assert getattr(dense, name) == getattr(plain, name)
    assert len(plain.gaps) == sum(v is None for v in y)


@given(series)
def test_below_ten_useful_points_there_is_no_signal_and_the_verdict_says_why(
    y: list[int | None],
) -> None:
    result = analyse(ChartInput.of("run", y))
    assert ("too few points for a verdict" in result.verdict.lower()) == (
        result.n_useful < MIN_USEFUL
    )
    if result.n_useful < MIN_USEFUL:
        assert not result.runs_signal
        assert result.runs_verdict == "not_assessed"
    assert "no change" not in result.verdict.lower()
    assert result.verdict.endswith(".")
    assert "\n" not in result.verdict


@given(counted, st.sampled_from(["p", "u"]), st.integers(1, 1000))
def test_scale_of_the_values_changes_no_signal(
    pairs: list[tuple[int, int]], kind: str, times: int
) -> None:
    y, n = [p[0] for p in pairs], [p[1] for p in pairs]
    plain = analyse(ChartInput.of(kind, y, n=n))
    scaled = analyse(ChartInput.of(kind, y, n=n, multiply=times))
    assert scaled.sigma_signals == plain.sigma_signals
    for name in RUN_FIGURES:
        assert getattr(scaled, name) == getattr(plain, name)


@given(counted, st.sampled_from(["p", "u"]))
def test_centre_lies_between_the_limits_of_every_point(
    pairs: list[tuple[int, int]], kind: str
) -> None:
    result = analyse(ChartInput.of(kind, [p[0] for p in pairs], n=[p[1] for p in pairs]))
    for point in result.points:
        assert point.lower is not None
        assert point.upper is not None
        assert 0 <= point.lower <= point.center <= point.upper
        assert kind == "u" or point.upper <= 1


@given(series, st.integers(1, 39))
def test_a_chart_in_two_parts_is_two_charts(y: list[int | None], at: int) -> None:
    first, second = y[:at], y[at:]
    if not all(any(v is not None for v in part) for part in (first, second)):
        return
    both = analyse(ChartInput.of("i", y, part=[at]))
    for part, alone in zip(both.parts, (first, second), strict=True):
        one = analyse(ChartInput.of("i", alone)).now
        assert part.center == one.center
        assert part.runs.n_useful == one.runs.n_useful
        assert [i - part.first for i in part.sigma_signals] == list(one.sigma_signals)
