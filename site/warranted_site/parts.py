"""A release in parts that are built, and kept from the release before, each by itself.

A part is a package, or several that share ideas, drivers, measures, sources or a network, with every
record they need. What a page of a part shows comes from its part alone; so a part whose records did
not change has the pages it had, and a change costs what its part costs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from warranted import dumps
from warranted.namespaces import NIC
from warranted.records import Record
from warranted.release_data import Previous, ReleaseData

_COMMON: Final = frozenset(["policy", "concept", "site", "hub", "instrument"])
"""Types of records that packages may share and still be built apart: they have no page of their own."""
_DAY: Final = f" <{NIC}assessedOn> "
REST: Final = "-"
"""The part of the records that are in no package."""

Stored = tuple[str, str, str]
"""A record on its way to another process: IRI, type, N-Quads."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some packages and what they need.

    Attributes:
        name: the first of its packages' short names, which is in no other part.
        slugs: the short names of all of them.
        before: the same of the release before; None before the first release.
        content: SHA-256 of what its records say, whatever the day they were weighed.
    """

    name: str
    slugs: list[str]
    records: list[Record]
    computed: list[Record]
    before: Before | None
    content: str


@dataclass(frozen=True, slots=True)
class Before:
    """A part's records in the release before: its name, its day."""

    id: str
    day: date
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Sent:
    """A part as another process gets it."""

    name: str
    records: list[Stored]
    computed: list[Stored]
    before: tuple[str, date, list[Stored]] | None
    created: datetime
    base: str
    version: str
    digest: str
    dumps: Path | None
    publisher: str


def parts_of(data: ReleaseData) -> list[Part]:
    """The parts of a release, by name; records of no package are a part of their own."""
    by_iri = {record.iri: record for record in data.records}
    members = {
        package.iri: [r.iri for r in dumps.members(package, by_iri)]
        for package in data.records
        if package.type == "package"
    }
    about = dumps.by_idea(data.computed)
    old = {r.iri: r for r in data.previous.records} if data.previous else {}
    held = {iri for found in members.values() for iri in found}
    groups = [sorted(group) for group in _joined(members, by_iri)]
    parts = []
    for group in groups:
        iris = sorted({iri for package in group for iri in members[package]})
        slugs = sorted(dumps.value(by_iri[iri], f"{NIC}slug") for iri in group)
        parts.append(_part(slugs, [by_iri[iri] for iri in iris], about, old, data))
    rest = [by_iri[iri] for iri in sorted(by_iri.keys() - held)]
    parts.append(_part([], rest, about, old, data))
    return sorted(parts, key=lambda part: part.name)


def sent(part: Part, data: ReleaseData, version: str, digest: str) -> Sent:
    """The part for another process.

    Args:
        version: the release it has been as it is since. digest: that of all the release's records.
    """
    before = part.before
    return Sent(
        part.name,
        [_stored(r) for r in part.records],
        [_stored(r) for r in part.computed],
        (before.id, before.day, [_stored(r) for r in before.records]) if before else None,
        data.created,
        data.base,
        version,
        digest,
        data.dumps,
        data.manifest.get("publisher", "Warranted"),
    )


def received(one: Sent) -> ReleaseData:
    """The release as far as the part goes."""
    before = None
    if one.before is not None:
        id_, day, records = one.before
        before = Previous(id_, day, [Record.from_nquads(*r) for r in records], [])
    return ReleaseData(
        one.version,
        one.created,
        one.base,
        [Record.from_nquads(*r) for r in one.records],
        [Record.from_nquads(*r) for r in one.computed],
        {"digest": one.digest, "publisher": one.publisher},
        before,
        one.dumps,
    )


def _part(
    slugs: list[str],
    records: list[Record],
    about: Mapping[str, list[Record]],
    old: Mapping[str, Record],
    data: ReleaseData,
) -> Part:
    computed = [c for record in records for c in about.get(record.iri, ())]
    same = None
    if data.previous is not None:
        held = [old[record.iri] for record in records if record.iri in old]
        same = Before(data.previous.id, data.previous.day, held)
    name = slugs[0] if slugs else REST
    return Part(name, slugs, records, computed, same, _content(records, computed))


def _content(records: Iterable[Record], computed: Iterable[Record]) -> str:
    digest = hashlib.sha256()
    for record in sorted(records, key=lambda r: r.iri):
        digest.update(record.digest.encode())
    for record in sorted(computed, key=lambda r: r.iri):
        digest.update(_timeless(record.nquads).encode())
    return digest.hexdigest()


def _timeless(nquads: str) -> str:
    """What an assessment says, but for the day."""
    at = nquads.find(_DAY)
    while at >= 0:
        nquads = nquads[: nquads.rfind("\n", 0, at) + 1] + nquads[nquads.index("\n", at) + 1 :]
        at = nquads.find(_DAY)
    return nquads


def _joined(members: Mapping[str, list[str]], by_iri: Mapping[str, Record]) -> Iterator[list[str]]:
    """Packages that share a record that matters, together."""
    leader: dict[str, str] = {package: package for package in members}

    def find(package: str) -> str:
        while leader[package] != package:
            leader[package] = leader[leader[package]]
            package = leader[package]
        return package

    first: dict[str, str] = {}
    for package, iris in members.items():
        for iri in iris:
            if by_iri[iri].type not in _COMMON:
                leader[find(package)] = find(first.setdefault(iri, package))
    groups: dict[str, list[str]] = {}
    for package in members:
        groups.setdefault(find(package), []).append(package)
    yield from groups.values()


def _stored(record: Record) -> Stored:
    return record.iri, record.type, record.nquads
