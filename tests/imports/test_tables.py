"""Rows of a spreadsheet become records, the same each time, and what is wrong is said cell by cell."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from warranted import checking, jsonld_io, records, resources, template, validation
from warranted.context import CONTEXT_IRI
from warranted.errors import InputError, TooLarge, UnknownType
from warranted.imports import files
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
from warranted.imports.mapping import Mapping_
from warranted.imports.tables import Row, read_table
from warranted.namespaces import DCTERMS, NIC, RDFS, ROOT
from warranted.neighbourhood import Index
from warranted.template import sheets_of

PACKAGE = checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=ROOT)
NEAR = Index(t for r in PACKAGE for t in r.triples)
CALLED: dict[str, set[str]] = {}
for known in PACKAGE:
    CALLED.setdefault(known.iri, set()).add(known.iri)
    for triple in known.triples:
        if triple.predicate.value not in (f"{DCTERMS}identifier", f"{RDFS}label"):
            continue
        if triple.subject == ox.NamedNode(known.iri) and isinstance(triple.object, ox.Literal):
            CALLED[triple.object.value] = CALLED.get(triple.object.value, set()) | {known.iri}

TEST: dict[str, Any] = {
    "identifier": "T90",
    "label": "Exit ticket again",
    "summary": "Will it work a second time?",
    "tests": f"{ROOT}/id/specification/z1il-c1v1",
    "atSite": f"{ROOT}/id/site/z1il-a",
    "startDate": date(2026, 3, 2),
    "endDate": "2026-03-06",
    "scale": "small",
    "stage": "COMPLETE",
    "hasPrediction.predictionText": "Half of the group will write a reason.",
    "hasPrediction.statedOn": datetime.combine(date(2026, 2, 27), time()),
    "hasPrediction.expectedValue": "50.0",
    "byOriginator": "no",
    "asPlanned": True,
    "peopleReached": 24,
    "hasFinding.predictionOutcome": "Partly as predicted",
    "hasFinding.basis": "data",
    "hasFinding.whatHappened": "'=five of ten; and more",
    "hasFinding.harmAsked": "sí",
    "decision": f"{ROOT}/scheme/decision/adapt",
    "asNamedInSource": "trial; test ;",
}


def name(type_: str, key: str) -> str:
    return f"{ROOT}/id/{type_}/x{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def find(types: tuple[str, ...], text: str) -> list[str]:
    return [i for i in sorted(CALLED.get(text, ())) if i.split("/")[-2] in types]


def rows(path: Path, type_: str = "test", **more: Any) -> list[Row]:
    return list(read_table(path, type_, base=ROOT, name=name, find=find, **more))


def xlsx(path: Path, type_: str, *given_: dict[str, Any], **parts: list[dict[str, Any]]) -> Path:
    """A template of that type, filled in: a dict a row, by the keys of its columns."""
    template.write(type_, path)
    book = openpyxl.load_workbook(path)
    pages = {page["A2"].value: page for page in reversed(book.worksheets)}
    first = book.worksheets[0]
    for page, wanted in [(first, list(given_)), *((pages[k], v) for k, v in parts.items())]:
        keys = [cell.value for cell in page[2]]
        for row in wanted:
            assert set(row) <= set(keys), set(row) - set(keys)
            page.append([row.get(str(key)) for key in keys])
    book.save(path)
    return path


def csv_file(path: Path, type_: str, *given_: dict[str, Any], between: str = ",") -> Path:
    """The CSV template of that type, filled in."""
    columns = sheets_of(type_)[0].columns
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=between)
        writer.writerow([c.title for c in columns])
        writer.writerows([row.get(c.key, "") for c in columns] for row in given_)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def violations(found: list[Row]) -> list[validation.Result]:
    made = [r.record for r in found if r.record]
    assert len(made) == len(found), [r.messages for r in found]
    return validation.violations(checking.check(made, NEAR))


def values(row: Row, predicate: str, part: str = "") -> list[str]:
    assert row.record
    subject = ox.NamedNode(row.record.iri + part)
    return [
        t.object.value
        for t in row.record.triples
        if t.predicate.value == predicate
        and t.subject == subject
        and not isinstance(t.object, ox.BlankNode | ox.Triple)
    ]


FILLED: dict[str, tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]] = {
    "test": (TEST, {}),
    "idea": (
        {
            "identifier": "C9",
            "label": "Ask for a reason",
            "summary": "A line on the slip asks.",
            "addressesDriver": "D1; D2",
        },
        {"hasKnowHow": [{"hasKnowHow": "C9", "label": "Slips", "comment": "Cut them before."}]},
    ),
    "site": (
        {
            "identifier": "S9",
            "label": "Site Q",
            "hasContext.facetValue": "rural",
        },
        {},
    ),
    "measure": (
        {
            "identifier": "M9",
            "label": "Reasons given",
            "operationalDefinition": "Slips with a reason that follows, of all slips handed in.",
            "measureType": "Outcome",
            "betterIs": "Higher",
            "unit": "percent of slips",
        },
        {},
    ),
}


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


def refused(path: Path, told: str, **more: Any) -> None:
    with pytest.raises(InputError, match=told) as error:
        rows(path, "idea", **more)
    assert path.name in str(error.value)
    assert error.value.fix


def zipped(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            archive.writestr(entry, data)
    return path


def test_what_is_no_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(called: str, data: bytes) -> Path:
        path = tmp_path / called
        path.write_bytes(data)
        return path

    refused(tmp_path / "none.csv", "cannot be read")
    refused(made("a.ods", b"x"), "neither .xlsx nor .csv")
    refused(made("a.csv", b""), "is empty")
    refused(made("b.csv", b"\xef\xbb\xbf"), "no titles in row 1")
    refused(made("c.csv", b"\n\n"), "no titles in row 1")
    refused(made("d.csv", "Name\nA\n".encode("utf-16")), "UTF-16")
    refused(made("e.csv", b"Name\nCaf\xe9\n"), 'is not UTF-8 text.*encoding = "cp1252"')
    refused(made("f.csv", b"Name\nA\0\n"), "line 2: it holds a NUL byte")
    refused(made("g.csv", b"Name\n\xed\xa0\x80\n"), "is not UTF-8 text")
    refused(made("h.csv", b'Name\n"A\n'), "it is not CSV")
    refused(made("i.csv", b"x" * 1_000_001), "longer than 1000000 characters")
    refused(made("j.csv", b"a," * 1000 + b"b\n"), "more than 1000 columns")
    refused(made("k.csv", b"Colour,Size\nred,5\n"), "no column of .* is a field of a idea")
    refused(made("l.csv", b"PK\x03\x04"), "is a workbook")
    refused(made("m.csv", b"Name\n" + b"y" * 200_000), "it is not CSV")
    refused(made("a.xlsx", b"PK\x03\x04 broken"), "damaged")
    refused(made("b.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), "has a password")
    refused(zipped(tmp_path / "c.xlsx", ("a.txt", b"x")), "damaged")
    refused(
        zipped(tmp_path / "d.xlsx", ("xl/a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")), "damaged"
    )
    monkeypatch.setattr(files, "MAX_BYTES", 1_000_000)
    refused(zipped(tmp_path / "e.xlsx", ("xl/a.xml", b" " * 2_000_000)), "larger than 1 MB")
    refused(made("n.csv", b"Name\n" * 300_000), "larger than 1 MB")
    monkeypatch.setattr(files, "MAX_ENTRIES", 3)
    many = [(f"{n}.xml", b"<a/>") for n in range(4)]
    refused(zipped(tmp_path / "f.xlsx", *many), "too many files")
    with pytest.raises(UnknownType):
        rows(tmp_path / "a.csv", "colour")


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data[:-300] if entry.filename.endswith("sheet1.xml") else data)
    refused(tmp_path / "b.xlsx", "damaged")


def test_a_row_far_below_does_not_go_on_for_ever(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", b'<row r="999999999999"/></sheetData>')
            new.writestr(entry, data)
    with pytest.raises(TooLarge, match="more than 1048576 rows"):
        rows(tmp_path / "b.xlsx", "idea")


def test_sheets_that_are_not_ours(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", "idea", FILLED["idea"][0])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["Name"])
    book.save(path)
    top, row = rows(path, "idea")
    assert "The sheet 'Notes' was not read" in top.messages[0].message
    assert row.record
    other = openpyxl.Workbook()
    for title in ("One", "Two"):
        other.create_sheet(title).append(["Name"])
    other.save(tmp_path / "b.xlsx")
    refused(tmp_path / "b.xlsx", "no sheet is one of the template's")
    by_number = rows(tmp_path / "b.xlsx", "idea", mapping=Mapping_("m", "idea", sheet=2))
    assert by_number == []
    with pytest.raises(InputError, match=r"has no sheet 'Three'.*One, Two"):
        rows(tmp_path / "b.xlsx", "idea", mapping=Mapping_("m", "idea", sheet="Three"))


# ---- properties

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
