"""The workspace graph: the ledger's current records in Oxigraph, one named graph a record.

It is a projection and never the system of record. The number of the last change applied stands in
the graph itself, written in the same transaction as the data, so that after a crash it catches up
from where it was. One process writes at a time; a lock file holds the others off.

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
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from warranted.errors import StoreLocked, StoreUnavailable
from warranted.ledger import Ledger, Version

META = ox.NamedNode("urn:warranted:meta")
_APPLIED = ox.NamedNode("urn:warranted:applied")
_DIGEST = ox.NamedNode("urn:warranted:digest")
_BATCH = 500
_BULK = 2_000
"""More changes than this are written as a new graph in one go: faster than batches."""

FAULTS = (OSError, RuntimeError)
"""What pyoxigraph raises when its files cannot be read or written, or are not what they should be."""

log = logging.getLogger(__name__)


class WorkspaceGraph:
    """Oxigraph in the folder `path`, locked for this process until `close`."""

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

    def applied(self) -> int:
        """The number of the last change of the ledger that is in the graph."""
        return int(self._mark(_APPLIED) or 0)

    def catch_up(self, ledger: Ledger) -> int:
        """Apply every change the graph has not seen; returns how many there were.

        A graph that belongs to another ledger, or that cannot be read or written, is made anew.
        """
        with self._write:
            try:
                return self._catch_up(ledger)
            except FAULTS as error:
                log.warning("the graph in %s is at fault (%s); it is made anew", self.path, error)
                self._rebuild(ledger)
                return ledger.last_seq()

    def rebuild(self, ledger: Ledger) -> None:
        """Make the graph anew from the ledger; the old one serves until the new one is whole.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        with self._write:
            self._rebuild(ledger)

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Run a query; its default graph is the union of all records.

        Raises:
            SyntaxError: it does not parse.
        """
        return self.store.query(text, use_default_graph_as_union=True)

    def triples_about(self, iri: str, predicates: Iterable[str]) -> list[ox.Triple]:
        """Triples with that subject and one of these predicates, in any record."""
        store, subject = self.store, ox.NamedNode(iri)
        return [
            quad.triple
            for predicate in predicates
            for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)
        ]

    def snapshot(self, folder: Path) -> None:
        """A copy other processes may open read-only; hard links, so it costs next to nothing."""
        with self._write:
            self.store.backup(str(folder))

    def _catch_up(self, ledger: Ledger) -> int:
        applied, last = self.applied(), ledger.last_seq()
        # The ledger may have been put back to an earlier state and have gone on from there.
        strange = applied and ledger.digest_of(applied) != self._mark(_DIGEST)
        if strange or (applied == 0 and last > _BULK):
            self._rebuild(ledger)
            return last
        changes, count = ledger.changes_since(applied), 0
        while batch := list(islice(changes, _BATCH)):
            self._apply(batch)
            count += len(batch)
        return count

    def _apply(self, changes: Sequence[Version]) -> None:
        latest = {change.record: change for change in changes}
        steps = [f"DROP SILENT GRAPH <{record}>" for record in latest]
        data = "".join(
            f"GRAPH <{change.record}> {{ {_triples(change.body)} }}\n"
            for change in latest.values()
            if change.body
        )
        steps += [f"INSERT DATA {{ {data} }}"] if data else []
        mark = _marked(changes[-1].seq, changes[-1].digest)
        steps += [f"DROP SILENT GRAPH {META}", f"INSERT DATA {{ {mark} }}"]
        # One update is one transaction: readers see all of it or none.
        self.store.update(" ;\n".join(steps))

    def _rebuild(self, ledger: Ledger) -> None:
        number = self._number + 1
        made, final = self.path / f"{number}.tmp", self.path / str(number)
        try:
            shutil.rmtree(made, ignore_errors=True)
            store = ox.Store(str(made))
            with ledger.snapshot():
                last = ledger.last_seq()
                store.bulk_extend(
                    quad
                    for version in ledger.all_current()
                    if version.body
                    for quad in ox.parse(version.body.encode(), format=ox.RdfFormat.N_QUADS)
                )
            if last:
                store.update(f"INSERT DATA {{ {_marked(last, ledger.digest_of(last))} }}")
            store.flush()
            del store
            made.rename(final)
            # Readers go over from one store to the other; the old folder is removed at the next
            # opening, when no answer can still be coming from it.
            self._number, self.store = number, ox.Store(str(final))
        except FAULTS as error:
            raise _unavailable(self.path, error) from error

    def _mark(self, predicate: ox.NamedNode) -> str | None:
        for quad in self.store.quads_for_pattern(META, predicate, None, META):
            assert isinstance(quad.object, ox.Literal)
            return quad.object.value
        return None

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


def _triples(nquads: str) -> str:
    return " ".join(f"{q.triple} ." for q in ox.parse(nquads.encode(), format=ox.RdfFormat.N_QUADS))


def _marked(seq: int, digest: str) -> str:
    applied = ox.Literal(seq)
    return f"GRAPH {META} {{ {META} {_APPLIED} {applied} ; {_DIGEST} {ox.Literal(digest)} }}"
