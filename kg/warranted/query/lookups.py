"""Lookups: queries that read little whatever the data is, answered in the server's own process.

Two kinds are bounded beforehand, as their tokens tell:

    one pattern     { <s> ?p ?o }: it reads as many triples as it finds rows; a LIMIT ends it
    two patterns    { ?x <p> <o> ; <q> ?y }, also over the object of the first: what the first finds,
                    its seed, is counted before; then each is looked up, and each triple is a row again

Whatever has a larger seed, finds more rows or writes more bytes than a moment allows is given to the
workers, to begin anew, and all else is theirs from the start. The answer is made by the very function
that a worker makes it by.

That an engine reads what is said here is tried before it is trusted (`_trusted`). What can be said of no
query beforehand is what the disk does, and how long a single text in the data is. So a dataset whose
answer took too long once is left to the workers for a while.
"""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from warranted.query import worker
from warranted.query.guard import TOKEN, Looked
from warranted.query.process import Reply

ROWS: Final = 256
"""Rows of an answer; reading them takes a millisecond."""
BYTES: Final = 64_000
"""Bytes of an answer; compressing them takes another."""
SEED: Final = 64
"""Rows of a seed."""
LONGEST: Final = 2_000
"""Characters of a query."""
HELD: Final = 0.005
"""Seconds of the processor that an answer may take, and `BLOCKS` of half a kilobyte that it may read from
the disk; after a second one that took more, workers answer for `ASIDE` seconds."""
BLOCKS: Final = 64
ASIDE: Final = 10.0
OPEN: Final = 2
"""Datasets that are open at once."""
REMEMBERED: Final = 4096
"""Seeds of which it is known whether they are small: what is open does not change."""

JSON: Final = "application/sparql-results+json"
_HERE: Final = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
_NAME = r"(?!_:)[\w.-]*:(?:[\w.%-]*[\w%-])?"
_TERM = rf"(?:\?|<>|{_NAME})"
_VERB = rf"(?:{_TERM}|(?-i:a))"
_TEXT = rf'(?: 0 | (?-i:true|false) | "" (?: [ ] @[\w-]+ | [ ] \^\^ [ ] (?:<>|{_NAME}) )? )'
_LOOKUP = re.compile(
    rf"""
    (?: PREFIX [ ] [\w.-]*: [ ] <> [ ] )*
    (?: SELECT [ ] (?: \* [ ] | (?: \? [ ] )+ ) | ASK [ ] )
    (?: WHERE [ ] )?
    \{{ [ ] (?:
        (?P<one> {_TERM} [ ] {_VERB} [ ] (?: {_TERM} | {_TEXT} ) )
      | (?P<star> {_TERM} [ ] {_VERB} [ ] {_TERM} [ ] ; [ ] {_VERB} [ ] {_TERM} )
      | (?P<two> {_TERM} [ ] {_VERB} [ ] {_TERM} [ ] [.] [ ] {_TERM} [ ] {_VERB} [ ] {_TERM} )
    )
    (?: [ ] [.] )? [ ] \}}
    (?: [ ] LIMIT [ ] 0 )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The tokens of such a query, as `guard.Looked.shape` has them."""


class _Body(NamedTuple):
    """What stands between the braces: how many tokens, from the first to the last of the query, and where
    among them the terms of each pattern are; `variables`: how many there are."""

    tokens: int
    patterns: tuple[tuple[int, int, int], ...]
    variables: int


class Lookup(NamedTuple):
    """A lookup: its text, and what stands between the braces."""

    text: str
    body: _Body


@lru_cache(maxsize=1024)
def _body(shape: str) -> _Body | None:
    """The body of a query of that shape; None if it cannot be a lookup."""
    found = _LOOKUP.fullmatch(shape)
    if found is None:
        return None
    count = len(shape[found.start(found.lastgroup or 0) :].split(" "))
    if found["one"]:
        return _Body(count, ((0, 1, 2),), found["one"].count("?"))
    second = (0, 4, 5) if found["star"] else (4, 5, 6)
    return _Body(count, ((0, 1, 2), second), (found["star"] or found["two"]).count("?"))


def lookup(text: str, looked: Looked) -> Lookup | None:
    """The lookup that a query is, if its `seed` is small where it has one; None if it is none."""
    body = _body(looked.shape) if len(text) <= LONGEST and "\\" not in text else None
    if body is None:
        return None
    if len(body.patterns) == 2:
        # Who asks whether there is one reads all that is none.
        return Lookup(text, body) if looked.form == "SELECT" else None
    # A variable that stands in it twice makes it read what it does not find.
    names = [name[1:] for name in looked.variables[len(looked.variables) - body.variables :]]
    return Lookup(text, body) if len(set(names)) == len(names) else None


def seed(wanted: Lookup) -> str | None:
    """A query for what the first of two patterns finds, at most a row more than it may; None if neither can
    come first."""
    start = wanted.text.index("{") + 1
    found = TOKEN.finditer(wanted.text, start)
    tokens = [token[0] for token in found if token.lastgroup != "comment"]
    if len(tokens) != wanted.body.tokens:
        return None  # that brace stood in a comment
    one, two = ([tokens[at] for at in pattern] for pattern in wanted.body.patterns)
    if _is_variable(one[1]) or _is_variable(two[1]):
        return None
    for first, then in ((one, two), (two, one)):
        shared, names = _variables(first), _variables(then)
        if len(shared) == 1 and len(set(names)) == 2 and shared[0] in names:
            return f"{wanted.text[:start]} {' '.join(first)} }} LIMIT {SEED + 1}"
    return None


def _is_variable(token: str) -> bool:
    return token[0] in "?$"


def _variables(pattern: list[str]) -> list[str]:
    return [token[1:] for token in pattern if _is_variable(token)]


@lru_cache(maxsize=1)
def _trusted() -> tuple[bool, bool]:
    """Whether the engine reads no more than is said above: for one pattern, and for two.

    One that took a triple together that stands in several graphs might read many and find one. One that
    began with the larger pattern, or read all of it to join, would take longer the more there are.
    """
    few, many = (_sample(size) for size in (3, 1000))
    anew = len(_found(few, "SELECT * { <urn:d> <urn:p> ?x }")) == 2
    seeds = "?x <urn:p> <urn:d>", "<urn:d> <urn:p> ?x"
    others = "?x <urn:q> ?y", "?y <urn:q> ?x"
    texts = [f"SELECT * {{ {b} . {a} }}" for a in seeds for b in others]
    return anew, anew and all(_seconds(many, text) < 5 * _seconds(few, text) for text in texts)


def _sample(size: int) -> ox.Store:
    """A small seed in two graphs, and so many triples of another kind."""
    store, node = ox.Store(), ox.NamedNode
    d, p, q = node("urn:d"), node("urn:p"), node("urn:q")
    for graph in (node("urn:g"), node("urn:h")):
        store.extend([ox.Quad(d, p, node("urn:0"), graph), ox.Quad(node("urn:0"), p, d, graph)])
    store.extend(ox.Quad(node(f"urn:{n}"), q, node(f"urn:{n}"), d) for n in range(size))
    return store


def _found(store: ox.Store, text: str) -> list[Any]:
    found: Any = store.query(text, use_default_graph_as_union=True)
    return list(found)


def _seconds(store: ox.Store, text: str) -> float:
    """What a query takes at best."""
    taken = []
    for _ in range(5):
        began = time.thread_time()
        _found(store, text)
        taken.append(time.thread_time() - began)
    return min(taken)


def _spent() -> tuple[float, float]:
    """What this thread took of the processor, in `HELD`, and what it read from the disk, in `BLOCKS`."""
    return time.thread_time() / HELD, resource.getrusage(_HERE).ru_inblock / BLOCKS


class Lookups:
    """Datasets that are open in this process, to be read."""

    def __init__(self) -> None:
        self._stores: OrderedDict[str, ox.Store | None] = OrderedDict()
        self._slow: set[str] = set()
        self._aside: dict[str, float] = {}
        self._small: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._opening: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Close every dataset."""
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        self._stores.clear()

    def answer(self, folder: str, wanted: Lookup, job: dict[str, Any]) -> Reply | None:
        """The answer to a lookup, as a worker would give it; None if a worker should.

        Args:
            folder: an Oxigraph store that does not change any more.
            job: as `worker` takes it, with at most `ROWS` rows and `BYTES` bytes, and not to be cut off.
        """
        store = self._store(folder)
        if store is None or self._aside.get(folder, 0.0) > time.monotonic():
            return None
        # Time on the clock alone does not tell: others may have been given the processor meanwhile. To
        # ask for more costs as much as half a row, so it is asked only where there was an occasion.
        spent = _spent() if folder in self._slow else None
        began, reply = time.monotonic(), None
        if len(wanted.body.patterns) == 1 or self._has_small_seed(folder, store, wanted, job):
            reply = worker.answer(store, job, b"")
        if time.monotonic() - began > HELD:
            self._slow.add(folder)
            if spent is not None and any(
                now - then > 1 for now, then in zip(_spent(), spent, strict=True)
            ):
                self._aside[folder] = time.monotonic() + ASIDE
        return reply if reply is not None and reply[0]["ok"] else None

    def _has_small_seed(
        self, folder: str, store: ox.Store, wanted: Lookup, job: dict[str, Any]
    ) -> bool:
        """Whether the first of two patterns finds little."""
        key = folder, wanted.text[: wanted.text.rindex("}")]  # what comes after it does not matter
        known = self._small.get(key)
        if known is not None:
            self._small.move_to_end(key)
            return known
        first = seed(wanted) if _trusted()[1] else None
        known = False
        if first is not None:
            count = {"text": first, "rows": SEED, "solutions": JSON, "gzip": False}
            known = bool(worker.answer(store, job | count, b"")[0]["ok"])
        self._small[key] = known
        if len(self._small) > REMEMBERED:
            self._small.popitem(last=False)
        return known

    def _store(self, folder: str) -> ox.Store | None:
        """The store in a folder, if it is open; if not, it will be."""
        if folder in self._stores:
            self._stores.move_to_end(folder)
            return self._stores[folder]
        self._stores[folder] = None
        task = asyncio.create_task(self._open(folder))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return None

    async def _open(self, folder: str) -> None:
        try:
            if not (await asyncio.to_thread(_trusted))[0]:
                return
            store = await asyncio.to_thread(ox.Store.read_only, folder)
        except OSError:
            return  # workers are asked; they tell what is wrong
        self._stores[folder] = store
        while len(self._stores) > OPEN:
            gone, _ = self._stores.popitem(last=False)
            self._aside.pop(gone, None)
            self._slow.discard(gone)
