"""A hub over the demo on each pair of engines, and a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hub import Member
from senders import ENGINES, NETWORK, NUMBERS, TOKEN, Place, store_of_demo


@pytest.fixture
def place(hub_of_demo: Place) -> Iterator[Place]:
    """A stranger at an address of its own in each test, as the rate is by address."""
    address = f"127.0.1.{next(NUMBERS) % 250 + 1}"
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=hub_of_demo.url, timeout=60, transport=transport) as stranger:
        yield replace(hub_of_demo, stranger=stranger)


@pytest.fixture(scope="module", params=ENGINES)
def hub_of_demo(
    request: pytest.FixtureRequest,
    demo: Any,
    tmp_path_factory: pytest.TempPathFactory,
    serving: Any,
    run: Callable[..., Any],
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("inbox")
    with (
        store_of_demo(request.param, demo, folder, run) as env,
        serving(folder, WARRANTED_WRITE_TOKEN=TOKEN, **env) as server,
    ):
        clients = [httpx.Client(base_url=server.url, timeout=180) for _ in range(5)]
        first = Member(clients[0], TOKEN)
        other = first.create("network", '<> a nic:Network ; rdfs:label "Another"@en .')

        def member(n: int, role: str, network: str) -> Member:
            made = run(
                "token", "create", "--label", f"a {role}", "--network", network, "--role", role,
                cwd=folder, **env,
            )  # fmt: skip
            assert made.returncode == 0, made.stderr
            return Member(clients[n], made.stdout.strip())

        yield Place(
            server.url,
            member(1, "curator", NETWORK),
            member(2, "contributor", NETWORK),
            member(3, "curator", other),
            first,
            clients[4],
        )
        for client in clients:
            client.close()
