"""A pool of workers that can be killed: no query outlives its time, none takes the server down."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from warranted import rdfio
from warranted.errors import (
    InputError,
    MalformedQuery,
    ParseError,
    QueryError,
    QueryLimit,
    QueryRefused,
    QueryTimeout,
    ResultTooLarge,
    WarrantedError,
)
from warranted.query import formats, guard, lookups
from warranted.query.lanes import Lane, Served, TwoLanes
from warranted.query.turns import Client
from warranted.settings import Settings

JSON_ROWS: Final = "application/sparql-results+json"
TURTLE: Final = "text/turtle"
PARSE_SECONDS: Final = 10.0
CACHED: Final = 64_000_000
"""Bytes of answers that are kept: a release does not change, so neither do they."""
CACHED_EACH: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of what, and how the answer should come.

    Attributes:
        folder: an Oxigraph store that does not change any more.
        text: the query. base: what its relative IRIs are resolved against.
        solutions, graph: media types for SELECT and ASK, and for CONSTRUCT and DESCRIBE.
        gzip: whether the answer should be compressed.
        default, named: IRIs of graphs, if the request names a dataset.
        kept: whether the answer may be kept for who asks the same.
    """

    folder: Path
    text: str
    solutions: str = JSON_ROWS
    graph: str = TURTLE
    base: str = ""
    gzip: bool = False
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    kept: bool = True

    def written_as(self, media: str) -> Asked:
        """The same, answered in that media type if the form of the query has it."""
        if media in formats.SOLUTIONS:
            return replace(self, solutions=media)
        return replace(self, graph=media)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its media type, its bytes, and how it came.

    `cut`: after how many rows or triples it was cut off, if it was; it says so itself, too.
    """

    media_type: str
    body: bytes
    cut: int | None = None
    zipped: bool = False
    served: Served = field(default_factory=Served)


class _Cache:
    """The answers asked for last."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Asked, Answer] = OrderedDict()
        self._size = 0

    def get(self, asked: Asked) -> Answer | None:
        found = self._answers.get(asked)
        if found is None:
            return None
        self._answers.move_to_end(asked)
        return Answer(found.media_type, found.body, found.cut, found.zipped)

    def put(self, asked: Asked, answer: Answer) -> None:
        size = len(answer.body) + len(asked.text)
        if size > CACHED_EACH or not asked.kept or asked in self._answers:
            return
        self._answers[asked] = answer
        self._size += size
        while self._size > CACHED:
            old, gone = self._answers.popitem(last=False)
            self._size -= len(gone.body) + len(old.text)


class Pool:
    """Workers for queries, and one apart for parsing, so that neither waits for the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        short, long, memory = settings.query_workers, settings.query_long, settings.query_memory
        self._queries = TwoLanes(short, long, memory)
        self._parses = Lane(1, memory)
        self._lookups = lookups.Lookups()
        self._cache = _Cache()

    @property
    def sealed(self) -> bool:
        """Whether the workers started so far have no network; true before the first."""
        return all(w.sealed for w in self._queries.workers | self._parses.crew.workers)

    async def close(self) -> None:
        """Kill every worker."""
        await self._lookups.close()
        await self._queries.close()
        await self._parses.crew.close()

    async def query(
        self, asked: Asked, *, client: Client, looked: guard.Looked | None = None
    ) -> Answer:
        """Answer a query. `looked`: what a look at it told, where one was taken.

        Raises:
            MalformedQuery, QueryRefused, TooLarge: it will not be run.
            Busy: too much is running. QueryTimeout, ResultTooLarge: it was stopped.
        """
        looked = looked or guard.look(asked.text, asked.base)
        if (known := self._cache.get(asked)) is not None:
            return known
        header, body, served = self._at_once(asked, looked) or await self._queries.run(
            str(asked.folder),
            self.job(asked, looked),
            self.settings.query_seconds,
            client=client,
            shape=looked.shape,
        )
        if not header["ok"]:
            raise self.error(header)
        zipped = bool(header.get("gzip"))
        answer = Answer(header["media"], body, header.get("cut"), zipped, served)
        if not looked.changing:
            self._cache.put(asked, answer)
        return answer

    def _at_once(
        self, asked: Asked, looked: guard.Looked
    ) -> tuple[dict[str, Any], bytes, Served] | None:
        """The answer to a lookup, with a header as a worker's; None if a worker should find it."""
        wanted = lookups.lookup(asked.text, looked)
        if wanted is None or asked.default or asked.named:
            return None
        began = time.monotonic()
        rows = min(lookups.ROWS, self.settings.query_rows)
        job = self.job(asked, looked) | {
            "text": looked.limited_to(rows + 1) if looked.form == "SELECT" else asked.text,
            "capped": None,
            "rows": rows,
            "bytes": min(lookups.BYTES, self.settings.query_bytes),
        }
        found = self._lookups.answer(str(asked.folder), wanted, job)
        return None if found is None else (*found, Served(took=time.monotonic() - began))

    def job(self, asked: Asked, looked: guard.Looked) -> dict[str, Any]:
        """The job for a worker (see `worker`)."""
        rows = self.settings.query_rows
        counted = looked.form == "SELECT"  # of the others, no rows or the triples are counted
        return {
            "kind": "query",
            "text": looked.limited_to(rows + 1) if counted else asked.text,
            "capped": looked.limited_to(rows) if counted else asked.text,
            "base": asked.base or None,
            "default": [_iri(iri, "default-graph-uri") for iri in asked.default],
            "named": [_iri(iri, "named-graph-uri") for iri in asked.named],
            "sources": [_iri(iri, "query") for iri in looked.sources],
            "solutions": asked.solutions,
            "graph": asked.graph,
            "bytes": self.settings.query_bytes,
            "rows": rows,
            "gzip": asked.gzip,
        }

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
            raise self.error(header)
        return [q.triple for q in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]

    def error(self, header: dict[str, Any]) -> WarrantedError:
        """The error that a worker's answer tells of."""
        kind, message = header["error"], header.get("message", "")
        if kind == "ParseError":
            return ParseError(
                header["name"], header["reason"], line=header["line"], column=header["column"]
            )
        if kind == "InputError":
            return InputError(message, field=header["field"] or None, fix=header["fix"])
        if kind == "QueryRefused":
            return QueryRefused(message, field="query")
        if kind == "TooManyRows":
            return ResultTooLarge(
                f"The answer has more than {self.settings.query_rows:,} rows, and this format has no "
                "place to say that it was cut off.",
                fix="Ask for less, with LIMIT for example, ask for JSON or XML (Turtle for triples), "
                "which can say so, or download the dump.",
            )
        if kind == "MalformedQuery":
            return MalformedQuery(f"The query does not parse: {message}.", field="query")
        if kind == "ResultTooLarge":
            return ResultTooLarge(
                f"The answer is larger than {self.settings.query_bytes:,} bytes.",
                fix="Ask for less, with LIMIT for example, or download the dump.",
            )
        return QueryError(f"The query could not be answered: {message}.", field="query")


def _iri(text: str, field: str) -> str:
    try:
        return ox.NamedNode(text).value
    except ValueError as error:
        raise InputError(f"'{text[:80]}' is not an IRI.", field=field) from error
