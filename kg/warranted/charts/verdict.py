"""What a chart says, in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence

from warranted.charts.runs import MIN_USEFUL, SHIFT, RunFigures
from warranted.language import ENGLISH, Language

PartFigures = tuple[int, int, int, RunFigures, int]
"""First and last index, points with a value, run figures, points outside the limits."""


def verdict(
    parts: Sequence[PartFigures], *, median_line: bool, language: Language = ENGLISH
) -> str:
    """The verdict on all parts, as one sentence.

    Below ten useful points it says that there are too few points for a verdict: nothing is said of
    change or of its absence.
    """
    say = language.say
    line = say("median") if median_line else say("centre line")
    if len(parts) == 1:
        clause = _clause(parts[0], line, language)
        return clause[0].upper() + clause[1:] + "."
    clauses = "; ".join(
        say(
            "points %(first)s to %(last)s: %(clause)s",
            first=p[0] + 1,
            last=p[1] + 1,
            clause=_clause(p, line, language),
        )
        for p in parts
    )
    return say("In %(n)s parts: %(clauses)s.", n=len(parts), clauses=clauses)


def _clause(part: PartFigures, line: str, language: Language) -> str:
    _, _, n_points, runs, n_outside = part
    say, count = language.say, language.count
    outside = ""
    if n_outside:
        points = _points(n_outside, language)
        outside = say("%(points)s outside the control limits", points=points)
    if runs.n_useful < MIN_USEFUL:
        text = count(
            "too few points for a verdict: %(n)s of %(points)s lies off the %(line)s, and the rules "
            "need %(needed)s",
            "too few points for a verdict: %(n)s of %(points)s lie off the %(line)s, and the rules "
            "need %(needed)s",
            runs.n_useful,
            points=_points(n_points, language),
            line=line,
            needed=MIN_USEFUL,
        )
        return f"{text}; {outside}" if outside else text
    run = say(
        "longest run %(points)s (chance gives up to %(most)s)",
        points=_points(runs.longest_run, language),
        most=runs.longest_run_max,
    )
    crossed = count(
        "%(n)s crossing of the %(line)s (chance gives %(fewest)s or more)",
        "%(n)s crossings of the %(line)s (chance gives %(fewest)s or more)",
        runs.crossings,
        line=line,
        fewest=runs.crossings_min,
    )
    figures = f"{run}, {crossed}"
    signal = say("signal of a change that chance alone would rarely give")
    if runs.runs_signal:
        text = f"{signal}: {figures}"
        return f"{text}; {outside}" if outside else text
    if outside:
        return f"{signal}: {outside}; {figures}"
    text = say("no signal beyond chance variation") + f": {figures}"
    if runs.shifts:
        shift = say("by the classic rule, %(n)s points or more in a row lie on one side", n=SHIFT)
        return f"{text}; {shift}"
    return text


def _points(number: int, language: Language) -> str:
    return language.count("%(n)s point", "%(n)s points", number)
