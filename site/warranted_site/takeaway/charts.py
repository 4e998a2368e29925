"""Series in the report: a run chart with its verdict, or the observations as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from warranted_site.plot import Plot, plot
from warranted_site.takeaway.fitting import LINE, width
from warranted_site.takeaway.subject import Run, Subject, figure, sentence
from warranted_site.views import Series

PAGE, UNIT, TYPE = 464.8, 0.68, 7.8
"""Points: the width of a page within its margins, a unit of a chart at most, the type of its labels."""
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
    """The chart as `drawings.typ` draws it: all in points."""
    unit = min(PAGE / drawn.width, UNIT)

    def on(x: float, y: float) -> list[float]:
        return [round(x * unit, 2), round(y * unit, 2)]

    def label(x: float, y: float, text: str, before: float = 0) -> dict[str, Any]:
        """A text that stands on `y`; of its width, `before` stands left of `x`."""
        left, foot = on(x, y)
        shift = before * TYPE * width(text)
        return {"x": round(left - shift, 2), "y": round(foot - LINE * TYPE, 2), "text": text}

    def level(y: float) -> list[list[float]]:
        return [on(drawn.left, y), on(drawn.right, y)]

    labels = [label(drawn.left - 8, y + 4, text, 1) for y, text in drawn.ticks]
    labels += [label(x, drawn.bottom + 19, text, 0.5) for x, text in drawn.labels]
    labels += [label(drawn.left, 11, drawn.unit)] if drawn.unit else []
    change = drawn.change_x
    if change is not None:
        labels.append(label(change + 4, drawn.top + 10, s.say("change begins")))
    strokes = drawn.path.split("M")  # a gap is drawn as a gap
    pieces = [[on(*map(float, p.split())) for p in stroke.split("L") if p] for stroke in strokes]
    return {
        "kind": "chart",
        "alt": _words(s, series, drawn),
        "width": round(drawn.width * unit, 2),
        "height": round((drawn.bottom + 24) * unit, 2),
        "size": TYPE,
        "labels": labels,
        "rungs": [level(y) for y, _ in drawn.ticks],
        "center": level(drawn.center_y),
        "median": label(drawn.right + 6, drawn.center_y + 4, drawn.center_text),
        "change": None if change is None else [on(change, drawn.top), on(change, drawn.bottom)],
        "pieces": [points for points in pieces if len(points) > 1],
        "dots": [on(dot.x, dot.y) for dot in drawn.dots if not dot.mark],
        "marked": [on(dot.x, dot.y) for dot in drawn.dots if dot.mark],
        "dot": round(7.2 * unit, 2),
        "mark": round(9.2 * unit + 1, 2),
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
