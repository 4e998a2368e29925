"""Those who wait are served in the order of how little they were served of late; a shape that was long
is long, until it is short again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from warranted.errors import Busy
from warranted.query.lanes import SLICE, Costs
from warranted.query.turns import Turns


def run(story: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread: the browser of other tests has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()


def test_who_was_served_least_comes_first() -> None:
    async def story() -> list[str]:
        turns, order = Turns(1, 10), []

        async def come(client: str) -> None:
            await turns.take(client)
            order.append(client)
            turns.give()

        turns.count("greedy", 30.0)
        await turns.take("somebody")
        waiting = [asyncio.create_task(come(c)) for c in ("greedy", "greedy", "modest")]
        await asyncio.sleep(0)
        turns.give()
        await asyncio.gather(*waiting)
        return order

    assert run(story()) == ["modest", "greedy", "greedy"]


def test_nobody_may_fill_the_queue_alone() -> None:
    async def story() -> None:
        turns = Turns(1, 4)
        await turns.take("a")
        waiting = [asyncio.create_task(turns.take("greedy")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="your queries"):
            await turns.take("greedy")
        waiting.append(asyncio.create_task(turns.take("modest")))
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="Too many queries"):
            await turns.take("late")
        for _ in waiting:
            turns.give()
        await asyncio.gather(*waiting)

    run(story())


def test_who_is_turned_away_takes_nothing_along() -> None:
    async def story() -> None:
        turns = Turns(1, 1)
        await turns.take("a")
        waits = asyncio.create_task(turns.take("b"))
        await asyncio.sleep(0)
        for client in ("b", "c", "d"):
            with pytest.raises(Busy):
                await turns.take(client)
        turns.give()
        await asyncio.wait_for(waits, 1)
        turns.give()
        assert turns.free

    run(story())


def test_who_goes_away_leaves_no_hole() -> None:
    async def story() -> None:
        turns = Turns(1, 4)
        await turns.take("a")
        gone, stays = (asyncio.create_task(turns.take(c)) for c in ("b", "c"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        turns.give()
        await asyncio.wait_for(stays, 1)
        assert turns.waiting == 0
        turns.give()
        assert turns.free

    run(story())


def test_a_wait_that_is_too_long_ends() -> None:
    async def story() -> None:
        turns = Turns(1, 4)
        await turns.take("a")
        with pytest.raises(Busy) as ended:
            await turns.take("b", 0.01)
        assert ended.value.retry_after
        assert turns.waiting == 0

    run(story())


def test_a_shape_is_long_once_it_was_and_short_once_it_was_again() -> None:
    costs, key = Costs(), ("folder", "SELECT ?")
    assert costs.get(key) is None
    costs.learn(key, 0.001)
    costs.learn(key, SLICE)
    assert (costs.get(key) or 0) >= SLICE
    costs.learn(key, 9.0)
    assert (costs.get(key) or 0) > SLICE
    costs.learn(key, 0.002)
    assert costs.get(key) == 0.002
