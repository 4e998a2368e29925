"""What strangers may read: the records of the latest release, and nothing else."""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from warranted import release
from warranted.records import Record
from warranted.settings import Settings


@dataclass(frozen=True)
class View:
    """An index into a release's N-Quads: where each record's lines stand, byte for byte."""

    release: release.Release
    file: Path
    spans: dict[str, list[tuple[int, int]]]
    by_type: dict[str, list[str]]
    pages: dict[str, str]

    def get(self, iri: str, type_: str) -> Record | None:
        """The record as the release has it, every literal as it was written."""
        spans = self.spans.get(iri)
        if spans is None:
            return None
        with self.file.open("rb") as file:
            lines = []
            for start, length in spans:
                file.seek(start)
                lines.append(file.read(length))
        return Record.from_nquads(iri, type_, b"".join(lines).decode())

    def page(self, type_: str, after: str, limit: int) -> list[str]:
        """IRIs of the type's records after `after`."""
        every = self.by_type.get(type_, [])
        first = bisect_right(every, after)
        return every[first : first + limit]


class Published:
    """The view of the latest release, made once for each."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._view: View | None = None

    def current(self) -> View | None:
        """The latest release's view, or None before the first release."""
        latest = release.latest(self.settings)
        if latest is None:
            return None
        with self._lock:
            if self._view is None or self._view.release.id != latest.id:
                self._view = _read(latest, self.settings.base)
            return self._view


def _read(latest: release.Release, base: str) -> View:
    file = latest.dumps / "all.nq"
    spans: dict[str, list[tuple[int, int]]] = {}
    position = 0
    with file.open("rb") as lines:
        for line in lines:
            graph = line.rstrip(b" .\n").rpartition(b" ")[2][1:-1].decode()
            own = spans.setdefault(graph, [])
            if own and own[-1][0] + own[-1][1] == position:
                own[-1] = (own[-1][0], own[-1][1] + len(line))
            else:
                own.append((position, len(line)))
            position += len(line)
    by_type: dict[str, list[str]] = {}
    for iri in sorted(spans):
        by_type.setdefault(iri.removeprefix(f"{base}/id/").partition("/")[0], []).append(iri)
    where = latest.site / "pages.json"
    pages = json.loads(where.read_bytes()) if where.is_file() else {}
    return View(latest, file, spans, by_type, pages)
