"""Review: a record is moved on by steps, given to someone, talked about; the queue of what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from warranted.curation import content, notices
from warranted.curation.service import Curation, needed, stale, words
from warranted.curation.writing import Change, Written
from warranted.errors import Conflict, InputError, NotFound
from warranted.ledger import moment, tables
from warranted.rights import STEPS, Actor, decide

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


class Review:
    """The review of records, by who is asking (`Actor`)."""

    def __init__(self, curation: Curation) -> None:
        self.curation, self.ledger = curation, curation.ledger

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
            before = self.curation.read(actor, iri)
            if expected is not None and before.digest != expected:
                raise stale(iri)
            about = self.curation.about(iri)
            decide(actor, step, about).check()
            said = words(reason)
            if STEPS[step].needs_reason and not said:
                raise InputError("Say why, in a sentence.", field="reason")
            record = content.with_status(before.as_record(), STEPS[step].to)
            role = actor.role(about.network)
            written = self.curation.writer.write(
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
            version = self.curation.read(actor, iri)
            about = self.curation.about(iri)
            decide(actor, "comment", about).check()
            said = needed(text, "text")
            self._say(iri, version.n, actor, actor.role(about.network), "comment", said)
            return self.comments(actor, iri)[-1]

    def comments(self, actor: Actor, iri: str) -> list[Comment]:
        """Everything that was said about a record, the first first."""
        self.curation.read(actor, iri)
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
            self.curation.read(actor, iri)
            about = self.curation.about(iri)
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
        about = self.curation.about(iri)
        return [step for step in STEPS if decide(actor, step, about).allowed]

    def _say(self, iri: str, n: int, actor: Actor, role: str, action: str, text: str) -> None:
        row = {"record": iri, "n": n, "account": actor.account, "role": role, "time": moment()}
        with self.ledger.writing() as connection:
            connection.execute(tables.comment.insert(), row | {"action": action, "text": text})
