"""The ontology, the schemes, the shapes and the JSON Schemas, at their addresses."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import pyoxigraph as ox
import pytest
from jsonschema import Draft202012Validator

from warranted.namespaces import RECORD_CLASSES

FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
}
PLACES = {
    "/ns": ("/ns/", "https://w3id.org/warranted/ns#ChangeIdea"),
    "/shapes": ("/shapes/", "https://w3id.org/warranted/shapes#test-stage"),
    "/scheme/stage": ("/scheme/stage/", "https://w3id.org/warranted/scheme/stage/complete"),
    "/scheme/stage/complete": (
        "/scheme/stage/#complete",
        "https://w3id.org/warranted/scheme/stage/complete",
    ),
}


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("media", FORMATS)
def test_terms_are_told_as_data(client: Any, place: str, media: str) -> None:
    answer = client.get(place, headers={"Accept": media})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    assert "Accept" in answer.headers["vary"]
    subjects = {q.subject.value for q in ox.parse(answer.content, format=FORMATS[media])}
    assert PLACES[place][1] in subjects


@pytest.mark.parametrize("place", PLACES)
def test_a_browser_is_led_to_the_page(client: Any, place: str) -> None:
    answer = client.get(place, headers={"Accept": "text/html,*/*;q=0.1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == PLACES[place][0]
    page = client.get(answer.headers["location"].partition("#")[0])
    assert page.status_code == 200
    anchor = PLACES[place][1].rpartition("#")[2].rpartition("/")[2]
    assert f'id="{anchor}"' in page.text or anchor == "stage"


def test_what_is_not_there_is_said(client: Any) -> None:
    for place in ("/scheme/none", "/scheme/stage/none", "/schema/none", "/ns/0.0.9"):
        answer = client.get(place, headers={"Accept": "text/turtle"})
        assert answer.status_code == 404, place
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/ns", headers={"Accept": "image/png"}).status_code == 406


def test_the_present_version_has_an_address(client: Any) -> None:
    now = client.get("/ns", headers={"Accept": "text/turtle"})
    version = now.text.split("owl:versionIRI <https://w3id.org/warranted")[1].split(">")[0]
    assert client.get(version, headers={"Accept": "text/turtle"}).text == now.text


def test_json_schemas_are_served_and_openapi_names_the_bodies(client: Any) -> None:
    api = client.get("/openapi.json").json()
    for type_ in RECORD_CLASSES:
        schema = client.get(f"/schema/{type_}").json()
        Draft202012Validator.check_schema(schema)
        body = api["paths"][f"/api/v1/{type_}"]["post"]["requestBody"]["content"]
        named = body["application/ld+json"]["schema"]
        for ref in [named] if "$ref" in named else named["anyOf"]:
            name = ref["$ref"].rpartition("/")[2]
            assert api["components"]["schemas"][name]["properties"]["type"]
    operations = [o["operationId"] for p in api["paths"].values() for o in p.values()]
    assert len(operations) == len(set(operations))
