"""Rows of a spreadsheet become records, the same each time, and what is wrong is said cell by cell."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from tests.imports.sheets import FILLED, TEST, csv_file, name, rows, text, values, violations, xlsx

from warranted import template
from warranted.errors import InputError
from warranted.imports.cells import (
    neutralise,
    text_of,
)
from warranted.imports.tables import read_table
from warranted.namespaces import DCTERMS, NIC, RDFS, ROOT
from warranted.template import sheets_of


@pytest.mark.parametrize("type_", FILLED)
def test_a_filled_in_workbook_gives_valid_records(type_: str, tmp_path: Path) -> None:
    row, parts = FILLED[type_]
    found = rows(xlsx(tmp_path / "a.xlsx", type_, row, **parts), type_)
    assert [(r.number, r.key, r.messages) for r in found] == [(3, row["identifier"], ())]
    assert violations(found) == []


@pytest.mark.parametrize("type_", FILLED)
def test_csv_gives_the_record_that_a_workbook_gives(type_: str, tmp_path: Path) -> None:
    row, _ = FILLED[type_]
    plain = {k: text_of(v) for k, v in row.items()}
    plain = {k: neutralise(v) if "five of" in v else v for k, v in plain.items()}
    (one,) = rows(xlsx(tmp_path / "a.xlsx", type_, row), type_)
    (two,) = rows(csv_file(tmp_path / "a.csv", type_, plain), type_)
    assert one.record
    assert two.record == one.record
    assert (two.number, two.sheet) == (2, "a.csv")


def test_cells_become_what_their_fields_take(tmp_path: Path) -> None:
    (row,) = rows(xlsx(tmp_path / "a.xlsx", "test", TEST))
    assert values(row, f"{NIC}startDate") == ["2026-03-02"]
    assert values(row, f"{NIC}expectedValue", "#prediction") == ["50.0"]
    assert values(row, f"{NIC}whatHappened", "#finding") == ["=five of ten; and more"]
    assert sorted(values(row, f"{NIC}asNamedInSource")) == ["test", "trial"]
    assert values(row, f"{NIC}harmAsked", "#finding") == ["true"]
    assert row.tree is not None
    assert row.tree["hasFinding"]["id"] == f"{row.record.iri}#finding" if row.record else False
    assert row.columns["hasFinding.whatHappened"] == "Finding: What happened"
    assert row.columns[f"{NIC}startDate"] == "Start date"


def test_the_same_file_twice_gives_the_same_records(tmp_path: Path) -> None:
    keyless = {k: v for k, v in TEST.items() if k != "identifier"}
    path = xlsx(tmp_path / "a.xlsx", "test", TEST, keyless)
    one, two = rows(path), rows(path)
    assert [r.record for r in one] == [r.record for r in two]
    assert re.fullmatch("row-[0-9a-f]{16}", str(one[1].key))


def test_a_test_has_two_forms_and_the_sheet_decides(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    template.write("test", path)
    book = openpyxl.load_workbook(path)
    page = book["Test reported in a publication"]
    page.append([{"label": "Told", "identifier": "R1"}.get(str(c.value)) for c in page[2]])
    parts = [p for p in book.worksheets if p["A2"].value == "hasStatement"][1]
    words = {"hasStatement": "R1", "statementText": "It was tried."}
    parts.append([words.get(str(c.value)) for c in parts[2]])
    book.save(path)
    (row,) = rows(path)
    assert row.tree is not None
    assert (row.tree["type"], row.sheet) == ("ReportedTest", "Test reported in a publication")
    assert row.tree["hasStatement"][0]["id"].endswith("#statement-1")
    told = violations([row])  # the template has no sheet for the source of a statement
    assert {r.shape.rpartition("#")[2] for r in told} == {"statement-sourced-rule"}


def test_parts_are_named_by_sequence_or_place(tmp_path: Path) -> None:
    def named(*numbers: int | None) -> list[str]:
        given_ = [{"hasKnowHow": "C9", "label": f"n{n}", "sequence": n} for n in numbers]
        path = xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0], hasKnowHow=given_)
        (row,) = rows(path, "idea")
        assert row.tree is not None
        return [part["id"].partition("#")[2] for part in row.tree["hasKnowHow"]]

    assert named(3, 1) == ["know-how-3", "know-how-1"]
    assert named(None, 1) == ["know-how-1", "know-how-2"]
    assert named(1, 1) == ["know-how-1", "know-how-2"]


def test_parts_without_a_record_are_told(tmp_path: Path) -> None:
    lost = [{"hasKnowHow": "C8", "label": "a"}, {"label": "b"}]
    found = rows(xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0], hasKnowHow=lost), "idea")
    assert [(r.number, r.key, r.record is None) for r in found[1:]] == [
        (3, None, True),
        (4, None, True),
    ]
    assert "no row has the key 'C8'" in found[1].messages[0].message
    assert "the key is empty" in found[2].messages[0].message
    assert found[1].messages[0].sheet.startswith("Change idea")


def test_a_wrong_part_keeps_its_record_out(tmp_path: Path) -> None:
    bad = [{"hasKnowHow": "C9", "label": "a", "sequence": "first"}]
    (row,) = rows(xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0], hasKnowHow=bad), "idea")
    assert row.record is None
    assert [m.row for m in row.messages] == [3]


def test_rows_refer_to_one_another_by_key_in_both_directions(tmp_path: Path) -> None:
    first = TEST | {"identifier": "A", "followsTest": "B; T1"}
    second = TEST | {"identifier": "B", "followsTest": f"A; {name('test', 'A')}"}
    one, two = rows(xlsx(tmp_path / "a.xlsx", "test", first, second))
    t1 = f"{ROOT}/id/test/z1il-t1"
    assert set(values(one, f"{NIC}followsTest")) == {name("test", "B"), t1}
    assert values(two, f"{NIC}followsTest") == [name("test", "A")]
    ahead = TEST | {"identifier": "A", "followsTest": name("test", "B")}
    one, _ = rows(csv_file(tmp_path / "a.csv", "test", ahead, second))
    assert values(one, f"{NIC}followsTest") == [name("test", "B")]


def test_an_iri_may_be_any(tmp_path: Path) -> None:
    row = TEST | {"notStated": "nic:endDate; https://example.org/x", "isReplacedBy": "T90"}
    (made,) = rows(xlsx(tmp_path / "a.xlsx", "test", row))
    assert set(values(made, f"{NIC}notStated")) == {f"{NIC}endDate", "https://example.org/x"}
    assert values(made, f"{DCTERMS}isReplacedBy") == [name("test", "T90")]


WRONG = {
    "startDate": ("31/12/2026", r"Start date: '31/12/2026' is not a date; .*dates = \"dmy\""),
    "endDate": ("2026-02-30", "End date: '2026-02-30' is not a date; write year-month-day"),
    "scale": ("Smal", r"Scale of test: 'Smal' is not one of the choices; .*Did you mean 'Small'\?"),
    "peopleReached": ("24.5", "People reached: '24.5' is not a whole number; write digits"),
    "byOriginator": ("maybe", "Run by its originator: 'maybe' is neither yes nor no; write one"),
    "hasPrediction.expectedValue": ("2,5", r"Expected value: '2,5' is not a number; .*decimal = "),
    "atSite": ("Nowhere", "Site: there is no site with the key, name or address 'Nowhere'"),
    "label": ("a\x07b", r"Name: 'a\?b' holds a control character; take it out"),
    "summary": ("#REF!", "Summary: the cell holds the error #REF!; put the value in"),
    "followsTest": ("T1; nothing", "Follows test: there is no test with .* 'nothing'"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_cell_is_told_with_its_field_and_the_fix(key: str, tmp_path: Path) -> None:
    value, told = WRONG[key]
    found = rows(
        csv_file(tmp_path / "a.csv", "test", TEST | {key: value}, TEST | {"identifier": "z"})
    )
    (message,) = found[0].messages
    assert found[0].record is None
    assert (message.row, message.field, message.severity) == (2, key, "Violation")
    assert re.search(told, message.message), message.message
    assert message.column == found[0].columns[key]
    assert found[1].record is not None
    assert json.loads(json.dumps(message.as_json()))["message"] == message.message


def test_a_reference_to_several_records_is_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", "test", TEST)

    def two(types: tuple[str, ...], _text: str) -> list[str]:
        return [f"{ROOT}/id/{types[0]}/a", f"{ROOT}/id/{types[0]}/b"]

    (row,) = read_table(path, "test", base=ROOT, name=name, find=two)
    assert "may be 2 records" in row.messages[0].message
    assert "give the address" in row.messages[0].message


def test_numbers_of_a_workbook(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", "test", TEST)
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    at = [c.value for c in page[2]].index("hasPrediction.expectedValue") + 1
    people = [c.value for c in page[2]].index("peopleReached") + 1
    page.cell(3, people, "=6*4")
    page.cell(3, at, 0.45).number_format = "0%"
    book.save(path)
    (row,) = rows(path)
    told = {m.field: m.message for m in row.messages}
    assert "the cell shows 45 % and holds 0.45" in told["hasPrediction.expectedValue"]
    assert "the formula in this cell has no stored result" in told["peopleReached"]


def test_a_formula_with_a_result_is_read(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", "test", TEST)
    changed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                assert b"<v>24</v>" in data
                data = data.replace(b"<v>24</v>", b"<f>6*4</f><v>24</v>")
            new.writestr(entry, data)
    (row,) = rows(changed)
    assert values(row, f"{NIC}peopleReached") == ["24"]


def test_what_is_wrong_with_the_columns_comes_first(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "Name,Nmae,Name,slug?,Colour\nA,B,C,D,E\n")
    top, row = rows(path, "idea")
    assert (top.number, top.key, top.record) == (1, None, None)
    assert [m.column for m in top.messages] == ["Nmae", "Name", "slug?", "Colour"]
    assert "Did you mean 'Name'?" in top.messages[0].message
    assert "stands twice" in top.messages[1].message
    assert {m.severity for m in top.messages} == {"Warning"}
    assert values(row, f"{RDFS}label") == ["A"]


def test_titles_match_in_any_case_and_by_key(tmp_path: Path) -> None:
    (row,) = rows(text(tmp_path / "a.csv", "NAME *,label@es,identifier\nA,B,k\n"), "idea")
    assert sorted(values(row, f"{RDFS}label")) == ["A", "B"]
    assert row.key == "k"


def test_two_fields_of_one_title_go_by_their_order(tmp_path: Path) -> None:
    (row,) = rows(
        csv_file(tmp_path / "a.csv", "source", {"identifier": "I", "sourceKey": "S1"}), "source"
    )
    assert (row.key, values(row, f"{NIC}sourceKey")) == ("I", ["S1"])


def test_a_workbook_saved_as_csv_keeps_its_row_of_keys(tmp_path: Path) -> None:
    columns = sheets_of("idea")[0].columns
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(
        [[c.title for c in columns], [c.key for c in columns], ["A"] + [""] * (len(columns) - 1)]
    )
    (row,) = rows(text(tmp_path / "a.csv", out.getvalue()), "idea")
    assert (row.number, values(row, f"{columns[0].field.path}")) == (3, ["A"])


def test_numbers_of_rows_are_those_the_user_sees(tmp_path: Path) -> None:
    content = 'Name,Summary\nA,"two\nlines"\n\n,\nB,x\n'
    found = rows(text(tmp_path / "a.csv", content), "idea")
    assert [r.number for r in found] == [2, 5]
    assert values(found[0], f"{NIC}summary") == ["two\nlines"]


def test_a_key_stands_once(tmp_path: Path) -> None:
    found = rows(text(tmp_path / "a.csv", "Key,Name\na,A\na,B\n,C\n,C\n"), "idea")
    assert [r.record is not None for r in found] == [True, False, True, False]
    assert "'a' stands in row 2 already" in found[1].messages[0].message
    assert found[1].messages[0].severity == "Violation"
    assert "says the same as row 4" in found[3].messages[0].message
    assert found[3].messages[0].severity == "Warning"


def test_more_cells_than_titles_are_told(tmp_path: Path) -> None:
    (row,) = rows(text(tmp_path / "a.csv", "Key,Name\na,one, two\n"), "idea")
    assert row.record is None
    assert "more cells than there are titles" in row.messages[0].message


def test_what_the_import_sets_holds_whatever_a_row_says(tmp_path: Path) -> None:
    common = {"ofNetwork": f"{ROOT}/id/network/n1", "lifecycle": "nics:lifecycle/draft"}
    path = csv_file(tmp_path / "a.csv", "idea", {"label": "A", "lifecycle": "Accepted"})
    (row,) = rows(path, "idea", common=common)
    assert values(row, f"{NIC}lifecycle") == [f"{ROOT}/scheme/lifecycle/draft"]
    assert values(row, f"{NIC}ofNetwork") == [f"{ROOT}/id/network/n1"]
    assert [(m.severity, m.field) for m in row.messages] == [("Warning", "lifecycle")]
    with pytest.raises(InputError, match="'colour' is not a field"):
        rows(path, "idea", common={"colour": "red"})
