"""A run chart as inline SVG: points, centre line, what the rules found; no script, fit for print."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from warranted.language import Language
from warranted_site.things import Thing
from warranted_site.views import Series

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 128, 18, 54


@dataclass(frozen=True, slots=True)
class Dot:
    """One point as drawn. `text` is the value as printed, `mark` what the rules say of it."""

    x: float
    y: float
    label: str
    text: str
    mark: str


@dataclass(frozen=True)
class Plot:
    """A drawn chart: everything the template writes, in user units of the viewBox."""

    dots: list[Dot]
    path: str
    center_y: float
    center_text: str
    ticks: list[tuple[float, str]]
    labels: list[tuple[float, str]]
    change_x: float | None
    unit: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def plot(series: Series) -> Plot | None:
    """The drawing of a series, or None where there is nothing to draw."""
    chart = series.chart
    if chart is None:
        return None
    language = series.thing.things.language
    values = [p.value for p in chart.points if p.value is not None]
    center = chart.points[-1].center
    ticks = _ticks(min([*values, center]), max([*values, center]))
    low, high = ticks[0], ticks[-1]

    def at_y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP), 1)

    span = max(len(chart.points) - 1, 1)

    def at_x(index: float) -> float:
        return round(LEFT + 12 + index / span * (WIDTH - LEFT - RIGHT - 24), 1)

    dots, steps, pen = [], [], "M"
    for point, thing in zip(chart.points, series.points, strict=True):
        if point.value is None:
            pen = "M"  # a gap is drawn as a gap
            continue
        x, y = at_x(point.index), at_y(point.value)
        steps.append(f"{pen}{x:g} {y:g}")
        pen = "L"
        mark = language.gettext("in a shift") if point.shift else ""
        dots.append(Dot(x, y, thing.text("periodLabel"), thing.text("value"), mark))
    shown = [_when(thing) for thing in series.points]
    room = max(map(len, shown), default=1) * 6.5 + 14  # user units a label takes
    every = max(1, -(-len(shown) // max(1, int((WIDTH - LEFT - RIGHT) / room))))
    labels = [(at_x(i), text) for i, text in enumerate(shown) if i % every == 0]
    baseline = series.baseline
    return Plot(
        dots=dots,
        path="".join(steps),
        center_y=at_y(center),
        center_text=language.say("median %(value)s", value=_short(center, series)),
        ticks=[(at_y(t), _tick(t, ticks)) for t in ticks],
        labels=labels,
        change_x=at_x(baseline - 0.5) if 0 < baseline < len(shown) else None,
        unit=series.unit,
    )


def _when(point: Thing) -> str:
    """The period as an axis shows it: the source's words if short, else its first day."""
    label = point.text("periodLabel").removesuffix(" (baseline)")
    start = point.text("periodStart")
    if len(label) > 9 and start:
        return _day(point.things.language, start)
    return label if len(label) <= 14 else label[:13] + "…"


@lru_cache(maxsize=1024)
def _day(language: Language, day: str) -> str:
    return language.day(day, short=True)


def _short(value: float, series: Series) -> str:
    texts = [p.text("value") for p in series.points if p.text("value")]
    places = max((len(t.partition(".")[2]) for t in texts), default=0)
    exact = Decimal(repr(value))
    return f"{exact:.{places}f}" if round(exact, places) == exact else f"{exact:.{places + 1}f}"


def _ticks(low: float, high: float) -> list[float]:
    """Four to seven round numbers from at or below `low` (zero where it is near) to `high`."""
    if low > 0 and low < 0.6 * high:
        low = 0.0
    if high <= low:
        high = low + 1
    step, rough = 1.0, (high - low) / 5
    while step > rough:
        step /= 10
    while step * 10 <= rough:
        step *= 10
    step *= next(m for m in (1, 2, 2.5, 5, 10) if step * m >= rough)
    first = step * (low // step)
    ticks = [first]
    while ticks[-1] < high - step * 1e-9:
        ticks.append(round(ticks[-1] + step, 10))
    return ticks


def _tick(value: float, ticks: list[float]) -> str:
    step = ticks[1] - ticks[0]
    places = 0 if step == int(step) else 1 if round(step, 1) == round(step, 6) else 2
    return f"{value:.{places}f}"
