"""The workspace graph in Oxigraph on disk, within this process.

The mark is written in the same transaction as the data, so that after a crash the graph catches up
from where it was. One process has it open at a time; a lock file holds the others off.

    {path}/<n>/      the store; a graph made anew is number n + 1, and number n serves until then
    {path}/<n>.tmp   one that was being made
    {path}.lock      the process that has it open
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from warranted.errors import StoreLocked, StoreUnavailable
from warranted.graph.port import APPLIED, DIGEST, META, Found, marked, update_of
from warranted.ledger import Version

FAULTS = (OSError, RuntimeError)
"""What pyoxigraph raises when its files cannot be read or written, or are not what they should be."""

log = logging.getLogger(__name__)


class EmbeddedGraph:
    """Oxigraph in the folder `path`, locked for this process until `close`. See `GraphPort`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._write = threading.Lock()
        self._lock = _take_lock(path)
        try:
            self._number, self.store = self._open()
        except BaseException:
            self._lock.close()
            raise

    def __len__(self) -> int:
        """How many triples there are, the bookkeeping left out."""
        return len(self.store) - sum(
            1 for _ in self.store.quads_for_pattern(None, None, None, META)
        )

    def close(self) -> None:
        """Let go of the store and the lock."""
        if not self._lock.closed:
            self.store.flush()
            del self.store
            self._lock.close()

    def applied(self) -> tuple[int, str]:
        """Number and digest of the last change that is in the graph; (0, "") if it is empty."""
        with self._faults():
            return int(self._mark(APPLIED) or 0), self._mark(DIGEST) or ""

    def apply(self, changes: Sequence[Version]) -> None:
        """Bring in changes: one update is one transaction, readers see all of it or none.

        Raises:
            StoreUnavailable: it could not be written.
        """
        with self._write, self._faults():
            self.store.update(update_of(changes))

    def query(self, text: str, *, graphs: Sequence[str] | None = None) -> Found:
        """Run a query; its default graph is the union of `graphs`, or of all records.

        Raises:
            SyntaxError: it does not parse. StoreUnavailable: the graph cannot be read.
        """
        with self._faults():
            if graphs is None:
                return self.store.query(text, use_default_graph_as_union=True)
            named: list[Any] = [ox.NamedNode(graph) for graph in graphs]
            return self.store.query(text, default_graph=named, named_graphs=named)

    def snapshot(self, folder: Path) -> None:
        """A copy other processes may open read-only; hard links, so it costs next to nothing."""
        with self._write, self._faults():
            self.store.backup(str(folder))

    def rebuild(self, current: Iterable[Version], last: int, digest: str) -> None:
        """Make the graph anew; the old one serves until the new one is whole.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        with self._write, self._faults():
            number = self._number + 1
            made, final = self.path / f"{number}.tmp", self.path / str(number)
            shutil.rmtree(made, ignore_errors=True)
            store = ox.Store(str(made))
            store.bulk_extend(
                quad
                for version in current
                if version.body
                for quad in ox.parse(version.body.encode(), format=ox.RdfFormat.N_QUADS)
            )
            if last:
                store.update(f"INSERT DATA {{ {marked(last, digest)} }}")
            store.flush()
            del store
            made.rename(final)
            # Readers go over from one store to the other; the old folder is removed at the next
            # opening, when no answer can still be coming from it.
            self._number, self.store = number, ox.Store(str(final))

    def _mark(self, predicate: ox.NamedNode) -> str | None:
        for quad in self.store.quads_for_pattern(META, predicate, None, META):
            assert isinstance(quad.object, ox.Literal)
            return quad.object.value
        return None

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except FAULTS as error:
            raise _unavailable(self.path, error) from error

    def _open(self) -> tuple[int, ox.Store]:
        try:
            self.path.mkdir(exist_ok=True)
            numbers = [int(p.name) for p in self.path.iterdir() if p.name.isdecimal()]
            newest = max(numbers, default=1)
            for left in self.path.iterdir():
                if left.name != str(newest):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
            try:
                return newest, ox.Store(str(self.path / str(newest)))
            except FAULTS as error:
                # Nothing is lost: all of it is in the ledger.
                log.warning(
                    "the graph in %s cannot be read (%s); it is made anew", self.path, error
                )
                shutil.rmtree(self.path / str(newest), ignore_errors=True)
                return newest + 1, ox.Store(str(self.path / str(newest + 1)))
        except FAULTS as error:
            raise _unavailable(self.path, error) from error


def _unavailable(path: Path, error: Exception) -> StoreUnavailable:
    return StoreUnavailable(
        f"The graph {path} cannot be used ({getattr(error, 'strerror', None) or error}).",
        fix="See that the folder may be written and that the disk has room.",
    )


def _take_lock(path: Path) -> IO[str]:
    name = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = name.open("a+", encoding="ascii")
    except OSError as error:
        raise _unavailable(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        who = f"process {holder}" if holder else "another process"
        raise StoreLocked(
            f"The store {path.parent} is in use by {who}.",
            fix="Stop it first, or use its API.",
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
