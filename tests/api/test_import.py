"""Spreadsheets in and out over HTTP: a message per cell, all or those that are right, twice is once."""

from __future__ import annotations

import csv
import io
import random
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hub import PREFIXES, Hub, Member, path

from warranted import template


@pytest.fixture
def version(hub: Hub) -> dict[str, str]:
    """A site with a key, and a version of an idea."""
    idea = hub.curator.create(
        "idea",
        '<> a nic:ChangeIdea ; rdfs:label "Imported"@en ; nic:notStated nic:addressesDriver .',
    )
    return {
        "spec": hub.curator.create(
            "specification",
            f"""<> a nic:ChangeSpecification ; rdfs:label "Imported, version 1"@en ;
            pav:version "1" ; nic:specificationOf <{idea}> .""",
        ),
        # Digits might look like a phone number, which a name may not.
        "name": (name := f"Site {''.join(random.choices(string.ascii_lowercase, k=8))}"),
        "site": hub.curator.create("site", f'<> a nic:Site ; rdfs:label "{name}"@en .'),
    }


def table(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    titles = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(out, titles)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(version: dict[str, str], key: str, **more: str) -> dict[str, str]:
    return {
        "Key": key,
        "Name": f"Test {key}",
        "Version tried": version["spec"],
        "Site": version["site"],
        "Start date": "2026-02-02",
        "Stage": "planned",
        "Scale of test": "small",
        "Prediction: Prediction": "Half of the class will give a reason.",
    } | more


def send(member: Member, data: bytes, **params: str) -> Any:
    query = {"name": "tests.csv", "type": "test"} | params
    return member("POST", "/api/v1/import", params=query, content=data)


def test_rows_are_stored_and_the_same_file_twice_changes_nothing(
    hub: Hub, version: dict[str, str]
) -> None:
    rows = [row(version, f"I{n}") for n in range(5)]
    first = send(hub.curator, table(rows))
    assert first.status_code == 200, first.text
    assert (first.json()["new"], first.json()["stored"]) == (5, True)
    again = send(hub.curator, table(rows)).json()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 5)
    rows[2]["Name"] = "A better name"
    changed = send(hub.curator, table(rows)).json()
    assert (changed["new"], changed["changed"], changed["unchanged"]) == (0, 1, 4)
    # out, and in again
    out = hub.curator("GET", "/api/v1/export", params={"type": "test", "status": "draft"})
    assert "A better name" in out.text
    back = send(hub.curator, out.content).json()
    assert (back["new"], back["changed"], back["refused"]) == (0, 0, 0), back["told"]


def test_a_row_that_is_wrong_holds_all_back_or_itself_alone(
    hub: Hub, version: dict[str, str]
) -> None:
    good = row(version, "W1")
    bad = good | {"Key": "W2", "Site": "No such place", "Start date": "soon"}
    before = hub.curator.get("/health")["ledger"]
    held = send(hub.curator, table([good, bad]))
    assert held.status_code == 422
    told = held.json()
    assert (told["stored"], told["refused"], told["rows"]) == (False, 1, 2)
    assert {(m["row"], m["column"]) for m in told["told"] if m["severity"] == "Violation"} == {
        (3, "Site"),
        (3, "Start date"),
    }
    assert hub.curator.get("/health")["ledger"] == before
    dry = send(hub.curator, table([good, bad]), mode="rows", **{"dry-run": "true"}).json()
    assert (dry["stored"], dry["new"], dry["refused"]) == (False, 1, 1)
    assert hub.curator.get("/health")["ledger"] == before
    some = send(hub.curator, table([good, bad]), mode="rows").json()
    assert (some["stored"], some["new"], some["refused"]) == (True, 1, 1)


def test_a_workbook_is_imported_in_the_background(
    hub: Hub, version: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "tests.xlsx"
    template.write("test", file)
    book = openpyxl.load_workbook(file)
    page = book.worksheets[0]
    keys = {cell.value: cell.column for cell in page[2]}
    for n in range(3):
        for key, value in {
            "identifier": f"B{n}",
            "label": f"In the background {n}",
            "tests": version["spec"],
            "atSite": version["name"] if n else version["site"],
            "startDate": "2026-02-02",
            "stage": "planned",
            "scale": "small",
            "hasPrediction.predictionText": "Half will.",
        }.items():
            page.cell(3 + n, keys[key], value)
    book.save(file)
    answer = hub.curator(
        "POST",
        "/api/v1/import",
        params={"name": "tests.xlsx", "type": "test"},
        content=file.read_bytes(),
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202
    where = answer.headers["location"]
    for _ in range(100):
        job = hub.curator.get(where)
        if job["state"] != "running":
            break
        time.sleep(0.1)
    assert job["state"] == "done", job
    assert hub.reviewer("GET", where).status_code == 404
    report = job["report"]
    assert (report["rows"], report["new"], report["stored"]) == (3, 3, True), report["told"]


def test_rdf_is_imported_as_drafts(hub: Hub) -> None:
    iri = f"{hub.network.rpartition('/network/')[0]}/driver/imported-1"
    body = f'{PREFIXES} <{iri}> a nic:PrimaryDriver ; rdfs:label "By file"@en ; nic:notStated nic:contributesTo ; nic:lifecycle l:published .'
    query = {"name": "d.ttl"}
    told = hub.curator("POST", "/api/v1/import", params=query, content=body.encode()).json()
    assert (told["new"], told["stored"]) == (1, True)
    read = hub.curator.get(path(iri), headers={"Accept": "application/ld+json"})
    assert read["lifecycle"].endswith("/draft")
    again = hub.curator("POST", "/api/v1/import", params=query, content=body.encode()).json()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 1)
    theirs = hub.outsider("POST", "/api/v1/import", params=query, content=body.encode())
    assert theirs.status_code in (403, 409)


@pytest.mark.parametrize(
    ("params", "data", "status", "field"),
    [
        ({"name": "x.docx"}, b"", 400, "file"),
        ({"name": ""}, b"", 400, "file"),
        ({"type": "nonsense"}, b"Name\nx\n", 404, "type"),
        ({"mapping": "../../etc/passwd"}, b"Name\nx\n", 400, "mapping"),
        ({"mapping": "nosuch"}, b"Name\nx\n", 400, "mapping"),
        ({"mode": "some"}, b"Name\nx\n", 400, "mode"),
        ({"name": "x.xlsx"}, b"not a workbook", 400, None),
        ({}, b"", 400, None),
        ({}, b"\xff\xfe\x00", 400, None),
        ({"network": "https://example.org/none"}, b"Name\nx\n", 403, None),
    ],
)
def test_a_file_that_cannot_be_imported(
    hub: Hub, params: dict[str, str], data: bytes, status: int, field: str | None
) -> None:
    answer = send(hub.curator, data, **params)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field:
        assert answer.json()["field"] == field


def test_a_contributor_does_not_import(hub: Hub) -> None:
    assert send(hub.contributor, b"Name\nx\n").status_code == 403


def test_what_a_spreadsheet_would_run_is_neutralised_and_comes_back(hub: Hub) -> None:
    label = '=HYPERLINK("http://x.example","click")'
    hub.curator.create(
        "idea",
        f"<> a nic:ChangeIdea ; rdfs:label '''{label}'''@en ; nic:notStated nic:addressesDriver .",
    )
    out = hub.curator("GET", "/api/v1/export", params={"type": "idea"}).text
    (line,) = [
        r for r in csv.DictReader(io.StringIO(out.lstrip("\ufeff"))) if "HYPERLINK" in r["Name"]
    ]
    assert line["Name"] == f"'{label}"


def test_the_command_imports_with_a_mapping(run: Callable[..., Any], tmp_path: Path) -> None:
    network = "https://w3id.org/warranted/id/network/n1"
    small = Path(__file__).parents[1] / "library" / "data" / "small.ttl"
    assert run("load", str(small), cwd=tmp_path).returncode == 0
    (tmp_path / "ideas.csv").write_text("Name,Driver\nAn idea,\nAnother,nothing\n")
    done = run(
        "import",
        "ideas.csv",
        "--type",
        "idea",
        "--network",
        network,
        "--mode",
        "rows",
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    assert "2 rows" in done.stdout
    assert "row 3, Driver" in done.stdout
    assert "there is no driver" in done.stdout
