"""A worker process as the server sees it: started, asked, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
from typing import Any, Final

from warranted.errors import StoreUnavailable

START_SECONDS: Final = 30.0
LOW: Final = 5
"""The niceness of a worker: what hands out the work and takes it back goes first. Else each job that
is sent wakes a worker that pushes the server off its core; lookups were a tenth fewer."""
LOWEST: Final = 19
"""The niceness of a worker that has long work to do: others go first."""
_LENGTH: Final = struct.Struct(">I")

Reply = tuple[dict[str, Any], bytes]
"""What a worker answers: a header, and a body."""


class _Line(asyncio.Protocol):
    """The connection to a worker: one message goes, one comes."""

    def __init__(self) -> None:
        self.reply: asyncio.Future[Reply] | None = None
        self._buffer = bytearray()
        self._header: dict[str, Any] | None = None
        self._needed = _LENGTH.size
        self._length: int | None = None

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        while len(buffer) >= self._needed:
            piece = bytes(buffer[: self._needed])
            del buffer[: self._needed]
            if self._length is None:
                self._length = self._needed = _LENGTH.unpack(piece)[0]
            elif self._header is None:
                self._header = json.loads(piece)
                self._needed = self._header["size"]
            else:
                header, self._header, self._length = self._header, None, None
                self._needed = _LENGTH.size
                self._settle(header, piece)
                return

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(EOFError("the worker is gone"))
            self.reply.exception()  # whoever waits is told; nobody may wait any more

    def _settle(self, header: dict[str, Any], body: bytes) -> None:
        if self.reply is not None and not self.reply.done():
            self.reply.set_result((header, body))


class Worker:
    """One worker process on a folder ("-" for none)."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        folder: str,
        transport: asyncio.Transport,
        line: _Line,
    ) -> None:
        self.process, self.folder, self.sealed = process, folder, False
        self._transport, self._line = transport, line

    @classmethod
    async def start(cls, folder: str, memory: int) -> Worker:
        """Start a worker and wait until it is ready.

        Raises:
            StoreUnavailable: it does not come up.
        """
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "warranted.query.worker",
                str(memory),
                folder,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.DEVNULL,
            )
        line = _Line()
        line.reply = loop.create_future()
        transport, _ = await loop.create_connection(lambda: line, sock=ours)
        worker = cls(process, folder, transport, line)
        try:
            header, _ = await asyncio.wait_for(line.reply, START_SECONDS)
        except (TimeoutError, EOFError) as error:
            await worker.kill()
            raise StoreUnavailable("A query worker could not start.") from error
        except BaseException:
            await worker.kill()
            raise
        worker.sealed = bool(header["sealed"])
        worker.step_back(LOW)
        return worker

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.returncode is not None or self._transport.is_closing()

    def ask(self, job: dict[str, Any], body: bytes = b"") -> asyncio.Future[Reply]:
        """Send a job; the answer comes. EOFError: the worker is gone."""
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._line.reply = reply
        packed = json.dumps(job | {"size": len(body)}).encode()
        self._transport.write(_LENGTH.pack(len(packed)) + packed + body)
        if self._transport.is_closing():
            self._line.connection_lost(None)
        return reply

    async def kill(self) -> None:
        """End the process, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self._transport.abort()
        await self.process.wait()

    def step_back(self, niceness: int = LOWEST) -> None:
        """Let other processes go first, from now on."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, niceness)
