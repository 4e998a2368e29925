"""A property added to a copy of a shape appears in everything that describes a record."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
from jsonschema import Draft202012Validator

from warranted import (
    form_model,
    json_schema,
    ladder,
    reference,
    resources,
    template,
    validation,
)
from warranted.context import context_of
from warranted.namespaces import NIC
from warranted.neighbourhood import neighbourhood
from warranted.records import Record
from warranted.shape_model import ShapeModel

ADDED = """
nsh:test-weather a sh:PropertyShape ;
    sh:path nic:weather ;
    sh:name "Weather"@en ;
    sh:description "What the weather was."@en ;
    skos:example "rain" ;
    sh:order 35 ;
    sh:group nsh:group-plan ;
    sh:severity sh:Violation ;
    sh:message "Weather: say rain or sun; one only."@en ;
    sh:maxCount 1 ;
    sh:in ( "rain" "sun" ) .

nsh:test-weather-wanted a sh:PropertyShape ;
    sh:path nic:weather ;
    sh:name "Weather"@en ;
    sh:description "What the weather was."@en ;
    skos:example "rain" ;
    sh:order 35 ;
    sh:group nsh:group-plan ;
    sh:severity sh:Warning ;
    sh:message "Weather: say what the weather was."@en ;
    sh:minCount 1 .

nsh:test sh:property nsh:test-weather , nsh:test-weather-wanted .
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ShapeModel:
    folder = tmp_path_factory.mktemp("shapes")
    for file in resources.shapes().glob("*.ttl"):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text + (ADDED if file.stem == "test" else ""))
    return ShapeModel.read(folder)


def judged(model: ShapeModel, weather: str | None) -> list[validation.Result]:
    example = resources.shapes() / "examples/test/valid/test.ttl"
    triples = [q.triple for q in ox.parse(path=example, format=ox.RdfFormat.TURTLE)]
    iri = "https://example.org/id/test/t1"
    if weather:
        value = ox.Literal(weather)
        triples.append(ox.Triple(ox.NamedNode(iri), ox.NamedNode(f"{NIC}weather"), value))
    record = Record(iri, "test", tuple(triples))
    return [
        r
        for r in validation.Judge(model).validate(record, neighbourhood(record))
        if r.constraint != "ClassConstraintComponent"
    ]


def test_the_check_on_write_and_the_ladder(model: ShapeModel) -> None:
    assert [(r.field, r.severity) for r in judged(model, None)] == [("Weather", "Warning")]
    assert [(r.field, r.severity, r.value) for r in judged(model, "hail")] == [
        ("Weather", "Violation", "hail")
    ]
    assert judged(model, "sun") == []
    stands = ladder.standing(judged(model, None), model)
    assert (stands.rung, stands.next_rung) == ("recorded", "reusable")
    assert stands.step == "Weather: say what the weather was."
    assert ladder.standing(judged(model, "hail"), model).rung == "refused"
    assert ladder.standing(judged(model, "sun"), model).rung == "publishable"


def test_the_schema_and_the_openapi_body(model: ShapeModel) -> None:
    schema = json_schema.schema("test", model)
    assert "weather" in schema["$defs"]["PDSACycle"]["properties"]
    assert "weather" not in schema["$defs"]["ReportedTest"]["properties"]
    field = Draft202012Validator({"$ref": "#/$defs/test-weather", "$defs": schema["$defs"]})
    assert field.is_valid("sun")
    assert not field.is_valid("hail")
    body = json_schema.components(model)["PDSACycle"]["properties"]["weather"]
    assert body == {"$ref": "#/components/schemas/test-weather"}


def test_the_context(model: ShapeModel) -> None:
    assert context_of(model)["@context"]["weather"] == {"@id": f"{NIC}weather"}


def test_the_form(model: ShapeModel) -> None:
    form = form_model.forms_of("test", model)[0]
    section = next(s for s in form.sections if s.label == "Plan")
    names = [f.name for f in section.fields]
    assert names[names.index("Start date") + 1] == "Weather"
    field = form.field("weather")
    assert field is not None
    assert field.widget == "choose"
    assert [o.value for o in field.options] == ["rain", "sun"]
    assert (field.advised, field.advice) == ("Warning", "Weather: say what the weather was.")


def test_the_template(model: ShapeModel, tmp_path: Path) -> None:
    template.write("test", tmp_path / "t.xlsx", model)
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["PDSA cycle"]
    titles = [c.value for c in page[1]]
    assert "Weather" in titles
    letter = page.cell(1, titles.index("Weather") + 1).column_letter
    (check,) = [
        c for c in page.data_validations.dataValidation if str(c.sqref).startswith(f"{letter}3:")
    ]
    assert check.type == "list"
    template.write("test", tmp_path / "t.csv", model)
    assert "Weather" in (tmp_path / "t.csv").read_text(encoding="utf-8-sig")


def test_the_field_table(model: ShapeModel) -> None:
    (table,) = [t for t in reference.tables(model) if t.label == "PDSA cycle"]
    (row,) = [r for r in table.rows if r.name == "Weather"]
    assert (row.value, row.needed, row.example) == (
        "one of 2: rain, sun",
        "to be published",
        "rain",
    )
