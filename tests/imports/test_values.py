"""What stands in a cell comes back as it was, in every form of it and for every field."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.imports.sheets import TEST, csv_file, find, name, rows, values, xlsx

from warranted import jsonld_io, records
from warranted.context import CONTEXT_IRI
from warranted.imports.cells import (
    Manner,
    NoValue,
    Percent,
    Raw,
    Wrong,
    converter,
    neutralise,
    shown,
    text_of,
)
from warranted.imports.tables import Row, read_table
from warranted.namespaces import NIC, RDFS, ROOT
from warranted.template import sheets_of

clean = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40
).map(lambda t: t.strip())
cells = clean.filter(bool)


@given(st.one_of(clean, st.sampled_from("=+-@'").flatmap(lambda c: clean.map(lambda t: c + t))))
def test_text_that_is_exported_comes_back(value: str) -> None:
    assert text_of(neutralise(value)) == value


@given(st.sampled_from(["=1+1", "+a", "-a", "@x", "\tx", "\rx", "'=1"]))
def test_formulas_are_neutralised(value: str) -> None:
    assert neutralise(value).startswith("'")
    assert neutralise("-5") == "-5"
    assert neutralise("+2.50") == "+2.50"
    assert neutralise("it's") == "it's"


def field(key: str) -> Callable[[Raw], list[Any]]:
    column = next(c for s in sheets_of("test") for c in s.columns if c.key == key)
    return converter(column.field, Manner(), {}, lambda _f, t: t)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
)
def test_a_typed_number_keeps_its_form(value: Any) -> None:
    assert field("hasPrediction.expectedValue")(str(value)) == [str(value)]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_of_a_workbook_keeps_its_value(value: float) -> None:
    (made,) = field("hasPrediction.expectedValue")(value)
    assert float(made) == value
    assert "e" not in made.lower()


@given(st.dates())
def test_dates_come_back(value: date) -> None:
    for raw in (value, value.isoformat(), datetime.combine(value, time(9, 30))):
        assert field("startDate")(raw) == [value.isoformat()]


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(st.tuples(cells, cells, st.booleans(), st.dates()), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
)
@example(given_=[("'=1", "''-x", True, date(2026, 3, 2))], between=",")
def test_what_is_written_is_read(
    tmp_path: Path, given_: list[tuple[str, str, bool, date]], between: str
) -> None:
    wanted = [
        TEST
        | {"identifier": f"k{n}", "label": neutralise(a), "summary": neutralise(b)}
        | {"asPlanned": c, "startDate": d}
        for n, (a, b, c, d) in enumerate(given_)
    ]
    found = rows(csv_file(tmp_path / "a.csv", "test", *wanted, between=between))
    found += rows(xlsx(tmp_path / "a.xlsx", "test", *wanted))
    for row, (a, b, c, d) in zip(found, given_ * 2, strict=True):
        assert row.messages == ()
        assert values(row, f"{RDFS}label") == [a]
        assert values(row, f"{NIC}summary") == [b]
        assert values(row, f"{NIC}asPlanned") == [str(c).lower()]
        assert values(row, f"{NIC}startDate") == [d.isoformat()]
        assert_same_as_jsonld(row)


def assert_same_as_jsonld(row: Row) -> None:
    written = json.dumps({"@context": CONTEXT_IRI, **(row.tree or {})})
    quads = jsonld_io.to_quads(written, name="row", base=f"{ROOT}/id/")
    assert records.split(quads, base=ROOT) == [row.record]


def examples() -> Iterator[tuple[str, dict[str, Any], dict[str, list[dict[str, Any]]]]]:
    """For each type a row, and a row of each kind of part, with every field's own example."""
    for type_ in records.RECORD_CLASSES:
        sheets = sheets_of(type_)
        parts: dict[str, list[dict[str, Any]]] = {}
        for sheet in sheets:
            row = {
                c.key: c.field.options[0].label if c.field.options else c.field.example or "x"
                for c in sheet.columns
            }
            if sheet.part_key is None:
                own = row
            elif sheet.part_key not in parts:
                parts[sheet.part_key] = [{sheet.part_key: "k", **row}]
        if len([s for s in sheets if s.part_key is None]) > 1:
            own = {c.key: "" for c in sheets[0].columns} | {"label": "A", "startDate": "2026-01-01"}
        yield type_, own | {"identifier": "k"}, parts


@pytest.mark.parametrize(("type_", "row", "parts"), list(examples()), ids=lambda v: str(v)[:20])
def test_every_field_of_every_type_gives_what_its_json_ld_gives(
    type_: str, row: dict[str, Any], parts: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    path = xlsx(tmp_path / "a.xlsx", type_, row, **parts)

    def any_(types: tuple[str, ...], _text: str) -> list[str]:
        return [f"{ROOT}/id/{types[0]}/x1"]

    (made,) = read_table(path, type_, base=ROOT, name=name, find=any_)
    assert made.messages == ()
    assert_same_as_jsonld(made)
    assert made.tree is not None
    assert set(parts) <= set(made.tree)


def test_a_hundred_thousand_rows_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write("Key,Name\n")
        for n in range(100_000):
            handle.write(f"k{n},A name of an idea that is as long as they often are {n}\n")
    tracemalloc.start()
    try:
        count = sum(
            1 for r in read_table(path, "idea", base=ROOT, name=name, find=find) if r.record
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < 80_000_000


@pytest.mark.parametrize(
    ("key", "raw", "made"),
    [
        ("startDate", "2026-03-02 00:00:00", "2026-03-02"),
        ("asPlanned", 1, True),
        ("peopleReached", 24.0, "24"),
        ("peopleReached", "−3", "-3"),
        ("testQuestion", 2.5, "2.5"),
        ("testQuestion", "a\r\nb_x000D_\n", "a\nb"),
        ("hasPrediction.expectedValue", 7, "7"),
        ("hasPrediction.expectedValue", 1e-7, "0.0000001"),
    ],
)
def test_other_ways_to_write_a_value(key: str, raw: Raw, made: Any) -> None:
    assert field(key)(raw) == [made]


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("startDate", 46083),
        ("startDate", "2026-13-01"),
        ("peopleReached", True),
        ("peopleReached", Percent(0.5)),
        ("hasPrediction.expectedValue", "1e5"),
        ("hasPrediction.expectedValue", "45%"),
        ("hasPrediction.expectedValue", False),
        ("hasPrediction.expectedValue", NoValue()),
        ("asPlanned", 2),
    ],
)
def test_other_values_are_refused(key: str, raw: Raw) -> None:
    with pytest.raises(Wrong):
        field(key)(raw)


def test_long_values_are_shortened() -> None:
    assert len(shown("x" * 100)) == 60
    with pytest.raises(Wrong) as error:
        field("startDate")("y" * 500)
    assert "y" * 61 not in str(error.value)
