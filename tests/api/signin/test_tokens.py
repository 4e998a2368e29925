"""Cookies and tokens: where they go, what a token must say, and by which key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwk, jwt
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode
from signing import BEGUN, HTTPS, OPENED, Hub, Stub, hub_of

from warranted_api import signin
from warranted_api.signin import OidcSettings


def test_over_https_cookies_go_nowhere_else(hub: Hub) -> None:
    asked = hub.begin("/hub/work")
    assert asked["redirect_uri"] == f"{HTTPS}/hub/signed-in"
    assert (asked["tenant"], asked["scope"], asked["response_type"]) == ("1", "openid", "code")
    kept = hub.browser.cookies[BEGUN]
    assert not any(asked[name] in kept for name in ("state", "nonce"))
    answer = hub.finish(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hub/work")
    cookies = answer.headers.get_list("set-cookie")
    (token,) = hub.sessions.open
    assert cookies[-1] == f"{OPENED}={token}; HttpOnly; Path=/; SameSite=lax; Secure"
    assert all("Secure" in c and "Path=/;" in c and "Domain" not in c for c in cookies)
    assert hub.stub.forms[-1]["authorization"].startswith("Basic ")
    digest = urlsafe_b64encode(
        hashlib.sha256(hub.stub.forms[-1]["code_verifier"].encode()).digest()
    )
    assert asked["code_challenge"] == digest.decode()


def test_a_provider_that_takes_a_code_twice_opens_one_session(hub: Hub) -> None:
    asked = hub.begin()
    kept = hub.browser.cookies[BEGUN]
    assert hub.finish(asked).status_code == 303
    hub.browser.cookies.set(BEGUN, kept)
    assert hub.finish(asked).status_code == 400
    assert len(hub.sessions.open) == 1


def test_a_sign_in_runs_out(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signin, "TIME", 0)
    answer = hub.browser.get("/hub/sign-in")
    kept = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    asked = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    hub.browser.cookies.set(BEGUN, kept)
    assert hub.finish(asked).status_code == 400
    for forged in (kept[:-3] + "AAA", "a.b.c.d.e", "x", "...."):
        hub.browser.cookies.set(BEGUN, forged)
        assert hub.finish(asked).status_code == 400


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", " //evil.example", "javascript:alert(1)", "hub/",
        "", "/hub/ x", "/hub/\x7f", "///evil.example", "/" + "a" * 2000, "http:/evil.example",
        "/hub\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_next_leads_to_this_server_alone(hub: Hub, page: str) -> None:
    answer = hub.browser.get("/hub/sign-in", params={"next": page})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("page", ["/", "/hub/a?b=c&d=%2F#e", "/hub/ü", "/%5Cevil.example"])
def test_next_is_kept(hub: Hub, page: str) -> None:
    answer = hub.finish(hub.begin(page))
    assert answer.headers["location"] == page.replace("ü", "%C3%BC")


def _by_hand(header: dict[str, str], claims: dict[str, Any], key: bytes | None) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    signed = b".".join(parts)
    mac = hmac.digest(key, signed, "sha256") if key else b""
    return (signed + b"." + urlsafe_b64encode(mac)).decode()


def none(_stub: Stub, claims: dict[str, Any]) -> str:
    return _by_hand({"alg": "none", "kid": "one"}, claims, None)


def hmac_by_public_pem(stub: Stub, claims: dict[str, Any]) -> str:
    assert isinstance(stub.key, jwk.RSAKey)
    return _by_hand({"alg": "HS256", "kid": "one"}, claims, stub.key.as_pem(private=False))


def hmac_by_client_secret(_stub: Stub, claims: dict[str, Any]) -> str:
    return _by_hand({"alg": "HS256"}, claims, b"secret")


def by_another_key(_stub: Stub, claims: dict[str, Any]) -> str:
    key = jwk.RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def by_a_key_it_brings(_stub: Stub, claims: dict[str, Any]) -> str:
    key = jwk.RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "one", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


def changed_after_signing(stub: Stub, claims: dict[str, Any]) -> str:
    head, _, signature = jwt.encode(stub.header, claims, stub.key).split(".")
    body = urlsafe_b64encode(json.dumps(claims | {"sub": "root"}).encode()).decode()
    return f"{head}.{body}.{signature}"


def by_a_longer_hash(stub: Stub, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS512", "kid": "one"}, claims, stub.key, ["RS512"])


def no_token(_stub: Stub, _claims: dict[str, Any]) -> str:
    return "é.."


@pytest.mark.parametrize(
    "forge",
    [
        none, hmac_by_public_pem, hmac_by_client_secret, by_another_key, by_a_key_it_brings,
        changed_after_signing, by_a_longer_hash, no_token,
    ],
)  # fmt: skip
def test_a_forged_token_opens_nothing(
    hub: Hub, stub: Stub, forge: Callable[[Stub, dict[str, Any]], str]
) -> None:
    stub.make = lambda claims: forge(stub, claims)
    assert "does not hold" in hub.refused(502)


@pytest.mark.parametrize(
    "says",
    [
        {"aud": "another"}, {"aud": ["another"]}, {"aud": None}, {"aud": []}, {"aud": 1},
        {"aud": ["hub", "another"]}, {"aud": ["hub", "another"], "azp": "another"},
        {"azp": "another"}, {"iss": "https://evil.example"}, {"iss": None},
        {"nonce": "wrong"}, {"nonce": None}, {"nonce": 1},
        {"exp": -3600}, {"exp": None}, {"exp": "never"},
        {"iat": 36000}, {"iat": None}, {"nbf": 36000},
        {"sub": None}, {"sub": ""}, {"sub": 1}, {"sub": "a" * 256}, {"sub": "a\nb"}, {"sub": "é"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_says_something_else_opens_nothing(
    hub: Hub, stub: Stub, says: dict[str, Any]
) -> None:
    stub.says = says
    assert "does not hold" in hub.refused(502)


@pytest.mark.parametrize(
    ("says", "label"),
    [
        ({}, "ada"),
        ({"aud": ["hub"]}, "ada"),
        ({"aud": ["hub", "another"], "azp": "hub"}, "ada"),
        ({"exp": -5}, "ada"),
        ({"name": " Ada\n\u202eLovelace "}, "AdaLovelace"),
        ({"name": "", "preferred_username": 7, "email": "a@b.example"}, "7"),
        ({"name": "x" * 500}, "x" * 100),
    ],
    ids=str,
)
def test_a_sound_token_opens_a_session(
    hub: Hub, stub: Stub, says: dict[str, Any], label: str
) -> None:
    stub.says = says
    stub.header |= {"their-own": "x"}
    stub.make = lambda claims: _lax(stub.header, claims, stub.key)
    assert hub.finish(hub.begin()).status_code == 303
    assert list(hub.sessions.open.values()) == [(stub.issuer, "ada", label)]


def _lax(header: dict[str, Any], claims: dict[str, Any], key: jwk.Key) -> str:
    return jwt.encode(header, claims, key, registry=JWSRegistry(strict_check_header=False))


def test_a_header_that_must_be_understood_is_refused(hub: Hub, stub: Stub) -> None:
    def critical(claims: dict[str, Any]) -> str:
        whole = {"alg": "RS256", "kid": "one", "crit": ["odd"], "odd": 1}
        parts = [urlsafe_b64encode(json.dumps(p).encode()) for p in (whole, claims)]
        signature = JWSRegistry.algorithms["RS256"].sign(b".".join(parts), stub.key)
        return b".".join([*parts, urlsafe_b64encode(signature)]).decode()

    stub.make = critical
    assert "does not hold" in hub.refused(502)


def test_a_new_key_is_fetched_once(hub: Hub, stub: Stub) -> None:
    assert hub.finish(hub.begin()).status_code == 303
    assert hub.finish(hub.begin()).status_code == 303
    assert stub.calls.count("keys") == 1
    assert stub.calls.count(".well-known/openid-configuration") == 1

    stub.key = jwk.ECKey.generate_key("P-256", {"kid": "two"})
    stub.header = {"alg": "ES256", "kid": "two"}
    stub.keys.append(stub.key.as_dict(private=False))
    assert hub.finish(hub.begin()).status_code == 303
    assert stub.calls.count("keys") == 2

    hub.sessions.open.clear()
    hub.browser.cookies.clear()
    stub.header = {"alg": "ES256", "kid": "three"}
    assert "does not hold" in hub.refused(502)
    assert stub.calls.count("keys") == 3


@pytest.mark.parametrize(
    "more",
    [{"use": "enc"}, {"alg": "PS256"}, {"kid": "other"}, {"n": "!"}, {"kty": "oct"}],
    ids=str,
)
def test_a_key_that_does_not_fit_is_not_used(hub: Hub, stub: Stub, more: dict[str, str]) -> None:
    stub.keys = [stub.keys[0] | more, "no key", {"kty": []}]
    assert "does not hold" in hub.refused(502)


def test_without_a_name_the_key_must_be_the_only_one(hub: Hub, stub: Stub) -> None:
    stub.header = {"alg": "RS256"}
    another = jwk.RSAKey.generate_key(2048, {"kid": "x"}).as_dict(private=False)
    stub.keys.append(another)
    assert "does not hold" in hub.refused(502)
    stub.keys.remove(another)
    hub = hub_of(OidcSettings(stub.issuer, "hub", "secret", HTTPS), stub)
    with hub.browser:
        assert hub.finish(hub.begin()).status_code == 303
