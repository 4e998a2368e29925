"""Tells hooks what they asked for: signed, in order, again after a while if it fails.

The signature is `X-Warranted-Signature: sha256=…`, the HMAC of the body with the hook's secret; the
number of the delivery is in `X-Warranted-Delivery`, the same for every try.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import sqlalchemy as sa

from warranted import __version__
from warranted.errors import StoreError
from warranted.ledger import Ledger, moment, tables

PAUSES: Final = (5, 30, 120, 600, 3600, 21600, 86400)
"""Seconds before the next try; after the last one it is given up."""

_SECONDS: Final = 10.0
_H, _D = tables.hook, tables.delivery

log = logging.getLogger(__name__)


class Deliverer:
    """Delivers what waits in the ledger. Several processes may run one each: one at a time delivers."""

    def __init__(self, ledger: Ledger, *, every: float = 1.0) -> None:
        self.ledger, self.every = ledger, every

    def run(self, stop: threading.Event) -> None:
        """Deliver what is due until `stop` is set."""
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client:
            while not stop.wait(self.every):
                try:
                    self.deliver(client)
                except StoreError as error:
                    log.warning("hooks cannot be told now: %s", error.message)

    def deliver(self, client: httpx.Client) -> int:
        """Deliver what is due now; returns how much of it arrived."""
        with self.ledger.database.alone("hooks") as mine:
            return sum(self._one(client, row) for row in self._due()) if mine else 0

    def _due(self) -> list[dict[str, Any]]:
        query = (
            sa.select(_D.c.id, _D.c.event, _D.c.body, _D.c.attempts, _H.c.url, _H.c.secret)
            .join_from(_D, _H, _D.c.hook == _H.c.id)
            .where(_D.c.state == "waiting", _D.c.due <= moment())
            .order_by(_D.c.id)
            .limit(100)
        )
        with self.ledger.snapshot() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _one(self, client: httpx.Client, row: dict[str, Any]) -> bool:
        body = row["body"].encode()
        signature = hmac.new(row["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"warranted/{__version__}",
            "X-Warranted-Event": row["event"],
            "X-Warranted-Delivery": str(row["id"]),
            "X-Warranted-Signature": f"sha256={signature}",
        }
        try:
            status = client.post(row["url"], content=body, headers=headers).status_code
            answer, arrived = str(status), 200 <= status < 300
        except httpx.HTTPError as error:
            answer, arrived = type(error).__name__, False
        attempts = row["attempts"] + 1
        changed: dict[str, Any] = {"attempts": attempts, "answer": answer}
        if arrived:
            changed["state"] = "done"
        elif attempts > len(PAUSES):
            changed["state"] = "given-up"
        else:
            due = datetime.now(UTC) + timedelta(seconds=PAUSES[attempts - 1])
            changed["due"] = due.isoformat(timespec="milliseconds")
        with self.ledger.writing() as connection:
            connection.execute(_D.update().where(_D.c.id == row["id"]), changed)
        return arrived
