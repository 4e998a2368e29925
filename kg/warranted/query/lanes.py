"""Which query is served where: workers in lanes, so that long queries never hold up short ones.

What a query will take is judged by what others of its shape (`guard.Looked.shape`) took of late:

    short   at once in the lane for short ones
    novel   there too, but novel ones hold all of its places but one at most, so that those known to be
            short always have one; of those who wait, who was served least of late comes first
    long    in the lane for long ones, at the lowest priority of the machine

A query that has not ended after `SLICE` seconds goes on in the lane for long ones; if that is full, it
is stopped and waits its turn there, to begin anew.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from warranted.errors import QueryLimit, QueryTimeout
from warranted.query.process import Reply, Worker
from warranted.query.turns import Client, Turns

SLICE: Final = 0.25
"""Seconds after which a query counts as long."""
WAITING: Final = 256
"""Short queries that may wait for a worker before new ones are turned away."""
WAITING_LONG: Final = 32
"""Long queries that may wait."""
REMEMBERED: Final = 4096
"""Shapes of which it is known what they take."""
NEWEST: Final = 0.3
"""How much the newest query of a shape counts in what its shape takes."""

Key = tuple[str, str]
"""A folder, and the shape of a query on it."""


@dataclass(slots=True)
class Served:
    """How long an answer waited and how long it took, in seconds."""

    waited: float = 0.0
    took: float = 0.0


class Costs:
    """What queries of each shape take, in seconds."""

    def __init__(self) -> None:
        self._seconds: OrderedDict[Key, float] = OrderedDict()

    def get(self, key: Key) -> float | None:
        """What one takes, or None if none of its shape was seen of late."""
        return self._seconds.get(key)

    def learn(self, key: Key, seconds: float) -> None:
        """One took so long. One that was long makes its shape long at once, and so for a short one."""
        known = self._seconds.get(key)
        if known is None or (known < SLICE) != (seconds < SLICE):
            self._seconds[key] = seconds
        else:
            self._seconds[key] = (1 - NEWEST) * known + NEWEST * seconds
        self._seconds.move_to_end(key)
        if len(self._seconds) > REMEMBERED:
            self._seconds.popitem(last=False)


class Crew:
    """Workers that are idle, and those that are not; each opens one folder, read-only."""

    def __init__(self, memory: int, *, nice: bool = False) -> None:
        self._memory, self._nice = memory, nice
        self._idle: list[Worker] = []
        self._coming: set[asyncio.Task[None]] = set()
        self.workers: set[Worker] = set()

    async def close(self) -> None:
        """Kill every worker."""
        for task in self._coming:
            task.cancel()
        await asyncio.gather(*self._coming, return_exceptions=True)
        for worker in list(self.workers):
            await self.drop(worker)

    def at_once(self, folder: str) -> Worker | None:
        """An idle worker on `folder`, if there is one."""
        for worker in reversed(self._idle):
            if worker.folder == folder and not worker.ended:
                self._idle.remove(worker)
                return worker
        return None

    async def get(self, folder: str) -> Worker:
        """An idle worker on `folder`, or a new one."""
        while self._coming and not self._idle:
            await asyncio.wait(self._coming, return_when=asyncio.FIRST_COMPLETED)
        if (worker := self.at_once(folder)) is not None:
            return worker
        if self._idle:
            await self.drop(self._idle[0])  # it has another folder open, or has ended
        return await self._start(folder)

    def rest(self, worker: Worker) -> None:
        """A worker has nothing to do."""
        self._idle.append(worker)

    def hand_over(self, worker: Worker, other: Crew) -> None:
        """A worker belongs to another crew from now on; a new one comes in its place."""
        self.workers.discard(worker)
        other.workers.add(worker)
        worker.step_back()
        self._come(worker.folder)

    async def replace(self, worker: Worker) -> None:
        """End a worker, whatever it is doing; a new one comes in its place."""
        self._come(worker.folder)
        await self.drop(worker)

    async def drop(self, worker: Worker) -> None:
        """End a worker, whatever it is doing."""
        self.workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        await worker.kill()

    async def _start(self, folder: str) -> Worker:
        worker = await Worker.start(folder, self._memory)
        if self._nice:
            worker.step_back()
        self.workers.add(worker)
        return worker

    def _come(self, folder: str) -> None:
        """Start a worker, so that who is next need not wait for it."""

        async def come() -> None:
            self.rest(await self._start(folder))

        task = asyncio.create_task(come())
        self._coming.add(task)
        task.add_done_callback(self._came)

    def _came(self, task: asyncio.Task[None]) -> None:
        self._coming.discard(task)
        if not task.cancelled():
            task.exception()  # who needs a worker starts one, and is told what is wrong


class Lane:
    """Workers for jobs of one kind that need no second lane."""

    def __init__(self, size: int, memory: int) -> None:
        self.crew = Crew(memory)
        self._turns = Turns(size, WAITING_LONG)

    async def run(self, folder: str, job: dict[str, Any], body: bytes, seconds: float) -> Reply:
        """Do a job, in at most so many seconds; what runs longer is stopped."""
        await self._turns.take("")
        try:
            async with _worker(self.crew, folder) as worker:
                return await _until(worker.ask(job, body), seconds, seconds)
        finally:
            self._turns.give()


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on its way: what to do, on which folder, for whom, in at most how many seconds."""

    folder: str
    job: dict[str, Any]
    seconds: float
    client: Client
    key: Key
    served: Served


class _Places:
    """The places that one query holds."""

    def __init__(self) -> None:
        self._held: list[Turns] = []

    async def take(self, turns: Turns, client: str) -> None:
        await turns.take(client)
        self._held.append(turns)

    def give(self) -> None:
        while self._held:
            self._held.pop().give()


class TwoLanes:
    """The lanes for short and for long queries."""

    def __init__(self, short: int, long: int, memory: int) -> None:
        self.crew, self.long_crew = Crew(memory), Crew(memory, nice=True)
        self._short, self._long = Turns(short, WAITING), Turns(long, WAITING_LONG)
        self._novel = Turns(max(1, short - 1), WAITING)
        self._costs = Costs()

    @property
    def workers(self) -> set[Worker]:
        """Every worker there is."""
        return self.crew.workers | self.long_crew.workers

    async def close(self) -> None:
        """Kill every worker."""
        await self.crew.close()
        await self.long_crew.close()

    async def run(
        self, folder: str, job: dict[str, Any], seconds: float, *, client: Client, shape: str
    ) -> tuple[dict[str, Any], bytes, Served]:
        """Answer a query.

        Args:
            shape: what the query is like; see `guard.Looked`.

        Raises:
            Busy: too much is running. QueryTimeout, QueryLimit: it was stopped.
        """
        run = _Run(folder, job, seconds, client, (folder, shape), Served())
        cost = self._costs.get(run.key)
        reply = None
        if cost is None or cost < SLICE:
            reply = await self._in_short(run)
        if reply is None:
            reply = await self._in_long(run)
        return *reply, run.served

    async def _in_short(self, run: _Run) -> Reply | None:
        """Begin in the short lane; None if it belongs into the long one."""
        asked, places = time.monotonic(), _Places()
        novel = self._costs.get(run.key) is None
        try:
            if novel:
                await places.take(self._novel, run.client.connection)
                # Those of one shape may have come all at once: only the first had to be found out.
                if (self._costs.get(run.key) or 0.0) >= SLICE:
                    return None
            await places.take(self._short, run.client.connection)
            began = time.monotonic()
            run.served.waited += began - asked
            try:
                reply = await self._first(run, places)
            finally:
                spent = time.monotonic() - began
                if novel:
                    self._novel.count(run.client.connection, spent)
                self._short.count(run.client.connection, spent)
            run.served.took = spent
            if reply is not None:
                self._costs.learn(run.key, spent)
            return reply
        finally:
            places.give()

    async def _first(self, run: _Run, places: _Places) -> Reply | None:
        """Run it in the short lane and, if it is long, on in the long one; None if that is full."""
        worker = self.crew.at_once(run.folder) or await self.crew.get(run.folder)
        crew, asking = self.crew, worker.ask(run.job)
        try:
            if not await _done_within(asking, min(SLICE, run.seconds)):
                self._costs.learn(run.key, SLICE)
                if not self._long.free:
                    asking.cancel()
                    # The place is free from now on: who is next has a worker that is there already.
                    places.give()
                    await self.crew.replace(worker)
                    return None
                places.give()
                await places.take(self._long, run.client.address)  # at once: there is a place
                self.crew.hand_over(worker, self.long_crew)
                crew = self.long_crew
            reply = await _until(asking, run.seconds - SLICE, run.seconds)
        except BaseException:
            # Also when the client goes away: what it asked for is not worked on any longer.
            asking.cancel()
            await asyncio.shield(crew.drop(worker))
            raise
        crew.rest(worker)
        return reply

    async def _in_long(self, run: _Run) -> Reply:
        asked = time.monotonic()
        await self._long.take(run.client.address, run.seconds)
        began = time.monotonic()
        run.served.waited += began - asked
        try:
            async with _worker(self.long_crew, run.folder) as worker:
                reply = await _until(worker.ask(run.job), run.seconds, run.seconds)
        finally:
            run.served.took = time.monotonic() - began
            self._long.count(run.client.address, run.served.took)
            self._long.give()
        self._costs.learn(run.key, run.served.took)
        return reply


@asynccontextmanager
async def _worker(crew: Crew, folder: str) -> AsyncIterator[Worker]:
    worker = await crew.get(folder)
    try:
        yield worker
    except BaseException:
        await asyncio.shield(crew.drop(worker))
        raise
    crew.rest(worker)


async def _done_within(reply: asyncio.Future[Reply], seconds: float) -> bool:
    """Whether a reply comes within so many seconds; it is not cancelled if not."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def wake(_reply: object = None) -> None:
        if not waiter.done():
            waiter.set_result(None)

    timer = loop.call_later(seconds, wake)
    reply.add_done_callback(wake)
    try:
        await waiter
    finally:
        timer.cancel()
        reply.remove_done_callback(wake)
    return reply.done()


async def _until(reply: asyncio.Future[Reply], left: float, seconds: float) -> Reply:
    """A reply that comes within the seconds that are `left` of `seconds`."""
    try:
        if reply.done():
            return reply.result()
        async with asyncio.timeout(max(left, 0.001)):
            return await reply
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
