"""Hooks are told of reviews and releases: signed, in order, again when their address was away."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hub import Hub

DRIVER = '<> a nic:PrimaryDriver ; rdfs:label "Told of"@en ; nic:notStated nic:contributesTo .'


@dataclass
class Listener:
    """An address that keeps what it is told; `away` of its first answers are 503."""

    url: str = ""
    away: int = 0
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait(self, count: int) -> None:
        for _ in range(300):
            if len(self.told) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(f"told {len(self.told)} times, not {count}")


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.told.append((dict(self.headers), body))
            made.away -= 1
            self.send_response(503 if made.away >= 0 else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/told"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_hook_is_told_what_it_asked_for_and_can_check_the_sender(
    hub: Hub, listener: Listener
) -> None:
    ask = {"url": listener.url, "events": ["submitted", "accepted"], "network": hub.network}
    assert hub.curator("POST", "/api/v1/hooks", json=ask).status_code == 403
    hook = hub.administrator.post("/api/v1/hooks", ask, 201)
    record = hub.curator.create("driver", DRIVER)
    hub.curator.through(record, "submit", "return", "submit", "accept")
    theirs = hub.outsider.create("driver", DRIVER)
    hub.outsider.step(theirs, "submit")
    listener.wait(3)
    time.sleep(1.5)
    bodies = [json.loads(body) for _, body in listener.told]
    assert [b["event"] for b in bodies] == ["submitted", "submitted", "accepted"]
    assert {b["record"] for b in bodies} == {record}
    for headers, body in listener.told:
        signed = hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-Warranted-Signature"] == f"sha256={signed}"
        assert b"Told of" not in body, "what a record says is not told"
    assert "secret" not in hub.administrator("GET", "/api/v1/hooks").text
    assert hub.administrator("DELETE", f"/api/v1/hooks/{hook['id']}").status_code == 200


def test_an_address_that_was_away_is_told_again(hub: Hub, listener: Listener) -> None:
    listener.away = 1
    ask = {"url": listener.url, "events": ["submitted"], "network": hub.network}
    hook = hub.administrator.post("/api/v1/hooks", ask, 201)
    hub.curator.step(hub.curator.create("driver", DRIVER), "submit")
    listener.wait(2)
    (first, body), (second, again) = listener.told
    assert first["X-Warranted-Delivery"] == second["X-Warranted-Delivery"]
    assert body == again
    for _ in range(50):
        (row,) = hub.administrator.get(f"/api/v1/hooks/{hook['id']}/deliveries")["items"]
        if row["state"] == "done":
            break
        time.sleep(0.1)
    assert (row["state"], row["attempts"], row["answer"]) == ("done", 2, "204")
    hub.administrator("DELETE", f"/api/v1/hooks/{hook['id']}")


@pytest.mark.parametrize(
    "url", ["http://example.org/x", "ftp://example.org", "file:///etc/passwd", "x", "https://"]
)
def test_an_address_that_is_none_is_refused(hub: Hub, url: str) -> None:
    ask = {"url": url, "events": ["published"], "network": hub.network}
    answer = hub.administrator("POST", "/api/v1/hooks", json=ask)
    assert answer.status_code == 400
    assert answer.json()["field"] == "url"
