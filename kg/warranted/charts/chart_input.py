"""What a chart is drawn from, checked once at the edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from warranted.errors import InputError

MAX_POINTS: Final = 10_000
"""Points of one chart; more are refused, so that a stranger's request stays cheap."""

MAX_SIZE: Final = 10**15
"""Largest number accepted, so that every figure fits a float."""


class ChartKind(Enum):
    """The five kinds of chart."""

    RUN = "run"
    INDIVIDUALS = "i"
    PROPORTIONS = "p"
    RATES = "u"
    COUNTS = "c"

    @property
    def needs_denominators(self) -> bool:
        """True for p and u charts."""
        return self in (ChartKind.PROPORTIONS, ChartKind.RATES)

    @property
    def of_counts(self) -> bool:
        """True if y must be whole numbers from 0."""
        return self in (ChartKind.PROPORTIONS, ChartKind.RATES, ChartKind.COUNTS)


Number = Fraction | Decimal | int | float
_KEYS: Final = ("chart", "y", "n", "freeze", "part", "target", "multiply", "screen")


@dataclass(frozen=True, slots=True)
class ChartInput:
    """One series to chart. Build it with `of` or `from_json`, which check every field.

    Attributes:
        y: values or numerators in time order; None is a gap.
        n: denominators, or None where the chart has none.
        freeze: number of points in the baseline.
        part: indices at which a new part begins, ascending.
        target: in plotted units.
        multiply: what plotted values, centre and limits are multiplied by.
        screen: whether large moving ranges are left out once (i chart).
        unused: keys of the JSON that mean nothing to a chart.
    """

    chart: ChartKind
    y: tuple[Fraction | None, ...]
    n: tuple[Fraction | None, ...] | None = None
    freeze: int | None = None
    part: tuple[int, ...] = ()
    target: Fraction | None = None
    multiply: Fraction = Fraction(1)
    screen: bool = False
    unused: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        chart: str | ChartKind,
        y: Sequence[Number | None],
        *,
        n: Sequence[Number | None] | None = None,
        freeze: int | None = None,
        part: Sequence[int] = (),
        target: Number | None = None,
        multiply: Number = 1,
        screen: bool = False,
    ) -> ChartInput:
        """The same as `from_json`, from Python values. Raises InputError."""
        kind = chart.value if isinstance(chart, ChartKind) else chart
        return cls.from_json(
            {
                "chart": kind,
                "y": list(y),
                "n": None if n is None else list(n),
                "freeze": freeze,
                "part": list(part),
                "target": target,
                "multiply": multiply,
                "screen": screen,
            }
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ChartInput:
        """The chart described by a JSON object (see the package's docstring).

        Keys that mean nothing here are kept in `unused` and named in the result's notes.

        Raises:
            InputError: a field is missing or wrong; `field` names it, `fix` says what to do.
        """
        if not isinstance(data, Mapping):
            raise InputError(
                "A chart is described by a JSON object.",
                fix='Write {"chart": "run", "y": [ … ]}.',
            )
        kind = _kind(data.get("chart", "run"))
        y = _numbers("y", data.get("y"))
        n = None if data.get("n") is None else _numbers("n", data["n"])
        _check_pairs(kind, y, n)
        part = _part(data.get("part"), len(y))
        chart = cls(
            chart=kind,
            y=y,
            n=n,
            part=part,
            freeze=_freeze(data.get("freeze"), part[0] if part else len(y)),
            target=None if data.get("target") is None else _number("target", data["target"]),
            multiply=_multiply(data.get("multiply")),
            screen=_screen(data.get("screen")),
            unused=tuple(sorted(str(key) for key in data if key not in _KEYS)),
        )
        for first, last in chart.spans:
            if all(value is None for value in chart.values[first : last + 1]):
                raise InputError(
                    f"The part from y[{first}] to y[{last}] has no values.",
                    field="part" if part else "y",
                    fix="Give at least one number there, or leave that part out.",
                )
        return chart

    @property
    def values(self) -> tuple[Fraction | None, ...]:
        """What is plotted, before `multiply`: y, or y/n where there are denominators; None: gap."""
        if self.n is None or self.chart is ChartKind.COUNTS:
            return self.y
        return tuple(
            None if y is None or n is None else y / n for y, n in zip(self.y, self.n, strict=True)
        )

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First and last index of each part."""
        starts = (0, *self.part)
        ends = (*(start - 1 for start in self.part), len(self.y) - 1)
        return tuple(zip(starts, ends, strict=True))


def _kind(value: Any) -> ChartKind:
    try:
        return ChartKind(value)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"chart is {value!r}, which is no kind of chart.",
            field="chart",
            fix='Choose one of "run", "i", "p", "u", "c".',
        ) from error


def _number(field: str, value: Any) -> Fraction:
    """`value` as an exact fraction; a float counts as the decimal it is written as."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise InputError(
            f"{field} is {value!r}, which is not a number.",
            field=field,
            fix="Give a number, or null for a gap." if "[" in field else "Give a number.",
        )
    if not isinstance(value, Fraction) and not math.isfinite(value):
        raise InputError(
            f"{field} is {value}, which cannot be plotted.",
            field=field,
            fix="Give a finite number, or null for a gap.",
        )
    if isinstance(value, float):
        value = Decimal(repr(value))
    exact = value if isinstance(value, Fraction) else Fraction(value)
    if abs(exact.numerator) > MAX_SIZE * exact.denominator:
        raise InputError(
            f"{field} is larger than 10^15.",
            field=field,
            fix="Use a larger unit, such as thousands.",
        )
    return exact


def _numbers(field: str, value: Any) -> tuple[Fraction | None, ...]:
    if value is None:
        raise InputError(
            f"{field} is missing.", field=field, fix="Give a list of numbers in time order."
        )
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise InputError(
            f"{field} is not a list.", field=field, fix="Give a list of numbers in time order."
        )
    if not value:
        raise InputError(f"{field} is empty.", field=field, fix="Give at least one number.")
    if len(value) > MAX_POINTS:
        raise InputError(
            f"{field} has {len(value)} points; a chart takes at most {MAX_POINTS}.",
            field=field,
            fix="Chart longer periods, or fewer of them.",
        )
    return tuple(
        None if item is None else _number(f"{field}[{i}]", item) for i, item in enumerate(value)
    )


def _check_pairs(
    kind: ChartKind, y: Sequence[Fraction | None], n: Sequence[Fraction | None] | None
) -> None:
    if n is None and kind.needs_denominators:
        raise InputError(
            f"A {kind.value} chart needs denominators, and n is missing.",
            field="n",
            fix="Give n, one denominator for each point of y.",
        )
    if n is not None and len(n) != len(y):
        raise InputError(
            f"n has {len(n)} entries and y has {len(y)}.",
            field="n",
            fix="Give one denominator for each point of y.",
        )
    for i, count in enumerate(y):
        if count is None:
            continue
        if kind.of_counts and (count < 0 or count.denominator != 1):
            raise InputError(
                f"y[{i}] is {float(count):g}; a {kind.value} chart takes counts.",
                field=f"y[{i}]",
                fix="Give whole numbers from 0 in y (for p and u the numerators, not the rates).",
            )
        if n is None or kind is ChartKind.COUNTS:
            continue
        base = n[i]
        if base is None:
            raise InputError(
                f"n[{i}] is missing although y[{i}] is given.",
                field=f"n[{i}]",
                fix=f"Give the denominator, or make y[{i}] null as well.",
            )
        if base <= 0:
            raise InputError(
                f"n[{i}] is {float(base):g}; a denominator is above 0.",
                field=f"n[{i}]",
                fix=f"Correct it, or make y[{i}] null if nothing was counted then.",
            )
        if kind is ChartKind.PROPORTIONS and count > base:
            raise InputError(
                f"y[{i}] is {float(count):g}, more than n[{i}], which is {float(base):g}.",
                field=f"y[{i}]",
                fix="A p chart counts part of n; use a u chart for events per unit.",
            )


def _whole(field: str, value: Any, fix: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(
            f"{field} is {value!r}, which is not a whole number.", field=field, fix=fix
        )
    return value


def _freeze(value: Any, most: int) -> int | None:
    if value is None:
        return None
    fix = f"Give the number of baseline points, from 1 to {most}, or leave freeze out."
    count = _whole("freeze", value, fix)
    if not 1 <= count <= most:
        raise InputError(f"freeze is {count}, out of range.", field="freeze", fix=fix)
    return count


def _part(value: Any, length: int) -> tuple[int, ...]:
    if value is None:
        return ()
    fix = f"Give the indices at which a new part begins, ascending, from 1 to {length - 1}."
    items = value if isinstance(value, list | tuple) else [value]
    starts = tuple(_whole("part", item, fix) for item in items)
    if any(not 1 <= start < length for start in starts) or any(b <= a for a, b in pairwise(starts)):
        raise InputError(f"part is {list(starts)}, out of range.", field="part", fix=fix)
    return starts


def _multiply(value: Any) -> Fraction:
    factor = Fraction(1) if value is None else _number("multiply", value)
    if factor <= 0:
        raise InputError(
            f"multiply is {float(factor):g}.",
            field="multiply",
            fix="Give a number above 0, such as 1000 for a rate per 1,000.",
        )
    return factor


def _screen(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise InputError(
        f"screen is {value!r}.", field="screen", fix="Give true or false, or leave screen out."
    )
