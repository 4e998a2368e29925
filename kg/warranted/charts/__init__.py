"""Run charts and control charts: the rules, exact, and the verdict in one sentence.

A chart is analysed from a `ChartInput`, usually read from JSON:

    chart     "run" (median), "i" (individuals, XmR), "p" (proportions), "u" (rates), "c" (counts)
    y         the values in time order; null is a gap. For p and u: the numerators (counts), as in
              R's qicharts2. For run and i with n: numerators too, and y/n is plotted
    n         the denominators, one a point; needed for p and u
    freeze    the first so many points are the baseline; centre and limits rest on them alone
    part      indices (from 0) at which a new part begins, with its own centre and limits
    target    a line to draw; it has no part in any rule
    multiply  what the plotted values are multiplied by, such as 1000 for a rate per 1,000
    screen    true: the i chart leaves moving ranges above 3.267 times their mean out, once

All indices count from 0. Figures are worked out with exact fractions and turned into floats last.
"""

from warranted.charts.analysis import ChartResult, Part, Point, analyse
from warranted.charts.chart_input import ChartInput, ChartKind
from warranted.charts.improvement import Better, ImprovementSignal, improvement_signal

__all__ = [
    "Better",
    "ChartInput",
    "ChartKind",
    "ChartResult",
    "ImprovementSignal",
    "Part",
    "Point",
    "analyse",
    "improvement_signal",
]
