"""What a member may do with records, each a transaction: create, change, review, restore, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
import sqlalchemy as sa

from warranted import records, warrant
from warranted.curation import content, notices
from warranted.curation.writing import Change, Writer, Written
from warranted.errors import Conflict, Gone, InputError, NotFound, Stale
from warranted.ledger import Ledger, Version, find, moment, tables
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

EVENT: Final = {
    "reopen": "reopened",
    **{name: step.to for name, step in STEPS.items() if name != "reopen"},
}


@dataclass(frozen=True, slots=True)
class Comment:
    """One thing said about a record: in which role, when, at which version, with which step."""

    id: int
    n: int
    role: str
    time: str
    action: str
    text: str


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
            reason=_words(reason) or "created",
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
                raise _stale(record.iri)
            old = before.as_record()
            about = self.about(record.iri)
            decide(actor, "edit", about).check()
            made = self._kept(actor, old, record, about)
            return self.writer.write(
                [Change(made, expected=before.digest)],
                by=actor,
                role=actor.role(about.network),
                reason=_words(reason) or "changed",
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
                raise _stale(iri)
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
                reason=_needed(reason),
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
                    raise _stale(iri)
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
                reason=_needed(reason),
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

    # ---- review ----

    def step(
        self,
        actor: Actor,
        iri: str,
        step: str,
        *,
        reason: str = "",
        expected: str | None = None,
    ) -> Written:
        """Move a record on by one step of review (`STEPS`), with a reason where one is needed.

        Raises:
            NotFound: there is no such record or step. NotAllowed: not now, or not by this actor.
            InputError: the reason is missing. Stale: it was changed meanwhile.
        """
        if step not in STEPS:
            raise NotFound(
                f"There is no step '{step[:40]}'.",
                field="step",
                fix=f"There are: {', '.join(STEPS)}.",
            )
        with self.ledger.writing() as connection:
            before = self.read(actor, iri)
            if expected is not None and before.digest != expected:
                raise _stale(iri)
            about = self.about(iri)
            decide(actor, step, about).check()
            said = _words(reason)
            if STEPS[step].needs_reason and not said:
                raise InputError("Say why, in a sentence.", field="reason")
            record = content.with_status(before.as_record(), STEPS[step].to)
            role = actor.role(about.network)
            written = self.writer.write(
                [Change(record)], by=actor, role=role, reason=said or STEPS[step].to, action=step
            )
            n = written.versions[0].n
            review = tables.review
            if step == "submit":
                connection.execute(review.delete().where(review.c.record == iri))
                row = {"record": iri, "network": about.network, "submitted": moment()}
                connection.execute(review.insert(), row | {"submitted_by": actor.account})
            if said:
                self._say(iri, n, actor, role, step, said)
            notices.tell(
                self.ledger,
                EVENT[step],
                about.network,
                record=iri,
                version=n,
                status=STEPS[step].to,
            )
            return written

    def comment(self, actor: Actor, iri: str, text: str) -> Comment:
        """Say something about a record that `actor` may read."""
        with self.ledger.writing():
            version = self.read(actor, iri)
            about = self.about(iri)
            decide(actor, "comment", about).check()
            said = _needed(text, "text")
            self._say(iri, version.n, actor, actor.role(about.network), "comment", said)
            return self.comments(actor, iri)[-1]

    def comments(self, actor: Actor, iri: str) -> list[Comment]:
        """Everything that was said about a record, the first first."""
        self.read(actor, iri)
        c = tables.comment.c
        query = sa.select(c.id, c.n, c.role, c.time, c.action, c.text).where(c.record == iri)
        with self.ledger.snapshot() as connection:
            return [Comment(*row) for row in connection.execute(query.order_by(c.id))]

    def assign(self, actor: Actor, iri: str, account: str, can_read: bool) -> None:
        """Give a submitted record to someone to review; an empty account gives it back.

        Args:
            can_read: whether that account is a member of the record's network.

        Raises:
            Conflict: it was not submitted. InputError: the account is none of its network.
        """
        with self.ledger.writing() as connection:
            self.read(actor, iri)
            about = self.about(iri)
            decide(actor, "assign", about).check()
            if about.status != "submitted":
                raise Conflict("It was not handed in for review.", field="lifecycle")
            if account and not can_read:
                raise InputError("That account is no member of its network.", field="account")
            review = tables.review
            connection.execute(review.update().where(review.c.record == iri), {"assignee": account})

    def queue(self, actor: Actor, *, after: str = "", limit: int = 100) -> list[dict[str, object]]:
        """What waits for review in the networks of `actor`: records with network, label, since when,
        whether it is assigned to it, and the steps it may take."""
        c, r = tables.current.c, tables.review.c
        query = (
            sa.select(c.record, c.type, c.network, c.label, r.submitted, r.assignee)
            .join_from(tables.current, tables.review, c.record == r.record, isouter=True)
            .where(c.status == "submitted", c.record > after)
            .order_by(c.record)
            .limit(limit)
        )
        networks = actor.networks()
        if networks is not None:
            query = query.where(c.network.in_([*sorted(networks), ""]))
        with self.ledger.snapshot() as connection:
            rows = connection.execute(query).mappings().all()
            return [
                {
                    "id": row["record"],
                    "type": row["type"],
                    "network": row["network"],
                    "label": row["label"],
                    "submitted": row["submitted"],
                    "assigned": bool(row["assignee"]),
                    "mine": bool(actor.account) and row["assignee"] == actor.account,
                    "steps": self.steps(actor, row["record"]),
                }
                for row in rows
            ]

    def steps(self, actor: Actor, iri: str) -> list[str]:
        """The steps that `actor` may take with a record now."""
        about = self.about(iri)
        return [step for step in STEPS if decide(actor, step, about).allowed]

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

    def _say(self, iri: str, n: int, actor: Actor, role: str, action: str, text: str) -> None:
        row = {"record": iri, "n": n, "account": actor.account, "role": role, "time": moment()}
        with self.ledger.writing() as connection:
            connection.execute(tables.comment.insert(), row | {"action": action, "text": text})

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


def _stale(iri: str) -> Stale:
    return Stale(f"<{iri}> was changed meanwhile.", fix="Read it again and redo the change.")


def _words(text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST:
        raise InputError(f"Keep it to {LONGEST} characters.", field="reason")
    return said


def _needed(text: str, field: str = "reason") -> str:
    said = _words(text)
    if not said:
        raise InputError("Say it in a sentence.", field=field)
    return said
