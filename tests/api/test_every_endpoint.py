"""Every operation of the API, asked wrongly in many ways: each error has the one shape (RFC 9457)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hub import Hub

WAYS: dict[str, dict[str, Any]] = {
    "a stranger": {},
    "a token that is none": {"headers": {"Authorization": "Bearer nonsense"}},
    "a parameter that is none": {"params": {"no-such-parameter": "1"}, "token": True},
    "a body that is none": {
        "content": b"\xff{",
        "headers": {"Content-Type": "application/json"},
        "token": True,
    },
    "a media type that is none": {
        "content": b"x",
        "headers": {"Content-Type": "text/x-none", "Accept": "image/x-none"},
        "token": True,
    },
    "numbers that are none": {
        "params": {"limit": "-1", "after": "\x00", "from": "x"},
        "token": True,
    },
}
SHAPE = {"type", "title", "status", "detail", "instance"}


def filled(path: str) -> str:
    """A path with something in the place of each parameter."""
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + "nothing-here" + path[end + 1 :]
    return path


@pytest.mark.parametrize("way", WAYS)
def test_every_error_of_every_operation_has_the_one_shape(hub: Hub, way: str) -> None:
    paths = hub.stranger.get("/openapi.json").json()["paths"]
    some = ("/api/v1/test", "/api/v1/package")
    types = {p.split("/")[3] for p in paths if p.endswith("/versions")}
    asked = 0
    for path, operations in paths.items():
        if (
            path.startswith("/api/v1/")
            and path.split("/")[3] in types
            and not path.startswith(some)
        ):
            continue  # of what is the same for every type of record, two stand for all
        for method in operations:
            wrong = dict(WAYS[way])
            headers = dict(wrong.pop("headers", {}))
            if wrong.pop("token", False):
                headers["Authorization"] = f"Bearer {hub.contributor.token}"
            answer = hub.stranger.request(method.upper(), filled(path), headers=headers, **wrong)
            asked += 1
            assert answer.status_code < 500 or answer.status_code == 503, (method, path)
            if answer.status_code >= 400 and method != "head":
                is_problem(answer, method, path)
    assert asked > 60


def is_problem(answer: httpx.Response, method: str, path: str) -> None:
    where = f"{method} {path}"
    assert answer.headers["content-type"] == "application/problem+json", where
    said = answer.json()
    assert set(said) >= SHAPE, where
    assert said["status"] == answer.status_code, where
    assert said["detail"], where
    assert "Traceback" not in answer.text, where


def test_a_method_that_is_not_taken_is_told_so_everywhere(hub: Hub) -> None:
    paths = hub.stranger.get("/openapi.json").json()["paths"]
    for path in paths:
        answer = hub.stranger.request("REPORT", filled(path))
        if answer.status_code >= 400:
            is_problem(answer, "REPORT", path)
