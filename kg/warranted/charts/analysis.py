"""One chart, analysed: every point, every part, and the verdict in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

from warranted.charts.chart_input import ChartInput, ChartKind
from warranted.charts.limits import (
    MIN_BASELINE,
    SCREEN_FACTOR,
    XMR_FACTOR,
    Limits,
    limits,
    median,
)
from warranted.charts.runs import Pattern, RunFigures, RunsVerdict, run_figures, sides, trends
from warranted.charts.verdict import verdict
from warranted.language import ENGLISH, Language


@dataclass(frozen=True, slots=True)
class Point:
    """One point as it is drawn, in plotted units. `value` is None at a gap.

    Attributes:
        side: "above", "below" or "on" the centre line; None at a gap.
        shift, trend: the point lies within one. outside: it lies outside the limits.
        part: which part it belongs to, from 0.
    """

    index: int
    value: float | None
    center: float
    lower: float | None
    upper: float | None
    side: str | None
    shift: bool
    trend: bool
    outside: bool
    part: int


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one part of a chart, in plotted units; indices are those of the chart.

    Attributes:
        baseline: points the centre line and limits rest on. frozen: whether they are only the
            first ones.
        median: of the baseline, whatever the centre line is.
        runs: the figures of the run rules about the centre line.
    """

    first: int
    last: int
    n_points: int
    baseline: int
    frozen: bool
    center: float
    median: float
    runs: RunFigures
    trends: tuple[Pattern, ...]
    sigma_signals: tuple[int, ...]
    mean_moving_range: float | None
    moving_ranges_screened: int

    def to_json(self) -> dict[str, Any]:
        """All figures, flat."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "runs"}
        lists = ("trends", "sigma_signals", "shifts")
        found = own | asdict(self.runs)
        return found | {name: [_as_list(item) for item in found[name]] for name in lists}


@dataclass(frozen=True, slots=True)
class ChartResult:
    """A chart and what the rules say of it.

    Where a chart has several parts, the counts given by properties (`n_useful`, `longest_run` …)
    are those of the last part, the process as it is now; `runs_signal` is true if any part
    signals; `shifts`, `trends` and `sigma_signals` are those of all parts.
    """

    chart: ChartKind
    points: tuple[Point, ...]
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    target: float | None

    @property
    def now(self) -> Part:
        """The last part."""
        return self.parts[-1]

    @property
    def center(self) -> float | list[float]:
        """The centre line: a number, or a list with a number a point where parts differ."""
        return self.now.center if len(self.parts) == 1 else [p.center for p in self.points]

    @property
    def lower(self) -> float | list[float | None] | None:
        """The lower limit: None, a number, or a list with an entry a point where they vary."""
        return self._limit([p.lower for p in self.points])

    @property
    def upper(self) -> float | list[float | None] | None:
        """The upper limit: None, a number, or a list with an entry a point where they vary."""
        return self._limit([p.upper for p in self.points])

    def _limit(self, given: list[float | None]) -> float | list[float | None] | None:
        both = {(p.lower, p.upper) for p in self.points}
        return given[0] if len(both) == 1 else given

    @property
    def median(self) -> float:
        """The median of the last part's baseline."""
        return self.now.median

    @property
    def n_useful(self) -> int:
        """Points off the centre line."""
        return self.now.runs.n_useful

    @property
    def longest_run(self) -> int:
        """The longest run on one side of the centre line."""
        return self.now.runs.longest_run

    @property
    def longest_run_max(self) -> int | None:
        """The longest run chance would give."""
        return self.now.runs.longest_run_max

    @property
    def crossings(self) -> int:
        """How often the line crosses the centre line."""
        return self.now.runs.crossings

    @property
    def crossings_min(self) -> int | None:
        """The fewest crossings chance would give."""
        return self.now.runs.crossings_min

    @property
    def verdict(self) -> str:
        """What the rules find, in a sentence."""
        return self.told(ENGLISH)

    def told(self, language: Language) -> str:
        """The verdict in a language."""
        return _verdict(self.chart, self.parts, language)

    @property
    def runs_signal(self) -> bool:
        """Whether the Anhøj rules signal in any part."""
        return any(part.runs.runs_signal for part in self.parts)

    @property
    def n_runs(self) -> int:
        """Number of runs about the centre line."""
        return self.now.runs.n_runs

    @property
    def runs_verdict(self) -> RunsVerdict:
        """Whether there are more or fewer runs than chance would give."""
        return self.now.runs.runs_verdict

    @property
    def shifts(self) -> tuple[Pattern, ...]:
        """Six points or more in a row on one side."""
        return tuple(shift for part in self.parts for shift in part.runs.shifts)

    @property
    def trends(self) -> tuple[Pattern, ...]:
        """Five points or more rising or falling; shown, and never a signal for warrant."""
        return tuple(trend for part in self.parts for trend in part.trends)

    @property
    def sigma_signals(self) -> tuple[int, ...]:
        """Indices of the points outside the limits."""
        return tuple(i for part in self.parts for i in part.sigma_signals)

    @property
    def gaps(self) -> tuple[int, ...]:
        """Indices without a value."""
        return tuple(p.index for p in self.points if p.value is None)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values; the package's docstring and this class say what is meant."""
        return {
            "chart": self.chart.value,
            "verdict": self.verdict,
            "center": self.center,
            "lower": self.lower,
            "upper": self.upper,
            "median": self.median,
            "n_useful": self.n_useful,
            "longest_run": self.longest_run,
            "longest_run_max": self.longest_run_max,
            "crossings": self.crossings,
            "crossings_min": self.crossings_min,
            "runs_signal": self.runs_signal,
            "n_runs": self.n_runs,
            "runs_min": self.now.runs.runs_min,
            "runs_max": self.now.runs.runs_max,
            "runs_verdict": self.runs_verdict,
            "shifts": [list(shift) for shift in self.shifts],
            "trends": [list(trend) for trend in self.trends],
            "sigma_signals": list(self.sigma_signals),
            "gaps": list(self.gaps),
            "target": self.target,
            "values": [p.value for p in self.points],
            "parts": [part.to_json() for part in self.parts],
            "notes": list(self.notes),
        }


def analyse(chart: ChartInput) -> ChartResult:
    """Apply every rule to `chart`.

    Each part has its own centre line and limits. `freeze` concerns the first part: its centre and
    limits rest on that many points if at least five of them have a value, else on all, and a note
    says so. Chance figures and signals: `warranted.charts.runs`, `warranted.charts.limits`.
    """
    notes: list[str] = []
    parts: list[Part] = []
    points: list[Point] = []
    for number, (first, last) in enumerate(chart.spans):
        values = chart.values[first : last + 1]
        observed = sum(value is not None for value in values)
        baseline = len(values)
        frozen = False
        if number == 0 and chart.freeze is not None:
            known = sum(value is not None for value in values[: chart.freeze])
            if known >= MIN_BASELINE:
                baseline, observed_base, frozen = chart.freeze, known, True
            else:
                notes.append(
                    f"The baseline has {known} points with a value; a centre line is frozen on "
                    f"{MIN_BASELINE} or more, so it rests on all points."
                )
        if not frozen:
            observed_base = observed
        found = limits(
            chart.chart,
            values,
            chart.y[first : last + 1],
            None if chart.n is None else chart.n[first : last + 1],
            baseline,
            screen=chart.screen,
        )
        outside = tuple(
            first + i
            for i, value in enumerate(values)
            if value is not None and found.outside(i, value)
        )
        part = Part(
            first=first,
            last=last,
            n_points=observed,
            baseline=observed_base,
            frozen=frozen,
            center=float(found.center * chart.multiply),
            median=float(median([v for v in values[:baseline] if v is not None]) * chart.multiply),
            runs=run_figures(values, found.center, first),
            trends=trends(values, first),
            sigma_signals=outside,
            mean_moving_range=None
            if found.mean_moving_range is None
            else float(found.mean_moving_range * chart.multiply),
            moving_ranges_screened=found.screened,
        )
        parts.append(part)
        points.extend(_points(chart.multiply, number, part, values, found))
    notes += _notes(chart, parts)
    return ChartResult(
        chart=chart.chart,
        points=tuple(points),
        parts=tuple(parts),
        notes=tuple(notes),
        target=None if chart.target is None else float(chart.target),
    )


def _verdict(kind: ChartKind, parts: Iterable[Part], language: Language) -> str:
    figures = [(p.first, p.last, p.n_points, p.runs, len(p.sigma_signals)) for p in parts]
    return verdict(figures, median_line=kind is ChartKind.RUN, language=language)


def _points(
    factor: Fraction, number: int, part: Part, values: tuple[Fraction | None, ...], found: Limits
) -> list[Point]:
    points = []
    plain = factor == 1
    for i, (value, side) in enumerate(zip(values, sides(values, found.center), strict=True)):
        index = part.first + i
        points.append(
            Point(
                index=index,
                value=None if value is None else float(value if plain else value * factor),
                center=part.center,
                lower=_times(found.lower(i), factor),
                upper=_times(found.upper(i), factor),
                side=side,
                shift=side in ("above", "below") and _within(index, part.runs.shifts),
                trend=value is not None and _within(index, part.trends),
                outside=index in part.sigma_signals,
                part=number,
            )
        )
    return points


def _as_list(item: Any) -> Any:
    return list(item) if isinstance(item, tuple) else item


def _times(limit: float | None, factor: Fraction) -> float | None:
    return None if limit is None else limit * float(factor)


def _within(index: int, patterns: tuple[Pattern, ...]) -> bool:
    return any(first <= index <= last for first, last, _ in patterns)


def _notes(chart: ChartInput, parts: list[Part]) -> list[str]:
    notes = []
    if chart.chart is ChartKind.INDIVIDUALS:
        notes.append(
            f"Limits are the mean ± {float(XMR_FACTOR):g} times the mean moving range; "
            + (
                f"ranges above {float(SCREEN_FACTOR):g} times their mean were left out once "
                f"({sum(p.moving_ranges_screened for p in parts)} of them)."
                if chart.screen
                else "no range was screened out."
            )
        )
        if any(p.mean_moving_range is None for p in parts):
            notes.append("A part has no two points in a row with a value, and so no limits.")
    elif chart.chart is not ChartKind.RUN:
        notes.append("Limits are the centre ± 3 standard deviations of the counts.")
    if chart.screen and chart.chart is not ChartKind.INDIVIDUALS:
        notes.append("screen concerns i charts only, and was not used.")
    if chart.chart is ChartKind.COUNTS and chart.n is not None:
        notes.append("A c chart takes equal areas of opportunity, and n was not used.")
    if any(value is None for value in chart.values):
        notes.append("Points without a value are gaps: no rule counts them.")
    if chart.unused:
        notes.append("Not used: " + ", ".join(chart.unused) + ".")
    return notes
