"""What is nearest to the wire: an answer leaves in one piece, and a form is read as the standard has it."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted_api.gathered import MOST, Gathered
from warranted_api.sparql import parameters

PIECES = st.sampled_from(
    [*"=&+%;aé=_\r\n\t\x00", "%41", "%c3%A9", "%ff", "%3D", "%0A", "==", "%%", "%4", "= ="]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    for given_ in (text, quote(text, safe="=&+", errors="replace")):
        expected: dict[str, list[str]] = {}
        for name, value in parse_qsl(given_, keep_blank_values=True):
            expected.setdefault(name, []).append(value)
        assert parameters(given_) == expected


class Wire:
    """A transport and a loop that note what they are told."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.soon: list[Any] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def call_soon(self, what: Any) -> None:
        self.soon.append(what)

    def turn(self) -> None:
        while self.soon:
            self.soon.pop(0)()


def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    wire: Any = Wire()
    gathered = Gathered(wire, wire)
    gathered.write(b"head ")
    gathered.write(b"body")
    assert not wire.sent
    wire.turn()
    gathered.write(b"next")
    wire.turn()
    assert wire.sent == [b"head body", b"next"]


def test_what_is_large_is_not_held_back_and_the_end_holds_nothing_back() -> None:
    wire: Any = Wire()
    gathered = Gathered(wire, wire)
    gathered.write(b"head")
    gathered.write(b"x" * (MOST + 1))
    assert len(wire.sent) == 1
    gathered.write(b"last")
    gathered.close()
    wire.turn()
    assert b"".join(wire.sent) == b"head" + b"x" * (MOST + 1) + b"last"
    assert wire.closed
    assert wire.sent[-1] == b"last"


def test_what_nobody_waits_for_is_not_sent() -> None:
    wire: Any = Wire()
    gathered = Gathered(wire, wire)
    gathered.write(b"head")
    wire.close()
    wire.turn()
    assert not wire.sent


@pytest.mark.parametrize("close", [False, True])
def test_requests_sent_together_are_answered_in_turn(server: Any, close: bool) -> None:
    url = httpx.URL(server.url)
    assert url.port
    last = "Connection: close\r\n" if close else ""
    ask = "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: here\r\nAccept: application/json\r\n"
    missing = "GET /nothing HTTP/1.1\r\nHost: here\r\n"
    with socket.create_connection((url.host, url.port), 10) as line:
        line.sendall(f"{ask}\r\n{missing}\r\n{ask}{last}\r\n".encode())
        got, began = b"", time.monotonic()
        while got.count(b"HTTP/1.1 ") < 3 or not got.endswith(b'"boolean":true}'):
            piece = line.recv(65536)
            assert piece, got
            got += piece
            assert time.monotonic() - began < 10
        if close:
            assert line.recv(10) == b""
    statuses = [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"404", b"200"]
