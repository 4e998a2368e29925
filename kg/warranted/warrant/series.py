"""Chart signals of the series that belong to a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pyoxigraph import Store

from warranted.charts import Better, ChartInput, improvement_signal
from warranted.charts.runs import MIN_USEFUL
from warranted.errors import InputError
from warranted.warrant.rows import Row, day, number, rows, truth, whole

BALANCING = "balancing"
"""Measure type whose signals are no support: it watches for unwanted effects."""


@dataclass(frozen=True, slots=True)
class SeriesSignal:
    """Whether the series of a test show a signal towards better, and why, in one sentence.

    Attributes:
        computed: worked out from observations, not taken from a stated signal finding.
    """

    counts: bool
    reason: str
    computed: bool


def signals(store: Store, starts: dict[str, date | None]) -> dict[str, SeriesSignal]:
    """The signal of each test with a series. Series of balancing measures are left out.

    A series with observations is charted; where that cannot be done (no order, no date of change,
    no better direction) and where there are none, the stated signal finding is taken instead.

    Args:
        starts: test → its start, the date of change for a series that names none.
    """
    points: dict[str, list[Row]] = {}
    for row in rows(store, "observations"):
        points.setdefault(row["series"], []).append(row)
    stated: dict[str, list[Row]] = {}
    for row in rows(store, "signals"):
        stated.setdefault(row["series"], []).append(row)
    found: dict[str, SeriesSignal] = {}
    charted: dict[tuple[str, date | None], SeriesSignal | None] = {}  # several tests may name one
    for row in rows(store, "series"):
        if row.get("measureType", "").rsplit("/", 1)[-1] == BALANCING:
            continue
        test, series = row["test"], row["series"]
        change = day(row, "changeDate", series) or starts.get(test)
        if (series, change) not in charted:
            charted[series, change] = _computed(row, points.get(series, []), change) or _stated(
                stated.get(series, [])
            )
        signal = charted[series, change]
        if signal and not (test in found and found[test].counts):
            found[test] = signal
    return found


def _computed(series: Row, points: list[Row], change: date | None) -> SeriesSignal | None:
    if not points or change is None or series.get("betterIs") not in ("higher", "lower"):
        return None
    ordered = _ordered(points)
    if ordered is None:
        return None
    baseline = sum(begin < change for begin, _ in ordered)
    values = [value for _, value in ordered]
    if not baseline or all(value is None for value in values):
        return SeriesSignal(False, "The series has no baseline before the change.", True)
    try:
        chart = ChartInput.of("run", values)
        signal = improvement_signal(chart, baseline, Better(series["betterIs"]))
    except InputError as error:
        raise InputError(
            f"The series <{series['series']}> cannot be charted: {error.message}",
            field=error.field,
            fix=error.fix,
        ) from error
    return SeriesSignal(signal.counts, signal.reason, True)


def _ordered(points: list[Row]) -> list[tuple[date, Fraction | None]] | None:
    """Start and value of each point in time order; None where a point has no start."""
    unique = {row["observation"]: row for row in points}
    dated = []
    for name, row in unique.items():
        begin = day(row, "periodStart", name)
        if begin is None:
            return None
        place = whole(row, "sequence", name)
        dated.append(((place is None, place or 0, begin, name), begin, _value(row, name)))
    return [(begin, value) for _, begin, value in sorted(dated, key=lambda item: item[0])]


def _value(row: Row, name: str) -> Fraction | None:
    """Numerator over denominator where both are given, else the value; None is a gap."""
    over = number(row, "numerator", name)
    under = number(row, "denominator", name)
    if over is not None and under:
        return over / under
    return number(row, "value", name)


def _stated(findings: list[Row]) -> SeriesSignal | None:
    for row in findings:
        useful = whole(row, "usefulPoints", row["signal"])
        if truth(row, "towardsBetter") and (useful is None or useful >= MIN_USEFUL):
            return SeriesSignal(True, "A signal towards better is stated for the series.", False)
    return SeriesSignal(False, "No signal is stated for the series.", False) if findings else None
