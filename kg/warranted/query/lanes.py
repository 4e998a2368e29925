"""Who is served when: workers in lanes, so that long queries never hold up short ones.

A query begins in the lane for short ones. If it has not ended after `SLICE` seconds it goes on in the
lane for long ones, at the lowest priority of the machine; if that is full, it is stopped and waits its
turn there, to begin anew. What a query is like (`guard.Looked.shape`) is remembered when it was long:
the next one of that shape takes the long lane at once. In both lanes, of those who wait, who was
served least of late comes first.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from warranted.errors import Busy, QueryLimit, QueryTimeout
from warranted.query.process import Worker

SLICE: Final = 0.25
"""Seconds after which a query counts as long."""
WAITING: Final = 256
"""Short queries that may wait for a worker before new ones are turned away."""
WAITING_LONG: Final = 32
"""Long queries that may wait."""
SHARE: Final = 0.75
"""How much of those who wait one client may be."""
REMEMBERED: Final = 4096
"""Shapes of long queries that are remembered."""
HALF_LIFE: Final = 30.0
"""Seconds after which what a client was served counts half."""


@dataclass(slots=True)
class Served:
    """How long an answer waited and how long it took, in seconds."""

    waited: float = 0.0
    took: float = 0.0


class Turns:
    """Some places, given to those who wait in the order of how little they were served of late."""

    def __init__(self, places: int, waiting: int) -> None:
        self._free, self._most = places, waiting
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self._served: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.waiting = 0

    @property
    def free(self) -> bool:
        """Whether a place can be had at once."""
        return self._free > 0

    async def take(self, client: str, seconds: float = math.inf) -> None:
        """Wait for a place, at most so long.

        Raises:
            Busy: too many wait already, or it took too long.
        """
        if self._free > 0:
            self._free -= 1
            return
        queue = self._queues.setdefault(client, deque())
        if self.waiting >= self._most:
            raise Busy("Too many queries are waiting.", retry_after=5)
        if len(queue) >= max(1, SHARE * self._most):
            raise Busy("Too many of your queries are waiting.", retry_after=5)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self.waiting += 1
        try:
            await asyncio.wait_for(turn, None if seconds == math.inf else seconds)
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give()  # it came just as we stopped waiting
            else:
                queue.remove(turn)
                self.waiting -= 1
                if not queue:
                    self._queues.pop(client, None)
            if isinstance(error, TimeoutError):
                raise Busy("Long queries of others are still running.", retry_after=10) from error
            raise

    def give(self) -> None:
        """Give a place back; the next one has it."""
        while self._queues:
            client = min(self._queues, key=self._recent)
            turn = self._queues[client].popleft()
            self.waiting -= 1
            if not self._queues[client]:
                del self._queues[client]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def count(self, client: str, seconds: float) -> None:
        """A client was served for so long."""
        self._served[client] = self._recent(client) + seconds, time.monotonic()
        self._served.move_to_end(client)
        while len(self._served) > REMEMBERED:
            self._served.popitem(last=False)

    def _recent(self, client: str) -> float:
        seconds, at = self._served.get(client, (0.0, 0.0))
        return seconds * 0.5 ** ((time.monotonic() - at) / HALF_LIFE) if seconds else 0.0


class Crew:
    """Workers that are idle, and those that are not; each opens one folder, read-only."""

    def __init__(self, memory: int, *, nice: bool = False) -> None:
        self._memory, self._nice = memory, nice
        self._idle: list[Worker] = []
        self.workers: set[Worker] = set()

    async def close(self) -> None:
        """Kill every worker."""
        for worker in list(self.workers):
            await self.drop(worker)

    async def get(self, folder: str) -> Worker:
        """An idle worker on `folder`, or a new one."""
        of_it = [w for w in self._idle if w.folder == folder and w.process.returncode is None]
        for worker in of_it[-1:] or self._idle[:1]:
            self._idle.remove(worker)
            if of_it:
                return worker
            await self.drop(worker)  # it has another folder open, or has ended
        worker = await Worker.start(folder, self._memory)
        if self._nice:
            worker.step_back()
        self.workers.add(worker)
        return worker

    def rest(self, worker: Worker) -> None:
        """A worker has nothing to do."""
        self._idle.append(worker)

    def hand_over(self, worker: Worker, other: Crew) -> None:
        """A worker belongs to another crew from now on."""
        self.workers.discard(worker)
        other.workers.add(worker)
        worker.step_back()

    async def drop(self, worker: Worker) -> None:
        """End a worker, whatever it is doing."""
        self.workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        await worker.kill()


class Lane:
    """Workers for jobs of one kind that need no second lane."""

    def __init__(self, size: int, memory: int) -> None:
        self.crew = Crew(memory)
        self._turns = Turns(size, WAITING_LONG)

    async def run(
        self, folder: str, job: dict[str, Any], body: bytes, seconds: float, *, client: str = ""
    ) -> tuple[dict[str, Any], bytes]:
        """Do a job, in at most so many seconds; what runs longer is stopped."""
        await self._turns.take(client)
        began = time.monotonic()
        try:
            async with _worker(self.crew, folder) as worker:
                return await _until(worker.ask(job, body), seconds, seconds)
        finally:
            self._turns.count(client, time.monotonic() - began)
            self._turns.give()


class TwoLanes:
    """The lanes for short and for long queries."""

    def __init__(self, short: int, long: int, memory: int) -> None:
        self.crew, self.long_crew = Crew(memory), Crew(memory, nice=True)
        self._short, self._long = Turns(short, WAITING), Turns(long, WAITING_LONG)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    @property
    def workers(self) -> set[Worker]:
        """Every worker there is."""
        return self.crew.workers | self.long_crew.workers

    async def close(self) -> None:
        """Kill every worker."""
        await self.crew.close()
        await self.long_crew.close()

    async def run(
        self,
        folder: str,
        job: dict[str, Any],
        seconds: float,
        *,
        client: tuple[str, str],
        shape: str,
    ) -> tuple[dict[str, Any], bytes, Served]:
        """Answer a query.

        Args:
            client: who asks (an address or an account), and over which connection.
            shape: what the query is like; see `guard.Looked`.

        Raises:
            Busy: too much is running. QueryTimeout, QueryLimit: it was stopped.
        """
        served, asked = Served(), time.monotonic()
        who, connection = client
        key = folder, shape
        if key not in self._known:
            await self._short.take(connection)
            began = time.monotonic()
            served.waited = began - asked
            place = [self._short]  # the lane whose place we hold
            try:
                # Those of one shape may have come all at once: only the first had to be found out.
                if key not in self._known:
                    answer = await self._first(folder, job, seconds, key, place)
                    if answer is not None:
                        served.took = time.monotonic() - began
                        return *answer, served
            finally:
                spent = time.monotonic() - began
                self._short.count(connection, min(spent, SLICE))
                if place[0] is self._long:
                    self._long.count(who, spent)
                place[0].give()
        self._known.move_to_end(key)
        await self._long.take(who, seconds)
        began = time.monotonic()
        served.waited = began - asked
        try:
            async with _worker(self.long_crew, folder) as worker:
                header, body = await _until(worker.ask(job, b""), seconds, seconds)
        finally:
            self._long.count(who, time.monotonic() - began)
            self._long.give()
        served.took = time.monotonic() - began
        if served.took < SLICE:
            self._known.pop(key, None)  # that one was an exception, or it has become quick
        return header, body, served

    async def _first(
        self,
        folder: str,
        job: dict[str, Any],
        seconds: float,
        key: tuple[str, str],
        place: list[Turns],
    ) -> tuple[dict[str, Any], bytes] | None:
        """Begin in the short lane; None if it was stopped to wait in the long one."""
        worker = await self.crew.get(folder)
        crew = self.crew
        asking = asyncio.ensure_future(worker.ask(job, b""))
        try:
            done, _ = await asyncio.wait({asking}, timeout=min(SLICE, seconds))
            if not done:
                self._remember(key)
                if not self._long.free:
                    await _drop(crew, worker, asking)
                    return None
                await self._long.take("")  # at once: there is a place
                self.crew.hand_over(worker, self.long_crew)
                crew = self.long_crew
                self._short.give()
                place[0] = self._long
            answer = await _until(asking, seconds - SLICE if not done else seconds, seconds)
        except BaseException:
            # Also when the client goes away: what it asked for is not worked on any longer.
            await asyncio.shield(_drop(crew, worker, asking))
            raise
        crew.rest(worker)
        return answer

    def _remember(self, key: tuple[str, str]) -> None:
        self._known[key] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


async def _drop(crew: Crew, worker: Worker, asking: asyncio.Future[Any]) -> None:
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await crew.drop(worker)


@asynccontextmanager
async def _worker(crew: Crew, folder: str) -> AsyncIterator[Worker]:
    worker = await crew.get(folder)
    try:
        yield worker
    except BaseException:
        await asyncio.shield(crew.drop(worker))
        raise
    crew.rest(worker)


async def _until(answer: Any, left: float, seconds: float) -> tuple[dict[str, Any], bytes]:
    """An answer that comes within the seconds that are `left` of `seconds`."""
    try:
        found: tuple[dict[str, Any], bytes] = await asyncio.wait_for(answer, max(left, 0.001))
        return found
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
