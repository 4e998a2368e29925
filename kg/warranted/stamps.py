"""When a prediction was written down, by the ledger: what nobody can date back.

A prediction says of itself when it was stated (`nic:statedOn`). The ledger knows when it was first
recorded here in the words it has now (one sent from outside: when it came in), and whether it was
recorded otherwise before. (Taylor et al. 2014)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyoxigraph as ox

from warranted.namespaces import NIC
from warranted.records import Record

_PREDICTION: Final = f"{NIC}hasPrediction"
_SAID: Final = frozenset(
    NIC + name for name in ("predictionText", "statedOn", "expectedValue", "ofMeasure")
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The prediction of one test: when it was first recorded as it is, its digest, and if it changed."""

    recorded: datetime
    digest: str
    edited: bool


def stamp(versions: Iterable[tuple[datetime, Record]]) -> Stamp | None:
    """The stamp of a test's prediction.

    Args:
        versions: the record's versions, the oldest first, each with the time it was recorded, or came
            in if that was before.

    Returns:
        None where the latest version has no prediction in words.
    """
    found: Stamp | None = None
    edited = False
    for time, record in versions:
        digest = prediction_digest(record)
        if digest is None:
            edited, found = edited or found is not None, None
        elif found is None or found.digest != digest:
            edited = edited or found is not None
            found = Stamp(time, digest, edited)
    return found


def prediction_digest(record: Record) -> str | None:
    """SHA-256, in hexadecimal, over what the test's predictions say; None if they say nothing."""
    own = {t.object for t in record.triples if t.predicate.value == _PREDICTION}
    said = sorted(
        f"{t.predicate} {t.object}"
        for t in record.triples
        if t.subject in own and t.predicate.value in _SAID
    )
    if not any(line.startswith(f"<{NIC}predictionText>") for line in said):
        return None
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def triples(reading: str, found: Stamp) -> list[ox.Triple]:
    """The stamp as properties of the reading with that IRI."""
    node = ox.NamedNode(reading)
    moment = found.recorded.strftime("%Y-%m-%dT%H:%M:%SZ")
    kind = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
    values = {
        "predictionRecorded": ox.Literal(moment, datatype=kind),
        "predictionDigest": ox.Literal(found.digest),
        "predictionEdited": ox.Literal(found.edited),
    }
    return [ox.Triple(node, ox.NamedNode(NIC + name), value) for name, value in values.items()]
