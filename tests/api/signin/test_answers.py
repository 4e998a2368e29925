"""A provider that describes itself or answers in a way that cannot be trusted; settings that cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from engines import free_port
from fastapi import Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from signing import HTTPS, Hub, Stub, hub_of

from warranted.errors import InputError
from warranted_api import signin
from warranted_api.signin import OidcSettings


def test_a_secret_in_the_form_where_the_provider_wants_it(hub: Hub, stub: Stub) -> None:
    stub.describes["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert hub.finish(hub.begin()).status_code == 303
    form = stub.forms[-1]
    assert (form["client_secret"], form["authorization"]) == ("secret", "")


@pytest.mark.parametrize(
    "describes",
    [
        {"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": None},
        {"token_endpoint": "http://provider.example/token"}, {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": "https://a@b.example/"},
        {"jwks_uri": "https://[::1/"}, {"jwks_uri": ["https://b.example"]},
        {"token_endpoint": "http://localhost.evil.example/"},
    ],
    ids=str,
)  # fmt: skip
def test_a_description_that_is_not_sound_is_refused(
    hub: Hub, stub: Stub, describes: dict[str, Any]
) -> None:
    stub.describes = describes
    assert hub.browser.get("/hub/sign-in").status_code == 502
    stub.describes = {}
    assert hub.browser.get("/hub/sign-in").status_code == 303  # what was wrong is not kept


def _slow() -> Response:
    time.sleep(1)
    return JSONResponse({})


def _deep() -> Response:
    return Response("[" * 100_000, media_type="application/json")


UNSOUND: dict[str, Callable[[], Response]] = {
    "elsewhere": lambda: RedirectResponse("/elsewhere", 307),
    "no JSON": lambda: PlainTextResponse("<script>"),
    "no object": lambda: JSONResponse([1]),
    "an error": lambda: JSONResponse({"error": "invalid_client"}, 401),
    "a failure": lambda: JSONResponse({"error_description": "<script>"}, 500),
    "deep": _deep,
    "slow": _slow,
    "empty": lambda: JSONResponse({}, 201),
}


@pytest.mark.parametrize("path", ["token", "keys", ".well-known/openid-configuration"])
@pytest.mark.parametrize("how", UNSOUND)
def test_a_provider_that_does_not_answer_as_it_should(
    hub: Hub, stub: Stub, path: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "slow":
        monkeypatch.setattr(signin, "SECONDS", 0.3)
    stub.answers[path] = UNSOUND[how]
    if path.startswith("."):
        answer = hub.browser.get("/hub/sign-in")
        assert answer.status_code == 502
        words = answer.json()["detail"]
    else:
        words = hub.refused(502)
    assert "provider" in words
    assert "script" not in words
    assert "elsewhere" not in stub.calls


def test_an_answer_that_is_too_long_is_not_read(hub: Hub, stub: Stub) -> None:
    stub.describes = {"more": "x" * 900_000}
    assert hub.browser.get("/hub/sign-in").status_code == 303
    longer = hub_of(OidcSettings(stub.issuer, "hub", "secret", HTTPS), stub)
    stub.describes = {"more": "x" * 1_000_000}
    with longer.browser:
        assert longer.browser.get("/hub/sign-in").status_code == 502


def test_a_provider_on_this_machine_is_asked_directly(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    assert hub.finish(hub.begin()).status_code == 303


def test_a_provider_that_is_away(stub: Stub) -> None:
    oidc = OidcSettings(f"http://127.0.0.1:{free_port()}", "hub", "secret", HTTPS)
    hub = hub_of(oidc, stub)
    with hub.browser:
        answer = hub.browser.get("/hub/sign-in")
    assert answer.status_code == 502
    assert answer.json()["detail"].startswith("The sign-in provider cannot be reached")


def test_errors_of_the_provider_are_told_in_our_words(hub: Hub, stub: Stub) -> None:
    stub.answers["token"] = lambda: JSONResponse({"error": "invalid_grant"}, 400)
    assert "Sign in again" in hub.refused(400)
    answer = hub.finish(hub.begin(), error="<script>", error_description="<script>")
    assert answer.status_code == 502
    assert "script" not in answer.text
    assert hub.finish(hub.begin(), code="").status_code == 400


def test_settings_that_cannot_be_are_refused(oidc: OidcSettings) -> None:
    assert "secret" not in repr(oidc)
    wrong: dict[str, str] = {
        "issuer": "http://provider.example", "base": "http://hub.example", "client_id": "",
        "client_secret": "", "scopes": "profile",
    }  # fmt: skip
    for name, value in wrong.items():
        with pytest.raises(InputError) as told:
            replace(oidc, **{name: value})
        assert told.value.field == name
    for value in (
        "https://hub.example?a=b",
        "https://hub.example#a",
        "https://a:b@hub.example",
        "",
    ):
        with pytest.raises(InputError):
            replace(oidc, base=value)
    assert replace(oidc, base=f"{HTTPS}/").redirect_uri == f"{HTTPS}/hub/signed-in"
