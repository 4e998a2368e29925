"""A worker process as the server sees it: started, asked, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import sys
from typing import Any, Final

from warranted.errors import StoreUnavailable

START_SECONDS: Final = 30.0
LOWEST: Final = 19
"""The niceness of a worker that has long work to do: others go first."""


class Worker:
    """One worker process on a folder ("-" for none)."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str, sealed: bool) -> None:
        self.process, self.folder, self.sealed = process, folder, sealed

    @classmethod
    async def start(cls, folder: str, memory: int) -> Worker:
        """Start a worker and wait until it is ready."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "warranted.query.worker",
            str(memory),
            folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        worker = cls(process, folder, False)
        try:
            header, _ = await asyncio.wait_for(worker.receive(), START_SECONDS)
        except (TimeoutError, EOFError) as error:
            await worker.kill()
            raise StoreUnavailable("A query worker could not start.") from error
        worker.sealed = bool(header["sealed"])
        return worker

    async def ask(self, job: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Send a job and wait for its answer."""
        assert self.process.stdin is not None
        packed = json.dumps(job | {"size": len(body)}).encode()
        self.process.stdin.write(struct.pack(">I", len(packed)) + packed + body)
        await self.process.stdin.drain()
        return await self.receive()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """Read one answer; EOFError if the worker is gone."""
        assert self.process.stdout is not None
        try:
            length = struct.unpack(">I", await self.process.stdout.readexactly(4))[0]
            header: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
            return header, await self.process.stdout.readexactly(header["size"])
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error

    async def kill(self) -> None:
        """End the process, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    def step_back(self) -> None:
        """Let every other process go first, from now on."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, LOWEST)
