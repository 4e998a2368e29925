"""A hub that signs people in, and a provider that says what a test wants: what the tests of sign-in share."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.testclient import TestClient
from joserfc import jwk, jwt
from oidc_provider import Person
from starlette.concurrency import run_in_threadpool

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


def hub_of(oidc: OidcSettings, stub: Stub) -> Hub:
    sessions = Sessions()
    app = application(oidc, sessions, secure=True)
    return Hub(TestClient(app, base_url=HTTPS, follow_redirects=False), sessions, stub)
