"""Series in the report: a run chart with its verdict, or the observations as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warranted_site.plot import Plot, plot
from warranted_site.takeaway.subject import Run, Subject, figure, sentence
from warranted_site.views import Series

FEW = 8
"""Observations up to which a table stands under the chart too; more are in the CSV."""


def series_blocks(s: Subject, series: Series) -> Iterator[dict[str, Any]]:
    """The blocks of one series."""
    say, thing = s.say, series.thing
    drawn = plot(series)
    yield {"kind": "heading", "level": 3, "text": thing.label}
    beside = " · ".join(part for part in (series.unit, series.where) if part)
    about: list[Run] = [beside, *s.beside(thing)]
    if any(about):
        yield {"kind": "under", "text": about}
    if drawn is not None:
        yield _chart(s, series, drawn)
    if series.chart is not None:
        told: list[Run] = [{"strong": say("Run-chart rules: ")}, sentence(series.verdict)]
        if drawn and any(dot.mark for dot in drawn.dots):
            told.append(say(" Squares mark points in a shift."))
        yield {"kind": "text", "text": told}
    if drawn is None or len(series.points) <= FEW:
        yield from _table(s, series)
    else:
        yield {"kind": "small", "text": say("Every value as published: measures.csv.")}


def _chart(s: Subject, series: Series, drawn: Plot) -> dict[str, Any]:
    pieces: list[list[list[float]]] = []
    for stroke in drawn.path.split("M"):  # a gap is drawn as a gap
        points = [[float(n) for n in pair.split()] for pair in stroke.split("L") if pair]
        if len(points) > 1:
            pieces.append(points)
    return {
        "kind": "chart",
        "alt": _words(s, series, drawn),
        "width": drawn.width,
        "left": drawn.left,
        "right": drawn.right,
        "top": drawn.top,
        "bottom": drawn.bottom,
        "unit": drawn.unit,
        "ticks": [list(tick) for tick in drawn.ticks],
        "labels": [list(label) for label in drawn.labels],
        "center": drawn.center_y,
        "center-word": drawn.center_text,
        "change": drawn.change_x,
        "change-word": s.say("change begins"),
        "pieces": pieces,
        "dots": [{"x": d.x, "y": d.y, "marked": bool(d.mark)} for d in drawn.dots],
    }


def _words(s: Subject, series: Series, drawn: Plot) -> str:
    """The chart in words, every point among them."""
    assert series.chart is not None
    points = "; ".join(f"{dot.label}: {dot.text}" for dot in drawn.dots)
    return s.say(
        "Run chart: %(name)s. %(verdict)s Points: %(points)s.",
        name=series.thing.label,
        verdict=sentence(series.verdict),
        points=points,
    )


def _table(s: Subject, series: Series) -> Iterator[dict[str, Any]]:
    if not series.points:
        return
    say, counts = s.say, series.has_counts
    head = [say("Period"), say("Value")]
    head += [say("Numerator"), say("Denominator")] if counts else []
    rows = []
    for point in series.points:
        row: list[Any] = [point.text("periodLabel") or point.text("periodStart")]
        row.append(point.text("value") or point.text("valueText") or "–")
        row += [point.text("numerator"), point.text("denominator")] if counts else []
        figures = "; ".join(figure(f) for f in point.all("hasFigure"))
        row.append([{"small": (figures + s.cites(point)).strip() or "–"}])
        rows.append(row)
    widths = [3, 2, 2, 2, 4] if counts else [3, 2, 5]
    yield {"kind": "table", "widths": widths, "head": [*head, say("Beside it")], "rows": rows}
