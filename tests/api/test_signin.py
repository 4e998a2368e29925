"""Sign-in by OpenID Connect: at a certified provider, and at one that lies."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import oidc_provider
import pytest
import uvicorn
from engines import free_port
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from fastapi.testclient import TestClient
from joserfc import jwk, jwt
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode
from oidc_provider import Person
from starlette.concurrency import run_in_threadpool

from warranted.errors import InputError
from warranted_api import problems, signin
from warranted_api.signin import OidcSettings

HTTPS = "https://hub.example"
OPENED = "__Host-warranted_session"
BEGUN = "__Host-warranted_signing_in"


class Sessions:
    """Sessions in memory."""

    def __init__(self) -> None:
        self.open: dict[str, tuple[str, str, str]] = {}

    def sign_in(self, issuer: str, subject: str, label: str) -> str:
        token = secrets.token_urlsafe(16)
        self.open[token] = (issuer, subject, label)
        return token

    def sign_out(self, token: str) -> None:
        self.open.pop(token, None)


def application(oidc: OidcSettings, sessions: Sessions, *, secure: bool) -> FastAPI:
    """A hub with nothing but sign-in, and a page that says who is there."""
    app = FastAPI()
    problems.install(app)
    app.include_router(signin.router(oidc, sessions, secure=secure))

    @app.get("/hub/{page:path}")
    def page(request: Request) -> Response:
        who = sessions.open.get(request.cookies.get("warranted_session", ""))
        return PlainTextResponse(f"{request.url.path}?{request.url.query} {who[1] if who else '-'}")

    return app


@contextmanager
def served(app: FastAPI, port: int) -> Iterator[str]:
    """A server in a thread; yields its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, ws="none", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        for _ in range(200):
            if server.started:
                break
            assert thread.is_alive(), "the server stopped"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@dataclass
class Place:
    """A hub and the provider it trusts."""

    url: str
    issuer: str
    sessions: Sessions

    def begin(self, person: Person, page: str = "/hub/") -> Any:
        """Ask for sign-in; the provider's page."""
        return person.go(f"{self.url}/hub/sign-in?next={quote(page, safe='')}")


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[str, int]]:
    """A certified provider, and the port its clients listen on."""
    port = free_port()
    with oidc_provider.provider(f"http://127.0.0.1:{port}/hub/signed-in") as issuer:
        yield issuer, port


@pytest.fixture
def place(real: tuple[str, int], request: pytest.FixtureRequest) -> Iterator[Place]:
    """A hub that signs in at the certified provider."""
    issuer, port = real
    alg = getattr(request, "param", "RS256")
    url, sessions = f"http://127.0.0.1:{port}", Sessions()
    oidc = OidcSettings(issuer, f"hub-{alg}", oidc_provider.SECRET, url)
    with served(application(oidc, sessions, secure=False), port):
        yield Place(url, issuer, sessions)


@pytest.fixture
def person() -> Iterator[Person]:
    made = Person()
    with made.browser:
        yield made


def changed(url: str, **given: str | None) -> str:
    """The address with other parameters; None drops one."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | given
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(kept)).geturl()


@pytest.mark.parametrize("place", oidc_provider.ALGORITHMS, indirect=True)
def test_someone_signs_in_and_out(
    place: Place, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = person.agree(place.begin(person, "/hub/work?a=1&b=%2F"), "ada")
    assert back.startswith(f"{place.url}/hub/signed-in?")
    asked = next(u for u in person.visited if "code_challenge=" in u)
    assert parse_qs(urlsplit(asked).query)["code_challenge_method"] == ["S256"]

    answer = person.browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hub/work?a=1&b=%2F")
    assert answer.headers["cache-control"] == "no-store"
    (token,) = place.sessions.open
    gone, opened = answer.headers.get_list("set-cookie")
    assert opened == f"warranted_session={token}; HttpOnly; Path=/; SameSite=lax"
    assert gone.startswith('warranted_signing_in=""; ')
    assert "Max-Age=0" in gone
    assert person.browser.cookies["warranted_session"] == token
    assert "warranted_signing_in" not in person.browser.cookies
    assert place.sessions.open[token] == (place.issuer, "ada", "ada")
    assert person.go(f"{place.url}/hub/work?a=1&b=%2F").text == "/hub/work?a=1&b=%2F ada"

    code = parse_qs(urlsplit(back).query)["code"][0]
    # The browser, in the main thread, logs the addresses it opens; the server must not.
    said = "\n".join(r.getMessage() for r in caplog.records if r.threadName != "MainThread")
    assert "/token" in said
    for secret in (code, token, oidc_provider.SECRET, "code_verifier", "id_token", "eyJ"):
        assert secret not in said

    foreign = {"Origin": "https://evil.example"}
    assert person.browser.post(f"{place.url}/hub/sign-out", headers=foreign).status_code == 403
    assert token in place.sessions.open
    out = person.browser.post(f"{place.url}/hub/sign-out", headers={"Origin": place.url})
    assert (out.status_code, out.headers["location"]) == (303, "/hub/")
    assert place.sessions.open == {}
    assert "warranted_session" not in person.browser.cookies
    assert person.go(f"{place.url}/hub/").text == "/hub/? -"
    again = person.browser.post(f"{place.url}/hub/sign-out", headers={"Origin": place.url})
    assert again.status_code == 303


def test_a_wrong_state_opens_nothing_and_ends_nothing(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "ada")
    for state in ("wrong", "", None, "é"):
        answer = person.browser.get(changed(back, state=state))
        assert answer.status_code == 400
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
    twice = f"{back}&state={parse_qs(urlsplit(back).query)['state'][0]}"
    assert person.browser.get(twice).status_code == 400
    assert place.sessions.open == {}
    assert person.browser.get(back).status_code == 303


def test_a_state_is_used_once(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "ada")
    kept = person.browser.cookies["warranted_signing_in"]
    assert person.browser.get(back).status_code == 303
    assert person.browser.get(back).status_code == 400
    cookie = {"Cookie": f"warranted_signing_in={kept}"}
    answer = person.browser.get(back, headers=cookie)
    assert answer.status_code == 400
    assert "Sign in again" in answer.json()["detail"]
    assert len(place.sessions.open) == 1


def test_another_browser_cannot_finish(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "mallory")
    other = Person()
    with other.browser:
        place.begin(other)
        assert other.browser.get(back).status_code == 400
    assert place.sessions.open == {}


def test_a_code_of_another_sign_in_is_refused(place: Place, person: Person) -> None:
    other = Person()
    with other.browser:
        stolen = other.agree(place.begin(other), "ada")
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    back = person.agree(place.begin(person), "mallory")
    assert person.browser.get(changed(back, code=code)).status_code == 400  # PKCE
    assert place.sessions.open == {}


def test_someone_refuses(place: Place, person: Person) -> None:
    back = person.refuse(place.begin(person))
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
    answer = person.browser.get(changed(back, error_description="<b>hello</b>"))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "The sign-in was refused at the provider."
    assert "hello" not in answer.text
    assert "warranted_signing_in" not in person.browser.cookies
    assert place.sessions.open == {}


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_of_another_provider_is_refused(
    place: Place, person: Person, iss: str | None
) -> None:
    back = person.agree(place.begin(person), "ada")
    assert person.browser.get(changed(back, iss=iss)).status_code == 400
    assert place.sessions.open == {}


@dataclass
class Stub:
    """A provider that says what a test wants."""

    issuer: str
    key: jwk.Key = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one"}))
    describes: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    says: dict[str, Any] = field(default_factory=dict)
    """Claims that differ; None: it is left out; times are seconds from now."""
    make: Callable[[dict[str, Any]], str] | None = None
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    nonce: str = ""
    calls: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys: list[Any] = [self.key.as_dict(private=False)]

    def token(self) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": "ada", "aud": "hub", "exp": now + 300, "iat": now,
            "nonce": self.nonce,
        }  # fmt: skip
        for name, value in self.says.items():
            timed = name in ("exp", "iat", "nbf") and isinstance(value, int)
            claims[name] = now + value if timed else value
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.make(claims) if self.make else jwt.encode(self.header, claims, self.key)

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "POST"])
        async def answer(path: str, request: Request) -> Response:
            self.calls.append(path)
            if path in self.answers:
                return await run_in_threadpool(self.answers[path])
            if path == "keys":
                return JSONResponse({"keys": self.keys})
            if path == "token":
                self.forms.append(dict(parse_qsl((await request.body()).decode())))
                self.forms[-1]["authorization"] = request.headers.get("authorization", "")
                return JSONResponse({"token_type": "Bearer", "id_token": self.token()})
            described = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return JSONResponse(described | self.describes)

        return app


@pytest.fixture(scope="module")
def liar() -> Iterator[tuple[Stub, list[Stub]]]:
    """The stub's server: it answers as the last of the list says."""
    port = free_port()
    first = Stub(f"http://127.0.0.1:{port}")
    now = [first]
    app = FastAPI()

    async def passed(scope: Any, receive: Any, send: Any) -> None:
        await now[-1].application()(scope, receive, send)

    app.mount("/", passed)
    with served(app, port):
        yield first, now


@pytest.fixture
def stub(liar: tuple[Stub, list[Stub]]) -> Stub:
    first, now = liar
    made = Stub(first.issuer, first.key)
    now[:] = [made]
    return made


@dataclass
class Hub:
    """A hub over HTTPS that trusts the stub."""

    browser: TestClient
    sessions: Sessions
    stub: Stub

    def begin(self, page: str = "/hub/") -> dict[str, str]:
        """Ask for sign-in; what the provider is asked."""
        answer = self.browser.get("/hub/sign-in", params={"next": page})
        assert answer.status_code == 303, answer.text
        parts = urlsplit(answer.headers["location"])
        assert parts.path == "/authorize"
        asked = dict(parse_qsl(parts.query))
        self.stub.nonce = asked["nonce"]
        return asked

    def finish(self, asked: dict[str, str], **more: str) -> Any:
        """Come back from the provider."""
        return self.browser.get(
            "/hub/signed-in", params={"state": asked["state"], "code": "c"} | more
        )

    def refused(self, status: int) -> str:
        """Sign in from first to last; it must be refused. The words."""
        answer = self.finish(self.begin())
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
        assert OPENED not in self.browser.cookies
        assert BEGUN not in self.browser.cookies
        assert self.sessions.open == {}
        return str(answer.json()["detail"])


@pytest.fixture
def oidc(stub: Stub) -> OidcSettings:
    return OidcSettings(stub.issuer, "hub", "secret", HTTPS)


def hub_of(oidc: OidcSettings, stub: Stub) -> Hub:
    sessions = Sessions()
    app = application(oidc, sessions, secure=True)
    return Hub(TestClient(app, base_url=HTTPS, follow_redirects=False), sessions, stub)


@pytest.fixture
def hub(oidc: OidcSettings, stub: Stub) -> Iterator[Hub]:
    made = hub_of(oidc, stub)
    yield made
    made.browser.close()


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
