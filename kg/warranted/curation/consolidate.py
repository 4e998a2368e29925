"""Consolidation, the hub's central work: ideas that say the same become one, and can be parted again;
a package is put together from ideas and all that is known of them.

Nothing is lost in a merge. Whatever named the idea that goes (versions, claims, packages) names the one
that stays, in a new version of its own; know-how and links are carried over; the idea that went says
what replaced it. What was done is kept, so that a split puts each thing back that is still as it was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
import sqlalchemy as sa

from warranted import shape_model
from warranted.curation import content
from warranted.curation.service import Curation
from warranted.curation.writing import Change, Written
from warranted.errors import Conflict, InputError, NotFound, Stale
from warranted.ledger import find, moment, tables
from warranted.namespaces import DCTERMS, NIC, RDF
from warranted.records import Record
from warranted.rights import APPROVED, HELD, About, Actor, decide

_PART: Final = f"{DCTERMS}hasPart"
_ABOUT: Final = ("specification", "test", "claim", "evidence", "judgement", "uptake", "ramp")
"""Types of records that say something of an idea by naming it, a version of it, or a test."""
_NOT_PARTS: Final = ("package", "network", "hub", "facet", "policy", "assessment")
"""Types that a package needs and does not list as parts."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge: `merged` went into `kept`, when, in which role, why; `undone` is empty or when."""

    id: str
    kept: str
    merged: str
    time: str
    role: str
    reason: str
    undone: str
    moved: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The merge as plain values."""
        names = ("id", "kept", "merged", "time", "role", "reason")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        return told | {"undone": self.undone or None, "moved": list(self.moved)}


class Consolidation:
    """Merges, splits and packages, by who is asking."""

    def __init__(self, curation: Curation) -> None:
        self.curation = curation
        self.ledger = curation.ledger

    def merge(self, actor: Actor, kept: str, merged: str, *, reason: str) -> tuple[Merge, Written]:
        """Make one idea of two, in one transaction.

        Args:
            kept: the idea that stays. merged: the one that goes into it.

        Raises:
            InputError: they are no two ideas. NotAllowed: a record that would change is not the
                actor's to change. Conflict: one of them was replaced before. InvalidRecord: a record
                would break a shape; nothing is changed.
        """
        said = reason.strip()
        if not said:
            raise InputError("Say why they are one idea, in a sentence.", field="reason")
        if kept == merged:
            raise InputError("An idea cannot be merged with itself.", field="merged")
        with self.ledger.writing() as connection:
            stays = self._idea(actor, kept, "kept")
            goes = self._idea(actor, merged, "merged")
            naming = sorted({record for record, _ in find.naming(self.ledger, merged)} - {kept})
            changes, moved = [], []
            for iri in naming:
                if content.values(goes, content.REPLACED_BY) == [iri]:
                    continue
                decide(actor, "merge", self.curation.about(iri)).check()
                version = self.ledger.current(iri)
                assert version is not None  # the ledger's own index names it
                if content.DERIVED_FROM in _by(version.as_record(), merged):
                    continue  # where it came from stays true
                changes.append(Change(content.mapped(version.as_record(), _to(merged, kept))))
                moved.append([iri, version.n])
            carried = _carried(stays, goes)
            made = content.add(content.mapped(stays, _to(merged, kept)), carried)
            if (content.status(stays) or "accepted") in APPROVED:
                made = content.with_status(made, "consolidated")
            gone = content.put(goes, content.DEPRECATED, content.TRUE)
            gone = content.put(gone, content.REPLACED_BY, ox.NamedNode(kept))
            gone = content.with_status(gone, "superseded")
            written = self.curation.writer.write(
                [Change(made), Change(gone), *changes],
                by=actor,
                role=actor.role(content.network(stays)),
                reason=said,
                action="merge",
            )
            row = {
                "id": secrets.token_hex(6),
                "kept": kept,
                "merged": merged,
                "time": moment(),
                "account": actor.account,
                "role": actor.role(content.network(stays)),
                "reason": said,
            }
            undo = {
                "records": moved,
                "carried": [f"{t} ." for t in carried],
                "kept_status": content.status(stays),
                "merged_status": content.status(goes),
            }
            connection.execute(tables.consolidation.insert(), row | {"moved": json.dumps(undo)})
            return self.merges(row["id"])[0], written

    def split(self, actor: Actor, id_: str, *, reason: str) -> Written:
        """Undo a merge: what was moved and is still as it was moved goes back, and so does what was
        carried over. What was learned since stays with the idea that was kept.

        Raises:
            NotFound: there was no such merge. Conflict: it was undone before.
        """
        said = reason.strip()
        if not said:
            raise InputError("Say why they are two ideas, in a sentence.", field="reason")
        table = tables.consolidation
        with self.ledger.writing() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == id_)).mappings().first()
            if row is None:
                raise NotFound("There is no such merge.")
            if row["undone"]:
                raise Conflict("This merge was undone before.")
            kept, merged, undo = row["kept"], row["merged"], json.loads(row["moved"])
            stays, goes = self._idea(actor, kept, "kept"), self._current(merged)
            decide(actor, "merge", self.curation.about(merged)).check()
            changes = []
            for iri, n in undo["records"]:
                version, now = self.ledger.version(iri, n), self.ledger.current(iri)
                if version is None or version.body is None or now is None:
                    continue  # it was deleted since
                decide(actor, "merge", self.curation.about(iri)).check()
                changes.append(
                    Change(_put_back(version.as_record(), now.as_record(), merged, kept))
                )
            carried = {
                q.triple
                for q in ox.parse(
                    "\n".join(undo["carried"]).encode(), format=ox.RdfFormat.N_TRIPLES
                )
            }
            made = Record(kept, stays.type, tuple(t for t in stays.triples if t not in carried))
            if content.status(made) == "consolidated":
                made = content.with_status(made, undo["kept_status"])
            back = content.put(content.put(goes, content.DEPRECATED), content.REPLACED_BY)
            back = content.with_status(back, undo["merged_status"])
            written = self.curation.writer.write(
                [Change(made), Change(back), *changes],
                by=actor,
                role=actor.role(content.network(stays)),
                reason=said,
                action="split",
            )
            connection.execute(table.update().where(table.c.id == id_), {"undone": moment()})
            return written

    def merges(self, id_: str | None = None, *, idea: str | None = None) -> list[Merge]:
        """The merges there were, the last first; one of them, or those of an idea."""
        table = tables.consolidation
        query = sa.select(table).order_by(table.c.time.desc(), table.c.id)
        if id_ is not None:
            query = query.where(table.c.id == id_)
        if idea is not None:
            query = query.where(sa.or_(table.c.kept == idea, table.c.merged == idea))
        with self.ledger.snapshot() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Merge(
                row["id"],
                row["kept"],
                row["merged"],
                row["time"],
                row["role"],
                row["reason"],
                row["undone"],
                tuple(iri for iri, _ in json.loads(row["moved"])["records"]),
            )
            for row in rows
        ]

    def keep_apart(self, actor: Actor, one: str, other: str, *, reason: str) -> None:
        """Say that two ideas are not the same, so that they are not suggested again."""
        if one == other:
            raise InputError("Name two ideas.", field="other")
        if not reason.strip():
            raise InputError("Say what sets them apart, in a sentence.", field="reason")
        for iri, field in ((one, "one"), (other, "other")):
            self._idea(actor, iri, field)
        first, second = sorted((one, other))
        table = tables.distinct
        with self.ledger.writing() as connection:
            connection.execute(table.delete().where(table.c.one == first, table.c.other == second))
            row = {"one": first, "other": second, "time": moment(), "account": actor.account}
            connection.execute(table.insert(), row | {"reason": reason.strip()})

    def apart(self) -> frozenset[frozenset[str]]:
        """The pairs of ideas that were said not to be the same."""
        table = tables.distinct
        with self.ledger.snapshot() as connection:
            rows = connection.execute(sa.select(table.c.one, table.c.other)).all()
        return frozenset(frozenset(row) for row in rows)

    def assemble(
        self, actor: Actor, package: str, ideas: Iterable[str], *, expected: str | None, reason: str
    ) -> Written:
        """Make a package's parts anew: these ideas with the theory above them, their versions, tests,
        claims and what these need, as far as it was accepted. Assessments are made at release.

        Raises:
            InputError: one of them is no idea that may go into a package; nothing is changed.
        """
        wanted = list(dict.fromkeys(ideas))
        if not wanted:
            raise InputError("Name the ideas that go into it.", field="ideas")
        with self.ledger.writing():
            before = self.curation.read(actor, package)
            if before.type != "package":
                raise InputError("Only a package is put together.", field="package")
            if expected is not None and before.digest != expected:
                raise Stale("The package was changed meanwhile.", fix="Read it again.")
            for iri in wanted:
                idea = self._idea(actor, iri, "ideas")
                if content.status(idea) in HELD:
                    raise InputError(
                        f"<{iri}> is {content.status(idea)}.",
                        field="ideas",
                        fix="Have it accepted first.",
                    )
            parts = self.parts(actor, wanted)
            record = content.put(before.as_record(), _PART, *map(ox.NamedNode, parts))
            return self.curation.replace(
                actor,
                record,
                expected=before.digest,
                reason=reason or f"put together from {len(wanted)} ideas",
                action="assemble",
            )

    def parts(self, actor: Actor, ideas: Iterable[str]) -> list[str]:
        """The records that go into a package with these ideas, in the order of their IRIs."""
        prefix = f"{self.curation.base}/id/"
        found: set[str] = set()
        ahead = list(ideas)
        while ahead:
            iri = ahead.pop()
            version = self.ledger.current(iri)
            if iri in found or version is None or not self._fit(actor, iri):
                continue
            found.add(iri)
            ahead += [
                o.partition("#")[0]
                for o in _objects(version.as_record())
                if o.startswith(prefix) and _type(o) not in _NOT_PARTS
            ]
            if version.type in ("idea", "specification", "test", "claim"):
                ahead += [r for r, _ in find.naming(self.ledger, iri) if _type(r) in _ABOUT]
        return sorted(found)

    def _fit(self, actor: Actor, iri: str) -> bool:
        about = self.curation.about(iri)
        return (
            about.status not in HELD and about.status != "superseded" and actor.reads(about.network)
        )

    def _current(self, iri: str) -> Record:
        version = self.ledger.current(iri)
        if version is None:
            raise Conflict(f"<{iri}> was deleted.")
        return version.as_record()

    def _idea(self, actor: Actor, iri: str, field: str) -> Record:
        line = find.lines(self.ledger, [iri]).get(iri)
        if line is None or line.type != "idea" or not actor.reads(line.network):
            raise InputError(
                f"'{iri[:120]}' is no idea that is recorded.", field=field, fix="Give its IRI."
            )
        decide(actor, "merge", About("idea", line.network, line.status)).check()
        record = self._current(iri)
        if field in ("kept", "merged") and content.values(record, content.REPLACED_BY):
            raise Conflict(f"<{iri}> was replaced before.", field=field)
        return record


def _to(merged: str, kept: str) -> Callable[[str], str]:
    def change(iri: str) -> str:
        if iri == merged:
            return kept
        if iri.startswith(f"{merged}#"):
            return _moved_part(iri, merged, kept)
        return iri

    return change


def _moved_part(iri: str, merged: str, kept: str) -> str:
    """A part of the merged idea under the kept one, by a name that says where it came from."""
    return f"{kept}#from-{merged.rpartition('/')[2]}-{iri.partition('#')[2]}"


def _carried(stays: Record, goes: Record) -> list[ox.Triple]:
    """What the idea that stays gets of the one that goes: values of the fields that take several."""
    shape = shape_model.shipped().types[f"{NIC}ChangeIdea"]
    several = {f.path for f in shape.fields if f.max_count != 1 and not f.unique_lang}
    several -= {content.DERIVED_FROM}
    change = _to(goes.iri, stays.iri)
    roots = [
        t
        for t in goes.triples
        if t.subject == ox.NamedNode(goes.iri) and t.predicate.value in several
    ]
    parts = set(_below(goes, roots))
    wanted = [*roots, *(t for t in goes.triples if _value(t.subject) in parts)]
    made = [_mapped(t, change) for t in wanted]
    made.append(
        ox.Triple(
            ox.NamedNode(stays.iri), ox.NamedNode(content.DERIVED_FROM), ox.NamedNode(goes.iri)
        )
    )
    return [t for t in dict.fromkeys(made) if t not in set(stays.triples)]


def _below(record: Record, roots: Iterable[ox.Triple]) -> Iterator[str]:
    """The parts of a record that hang from these triples."""
    seen: set[str] = set()
    ahead = [_value(t.object) for t in roots]
    while ahead:
        iri = ahead.pop()
        if iri in seen or not iri.startswith(f"{record.iri}#"):
            continue
        seen.add(iri)
        yield iri
        ahead += [_value(t.object) for t in record.triples if _value(t.subject) == iri]


def _put_back(before: Record, now: Record, merged: str, kept: str) -> Record:
    """`now` with each triple that the merge changed as it was before, if it is still there."""
    change = _to(merged, kept)
    old, triples = set(before.triples), list(now.triples)
    for triple in before.triples:
        moved = _mapped(triple, change)
        if moved == triple or moved not in now.triples:
            continue
        triples.append(triple)
        if moved not in old:
            triples.remove(moved)
    return Record(now.iri, now.type, tuple(sorted(set(triples), key=str)))


def _mapped(triple: ox.Triple, change: Callable[[str], str]) -> ox.Triple:
    def term(t: Any) -> Any:
        return ox.NamedNode(change(t.value)) if isinstance(t, ox.NamedNode) else t

    return ox.Triple(term(triple.subject), triple.predicate, term(triple.object))


def _by(record: Record, iri: str) -> set[str]:
    """The properties by which a record names `iri`."""
    return {t.predicate.value for t in record.triples if _value(t.object) == iri}


def _objects(record: Record) -> Iterator[str]:
    for t in record.triples:
        if isinstance(t.object, ox.NamedNode) and t.predicate.value != f"{RDF}type":
            yield t.object.value


def _value(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _type(iri: str) -> str:
    return iri.rpartition("/id/")[2].partition("/")[0]
