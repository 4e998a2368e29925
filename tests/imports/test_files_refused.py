"""Files that are no table, too large or damaged are refused with the reason."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.imports.sheets import FILLED, rows, xlsx

from warranted.errors import InputError, TooLarge, UnknownType
from warranted.imports import files
from warranted.imports.mapping import Mapping_


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
