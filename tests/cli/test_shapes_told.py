"""`schema`, `template`, `form`, `migrate` and the ladder of `validate`, as a user runs them."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from warranted import form_model, resources, template
from warranted.namespaces import RECORD_CLASSES

Run = Callable[..., subprocess.CompletedProcess[str]]
OLD = """@base <https://w3id.org/warranted/id/> .
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<network/n> a nic:Network ; rdfs:label "N" .
<site/s> a nic:Site ; rdfs:label "S" .
<idea/i> a nic:ChangeIdea ; rdfs:label "I" ; nic:addressesDriver <driver/d> .
<driver/d> a nic:PrimaryDriver ; rdfs:label "D" ; nic:contributesTo <aim/a> .
<aim/a> a nic:Aim ; rdfs:label "A" .
<specification/v> a nic:ChangeSpecification ; rdfs:label "V" ; nic:specificationOf <idea/i> .
<ramp/r> a nic:TestRamp ; rdfs:label "R" ; nic:atSite <site/s> ; prov:hadMember <test/t> .
<test/t> a nic:PDSACycle ; rdfs:label "T" ; nic:tests <specification/v> ; nic:atSite <site/s> ;
    nic:startDate "2026-01-12"^^xsd:date ;
    nic:scale <https://w3id.org/warranted/scheme/scale/small> ;
    nic:stage <https://w3id.org/warranted/scheme/stage/planned> ;
    nic:hasPrediction <test/t#p> .
<test/t#p> a nic:Prediction ; nic:predictionText "It will rise." .
"""


def test_schema_is_printed_and_takes_the_shipped_records(run: Run, tmp_path: Path) -> None:
    done = run("schema", "test", cwd=tmp_path)
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    Draft202012Validator.check_schema(schema)
    assert "Not said here" in schema["$comment"]
    bad = run("schema", "tset", cwd=tmp_path)
    assert bad.returncode == 2
    assert "specification" in bad.stderr


@pytest.mark.parametrize("type_", RECORD_CLASSES)
def test_template_of_every_type(tmp_path: Path, type_: str) -> None:
    template.write(type_, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    form = form_model.forms_of(type_)[0]
    page = book[book.sheetnames[0]]
    titles = {str(c.value) for c in page[1]}
    for field in form.fields():
        if field.part is None:
            assert field.name in titles
    assert page.row_dimensions[2].hidden
    assert {"How to fill it in", "Choices"} <= set(book.sheetnames)


def test_template_offers_what_the_scheme_offers(run: Run, tmp_path: Path) -> None:
    run("template", "test", "t.xlsx", cwd=tmp_path)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    page = book["PDSA cycle"]
    titles = [c.value for c in page[1]]
    letter = page.cell(1, titles.index("Stage") + 1).column_letter
    checks = page.data_validations.dataValidation
    (check,) = [c for c in checks if str(c.sqref).startswith(f"{letter}3:")]
    sheet, _, cells = check.formula1.partition("!")
    offered = [row[0].value for row in book[sheet][cells.replace("$", "")]]
    assert offered == ["Planned", "Under way", "Complete", "Not carried out"]
    assert "Finding: What happened" in titles
    assert "Prediction: Prediction" in titles


def test_csv_template_and_a_wrong_ending(run: Run, tmp_path: Path) -> None:
    assert run("template", "idea", "i.csv", cwd=tmp_path).returncode == 0
    text = (tmp_path / "i.csv").read_text(encoding="utf-8-sig")
    (titles,) = csv.reader(text.splitlines())
    assert titles[:2] == ["Name", "Summary"]
    done = run("template", "idea", "i.doc", cwd=tmp_path)
    assert done.returncode == 2
    assert ".xlsx" in done.stderr


def test_form_is_printed(run: Run, tmp_path: Path) -> None:
    forms = json.loads(run("form", "test", cwd=tmp_path).stdout)
    assert [f["class"] for f in forms] == ["PDSACycle", "ReportedTest"]
    plan = next(s for s in forms[0]["sections"] if s["label"] == "Plan")
    fields = {f["key"]: f for f in plan["fields"]}
    assert fields["startDate"]["widget"] == "date"
    assert fields["startDate"]["required"]
    assert fields["atSite"]["types"] == ["site"]
    assert next(o["label"] for o in fields["stage"]["options"]) == "Planned"
    part = fields["hasPrediction"]["part"]
    assert part["class"] == "Prediction"


def test_validate_shows_the_ladder(run: Run, tmp_path: Path) -> None:
    example = resources.shapes() / "examples/test/invalid/finding-learned-wanted.ttl"
    text = example.read_text(encoding="utf-8").replace(
        "https://example.org/id/", "https://w3id.org/warranted/id/"
    )
    (tmp_path / "t.ttl").write_text(text, encoding="utf-8")
    done = run("validate", "t.ttl", cwd=tmp_path)
    assert "documentation: " in done.stdout
    assert done.returncode == 1  # what it names is not in the file


def test_every_fault_at_once_in_the_order_of_the_form(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.ttl").write_text(
        "@base <https://w3id.org/warranted/id/> .\n"
        "@prefix nic: <https://w3id.org/warranted/ns#> .\n"
        '<test/t> a nic:PDSACycle ; nic:startDate "soon" ; nic:peopleReached "many" .\n',
        encoding="utf-8",
    )
    found = json.loads(run("validate", "t.ttl", "--json", cwd=tmp_path).stdout)
    refused = [r for r in found if r["severity"] == "Violation"]
    assert list(dict.fromkeys(r["field"] for r in refused)) == [
        "Name",
        "Version tried",
        "Site",
        "Start date",
        "Scale of test",
        "Stage",
        "Prediction",
        "People reached",
    ]
    start = refused[3]
    assert start["record"] == "https://w3id.org/warranted/id/test/t"
    assert start["path"] == "https://w3id.org/warranted/ns#startDate"
    assert start["value"] == "soon"
    assert start["next"] == "give the day the test begins, such as 2026-03-02."
    assert start["message"] == f"Start date: {start['next']}"


def test_data_of_the_first_version_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.ttl").write_text(OLD, encoding="utf-8")
    refused = run("load", "old.ttl", cwd=tmp_path)
    assert refused.returncode == 1
    done = run("migrate", "old.ttl", "-o", "new.trig", cwd=tmp_path)
    assert done.stdout.startswith("2 of 8 records changed")
    assert run("load", "new.trig", cwd=tmp_path).returncode == 0
    ask = (
        "PREFIX nic: <https://w3id.org/warranted/ns#> SELECT ?r { ?t nic:inRamp ?r . "
        "FILTER NOT EXISTS { ?r <http://www.w3.org/ns/prov#hadMember> ?t } }"
    )
    rows = run("query", ask, "--format", "csv", cwd=tmp_path).stdout.split()
    assert rows == ["r", "https://w3id.org/warranted/id/ramp/r"]
    again = run("migrate", "new.trig", "-o", "newer.trig", cwd=tmp_path)
    assert again.stdout.startswith("0 of 8 records changed")
    assert (tmp_path / "newer.trig").read_bytes() == (tmp_path / "new.trig").read_bytes()
    assert run("migrate", cwd=tmp_path).stdout == "0 of 8 records changed.\n"


def test_migrate_says_where_it_would_write(run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.ttl").write_text(OLD, encoding="utf-8")
    done = run("migrate", "old.ttl", cwd=tmp_path)
    assert done.returncode == 2
    assert "-o OUT" in done.stderr
