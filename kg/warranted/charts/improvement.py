"""The signal that counts for warrant: a series that moved to the better side after a change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from warranted.charts.analysis import ChartResult, analyse
from warranted.charts.chart_input import ChartInput, ChartKind
from warranted.charts.limits import MIN_BASELINE, median
from warranted.charts.runs import MIN_USEFUL, SHIFT, run_figures
from warranted.errors import InputError


class Better(Enum):
    """The side of the centre line that is better (`nic:betterIs`)."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def side(self) -> str:
        """ "above" or "below"."""
        return "above" if self is Better.HIGHER else "below"


@dataclass(frozen=True, slots=True)
class ImprovementSignal:
    """Whether a series counts as a signal for warrant, and why, in one sentence.

    Attributes:
        result: the median run chart the answer rests on.
    """

    counts: bool
    reason: str
    result: ChartResult


def improvement_signal(series: ChartInput, baseline: int, better: Better) -> ImprovementSignal:
    """Whether `series` shows a signal towards better after its first `baseline` points.

    The series is read as a median run chart in one part, frozen on the baseline. It counts if at
    least ten points lie off the median, at least five of the baseline points have a value and,
    after the change, either

    - six points or more in a row lie on the better side (a shift; an Anhøj run is longer still, so
      a long run on the better side is always one), or
    - the whole series crosses the median less often than chance would give (Anhøj), and most of
      the points after the change that lie off the median are on the better side.

    A run is counted from the change onwards; trends and points outside control limits never count.

    Raises:
        InputError: `baseline` is not between 1 and the number of points.
    """
    if not 1 <= baseline <= len(series.y):
        raise InputError(
            f"The baseline has {baseline} points, out of range.",
            field="baseline",
            fix=f"Give a number from 1 to {len(series.y)}.",
        )
    chart = replace(series, chart=ChartKind.RUN, freeze=baseline, part=(), screen=False)
    if series.chart is ChartKind.COUNTS:
        chart = replace(chart, n=None)
    result = analyse(chart)
    part = result.now
    if not part.frozen:
        return ImprovementSignal(
            False,
            f"The baseline has fewer than {MIN_BASELINE} points with a value.",
            result,
        )
    if part.runs.n_useful < MIN_USEFUL:
        return ImprovementSignal(False, result.verdict, result)
    center = _center(chart, baseline)
    after = run_figures(chart.values[baseline:], center, baseline)
    shifts = [s for s in after.shifts if s[2] == better.side]
    if shifts:
        first, last, side = shifts[0]
        return ImprovementSignal(
            True,
            f"After the change, {SHIFT} points or more in a row lie {side} the baseline median "
            f"(points {first + 1} to {last + 1}).",
            result,
        )
    sides = [p.side for p in result.points[baseline:] if p.side in ("above", "below")]
    good = sides.count(better.side)
    if part.runs.too_few_crossings and 2 * good > len(sides):
        return ImprovementSignal(
            True,
            f"The line has fewer crossings of the baseline median ({part.runs.crossings}) than "
            f"chance would give, and {good} of {len(sides)} points after the change lie "
            f"{better.side} it.",
            result,
        )
    return ImprovementSignal(
        False, "The rules find no signal towards better after the change.", result
    )


def _center(chart: ChartInput, baseline: int) -> Fraction:
    return median([value for value in chart.values[:baseline] if value is not None])
