"""When what a version says came here, where it waited before it was recorded.

What is sent from outside is dropped once it was decided on; the day it came is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from warranted.ledger import tables
from warranted.ledger.versions import Ledger, Version

_A: Final = tables.arrival

Arrivals = dict[tuple[str, int], str]
"""Record and number of the version → when its prediction came: UTC, ISO."""


def keep(ledger: Ledger, versions: Iterable[Version], predicted: str) -> None:
    """Keep for good that the prediction of these new versions came at that moment."""
    rows = [{"record": v.record, "n": v.n, "predicted": predicted} for v in versions]
    if rows:
        with ledger.writing() as connection:
            connection.execute(_A.insert(), rows)


def every(ledger: Ledger) -> Arrivals:
    """All that were kept."""
    with ledger.snapshot() as connection:
        rows = connection.execute(sa.select(_A.c.record, _A.c.n, _A.c.predicted))
        return {(record, n): predicted for record, n, predicted in rows}
