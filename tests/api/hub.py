"""A hub with its people, over real HTTP: what the tests of curation share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PREFIXES = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix c: <https://w3id.org/warranted/scheme/> .
@prefix l: <https://w3id.org/warranted/scheme/lifecycle/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix pav: <http://purl.org/pav/> .
@prefix cito: <http://purl.org/spar/cito/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TURTLE = {"Content-Type": "text/turtle"}
PATCH = {"Content-Type": "application/merge-patch+json"}


@dataclass
class Member:
    """One person's requests, with their token."""

    client: httpx.Client
    token: str

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON at a path."""
        answer = self("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """What a small JSON body is answered."""
        answer = self("POST", path, json=body or {})
        assert answer.status_code == status, answer.text
        return answer.json()

    def create(self, type_: str, body: str, **headers: str) -> str:
        """A new record from Turtle; its IRI."""
        answer = self(
            "POST", f"/api/v1/{type_}", content=(PREFIXES + body).encode(), headers=TURTLE | headers
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, iri: str, change: dict[str, Any]) -> Any:
        """Change some fields, as who has just read the record."""
        tag = self("GET", path(iri)).headers["etag"]
        answer = self("PATCH", path(iri), json=change, headers=PATCH | {"If-Match": tag})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def step(self, iri: str, step: str, reason: str = "", status: int = 200) -> Any:
        """Take a step of review."""
        return self.post(f"{path(iri)}/steps/{step}", {"reason": reason}, status)

    def through(self, iri: str, *steps: str) -> None:
        """Take several steps of review."""
        for step in steps:
            self.step(iri, step, "as agreed")


def path(iri: str) -> str:
    """Where the API has a record."""
    return "/api/v1/" + iri.partition("/id/")[2]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """What an error says, if it is one with that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    return said


def driver(name: str, more: str = "") -> str:
    """A primary driver in Turtle."""
    if "contributesTo" not in more:
        more += "; nic:notStated nic:contributesTo"
    return f'<> a nic:PrimaryDriver ; rdfs:label "{name}"@en {more} .'


@dataclass
class Hub:
    """A network with a member in each role, another network, and a stranger."""

    url: str
    folder: Path
    network: str
    elsewhere: str
    administrator: Member
    contributor: Member
    curator: Member
    reviewer: Member
    outsider: Member
    stranger: httpx.Client
    clients: list[httpx.Client] = field(default_factory=list)

    def close(self) -> None:
        """Let go of every connection."""
        for client in self.clients:
            client.close()


def settle(urls: list[str], folder: Path, run: Callable[..., Any], env: dict[str, str]) -> Hub:
    """Set up two networks and their members, who use the servers in turn; the write token is in `env`."""
    clients: list[httpx.Client] = []

    def client() -> httpx.Client:
        clients.append(httpx.Client(base_url=urls[len(clients) % len(urls)], timeout=60))
        return clients[-1]

    first = Member(client(), env["WARRANTED_WRITE_TOKEN"])
    networks = [
        first.create("network", f'<> a nic:Network ; rdfs:label "{name}"@en .')
        for name in ("Talk in algebra", "Another network")
    ]

    def member(role: str, network: str) -> Member:
        made = run(
            "token", "create", "--label", f"a {role}", "--network", network, "--role", role,
            cwd=folder, **env,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return Member(client(), made.stdout.strip())

    here, elsewhere = networks
    return Hub(
        urls[0],
        folder,
        here,
        elsewhere,
        first,
        member("contributor", here),
        member("curator", here),
        member("reviewer", here),
        member("curator", elsewhere),
        client(),
        clients,
    )
