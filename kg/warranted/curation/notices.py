"""What others are told of: a line in the ledger for each hook that asked, in the write's transaction."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

import sqlalchemy as sa

from warranted.errors import InputError, NotFound
from warranted.ledger import Ledger, moment, tables
from warranted.rights import EVERYWHERE

EVENTS: Final = (
    "submitted",
    "returned",
    "accepted",
    "consolidated",
    "published",
    "superseded",
    "withdrawn",
    "reopened",
    "released",
)
"""What a hook can ask for: the steps of review, and a release made."""

STATES: Final = ("waiting", "done", "given-up")
_H, _D = tables.hook, tables.delivery


def tell(ledger: Ledger, event: str, network: str | None, **about: Any) -> int:
    """Have every hook told that asked for this event in this network (None: whatever the network);
    returns how many there are.

    `about` says IRIs, statuses and times, never what a record says.
    """
    with ledger.writing() as connection:
        hooks = connection.execute(sa.select(_H.c.id, _H.c.events, _H.c.network)).all()
        now = moment()
        body = json.dumps({"event": event, "network": network, "time": now, **about})
        rows = [
            {"hook": id_, "event": event, "body": body, "due": now}
            for id_, events, of in hooks
            if event in events.split() and (network is None or of in (EVERYWHERE, network))
        ]
        if rows:
            connection.execute(_D.insert(), rows)
    return len(rows)


def add_hook(ledger: Ledger, url: str, events: list[str], network: str) -> dict[str, Any]:
    """A new hook, with the secret its messages are signed with, which is said once.

    Raises:
        InputError: an event is unknown, or the address is none.
    """
    if unknown := sorted(set(events) - set(EVENTS)):
        raise InputError(
            f"There is no event '{unknown[0][:40]}'.",
            field="events",
            fix=f"The events are: {', '.join(EVENTS)}.",
        )
    if not events:
        raise InputError("Say which events to tell.", field="events")
    _check(url)
    row = {
        "id": secrets.token_hex(6),
        "url": url,
        "secret": secrets.token_hex(32),
        "events": " ".join(sorted(set(events))),
        "network": network,
        "created": moment(),
    }
    with ledger.writing() as connection:
        connection.execute(_H.insert(), row)
    return row


def hooks(ledger: Ledger) -> list[dict[str, Any]]:
    """Every hook, without its secret."""
    columns = [c for c in _H.c if c.name != "secret"]
    with ledger.snapshot() as connection:
        rows = connection.execute(sa.select(*columns).order_by(_H.c.created)).mappings().all()
    return [dict(row) for row in rows]


def remove_hook(ledger: Ledger, id_: str) -> None:
    """Take a hook away, and what it was still to be told.

    Raises:
        NotFound: there is none.
    """
    with ledger.writing() as connection:
        connection.execute(_D.delete().where(_D.c.hook == id_, _D.c.state == "waiting"))
        if connection.execute(_H.delete().where(_H.c.id == id_)).rowcount == 0:
            raise NotFound("There is no such hook.")


def deliveries(ledger: Ledger, hook: str, limit: int = 100) -> list[dict[str, Any]]:
    """The last deliveries of a hook, the newest first."""
    query = sa.select(_D).where(_D.c.hook == hook).order_by(_D.c.id.desc()).limit(limit)
    with ledger.snapshot() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _check(url: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    local = host in ("localhost", "127.0.0.1", "::1")
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local):
        raise InputError(
            "A hook's address begins with https://.",
            field="url",
            fix="http:// is for this machine only.",
        )
