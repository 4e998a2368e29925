"""What a build spends of the processors, by stage: what benchmarks compare, whoever else is at work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

Seconds = dict[str, float]
"""Stage → seconds of the processor."""


@contextmanager
def counted(into: Seconds, stage: str) -> Iterator[None]:
    """Add what happens within, in this process and in programs it waits for, to a stage."""
    before = _now()
    try:
        yield
    finally:
        into[stage] = into.get(stage, 0.0) + _now() - before


def add(into: Seconds, more: Mapping[str, float]) -> None:
    """Add the seconds of each stage."""
    for stage, seconds in more.items():
        into[stage] = into.get(stage, 0.0) + seconds


def _now() -> float:
    # Children are counted when they have ended: programs that are waited for, never the workers.
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
