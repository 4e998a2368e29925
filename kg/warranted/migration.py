"""Data of earlier versions of the ontology, brought up to the present one.

Each breaking version has one SPARQL update in `ontology/migrations/`, named `<from>-to-<to>.rq`; it
changes nothing in data that is up to date, so that all can be run in order on any data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from warranted import resources
from warranted.records import Record, split

if TYPE_CHECKING:
    from warranted.repository import Repository

_NAME = re.compile(r"([0-9]+[.][0-9]+)-to-([0-9]+[.][0-9]+)")


@dataclass(frozen=True, slots=True)
class Migration:
    """One update: the versions it leads from and to, what it says of itself, and its text."""

    before: str
    after: str
    note: str
    update: str


def migrations(folder: Path | None = None) -> list[Migration]:
    """Every migration, in the order of the versions."""
    found = []
    for file in (folder or resources.ontology() / "migrations").glob("*.rq"):
        if match := _NAME.fullmatch(file.stem):
            text = file.read_text(encoding="utf-8")
            note = " ".join(
                line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")
            )
            found.append(Migration(match[1], match[2], note, text))
    return sorted(found, key=lambda m: tuple(map(int, m.before.split("."))))


def migrate(records: Iterable[Record], *, base: str) -> list[Record]:
    """The records as the present ontology has them, in the order of their IRIs.

    Args:
        records: those that belong together: what one record says may move to another.
        base: what record IRIs begin with.

    Raises:
        InputError: a record that another one names is not among them and would be left in pieces.
    """
    quads = [quad for record in records for quad in record.quads()]
    store = ox.Store()
    store.extend(quads)
    before = set(store)
    for migration in migrations():
        store.update(migration.update)
    return split(_as_printed(quads, before, set(store)), base=base)


def _as_printed(
    quads: Iterable[ox.Quad], before: set[ox.Quad], after: set[ox.Quad]
) -> Iterator[ox.Quad]:
    """What is in `after`, with every number as it was written: a store makes 30 of 30.0."""
    written: dict[ox.Literal, ox.Literal] = {}
    for quad in quads:
        stored = _stored(quad.object) if isinstance(quad.object, ox.Literal) else quad.object
        if isinstance(stored, ox.Literal) and isinstance(quad.object, ox.Literal):
            written[stored] = quad.object
        if _with(quad, stored) in after:
            yield quad
    for quad in after - before:
        yield _with(quad, written.get(quad.object, quad.object))  # type: ignore[arg-type]


@lru_cache(maxsize=65536)
def _stored(literal: ox.Literal) -> ox.Literal:
    """The literal as a store gives it back."""
    node = ox.NamedNode("urn:x-warranted:literal")
    store = ox.Store()
    store.add(ox.Quad(node, node, literal))
    (quad,) = store
    assert isinstance(quad.object, ox.Literal)
    return quad.object


def _with(quad: ox.Quad, object_: ox.Triple | ox.NamedNode | ox.BlankNode | ox.Literal) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, object_, quad.graph_name)


@dataclass(frozen=True, slots=True)
class Report:
    """How many records there were, and the IRIs of those that were changed."""

    records: int
    changed: tuple[str, ...]


def migrate_repository(repository: Repository, *, base: str) -> Report:
    """Bring a workspace up to the present ontology; each record that changes gets a new version.

    Raises:
        InvalidRecord: a migrated record would break a shape; nothing is stored.
    """
    before = {record.iri: record for record in repository.records()}
    after = migrate(before.values(), base=base)
    changed = [r for r in after if r.iri not in before or r.digest != before[r.iri].digest]
    latest = migrations()[-1].after if migrations() else ""
    if changed:
        reason = f"brought up to version {latest} of the ontology"
        repository.put_all(changed, role="system", reason=reason)
    return Report(len(before), tuple(r.iri for r in changed))
