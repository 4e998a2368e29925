"""What a release is made of, for those who write what readers get.

It stands apart from `release`, which loads the ledger and the judge: processes that write pages need
neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from warranted import questions
from warranted.records import Record


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before: its name, its day, its records and those computed from them, its site."""

    id: str
    day: date
    records: list[Record]
    computed: list[Record]
    site: Path | None = None


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """What a release is made of.

    Attributes:
        manifest: what `manifest.json` holds, the files left out.
        dumps: the folder of the finished dumps. changes: see `changes`.
        answers: what the dataset answers to the competency questions.
        dataset: the folder of the finished dataset, an Oxigraph store.
        purged: IRIs of records that were removed for privacy: no older version may show them.
    """

    id: str
    created: datetime
    base: str
    records: list[Record]
    computed: list[Record]
    manifest: dict[str, Any]
    previous: Previous | None = None
    dumps: Path | None = None
    changes: dict[str, Any] | None = None
    purged: frozenset[str] = frozenset()
    dataset: Path | None = None
    answers: Mapping[str, questions.Terms] | None = None
