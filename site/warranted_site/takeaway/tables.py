"""The measures of a package as one tidy table: an observation a row, every value as published."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from warranted_site.takeaway.subject import Subject
from warranted_site.things import Thing
from warranted_site.views import Series, citations, is_made_up

COLUMNS = (
    "package",
    "measure",
    "measure_iri",
    "series",
    "series_iri",
    "place",
    "period",
    "period_start",
    "period_end",
    "value",
    "value_text",
    "numerator",
    "denominator",
    "unit",
    "source",
    "locator",
    "illustrative",
)

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


def measures_csv(subject: Subject) -> bytes | None:
    """The table as RFC 4180 has it (UTF-8, CRLF, a header); None where no observation is published.

    A cell that a spreadsheet would take for a formula begins with an apostrophe, as does one that
    begins with an apostrophe itself: to read a cell, take one off. Numbers are never changed.
    """
    rows = [row for series in subject.series for row in _rows(subject, series)]
    if not rows:
        return None
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def safe(cell: str) -> str:
    """The cell so that no spreadsheet runs it; `plain` gives it back."""
    risky = cell.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if risky else cell


def plain(cell: str) -> str:
    """What `safe` was given."""
    return cell.removeprefix("'")


def _rows(subject: Subject, series: Series) -> Iterator[tuple[str, ...]]:
    thing = series.thing
    measure = thing.one("ofMeasure")
    made_up = "true" if is_made_up(thing) else "false"
    for point in series.points:
        # An observation without a source of its own is its series's.
        cited = citations(point) or citations(thing)
        yield (
            subject.package.slug,
            measure.label if measure else "",
            measure.iri if measure else "",
            thing.label,
            thing.iri,
            series.where,
            point.text("periodLabel"),
            point.text("periodStart"),
            point.text("periodEnd"),
            point.text("value"),
            point.text("valueText"),
            point.text("numerator"),
            point.text("denominator"),
            point.text("unit") or series.unit,
            "; ".join(_source(c.source) for c in cited),
            "; ".join(c.locator for c in cited),
            made_up,
        )


def _source(source: Thing) -> str:
    return source.text("sourceKey") or source.iri
