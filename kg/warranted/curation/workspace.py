"""Queries over the workspace graph, by members, each limited to what it may read.

With the embedded graph, they run in killable workers on a snapshot of it, made anew when the graph has
changed; with an engine elsewhere, that engine answers, told which graphs there are.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from warranted.errors import MalformedQuery, QueryRefused
from warranted.graph import EmbeddedGraph
from warranted.ledger import tables
from warranted.query import guard, worker
from warranted.query.pool import Answer, Asked, Pool
from warranted.query.turns import Client
from warranted.repository import Repository
from warranted.rights import Actor

PATIENCE: Final = 5.0
"""Seconds that a query waits for the graph to catch up."""
KEPT: Final = 2
"""Snapshots that stay: the last one may still be in use when the next is made."""


class Workspace:
    """The workspace of a repository, to be queried; `pool` is its own, not that of strangers."""

    def __init__(self, store: Repository, pool: Pool) -> None:
        self._store, self._pool = store, pool
        self._folder = store.settings.data / "snapshots"
        self._made: tuple[int, Path] | None = None
        self._making = asyncio.Lock()

    async def close(self) -> None:
        """End its workers and take its snapshots away."""
        await self._pool.close()
        await asyncio.to_thread(shutil.rmtree, self._folder, True)

    async def query(self, asked: Asked, actor: Actor) -> tuple[Answer, int]:
        """Answer a query on the records that `actor` may read; `asked.folder` is not looked at.

        Waits a moment for the graph to have seen what was written last. Returns the answer, and how
        many changes the graph had not seen even so.

        Raises:
            QueryRefused: it names graphs with FROM. Others: as `Pool.query`, and StoreUnavailable.
        """
        looked = guard.look(asked.text, asked.base)
        if looked.sources:
            raise QueryRefused(
                "FROM is refused here: which records are asked follows from who asks.",
                field="query",
                fix="Use GRAPH <record> { … } within the query.",
            )
        lacking = await asyncio.to_thread(self._store.follower.wait, PATIENCE)
        graphs = await asyncio.to_thread(self._graphs, actor)
        graph = self._store.graph
        if not isinstance(graph, EmbeddedGraph):
            return await asyncio.to_thread(self._elsewhere, asked, looked, graphs), lacking
        folder = await self._snapshot(graph)
        narrowed = dataclasses.replace(
            asked, folder=folder, default=tuple(graphs), named=tuple(graphs), kept=False
        )
        return await self._pool.query(
            narrowed, client=Client(actor.account, actor.account)
        ), lacking

    def _graphs(self, actor: Actor) -> list[str]:
        """The records it may read. Those of no network are every member's."""
        query = sa.select(tables.current.c.record).order_by(tables.current.c.record)
        if (networks := actor.networks()) is not None:
            query = query.where(tables.current.c.network.in_([*sorted(networks), ""]))
        with self._store.ledger.snapshot() as connection:
            return list(connection.execute(query).scalars())

    async def _snapshot(self, graph: EmbeddedGraph) -> Path:
        async with self._making:
            applied, _ = await asyncio.to_thread(graph.applied)
            if self._made is None or self._made[0] != applied:
                self._made = await asyncio.to_thread(self._make, graph)
            return self._made[1]

    def _make(self, graph: EmbeddedGraph) -> tuple[int, Path]:
        if self._made is None:
            shutil.rmtree(self._folder, ignore_errors=True)  # what a crash left behind
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = sorted(int(p.name) for p in self._folder.iterdir())
        for old in numbers[: 1 - KEPT] if KEPT > 1 else numbers:
            shutil.rmtree(self._folder / str(old), ignore_errors=True)
        target = self._folder / str(numbers[-1] + 1 if numbers else 1)
        # The number is read first: a change that comes in between is seen, and made anew for, later.
        applied, _ = graph.applied()
        graph.snapshot(target)
        return applied, target

    def _elsewhere(self, asked: Asked, looked: guard.Looked, graphs: list[str]) -> Answer:
        def run(text: str) -> Any:
            try:
                found = self._store.graph.query(text, graphs=graphs)
            except SyntaxError as error:
                raise MalformedQuery(
                    f"The query does not parse: {error}.", field="query"
                ) from error
            return iter(found) if isinstance(found, list) else found

        # Virtuoso refuses to sort where more than 10,000 rows are asked for (SR353): the query goes
        # there as it is, and again with a limit only if there were too many rows.
        job = self._pool.job(asked, looked) | {"text": asked.text}
        header, body = worker.answered(run, job)
        if not header["ok"]:
            raise self._pool.error(header)
        return Answer(header["media"], body, header.get("cut"))
