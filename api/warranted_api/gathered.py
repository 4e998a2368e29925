"""HTTP as uvicorn speaks it, but that an answer leaves in one piece where it was written in several."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 64_000
"""Bytes that are held back."""


class Gathered:
    """A transport that sends what is written in one turn of the loop all at once.

    The head of an answer and its body come apart, a microsecond one after the other: each sent by itself,
    they cost two calls of the system here and two packets on the way.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send soon."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST:
            self.flush()

    def flush(self) -> None:
        """Send now what is held back."""
        if self._held:
            held, self._held, self._size = self._held, [], 0
            if not self._transport.is_closing():  # who asked may have gone since
                self._transport.write(b"".join(held))

    def close(self) -> None:
        """Send what is held back, and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """All else is as it was."""
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's own, on such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(Gathered(transport, self.loop))  # type: ignore[arg-type]
