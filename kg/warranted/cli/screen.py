"""What a person at a terminal sees of long work."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click


class Progress:
    """A progress callback that keeps one line on standard error up to date.

    On a terminal the line is rewritten; elsewhere only stages of work are named, a line each.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._stage = ""
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._terminal and self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)

    def __call__(self, done: int, total: int, stage: str) -> None:
        """`done` of `total` steps of `stage` are finished; `total` 0 means it is not known."""
        now = time.monotonic()
        if not self._terminal:
            if stage != self._stage:
                self._stage = stage
                click.echo(f"{self.what}: {stage} …", err=True)
            return
        if now - self._last < 0.1 and done < total:
            return
        self._last = now
        count = f" {done:,} of {total:,}" if total else ""
        line = f"{self.what}: {stage}{count}"
        click.echo("\r" + line.ljust(self._width), nl=False, err=True)
        self._width = len(line)
