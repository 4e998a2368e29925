"""A request that is sent again with the same Idempotency-Key is answered as before and done once.

The answer is kept in the transaction of the write itself: either both are there or neither is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from warranted.errors import InputError, KeyReused
from warranted.ledger import Ledger, moment, tables
from warranted.rights import Actor

HOURS: Final = 24
"""How long an answer is kept."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
Told = tuple[dict[str, Any], int, dict[str, str]]


def once(ledger: Ledger, actor: Actor, key: str, request: str, work: Callable[[], Told]) -> Told:
    """What `work` answers, or what it answered the last time; call it within a transaction.

    Args:
        key: the request's Idempotency-Key. request: a digest of all that the request says.

    Raises:
        InputError: the key is none. KeyReused: it came with another request before.
    """
    if not _KEY.fullmatch(key):
        raise InputError(
            "An Idempotency-Key is 1 to 200 visible characters.", field="Idempotency-Key"
        )
    table = tables.idempotency
    mine = (table.c.account == actor.account, table.c.key == key)
    with ledger.writing() as connection:
        before = (datetime.now(UTC) - timedelta(hours=HOURS)).isoformat(timespec="milliseconds")
        connection.execute(table.delete().where(table.c.time < before))
        row = connection.execute(sa.select(table).where(*mine)).mappings().first()
        if row is not None:
            if row["request"] != request:
                raise KeyReused(
                    "This Idempotency-Key came with another request before.",
                    field="Idempotency-Key",
                    fix="Use a new key for a new request.",
                )
            return json.loads(row["body"]), row["status"], json.loads(row["headers"])
        answer, status, headers = work()
        connection.execute(
            table.insert(),
            {
                "account": actor.account,
                "key": key,
                "request": request,
                "status": status,
                "headers": json.dumps(headers),
                "body": json.dumps(answer),
                "record": str(answer.get("id", "")),
                "time": moment(),
            },
        )
        return answer, status, headers
