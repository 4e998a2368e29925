"""A pool of workers that can be killed: no query outlives its time, none takes the server down."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import rdfio
from warranted.errors import (
    Busy,
    InputError,
    MalformedQuery,
    ParseError,
    QueryError,
    QueryLimit,
    QueryTimeout,
    ResultTooLarge,
    StoreUnavailable,
    WarrantedError,
)
from warranted.query import guard
from warranted.settings import Settings

START_SECONDS = 30.0
PARSE_SECONDS = 10.0
WAITING = 32
"""Jobs that may wait for a worker before new ones are turned away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its media type and its bytes."""

    media_type: str
    body: bytes


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


class Pool:
    """Workers for queries, and one apart for parsing, so that neither waits for the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._queries = _Lane(settings.query_workers, settings.query_memory)
        self._parses = _Lane(1, settings.query_memory)
        self._running: set[str] = set()

    @property
    def sealed(self) -> bool:
        """Whether the workers started so far have no network; true before the first."""
        return all(w.sealed for lane in (self._queries, self._parses) for w in lane.workers)

    async def close(self) -> None:
        """Kill every worker."""
        await self._queries.close()
        await self._parses.close()

    async def query(
        self,
        folder: Path,
        text: str,
        *,
        client: str,
        solutions: str,
        graph: str,
        default: list[str] | None = None,
        named: list[str] | None = None,
        base: str | None = None,
    ) -> Answer:
        """Answer a query on the release in `folder`.

        Args:
            client: who asks; one query runs at a time for each.
            solutions, graph: media types for SELECT and ASK, and for CONSTRUCT and DESCRIBE.
            default, named: IRIs of graphs, if the request names a dataset.

        Raises:
            MalformedQuery, QueryRefused, TooLarge: it will not be run.
            Busy: too much is running. QueryTimeout, ResultTooLarge: it was stopped.
        """
        guard.check(text)
        job = {
            "kind": "query",
            "text": text,
            "default": [_iri(iri, "default-graph-uri") for iri in default or ()],
            "named": [_iri(iri, "named-graph-uri") for iri in named or ()],
            "solutions": solutions,
            "graph": graph,
            "base": base,
            "bytes": self.settings.query_bytes,
        }
        if client in self._running:
            raise Busy("A query of yours is still running; one runs at a time.")
        self._running.add(client)
        try:
            seconds = self.settings.query_seconds
            header, body = await self._queries.run(str(folder), job, b"", seconds)
        finally:
            self._running.discard(client)
        if not header["ok"]:
            raise self._error(header)
        return Answer(header["media"], body)

    async def parse(
        self, data: bytes, fmt: rdfio.Format, *, name: str, base: str
    ) -> list[ox.Triple]:
        """The triples of a stranger's document, parsed apart; blank nodes are fragments.

        Raises:
            ParseError: it is not valid. InputError: it takes too long or too much memory.
        """
        job = {"kind": "parse", "format": fmt.name, "name": name, "base": base}
        try:
            header, body = await self._parses.run("-", job, data, PARSE_SECONDS)
        except (QueryTimeout, QueryLimit) as error:
            raise InputError(
                f"{name} could not be read.", fix="Send a simpler document."
            ) from error
        if not header["ok"]:
            raise self._error(header)
        return [q.triple for q in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    def _error(self, header: dict[str, Any]) -> WarrantedError:
        kind, message = header["error"], header.get("message", "")
        if kind == "ParseError":
            return ParseError(
                header["name"], header["reason"], line=header["line"], column=header["column"]
            )
        if kind == "InputError":
            return InputError(message, field=header["field"] or None, fix=header["fix"])
        if kind == "MalformedQuery":
            return MalformedQuery(f"The query does not parse: {message}.", field="query")
        if kind == "ResultTooLarge":
            return ResultTooLarge(
                f"The answer is larger than {self.settings.query_bytes:,} bytes.",
                fix="Ask for less, with LIMIT for example, or download the dump.",
            )
        return QueryError(f"The query could not be answered: {message}.", field="query")


class _Lane:
    """Some workers, started when first needed and replaced when killed or on another folder."""

    def __init__(self, size: int, memory: int) -> None:
        self._memory = memory
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Worker] = []
        self.workers: set[Worker] = set()
        self._waiting = 0

    async def close(self) -> None:
        for worker in list(self.workers):
            await self._drop(worker)

    async def run(
        self, folder: str, job: dict[str, Any], body: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        async with self._slot(), self._worker(folder) as worker:
            try:
                return await asyncio.wait_for(worker.ask(job, body), seconds)
            except TimeoutError as error:
                raise QueryTimeout(
                    f"The query ran longer than {seconds:g} s and was stopped.",
                    fix="Ask for less, or download the dump and query it on your own machine.",
                ) from error
            except (EOFError, ConnectionError) as error:
                raise QueryLimit(
                    "The query took more memory than it may, or was nested too deep; it was stopped.",
                    fix="Split it into smaller ones.",
                ) from error

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= WAITING:
            raise Busy("Too many queries are waiting.", retry_after=5)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    @contextlib.asynccontextmanager
    async def _worker(self, folder: str) -> AsyncIterator[Worker]:
        worker = self._idle.pop() if self._idle else None
        if worker is not None and (
            worker.folder != folder or worker.process.returncode is not None
        ):
            await self._drop(worker)
            worker = None
        if worker is None:
            worker = await Worker.start(folder, self._memory)
            self.workers.add(worker)
        try:
            yield worker
        except BaseException:
            # Also when the client goes away: what it asked for is not worked on any longer.
            await asyncio.shield(self._drop(worker))
            raise
        self._idle.append(worker)

    async def _drop(self, worker: Worker) -> None:
        self.workers.discard(worker)
        await worker.kill()


def _iri(text: str, field: str) -> str:
    try:
        return ox.NamedNode(text).value
    except ValueError as error:
        raise InputError(f"'{text[:80]}' is not an IRI.", field=field) from error
