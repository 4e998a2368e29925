"""Whose turn it is: some places, and those who wait for one."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from warranted.errors import Busy

PATIENCE: Final = 0.5
"""Seconds after which one who cannot wait here is told so: told at once, programs ask again at once, and
thousands of refusals a second keep the server from answering others."""
SHARE: Final = 0.75
"""How much of those who wait one client may be."""
REMEMBERED: Final = 4096
"""Clients of whom it is known how much they were served of late."""
HALF_LIFE: Final = 30.0
"""Seconds after which what a client was served counts half."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: an address or an account, and over which connection."""

    address: str
    connection: str


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
        if self.waiting >= self._most:
            await asyncio.sleep(PATIENCE)
            raise Busy("Too many queries are waiting.", retry_after=5)
        if len(self._queues.get(client, ())) >= max(1, SHARE * self._most):
            await asyncio.sleep(PATIENCE)
            raise Busy("Too many of your queries are waiting.", retry_after=5)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(turn)
        self.waiting += 1
        try:
            if seconds == math.inf:
                await turn
            else:
                async with asyncio.timeout(seconds):
                    await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.give()  # it came just as we stopped waiting
            else:
                self._leave(client, turn)
            if isinstance(error, TimeoutError):
                raise Busy("Long queries of others are still running.", retry_after=10) from error
            raise

    def give(self) -> None:
        """Give a place back; the next one has it."""
        while self._queues:
            client = min(self._queues, key=self._recent)
            turn = self._queues[client][0]
            self._leave(client, turn)
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

    def _leave(self, client: str, turn: asyncio.Future[None]) -> None:
        """Take a turn out of its queue, if it is still there."""
        queue = self._queues.get(client)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        self.waiting -= 1
        if not queue:
            del self._queues[client]

    def _recent(self, client: str) -> float:
        seconds, at = self._served.get(client, (0.0, 0.0))
        return seconds * 0.5 ** ((time.monotonic() - at) / HALF_LIFE) if seconds else 0.0
