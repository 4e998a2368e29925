"""Every error the project raises on purpose, in one tree.

    WarrantedError                  what went wrong, in plain words; what to do about it
    ├── InputError                  the caller's input is at fault
    │   ├── ParseError              a file or body is not the RDF it says it is
    │   ├── InvalidRecord           a record breaks a shape at severity Violation
    │   ├── UnknownType             no record type of that name
    │   ├── TooLarge                input over a stated limit
    │   ├── KeyReused               an idempotency key that came with another request
    │   └── QueryError              a query that will not be run
    │       ├── MalformedQuery      it does not parse
    │       └── QueryRefused        it parses, but asks for what is never done (SERVICE, updates …)
    ├── NotFound                    nothing of that name here (a draft looks the same to a stranger)
    ├── Gone                        it was deleted; its members are told so
    ├── NotAllowed                  who is asking may not do that, and why
    ├── Conflict                    the record is not what the caller thinks it is
    │   └── Stale                   it was changed since the caller read it
    ├── QueryLimit                  a query was stopped
    │   ├── QueryTimeout            it ran past its time
    │   ├── ResultTooLarge          its answer grew past the cap
    │   └── Busy                    too many queries at once; try again
    ├── StoreError                  the disk or the store is at fault
    │   ├── StoreUnavailable        it cannot be opened, read or written
    │   │   └── StoreFull           there is no room left
    │   └── StoreLocked             another process is writing to it
    └── GateFailed                  a release was held back, with every reason

Errors carry fields and know nothing of HTTP or exit codes: `warranted_api.problems` and
`warranted.cli` each turn them into what their readers expect, in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warranted.validation import Result


class WarrantedError(Exception):
    """What went wrong (`message`), the field concerned and what to do (`fix`), if known."""

    def __init__(self, message: str, *, field: str | None = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message} {self.fix}" if self.fix else self.message


class InputError(WarrantedError):
    """The caller's input is at fault."""


class ParseError(InputError):
    """`name` (a file or "request body") is not valid; `line` and `column` count from 1."""

    def __init__(
        self, name: str, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.name, self.reason, self.line, self.column = name, reason, line, column
        place = name if line is None else f"{name}, line {line}"
        if line is not None and column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {reason}")


class InvalidRecord(InputError):
    """One or more records break a shape. `results` holds every result, violations first."""

    def __init__(self, results: Sequence[Result], *, name: str | None = None) -> None:
        self.results = tuple(results)
        self.name = name
        found = [r for r in self.results if r.severity == "Violation"]
        first = f" First: {found[0].message}" if found else ""
        where = f"{name}: " if name else ""
        count = "1 field" if len(found) == 1 else f"{len(found)} fields"
        super().__init__(f"{where}{count} must be put right.{first}")


class UnknownType(InputError):
    """There is no record type of that name."""


class TooLarge(InputError):
    """The input is over a stated limit."""


class KeyReused(InputError):
    """An idempotency key that came with another request before."""


class QueryError(InputError):
    """A query that will not be run."""


class MalformedQuery(QueryError):
    """The query does not parse."""


class QueryRefused(QueryError):
    """The query asks for something that is never done for anyone."""


class NotFound(WarrantedError):
    """Nothing of that name here. A draft gives a stranger this same answer."""


class Conflict(WarrantedError):
    """The record is not in the state the caller assumed."""


class Stale(Conflict):
    """The record was changed since the caller read it."""


class Gone(WarrantedError):
    """The record was deleted; only who could read it is told."""


class NotAllowed(WarrantedError):
    """Who is asking may not do that. `needs` are the roles that may."""

    def __init__(
        self,
        message: str,
        *,
        needs: Sequence[str] = (),
        field: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(message, field=field, fix=fix)
        self.needs = tuple(needs)


class QueryLimit(WarrantedError):
    """A query was stopped, or not started, to keep the service up for others."""


class QueryTimeout(QueryLimit):
    """The query ran past its time limit and was ended."""


class ResultTooLarge(QueryLimit):
    """The answer grew past the cap on rows, bytes or memory."""


class Busy(QueryLimit):
    """Too many queries are running; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message, fix=f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class StoreError(WarrantedError):
    """The disk or the store is at fault."""


class StoreUnavailable(StoreError):
    """The store cannot be opened, read or written."""


class StoreFull(StoreUnavailable):
    """There is no room left on the disk; nothing was stored, and reading goes on."""


class StoreLocked(StoreError):
    """Another process is writing to the store."""


class GateFailed(WarrantedError):
    """A release was held back; `reasons` names each record and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        listed = "".join(f"\n  - {r}" for r in self.reasons)
        super().__init__(f"The release was held back; the last one still serves.{listed}")
