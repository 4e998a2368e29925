"""Centre lines and control limits.

Sources: Perla, Provost & Murray 2011 (median); Wheeler 1993, Montgomery 2009 (XmR, p, u and c).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from warranted.charts.chart_input import ChartKind
from warranted.errors import InputError

XMR_FACTOR: Final = Fraction(266, 100)
"""What the mean moving range is multiplied by: 3 / d2 with d2 = 1.128, in print as 2.66."""

SCREEN_FACTOR: Final = Fraction(3267, 1000)
"""Moving ranges above this many times their mean may be screened out once (D4 for n = 2)."""

MIN_BASELINE: Final = 5
"""Baseline points below which a centre line is not frozen."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and limits of one part, before `multiply`.

    Attributes:
        spread2: per point, the square of the distance from centre to limit; None: no limit there.
        floor, ceiling: what the limits are cut off at.
    """

    center: Fraction
    spread2: tuple[Fraction | None, ...]
    floor: int | None = None
    ceiling: int | None = None
    mean_moving_range: Fraction | None = None
    screened: int = 0

    def lower(self, i: int) -> float | None:
        """Lower limit at point `i` of the part."""
        spread = self._spread(i)
        if spread is None:
            return None
        limit = float(self.center) - spread
        return limit if self.floor is None else max(limit, float(self.floor))

    def upper(self, i: int) -> float | None:
        """Upper limit at point `i` of the part."""
        spread = self._spread(i)
        if spread is None:
            return None
        limit = float(self.center) + spread
        return limit if self.ceiling is None else min(limit, float(self.ceiling))

    def _spread(self, i: int) -> float | None:
        square = self.spread2[i]
        return None if square is None else math.sqrt(square)

    def outside(self, i: int, value: Fraction) -> bool:
        """Whether `value` lies outside the limits at `i`, decided with exact fractions.

        The cut-off at floor and ceiling plays no part: no count or proportion lies beyond it.
        """
        square = self.spread2[i]
        return square is not None and (value - self.center) ** 2 > square


def median(values: Sequence[Fraction]) -> Fraction:
    """The median of one value or more."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def limits(
    kind: ChartKind,
    values: Sequence[Fraction | None],
    y: Sequence[Fraction | None],
    n: Sequence[Fraction | None] | None,
    baseline: int,
    *,
    screen: bool = False,
) -> Limits:
    """Centre and limits of one part, worked out from its first `baseline` points.

    Args:
        values: what is plotted; y and n: counts and denominators where there are any.
        screen: leave moving ranges above 3.267 times their mean out, once (i chart only).
    """
    base = [value for value in values[:baseline] if value is not None]
    none: tuple[Fraction | None, ...] = (None,) * len(values)
    if kind is ChartKind.RUN:
        return Limits(median(base), none)
    if kind is ChartKind.INDIVIDUALS:
        center = sum(base, Fraction(0)) / len(base)
        mean_range, screened = _moving_range(values[:baseline], screen=screen)
        if mean_range is None:
            return Limits(center, none)
        square = (XMR_FACTOR * mean_range) ** 2
        return Limits(
            center,
            (square,) * len(values),
            mean_moving_range=mean_range,
            screened=screened,
        )
    if kind is ChartKind.COUNTS:
        center = sum(base, Fraction(0)) / len(base)
        return Limits(center, (9 * center,) * len(values), floor=0)
    if n is None:
        raise InputError(f"A {kind.value} chart needs denominators.", field="n", fix="Give n.")
    pairs = [
        (count, out_of)
        for count, out_of in zip(y[:baseline], n[:baseline], strict=True)
        if count is not None and out_of is not None
    ]
    center = sum((c for c, _ in pairs), Fraction(0)) / sum((d for _, d in pairs), Fraction(0))
    if kind is ChartKind.PROPORTIONS:
        variance, ceiling = center * (1 - center), 1
    else:
        variance, ceiling = center, None
    spread2 = tuple(9 * variance / d if d is not None and d > 0 else None for d in n)
    return Limits(center, spread2, floor=0, ceiling=ceiling)


def _moving_range(
    values: Sequence[Fraction | None], *, screen: bool
) -> tuple[Fraction | None, int]:
    """Mean moving range, and how many ranges were screened out. A gap has no range beside it."""
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    if not ranges:
        return None, 0
    mean = sum(ranges, Fraction(0)) / len(ranges)
    if not screen:
        return mean, 0
    kept = [r for r in ranges if r <= SCREEN_FACTOR * mean]
    return sum(kept, Fraction(0)) / len(kept), len(ranges) - len(kept)
