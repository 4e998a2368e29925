"""Competency questions as plain addresses: a name, parameters, a format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from warranted import questions


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


def rows(client: httpx.Client, path: str, **given: Any) -> list[dict[str, str]]:
    answer = client.get(path, params=given)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("question", questions.questions(), ids=lambda q: q.key[:4])
def test_every_question_is_answered_by_its_name(client: httpx.Client, question: Any) -> None:
    found = rows(client, f"/queries/{question.key}.csv")
    answer = client.get("/sparql", params={"query": question.text}, headers={"Accept": "text/csv"})
    assert found == list(csv.DictReader(io.StringIO(answer.text)))


def test_parameters_narrow_the_answer(client: httpx.Client) -> None:
    every = rows(client, "/queries/cq01.csv")
    one = rows(client, "/queries/cq01.csv", aim="id/aim/z1il-a1")
    assert one == [r for r in every if r["aim"].endswith("/id/aim/z1il-a1")]
    assert 0 < len(one) < len(every)
    whole = rows(client, "/queries/cq01.csv", aim="https://w3id.org/warranted/id/aim/z1il-a1")
    assert whole == one
    two = rows(client, "/queries/cq01.csv", aim=["id/aim/z1il-a1", "id/aim/7qf3-a1"])
    assert len(one) < len(two) <= len(every)


def test_the_ending_says_the_format(client: httpx.Client) -> None:
    for ending, media in {
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
        "rq": "application/sparql-query",
    }.items():
        answer = client.get(f"/queries/cq05.{ending}")
        assert answer.headers["content-type"].partition(";")[0] == media
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_wrong_value_names_its_parameter(client: httpx.Client) -> None:
    for params, field in (({"aim": "}"}, "aim"), ({"nothing": "x"}, "nothing")):
        told = client.get("/queries/cq01.csv", params=params)
        assert told.status_code == 400
        assert told.json()["field"] == field
    assert client.get("/queries/cq99.csv").status_code == 404
    assert client.get("/queries/cq01.pdf").status_code == 404


def test_the_description_has_each_with_its_parameters(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    told = paths["/queries/cq18-a-place-like-mine.{format}"]["get"]
    types = {p["name"]: p["schema"].get("items", p["schema"])["type"] for p in told["parameters"]}
    assert types == {
        "format": "string",
        "one": "string",
        "other": "string",
        "least": "integer",
        "release": "string",
    }
    listed = client.get("/queries/").json()["queries"]
    assert len(listed) == len(questions.questions())
    for one in listed:
        assert f"{one['url']}.{{format}}" in paths


def test_a_person_can_look_through_them(server: Any, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(f"{server.url}/queries/")
    row = page.get_by_role("row").filter(has_text="act, directly or through other drivers")
    assert row.get_by_role("link", name="csv").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
