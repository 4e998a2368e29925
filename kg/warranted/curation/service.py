"""What a member may do with records, each a transaction: create, change, review, restore, delete."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox
import sqlalchemy as sa

from warranted import records, warrant
from warranted.curation import content
from warranted.curation.writing import Change, Writer, Written
from warranted.errors import Conflict, Gone, InputError, NotFound, Stale
from warranted.ledger import Ledger, Version, find, tables
from warranted.records import Record
from warranted.rights import (
    APPROVED,
    APPROVED_BY_OTHERS,
    DRAFTS,
    STEPS,
    About,
    Actor,
    Decision,
    decide,
)

LONGEST: Final = 2_000
"""Characters of a reason or comment."""


class Curation:
    """The work on records in a ledger, by who is asking (`Actor`)."""

    def __init__(self, ledger: Ledger, writer: Writer, base: str) -> None:
        self.ledger, self.writer, self.base = ledger, writer, base

    # ---- reading ----

    def read(self, actor: Actor, iri: str) -> Version:
        """The version in force of a record that `actor` may read.

        Raises:
            NotFound: there is none, or it may not know of it. Gone: it was deleted.
        """
        found = self.ledger.current(iri)
        if found is None:
            last = self.ledger.last(iri)
            if last is not None and actor.reads(self._network_of_removed(iri)):
                raise Gone("This record was deleted.")
            raise NotFound("There is no such record.")
        if not actor.reads(self.about(iri).network):
            raise NotFound("There is no such record.")
        return found

    def about(self, iri: str) -> About:
        """What the rules of rights ask of a record.

        Raises:
            NotFound: there is no such record in force.
        """
        line = find.lines(self.ledger, [iri]).get(iri)
        if line is None:
            raise NotFound("There is no such record.")
        return About(line.type, line.network, line.status, frozenset(self.ledger.authors(iri)))

    def read_about(self, actor: Actor, iri: str) -> About:
        """What the rules of rights ask of a record that `actor` may read.

        Raises:
            NotFound, Gone: it may not, or there is none.
        """
        self.read(actor, iri)
        return self.about(iri)

    def may(self, actor: Actor, action: str, iri: str) -> Decision:
        """Whether `actor` may do that to a record it may read, and why not."""
        self.read(actor, iri)
        return decide(actor, action, self.about(iri))

    # ---- writing ----

    def create(
        self, actor: Actor, record: Record, *, reason: str = "", action: str = ""
    ) -> Written:
        """Store a new record. Without a network it gets the one its author is in; it starts as a draft.

        Raises:
            InputError, NotAllowed, InvalidRecord: it may not be stored; nothing is.
        """
        placed = self._placed(actor, record)
        decide(actor, "create", About(placed.type, content.network(placed))).check()
        if content.status(placed) not in ("", "draft"):
            raise InputError(
                "A new record starts as a draft.",
                field="lifecycle",
                fix="Leave the status out; it changes by the steps of review.",
            )
        if content.values(placed, content.CLEARED):
            decide(actor, "clear", About(placed.type, content.network(placed))).check()
        made = content.with_status(placed, "draft")
        return self.writer.write(
            [Change(made, new=True)],
            by=actor,
            role=actor.role(content.network(made)),
            reason=words(reason) or "created",
            action=action or "create",
        )

    def replace(
        self,
        actor: Actor,
        record: Record,
        *,
        expected: str | None,
        reason: str = "",
        action: str = "replace",
    ) -> Written:
        """Put a record in the place of the one with its IRI. The status stays, or falls back to draft
        where the new content was approved by no one yet.

        Args:
            expected: digest of the version it replaces; None: whatever is there.

        Raises:
            NotFound, NotAllowed, Stale, InvalidRecord: nothing is stored.
        """
        with self.ledger.writing():
            before = self.read(actor, record.iri)
            if expected is not None and before.digest != expected:
                raise stale(record.iri)
            old = before.as_record()
            about = self.about(record.iri)
            decide(actor, "edit", about).check()
            made = self._kept(actor, old, record, about)
            return self.writer.write(
                [Change(made, expected=before.digest)],
                by=actor,
                role=actor.role(about.network),
                reason=words(reason) or "changed",
                action=action,
            )

    def restore(
        self, actor: Actor, iri: str, n: int, *, expected: str | None, reason: str = ""
    ) -> Written:
        """Bring the content of version `n` back, as a new version.

        Raises:
            NotFound: there is no such version, or its content was removed.
        """
        version = self.ledger.version(iri, n)
        self.read(actor, iri)
        if version is None:
            raise NotFound(f"There is no version {n} of this record.")
        record = content.with_status(version.as_record(), "")
        why = reason or f"version {n} restored"
        return self.replace(actor, record, expected=expected, reason=why, action="restore")

    def deprecate(
        self,
        actor: Actor,
        iri: str,
        *,
        replaced_by: str | None,
        reason: str,
        expected: str | None = None,
    ) -> Written:
        """Say that a record should not be used any more, and which one stands in its place.

        Raises:
            InputError: what replaces it is not recorded, is of another type, or it is itself.
        """
        with self.ledger.writing():
            before = self.read(actor, iri)
            if expected is not None and before.digest != expected:
                raise stale(iri)
            about = self.about(iri)
            decide(actor, "supersede" if about.status not in DRAFTS else "edit", about).check()
            record = content.put(before.as_record(), content.DEPRECATED, content.TRUE)
            if replaced_by is not None:
                other = find.lines(self.ledger, [replaced_by]).get(replaced_by)
                if other is None or other.type != about.type or not actor.reads(other.network):
                    raise InputError(
                        f"'{replaced_by[:120]}' is no {about.type} that is recorded.",
                        field="replacedBy",
                        fix=f"Give the IRI of another {about.type}.",
                    )
                record = content.put(record, content.REPLACED_BY, ox.NamedNode(replaced_by))
            if (about.status or "accepted") in APPROVED:
                record = content.with_status(record, "superseded")
            return self.writer.write(
                [Change(record)],
                by=actor,
                role=actor.role(about.network),
                reason=needed(reason),
                action="deprecate",
            )

    def delete(
        self,
        actor: Actor,
        iri: str,
        *,
        expected: str | None,
        reason: str,
        purge: bool = False,
    ) -> Version:
        """Delete a record to a tombstone; with `purge` its history, too, for privacy.

        Raises:
            Conflict: others name it (they may go on naming what was purged).
        """
        with self.ledger.writing():
            before = self.ledger.current(iri)
            if before is None and purge:
                network = self._network_of_removed(iri)
                last = self.ledger.last(iri)
                if last is None or not actor.reads(network):
                    raise NotFound("There is no such record.")
                about = About(last.type, network)
            else:
                before = self.read(actor, iri)
                if expected is not None and before.digest != expected:
                    raise stale(iri)
                about = self.about(iri)
            decide(actor, "purge" if purge else "delete", about).check()
            named_by = [] if purge else find.naming(self.ledger, iri)
            if named_by:
                some = ", ".join(sorted({f"<{record}>" for record, _ in named_by})[:5])
                raise Conflict(
                    f"It is named by {len({r for r, _ in named_by})} other records: {some}.",
                    fix="Take it out of them first, or deprecate it.",
                )
            touched = self._touched(iri)
            version = self.ledger.remove(
                iri,
                role=actor.role(about.network),
                reason=needed(reason),
                author=actor.account,
                purge=purge,
            )
            self.writer.weigh(sorted(touched))
            return version

    def assess(self, actor: Actor, idea: str) -> Written:
        """Keep what the rules say of an idea today as a record of its own: what a judgement reviews.

        Raises:
            NotFound: there is no such idea.
        """
        with self.ledger.writing():
            about = self.read_about(actor, idea)
            if about.type != "idea":
                raise NotFound("There is no such idea.")
            decide(actor, "assess", about).check()
            made = self.writer.assessment(idea, self.base)
            if made is None:
                raise NotFound("There is no such idea.")
            record = content.with_status(
                content.renamed(made, records.mint("assessment", self.base)), "accepted"
            )
            if about.network:
                record = content.put(record, content.NETWORK, ox.NamedNode(about.network))
            return self.writer.write(
                [Change(record, new=True)],
                by=actor,
                role=actor.role(about.network),
                reason="computed by the rules",
                action="assess",
            )

    # ---- within ----

    def _placed(self, actor: Actor, record: Record) -> Record:
        if record.type == "network" or content.network(record):
            return record
        own = actor.networks()
        if own is None:
            return record  # who is administrator of all may keep what belongs to none
        if len(own) != 1:
            raise InputError(
                "Say which network keeps this record." if own else "You are in no network yet.",
                field="ofNetwork",
                fix=f"One of: {', '.join(sorted(own))}." if own else "Ask an administrator.",
            )
        return content.put(record, content.NETWORK, ox.NamedNode(next(iter(own))))

    def _kept(self, actor: Actor, old: Record, new: Record, about: About) -> Record:
        """`new` with what an edit does not change: network and status."""
        given = content.status(new)
        if given and given != content.status(old):
            raise InputError(
                f"The status is '{content.status(old) or 'none'}' and is not changed by editing.",
                field="lifecycle",
                fix=f"Use the steps of review: {', '.join(STEPS)}.",
            )
        made = content.with_status(new, content.status(old))
        if old.type != "network" and not content.network(new) and about.network:
            made = content.put(made, content.NETWORK, ox.NamedNode(about.network))
        if content.network(made) != content.network(old):
            for network in {content.network(old), content.network(made)}:
                decide(actor, "administer", About(old.type, network)).check()
        if content.values(made, content.CLEARED) != content.values(old, content.CLEARED):
            decide(actor, "clear", about).check()
        if made.digest == old.digest:
            return made
        curates = {"curator", "administrator"} & actor.in_network(about.network)
        approved = about.status in APPROVED
        if approved and (about.type in APPROVED_BY_OTHERS or not curates):
            made = content.with_status(made, "draft")
        return made

    def _touched(self, iri: str) -> set[str]:
        return warrant.ideas_touched(self.writer.graph, iri)

    def _network_of_removed(self, iri: str) -> str:
        a = tables.audit.c
        query = sa.select(a.network).where(a.record == iri).order_by(a.id.desc()).limit(1)
        with self.ledger.snapshot() as connection:
            return str(connection.execute(query).scalar() or "")


def named(record: Record, base: str) -> Record:
    """The record under a new IRI of its type."""
    return content.renamed(record, records.mint(record.type, base))


def stale(iri: str) -> Stale:
    return Stale(f"<{iri}> was changed meanwhile.", fix="Read it again and redo the change.")


def words(text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST:
        raise InputError(f"Keep it to {LONGEST} characters.", field="reason")
    return said


def needed(text: str, field: str = "reason") -> str:
    said = words(text)
    if not said:
        raise InputError("Say it in a sentence.", field=field)
    return said
