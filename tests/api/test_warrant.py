"""An idea's warrant over HTTP: as the site shows it, and at places like the reader's."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import pytest

IDEA = "/api/v1/idea/z1il-c1/warrant"


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


def test_an_idea_and_why(client: Any) -> None:
    found = client.get(IDEA).json()
    assert found["level"] == "dependable"
    assert found["R_s"] == 6
    assert found["wanted"]["next_level"] is None
    assert {c["indicator"] for c in found["criteria"]} >= {"R_s", "C", "U"}
    labels = {v["label"]: v["sites"] for c in found["contexts"] for v in c["values"]}
    assert labels["Rural"] == 2
    assert "in_context" not in found


def test_what_is_wanted_is_said_in_the_words_of_the_pages(client: Any) -> None:
    found = client.get("/api/v1/idea/z1il-c3/warrant").json()
    wanted = found["wanted"]
    assert "a supporting test at a larger scale (medium or more)" in wanted["needs"]
    assert wanted["needs"] == found["missing"]
    assert all(need in wanted["words"] for need in wanted["needs"])
    page = client.get("/ideas/z1il-c3/").text
    assert "a supporting test at a larger scale (medium or more)" in page


def test_in_my_context(client: Any) -> None:
    params = [("context", "locality/rural"), ("context", "level/lower-secondary")]
    found = client.get(IDEA, params=params).json()["in_context"]
    assert found["level"] == "promising"
    assert len(found["matching"]) == 2
    assert found["indicators"]["R_s"] == 2
    nowhere = client.get(IDEA, params={"context": "level/college"}).json()["in_context"]
    assert nowhere["level"] is None
    assert nowhere["words"].startswith("No completed test comes from a place like that.")


def test_what_cannot_be_answered_is_a_problem(client: Any) -> None:
    for path, status in (
        (f"{IDEA}?context=place/rural", 400),
        (f"{IDEA}?contxt=locality/rural", 400),
        ("/api/v1/idea/none/warrant", 404),
        ("/api/v1/idea/%3Cx%3E/warrant", 404),
    ):
        answer = client.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"
