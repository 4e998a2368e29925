"""What a chart says, in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence

from warranted.charts.runs import MIN_USEFUL, SHIFT, RunFigures

PartFigures = tuple[int, int, int, RunFigures, int]
"""First and last index, points with a value, run figures, points outside the limits."""


def verdict(parts: Sequence[PartFigures], *, median_line: bool) -> str:
    """The verdict on all parts, as one sentence.

    Below ten useful points it says that there are too few points for a verdict: nothing is said of
    change or of its absence.
    """
    line = "median" if median_line else "centre line"
    if len(parts) == 1:
        clause = _clause(parts[0], line)
        return clause[0].upper() + clause[1:] + "."
    clauses = "; ".join(f"points {p[0] + 1} to {p[1] + 1}: {_clause(p, line)}" for p in parts)
    return f"In {len(parts)} parts: {clauses}."


def _clause(part: PartFigures, line: str) -> str:
    _, _, n_points, runs, n_outside = part
    outside = f"{_points(n_outside)} outside the control limits" if n_outside else ""
    if runs.n_useful < MIN_USEFUL:
        lie = "lies" if runs.n_useful == 1 else "lie"
        text = (
            f"too few points for a verdict: {runs.n_useful} of {_points(n_points)} {lie} off the "
            f"{line}, and the rules need {MIN_USEFUL}"
        )
        return f"{text}; {outside}" if outside else text
    figures = (
        f"longest run {_points(runs.longest_run)} (chance gives up to {runs.longest_run_max}), "
        f"{runs.crossings} {'crossing' if runs.crossings == 1 else 'crossings'} of the {line} "
        f"(chance gives {runs.crossings_min} or more)"
    )
    if runs.runs_signal:
        text = f"signal of a change that chance alone would rarely give: {figures}"
        return f"{text}; {outside}" if outside else text
    if outside:
        return f"signal of a change that chance alone would rarely give: {outside}; {figures}"
    text = f"no signal beyond chance variation: {figures}"
    if runs.shifts:
        return f"{text}; by the classic rule, {SHIFT} points or more in a row lie on one side"
    return text


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
