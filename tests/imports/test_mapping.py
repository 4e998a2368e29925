"""Somebody's own table, read by a mapping: what it says is heard, and what it gets wrong is named."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pyoxigraph as ox
import pytest

from warranted import checking, resources, validation
from warranted.errors import InputError, UnknownType
from warranted.imports.cells import Manner
from warranted.imports.mapping import Mapping_, mapping_names, read_mapping
from warranted.imports.tables import Row, read_table
from warranted.namespaces import NIC, RDFS, ROOT
from warranted.neighbourhood import Index
from warranted.template import sheets_of

FORM: dict[str, str] = {
    "Timestamp": "3/9/2026 14:05:11",
    "Team/School": "Site A",
    "Test title *": "Exit ticket, first week",
    "Change idea": "Exit ticket",
    "Objective/questions": "Will learners write a reason?",
    "Prediction:": "Half of the group will write a reason.",
    "Plan: What": "Slips in every lesson.",
    "Plan: Who": "One teacher.",
    "Data to collect": "Slips with a reason.",
    "Start date": "3/2/2026",
    "End date": "3/6/2026",
    "What happened (Do)": "Five of ten gave one.",
    "Observations/problems": "Learners were packing up.",
    "Carried out as planned?": "Yes",
    "Results vs prediction": "Partly",
    "What was learned (Study)": "Stop earlier.",
    "Act": "Adapt",
    "Next cycle": "Four minutes instead of two.",
}
PLACES = {"Site A": f"{ROOT}/id/site/z1il-a", "Exit ticket": f"{ROOT}/id/specification/z1il-c1v1"}


def name(type_: str, key: str) -> str:
    return f"{ROOT}/id/{type_}/{key.lower()}"


def find(_types: tuple[str, ...], text: str) -> list[str]:
    return [PLACES[text]] if text in PLACES else []


def rows(path: Path, mapping: Mapping_, type_: str = "test") -> list[Row]:
    return list(read_table(path, type_, base=ROOT, name=name, find=find, mapping=mapping))


def table(path: Path, *given: dict[str, str], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, list(given[0]))
        writer.writeheader()
        writer.writerows(given)
    return path


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def value(row: Row, key: str, part: str = "") -> list[str]:
    assert row.record, row.messages
    return [
        t.object.value
        for t in row.record.triples
        if t.predicate.value.endswith(key)
        and t.subject == ox.NamedNode(row.record.iri + part)
        and not isinstance(t.object, ox.BlankNode | ox.Triple)
    ]


def test_the_shipped_form_gives_valid_tests(tmp_path: Path) -> None:
    assert mapping_names() == ["pdsa-form"]
    (row,) = rows(table(tmp_path / "a.csv", FORM), read_mapping("pdsa-form"))
    assert row.messages == ()
    assert value(row, "#planText") == [
        "Slips in every lesson.\nPlan: Who: One teacher.\nData to collect: Slips with a reason."
    ]
    assert value(row, "#startDate") == ["2026-03-02"]
    assert value(row, "#decision") == [f"{ROOT}/scheme/decision/adapt"]
    assert value(row, "#predictionOutcome", "#finding")[0].endswith("/partly")
    assert value(row, "#basis", "#finding")[0].endswith("/impression")
    assert value(row, "#learned", "#finding") == [
        "Stop earlier.\nNext cycle: Four minutes instead of two."
    ]
    assert row.columns["hasFinding.learned"] == "What was learned (Study)"
    package = checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=ROOT)
    near = Index(t for r in package for t in r.triples)
    assert row.record
    assert validation.violations(checking.check([row.record], near)) == []


@pytest.mark.parametrize("shipped", mapping_names())
def test_every_key_of_a_shipped_mapping_is_a_field(shipped: str) -> None:
    mapping = read_mapping(shipped)
    keys = {c.key for s in sheets_of(mapping.type) for c in s.columns if s.part_key is None}
    assert set(mapping.columns.values()) | set(mapping.values) | set(mapping.fixed) <= keys


def test_a_column_no_mapping_names_is_told_and_one_to_ignore_is_not(tmp_path: Path) -> None:
    top, _ = rows(
        table(tmp_path / "a.csv", {**FORM, "Name": "x", "Colour": "red"}), read_mapping("pdsa-form")
    )
    assert [m.column for m in top.messages] == ["Colour"]


def test_what_is_fixed_makes_no_part(tmp_path: Path) -> None:
    parts = ("What happened (Do)", "Observations/problems", "Results vs prediction", "Next cycle")
    row_ = FORM | dict.fromkeys((*parts, "What was learned (Study)"), "")
    (row,) = rows(table(tmp_path / "a.csv", row_), read_mapping("pdsa-form"))
    assert row.tree is not None
    assert "hasFinding" not in row.tree
    (row,) = rows(table(tmp_path / "b.csv", row_ | {"Stage": "Ongoing"}), read_mapping("pdsa-form"))
    assert value(row, "#stage") == [f"{ROOT}/scheme/stage/under-way"]


def test_two_columns_that_differ_are_told(tmp_path: Path) -> None:
    (row,) = rows(
        table(tmp_path / "a.csv", {**FORM, "Site": "Exit ticket"}), read_mapping("pdsa-form")
    )
    assert row.record is None
    assert "another column gives it another value" in row.messages[0].message


def test_dates_decimals_encoding_sheet_and_rows_of_titles(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        """
        type = "measure"
        class = "Measure"
        sheet = "Data"
        header_row = 3
        decimal = ","
        dates = "dmy"
        encoding = "cp1252"
        [columns]
        "Mesure" = "label"
        "Nom" = "label@fr"
        "Sens" = "betterIs"
        [values.betterIs]
        "Plus haut" = "higher"
        [fixed]
        sequence = 4
        illustrative = true
        """,
    )
    mapping = read_mapping(own)
    assert (mapping.manner, mapping.header_row) == (Manner("dmy", ","), 3)
    content = "Export;;\n;;\nMesure;Nom;Sens\nA;Café;PLUS HAUT\n"
    (tmp_path / "a.csv").write_bytes(content.encode("cp1252"))
    (row,) = rows(tmp_path / "a.csv", mapping, "measure")
    assert (row.number, value(row, "#betterIs"), value(row, "#sequence")) == (4, ["higher"], ["4"])
    assert sorted(value(row, "#label")) == ["A", "Café"]
    assert value(row, "#illustrative") == ["true"]
    book = openpyxl.Workbook()
    page = book.create_sheet("data")
    for line in content.splitlines():
        page.append(line.split(";"))
    book.save(tmp_path / "a.xlsx")
    (same,) = rows(tmp_path / "a.xlsx", mapping, "measure")
    assert same.record == row.record
    (tmp_path / "b.csv").write_bytes(content.encode("cp1252") + b"\x81;;\n")
    with pytest.raises(InputError, match="not cp1252 text"):
        rows(tmp_path / "b.csv", mapping, "measure")


def test_ways_to_write_dates_and_decimals(tmp_path: Path) -> None:
    given = {
        "Name": "a",
        "Key": "k",
        "Start date": "2.3.2026",
        "Prediction: Expected value": "2,040",
    }
    path = table(tmp_path / "a.csv", given)
    (row,) = rows(
        path, read_mapping(written(tmp_path, 'type = "test"\ndates = "dmy"\ndecimal = ","'))
    )
    assert (value(row, "#startDate"), value(row, "#expectedValue", "#prediction")) == (
        ["2026-03-02"],
        ["2.040"],
    )
    (row,) = rows(
        path, read_mapping(written(tmp_path, 'type = "test"\ndates = "mdy"\ndecimal = ","'))
    )
    assert value(row, "#startDate") == ["2026-02-03"]
    point = table(tmp_path / "b.csv", given | {"Prediction: Expected value": "1.000"})
    (row,) = rows(point, read_mapping(written(tmp_path, 'type = "test"\ndecimal = ","')))
    assert {m.field for m in row.messages} == {"startDate", "hasPrediction.expectedValue"}


def test_the_class_is_that_of_the_mapping(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", {"Name": "a", "Change idea": "Exit ticket"})
    (row,) = rows(path, read_mapping(written(tmp_path, 'type = "test"\nclass = "ReportedTest"')))
    assert row.tree is not None
    assert row.tree["type"] == "ReportedTest"
    assert value(row, f"{RDFS}label") == ["a"]
    assert value(row, f"{NIC}aboutIdea") == [PLACES["Exit ticket"]]


def test_a_fixed_reference_is_looked_up(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", {"Name": "a"})
    (row,) = rows(
        path, read_mapping(written(tmp_path, 'type = "test"\n[fixed]\natSite = "Site A"'))
    )
    assert value(row, "#atSite") == [PLACES["Site A"]]
    with pytest.raises(InputError, match=r"own.toml, fixed: Site: there is no site .*'Site Z'"):
        rows(path, read_mapping(written(tmp_path, 'type = "test"\n[fixed]\natSite = "Site Z"')))


def test_a_mapping_is_for_its_own_type(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="records of type 'test', not 'idea'"):
        rows(tmp_path / "a.csv", read_mapping("pdsa-form"), "idea")


FAULTS: dict[str, tuple[str, str]] = {
    "no TOML": ('type = "test"\ncolumns = = 1\n', "not TOML: .*line 2"),
    "no type": ('dates = "dmy"', "'type' is missing"),
    "unknown key": ('type = "test"\ncolums = 1', "line 2: 'colums' is not a key.*'columns'"),
    "wrong kind": (
        'type = "test"\nsheet = true',
        "line 2: 'sheet' has the wrong kind.*text or a number",
    ),
    "wrong word": (
        'type = "test"\ndates = "ymd"',
        "line 2: 'dates' cannot be 'ymd'.*iso, dmy, mdy",
    ),
    "no such row": ('type = "test"\nheader_row = 0', "line 2: 'header_row' is out of range"),
    "no such class": ('type = "test"\nclass = "X"', "line 2: 'X' is not a class.*PDSACycle"),
    "no such field": (
        'type = "test"\n[columns]\n"Their title" = "atSit"',
        "line 3: 'atSit' is not a field.*Did you mean 'atSite'",
    ),
    "no language": ('type = "test"\n[columns]\n"T" = "atSite@es"', "'atSite@es' is not a field"),
    "no such choice": (
        'type = "test"\n[values.stage]\n"Over" = "finished"',
        "line 3: Stage: 'finished' is not one of the choices",
    ),
    "no words": ('type = "test"\n[values]\nstage = "complete"', "line 3: .*holds no words"),
    "no such value": (
        'type = "test"\n[fixed]\nstartDate = "soon"',
        "line 3: Start date: 'soon' is not a date",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_mapping_is_refused_with_its_line_and_the_fix(fault: str, tmp_path: Path) -> None:
    text, told = FAULTS[fault]
    with pytest.raises(InputError, match=f"(?s){told}") as error:
        read_mapping(written(tmp_path, text))
    assert "own.toml" in error.value.message
    assert error.value.fix


def test_a_mapping_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no mapping 'none'.*pdsa-form"):
        read_mapping("none")
    with pytest.raises(InputError, match="no mapping"):
        read_mapping(tmp_path)
    (tmp_path / "own.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        read_mapping(tmp_path / "own.toml")
    (tmp_path / "own.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match="too long"):
        read_mapping(tmp_path / "own.toml")
    with pytest.raises(UnknownType):
        read_mapping(written(tmp_path, 'type = "colour"'))


def test_dates_in_toml_are_dates(tmp_path: Path) -> None:
    mapping: Any = read_mapping(written(tmp_path, 'type = "test"\n[fixed]\nstartDate = 2026-03-02'))
    assert mapping.fixed == {"startDate": "2026-03-02"}
