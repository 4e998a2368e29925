"""Rules about runs: which side of the centre line points lie on, and in what order.

Sources: Anhøj & Olesen 2014 (longest run, crossings); Perla, Provost & Murray 2011 (shift, trend,
number of runs); Swed & Eisenhart 1943 (distribution of the number of runs).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, pairwise
from math import lcm
from typing import Final, Literal

MIN_USEFUL: Final = 10
"""Useful points below which no rule gives a verdict (Anhøj & Olesen 2014)."""

SHIFT: Final = 6
"""Points in a row on one side that make a shift (Perla, Provost & Murray 2011)."""

TREND: Final = 5
"""Points rising or falling, the first one counted, that make a trend (the same)."""

RunsVerdict = Literal["too_few", "too_many", "ok", "not_assessed"]
Pattern = tuple[int, int, str]
"""First index, last index, and "above", "below", "up" or "down"."""


def longest_run_max(n: int) -> int:
    """The longest run chance would give among `n` useful points: round(log2 n) + 3.

    Worked out with whole numbers. How R and Python round halves (to even) never matters here: log2
    of a whole number is never a whole number and a half.
    """
    floor = n.bit_length() - 1
    return floor + (n * n > 1 << (2 * floor + 1)) + 3


@lru_cache(maxsize=1024)
def crossings_min(n: int) -> int:
    """The fewest crossings chance would give among `n` useful points: qbinom(.05, n - 1, .5).

    The least k whose cumulative probability reaches 5%, with whole numbers only; a tie cannot
    happen, as no power of two is a multiple of five.
    """
    trials = n - 1
    term = total = 1
    k = 0
    while total * 20 < 1 << trials:
        term = term * (trials - k) // (k + 1)
        total += term
        k += 1
    return k


@lru_cache(maxsize=1024)
def runs_limits(n: int) -> tuple[int, int]:
    """Fewest and most runs about the median that chance would give among `n` useful points.

    From the exact distribution of the number of runs with half the points on each side (Swed &
    Eisenhart 1943), 2.5% in each tail. Fewer or more than these is a signal. A printed table may differ by
    one: Balestracci 2008 gives 5 to 12 for 16 points, the exact distribution 5 to 13.
    """
    above, below = n // 2, n - n // 2
    ways = dict(_arrangements(above, below))
    total = sum(ways.values())
    return _quantile(sorted(ways.items()), total), _quantile(
        sorted(ways.items(), reverse=True), total
    )


def _arrangements(above: int, below: int) -> Iterator[tuple[int, int]]:
    """Pairs of a number of runs and the orders of the points that give it."""
    a, b = 1, 1  # orders of `above` and of `below` points in k runs each
    for k in range(1, above + 1):
        next_a, next_b = a * (above - k) // k, b * (below - k) // k
        yield 2 * k, 2 * a * b
        if odd := next_a * b + a * next_b:
            yield 2 * k + 1, odd
        a, b = next_a, next_b


def _quantile(ways: Sequence[tuple[int, int]], total: int) -> int:
    """The first number of runs, counted from one end, at which that tail holds over 2.5%."""
    tail = 0
    for runs, count in ways:
        tail += count
        if tail * 40 > total:
            return runs
    raise AssertionError("a distribution adds up to its total")


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What the run rules find in one part of a chart. `None` where there is no useful point."""

    n_useful: int
    longest_run: int
    longest_run_max: int | None
    crossings: int
    crossings_min: int | None
    runs_signal: bool
    n_runs: int
    runs_min: int | None
    runs_max: int | None
    runs_verdict: RunsVerdict
    shifts: tuple[Pattern, ...]

    @property
    def too_long(self) -> bool:
        """The longest run is longer than chance would give."""
        return self.longest_run_max is not None and self.longest_run > self.longest_run_max

    @property
    def too_few_crossings(self) -> bool:
        """There are fewer crossings than chance would give."""
        return self.crossings_min is not None and self.crossings < self.crossings_min


def sides(values: Sequence[Fraction | None], center: Fraction) -> list[str | None]:
    """Which side of the centre line each lies on: "above", "below" or "on"; None at a gap."""
    *whole, middle = _in_whole_numbers([*values, center])
    assert middle is not None
    return [
        None
        if value is None
        else "above"
        if value > middle
        else "below"
        if value < middle
        else "on"
        for value in whole
    ]


def _in_whole_numbers(values: Sequence[Fraction | None]) -> list[int | None]:
    """All of them times what makes each a whole number: those compare ten times as fast."""
    common = lcm(*(value.denominator for value in values if value is not None))
    return [
        None if value is None else value.numerator * (common // value.denominator)
        for value in values
    ]


def run_figures(values: Sequence[Fraction | None], center: Fraction, offset: int = 0) -> RunFigures:
    """The run rules applied to `values` about `center`.

    Gaps and points on the centre line are skipped: they neither break a run nor add to it.

    Args:
        offset: what is added to every index given back.
    """
    useful = [
        (i + offset, side == "above")
        for i, side in enumerate(sides(values, center))
        if side in ("above", "below")
    ]
    runs = [
        (above, [i for i, _ in group]) for above, group in groupby(useful, key=lambda item: item[1])
    ]
    n, n_runs = len(useful), len(runs)
    longest = max((len(indices) for _, indices in runs), default=0)
    crossings = max(n_runs - 1, 0)
    enough = n >= MIN_USEFUL
    most = longest_run_max(n) if n else None
    fewest = crossings_min(n) if n else None
    limits = runs_limits(n) if enough else (None, None)
    return RunFigures(
        n_useful=n,
        longest_run=longest,
        longest_run_max=most,
        crossings=crossings,
        crossings_min=fewest,
        runs_signal=enough
        and most is not None
        and fewest is not None
        and (longest > most or crossings < fewest),
        n_runs=n_runs,
        runs_min=limits[0],
        runs_max=limits[1],
        runs_verdict=_runs_verdict(n_runs, *limits),
        shifts=tuple(
            (indices[0], indices[-1], "above" if above else "below")
            for above, indices in runs
            if len(indices) >= SHIFT
        ),
    )


def _runs_verdict(n_runs: int, fewest: int | None, most: int | None) -> RunsVerdict:
    if fewest is None or most is None:
        return "not_assessed"
    if n_runs < fewest:
        return "too_few"
    return "too_many" if n_runs > most else "ok"


def trends(values: Sequence[Fraction | None], offset: int = 0) -> tuple[Pattern, ...]:
    """Stretches of five points or more that only rise or only fall.

    Gaps are skipped. A value repeated in a row counts once, at its first place: the repeat neither
    makes nor breaks a trend. A turning point belongs to the trend before it and the one after.
    """
    moves: list[tuple[int, int]] = []
    for i, value in enumerate(_in_whole_numbers(values)):
        if value is not None and (not moves or moves[-1][1] != value):
            moves.append((i + offset, value))
    found: list[Pattern] = []
    steps = [(a[0], b[0], b[1] > a[1]) for a, b in pairwise(moves)]
    for up, group in groupby(steps, key=lambda step: step[2]):
        stretch = list(group)
        if len(stretch) + 1 >= TREND:
            found.append((stretch[0][0], stretch[-1][1], "up" if up else "down"))
    return tuple(found)
