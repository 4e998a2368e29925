"""A certified provider, and one that lies; a hub at each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import oidc_provider
import pytest
from engines import free_port
from fastapi import FastAPI
from oidc_provider import Person
from signing import HTTPS, Hub, Place, Sessions, Stub, application, hub_of, served

from warranted_api.signin import OidcSettings


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


@pytest.fixture
def oidc(stub: Stub) -> OidcSettings:
    return OidcSettings(stub.issuer, "hub", "secret", HTTPS)


@pytest.fixture
def hub(oidc: OidcSettings, stub: Stub) -> Iterator[Hub]:
    made = hub_of(oidc, stub)
    yield made
    made.browser.close()
