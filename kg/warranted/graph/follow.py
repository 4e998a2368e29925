"""Keeps the workspace graph behind the ledger: it catches up, and is made anew when it must be.

One process at a time does so; what another left undone, the next one does. A graph that cannot be
written now is no reason to refuse a write: the ledger has it, and the graph follows when it can.
"""

from __future__ import annotations

import logging
import threading
import time
from itertools import islice
from typing import Final

from warranted.errors import StoreUnavailable
from warranted.graph.embedded import EmbeddedGraph
from warranted.graph.port import GraphPort
from warranted.ledger import Ledger

SECONDS: Final = 1.0
"""How long a graph that lags without being told stays so at most."""

_POLL: Final = 0.02
_BATCH: Final = 500
BULK: Final = 2_000
"""More changes than this are written as a new graph in one go: faster than batches."""

log = logging.getLogger(__name__)


class Follower:
    """Brings `graph` up to `ledger`."""

    def __init__(self, ledger: Ledger, graph: GraphPort) -> None:
        self.ledger, self.graph = ledger, graph
        self._turn = threading.Lock()
        self._woken = threading.Event()
        self._away = False

    def behind(self) -> int:
        """How many changes the graph has not seen.

        Raises:
            StoreUnavailable: the graph or the ledger cannot be read.
        """
        return max(0, self.ledger.last_seq() - self.graph.applied()[0])

    def catch_up(self) -> int:
        """Apply every change the graph has not seen; returns how many there were.

        A graph that belongs to another ledger, and an embedded one that cannot be read or written, is
        made anew. If another process is at it already, this one leaves it to it.

        Raises:
            StoreUnavailable: the graph cannot be reached, or made anew.
        """
        with self._turn, self.ledger.database.alone("graph") as mine:
            if not mine:
                return 0
            try:
                return self._catch_up()
            except StoreUnavailable as error:
                if not isinstance(self.graph, EmbeddedGraph):
                    raise  # it is away, and comes back with what it has
                log.warning("the graph is at fault (%s); it is made anew", error.message)
                self._rebuild()
                return self.ledger.last_seq()

    def rebuild(self) -> None:
        """Make the graph anew from the ledger.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        with self._turn, self.ledger.database.alone("graph"):
            self._rebuild()

    def try_to_catch_up(self) -> None:
        """`catch_up`, but a fault is logged and nothing more."""
        try:
            self.catch_up()
        except StoreUnavailable as error:
            log.warning("the graph could not follow the ledger (%s); it will later", error.message)

    def wake(self) -> None:
        """Have `run` catch up now; returns at once."""
        self._woken.set()

    def wait(self, seconds: float) -> int:
        """Wait until the graph has seen every change there is now, at most so long.

        Returns how many it has not seen. Raises StoreUnavailable: it cannot be read.
        """
        goal, end = self.ledger.last_seq(), time.monotonic() + seconds
        while (lacking := max(0, goal - self.graph.applied()[0])) and time.monotonic() < end:
            self.wake()
            time.sleep(_POLL)
        return lacking

    def run(self, stop: threading.Event) -> None:
        """Catch up whenever woken, and now and then, until `stop` is set."""
        while not stop.is_set():
            self._woken.wait(SECONDS)
            self._woken.clear()
            try:
                if self.behind():
                    self.catch_up()
            except StoreUnavailable as error:
                if not self._away:
                    log.warning("the graph is away (%s); it is tried again", error.message)
                self._away = True
            else:
                self._away = False

    def _catch_up(self) -> int:
        (applied, digest), last = self.graph.applied(), self.ledger.last_seq()
        # The ledger may have been put back to an earlier state and have gone on from there.
        strange = applied and (applied > last or self.ledger.digest_of(applied) != digest)
        if strange or (applied == 0 and last > BULK):
            self._rebuild()
            return last
        changes, count = self.ledger.changes_since(applied), 0
        while batch := list(islice(changes, _BATCH)):
            self.graph.apply(batch)
            count += len(batch)
        return count

    def _rebuild(self) -> None:
        with self.ledger.snapshot():
            last = self.ledger.last_seq()
            self.graph.rebuild(
                (v for v in self.ledger.all_current() if v.body), last, self.ledger.digest_of(last)
            )
