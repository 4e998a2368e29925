"""What came from outside and waits for a hub: received, looked at, accepted or refused with a reason.

Nothing of it is a record before a curator accepts it: it stands in a table of its own, which neither
the graph, nor a search, nor a release reads. Accepting makes drafts, which go the way of all records.
Once decided, what was sent is dropped; what stays is that it came, when, and what was answered, and
with each version made of it when its prediction came.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyoxigraph as ox
import sqlalchemy as sa

from warranted import jsonld_io, rdfio, records, stamps, validation
from warranted.curation import content, outside
from warranted.curation.service import Curation, needed, words
from warranted.curation.writing import Change, Written
from warranted.errors import Busy, Conflict, Gone, InputError, NotAllowed, NotFound
from warranted.ledger import arrivals, find, moment, tables
from warranted.namespaces import DCTERMS, NIC
from warranted.records import Record
from warranted.rights import About, Actor, decide

WAITING: Final = "waiting"
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
STATES: Final = (WAITING, ACCEPTED, REFUSED)
MOST_WAITING: Final = 2_000
"""More than this does not wait at once, so that strangers cannot fill the disk."""

_I: Final = tables.inbox
_FIRST: Final = ("theory", "site", "measure", "aim", "driver", "specification", "uptake", "test")
"""Types in the order in which their records name one another."""
_KNOWN: Final = "known"
"""Stands for the digest of a site that was recorded before: what was sent of it is not taken."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: where the thing stands, and what would make it better.

    Attributes:
        secret: the secret part of the receipt's address. records: those made of it, once accepted.
    """

    secret: str
    state: str
    received: str
    kind: str
    reason: str = ""
    records: tuple[str, ...] = ()
    results: tuple[validation.Result, ...] = ()


class Inbox:
    """What came from outside, in the ledger of `curation`."""

    def __init__(self, curation: Curation) -> None:
        self.curation, self.ledger = curation, curation.ledger

    # ---- the sender ----

    def receive(self, sent: outside.Sent) -> Receipt:
        """Keep what was sent; on disk when this returns. The same sent again is kept once.

        Raises:
            Busy: too much waits already. InputError: it is about records of several networks.
        """
        digest = _digest(sent.records)
        said = f"inbox\n{digest}".encode()
        secret = hmac.new(self.ledger.secret(), said, hashlib.sha256).hexdigest()
        with self.ledger.writing() as connection:
            row = self._by(secret)
            if row is not None:
                return self._receipt(secret, row, sent.results)
            count = sa.select(sa.func.count()).select_from(_I).where(_I.c.state == WAITING)
            if (connection.execute(count).scalar() or 0) >= MOST_WAITING:
                raise Busy("Too much waits to be looked at.", retry_after=3600)
            made = {"id": secrets.token_hex(6), "receipt": _hash(secret), "names": "{}"}
            made |= self._content(sent, digest, made)
            connection.execute(_I.insert(), made)
            self._note(made, "inbox-receive", "")
        return self._receipt(secret, made, sent.results)

    def renew(self, secret: str, sent: outside.Sent) -> Receipt:
        """Put what is sent now in the place of what was sent before: a result after its plan, or what
        was refused, put right. A prediction in the same words keeps the day it first came.

        Raises:
            NotFound: there is no such receipt. InputError: it is about something else.
        """
        with self.ledger.writing() as connection:
            row = self._by(secret)
            if row is None:
                raise NotFound("There is no such receipt.")
            digest = _digest(sent.records)
            if digest != row["digest"]:
                made = self._content(sent, digest, row)
                if (made["kind"], made["network"]) != (row["kind"], row["network"]):
                    raise InputError(
                        "It is about something else than what was sent before.",
                        field="about",
                        fix="Send it as something new.",
                    )
                connection.execute(_I.update().where(_I.c.id == row["id"]), made)
                row = {**row, **made}
                self._note(row, "inbox-renew", "")
        return self._receipt(secret, row, sent.results)

    def receipt(self, secret: str) -> Receipt:
        """Where what was sent stands.

        Raises:
            NotFound: there is no such receipt.
        """
        row = self._by(secret)
        if row is None:
            raise NotFound("There is no such receipt.")
        return self._receipt(secret, row, ())

    # ---- the hub ----

    def every(
        self, actor: Actor, *, state: str = WAITING, after: str = "", limit: int = 100
    ) -> list[dict[str, Any]]:
        """What is in one state in the networks that `actor` decides for, the first sent first.

        Args:
            after: the id of the one to go on after.

        Raises:
            InputError: there is no such state, or nothing with that id. NotAllowed: it decides nowhere.
        """
        if state not in STATES:
            listed = ", ".join(STATES)
            raise InputError("There is no such state.", field="state", fix=f"There are: {listed}.")
        query = sa.select(_I).where(_I.c.state == state).order_by(_I.c.received, _I.c.id)
        networks = _moderated(actor)
        if networks is not None:
            query = query.where(_I.c.network.in_([*networks, ""]))
        with self.ledger.snapshot() as connection:
            if after:
                place = sa.select(_I.c.received, _I.c.id).where(_I.c.id == after)
                last = connection.execute(place).first()
                if last is None:
                    raise InputError("There is nothing with that id.", field="after")
                query = query.where(sa.tuple_(_I.c.received, _I.c.id) > sa.tuple_(*last))
            rows = connection.execute(query.limit(limit)).mappings().all()
        return [_line(dict(row)) for row in rows]

    def read(self, actor: Actor, id_: str) -> dict[str, Any]:
        """One of them whole: what it says, what the shapes say of it, and sites that may be the same.

        Raises:
            NotFound: there is none, or it is another network's. NotAllowed: a curator may.
        """
        row = self._row(actor, id_)
        found = self._sent(row)
        sites = [s for r in found if r.type == "site" for s in self._alike(r, row["network"])]
        results = self.curation.writer.judge(found) if found else []
        return _line(row) | {
            "predicted": row["predicted"] or None,
            "records": [jsonld_io.tree(record.triples, record.iri) for record in found],
            "sites": sites,
            "warnings": [result.as_json() for result in results],
        }

    def sent(self, actor: Actor, id_: str) -> list[Record]:
        """What was sent, as it would be recorded; none once it was decided. Raises: as `read`."""
        return self._sent(self._row(actor, id_))

    def accept(
        self, actor: Actor, id_: str, *, site: str = "", reason: str = ""
    ) -> tuple[str, ...]:
        """Make drafts of what was sent, in its network; returns their IRIs.

        Records made of it before are changed where it says something else now.

        Args:
            site: a recorded site that the one sent is; empty: it is a new place.

        Raises:
            Conflict: it was decided before. InputError: there is no such site.
            NotAllowed, InvalidRecord: one of the records may not be made; nothing is.
        """
        with self.ledger.writing():
            row = self._row(actor, id_, waiting=True)
            names: dict[str, list[str]] = json.loads(row["names"])
            found = self._sent(row)
            own = next((r.iri for r in found if r.type == "site"), "")
            if site and own:
                self._known_site(actor, site)
                found = outside.moved([r for r in found if r.iri != own], {own: site})
                names = {k: [site, _KNOWN] if i == own else [i, d] for k, (i, d) in names.items()}
            taken = dict(names.values())
            why = f"sent from outside, received {row['received'][:10]}"
            for record in found:
                decide(actor, "create", About(record.type, row["network"])).check()
            new = [record for record in found if self.ledger.current(record.iri) is None]
            written: list[Written] = []
            if new:
                changes = [Change(content.with_status(r, "draft"), new=True) for r in new]
                role = actor.role(row["network"])
                written.append(
                    self.curation.writer.write(
                        changes, by=actor, role=role, reason=why, action="create"
                    )
                )
            written += [
                self.curation.replace(actor, record, expected=None, reason=why)
                for record in found
                if record not in new and taken.get(record.iri) != record.digest
            ]
            if row["predicted"]:
                made = (v for w in written for v in w.versions if v.record in w.made)
                tests = [version for version in made if version.type == "test"]
                arrivals.keep(self.ledger, tests, row["predicted"])
            digests = {record.iri: record.digest for record in found}
            kept = {k: [i, digests.get(i, d)] for k, (i, d) in names.items()}
            self._decide(row, actor, ACCEPTED, words(reason), names=json.dumps(kept))
            return _made(kept)

    def refuse(self, actor: Actor, id_: str, *, reason: str) -> None:
        """Make nothing of what was sent, and tell its sender why.

        Raises:
            Conflict: it was decided before. InputError: the reason is missing.
        """
        said = needed(reason)
        with self.ledger.writing():
            self._decide(self._row(actor, id_, waiting=True), actor, REFUSED, said)

    # ---- within ----

    def _sent(self, row: Mapping[str, Any]) -> list[Record]:
        if row["body"] is None:
            return []
        quads = ox.parse(row["body"].encode(), format=ox.RdfFormat.N_QUADS)
        found = records.split(quads, base=self.curation.base)
        network = row["network"]
        known = {iri for iri, taken in json.loads(row["names"]).values() if taken == _KNOWN}
        made = []
        for record in found:
            if record.iri in known:
                continue
            if record.type == "test" and row["predicted"]:
                record = outside.arrived(record, datetime.fromisoformat(row["predicted"]))
            made.append(
                content.put(record, content.NETWORK, ox.NamedNode(network)) if network else record
            )
        return sorted(made, key=lambda r: (_FIRST.index(r.type), r.iri))

    def _content(self, sent: outside.Sent, digest: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that hold what was sent."""
        now = moment()
        before: dict[str, list[str]] = json.loads(row["names"])
        names = {given: kept for given, kept in before.items() if kept[1]}
        for record in sent.records:
            minted = [records.mint(record.type, self.curation.base), ""]
            names[record.iri] = before.get(record.iri, minted)
        made = outside.moved(sent.records, {given: iri for given, (iri, _) in names.items()})
        prediction = next((stamps.prediction_digest(r) for r in made if r.type == "test"), None)
        same = prediction is not None and prediction == row.get("prediction")
        return {
            "kind": sent.kind,
            "network": self._network(sent.about),
            "label": sent.label,
            "about": json.dumps(sent.about),
            "names": json.dumps(names),
            "body": rdfio.canonical(quad for record in made for quad in record.quads()),
            "digest": digest,
            "received": now,
            "predicted": row["predicted"] if same else now if prediction else "",
            "prediction": prediction or "",
            "state": WAITING,
            "reason": "",
            "decided": "",
            "account": "",
        }

    def _network(self, about: tuple[str, ...]) -> str:
        """The network that keeps what it is about: by the records, or by a package that holds them."""
        lines = find.lines(self.ledger, about)
        found = {line.network for line in lines.values() if line.network}
        if not found:
            link = tables.link.c
            holds = sa.select(link.record).where(
                link.predicate == f"{DCTERMS}hasPart", link.object.in_(about)
            )
            of = sa.select(link.object).where(
                link.predicate == f"{NIC}packageOf",
                sa.or_(link.record.in_(holds), link.record.in_(about)),
            )
            with self.ledger.snapshot() as connection:
                found = set(connection.execute(of.distinct()).scalars())
        if len(found) > 1:
            raise InputError(
                "It is about records of several networks.",
                field="about",
                fix="Send one for each of them.",
            )
        return next(iter(found), "")

    def _alike(self, site: Record, network: str) -> list[dict[str, str]]:
        """Recorded sites of the network that bear the name of the one sent."""
        name = next(iter(content.values(site, content.LABEL)), "").strip().casefold()
        wanted = find.Wanted(type="site", networks=[network])
        return [
            {"id": line.record, "label": line.label}
            for line in find.find(self.ledger, wanted, limit=1000)
            if line.record != site.iri and line.label.strip().casefold() == name
        ]

    def _known_site(self, actor: Actor, iri: str) -> None:
        try:
            known = self.curation.read(actor, iri).type == "site"
        except (NotFound, Gone):
            known = False
        if not known:
            raise InputError("There is no such site.", field="site", fix="Give its IRI.")

    def _row(self, actor: Actor, id_: str, *, waiting: bool = False) -> dict[str, Any]:
        with self.ledger.snapshot() as connection:
            row = connection.execute(sa.select(_I).where(_I.c.id == id_)).mappings().first()
            found = None if row is None else dict(row)
        if found is None or not actor.reads(found["network"]):
            raise NotFound("There is nothing here.")
        decide(actor, "moderate", About("inbox", found["network"])).check()
        if waiting and found["state"] != WAITING:
            raise Conflict(f"It was {found['state']} before.", field="state")
        return found

    def _by(self, secret: str) -> dict[str, Any] | None:
        with self.ledger.snapshot() as connection:
            query = sa.select(_I).where(_I.c.receipt == _hash(secret))
            row = connection.execute(query).mappings().first()
        return None if row is None else dict(row)

    def _decide(
        self, row: Mapping[str, Any], actor: Actor, state: str, reason: str, **more: str
    ) -> None:
        gone: dict[str, Any] = {"body": None, "label": ""}
        done = {"state": state, "reason": reason, "decided": moment(), "account": actor.account}
        with self.ledger.writing() as connection:
            connection.execute(_I.update().where(_I.c.id == row["id"]), gone | done | more)
            action = "inbox-accept" if state == ACCEPTED else "inbox-refuse"
            self._note(row, action, reason, actor)

    def _note(
        self, row: Mapping[str, Any], action: str, reason: str, actor: Actor | None = None
    ) -> None:
        """An entry of the audit log."""
        network = row["network"]
        entry = {
            "time": moment(),
            "role": actor.role(network) if actor else "stranger",
            "action": action,
            "record": f"inbox/{row['id']}",
            "n": 0,
            "reason": reason,
            "account": actor.account if actor else "",
            "network": network,
        }
        with self.ledger.writing() as connection:
            connection.execute(tables.audit.insert(), entry)

    def _receipt(
        self, secret: str, row: Mapping[str, Any], results: tuple[validation.Result, ...]
    ) -> Receipt:
        names: dict[str, list[str]] = json.loads(row["names"])
        return Receipt(
            secret,
            row["state"],
            row["received"],
            row["kind"],
            row["reason"],
            _made(names),
            tuple(results),
        )


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "kind", "network", "label", "received", "state", "reason", "decided")
    told = {name: row[name] for name in names}
    return told | {
        "about": json.loads(row["about"]),
        "made": list(_made(json.loads(row["names"]))),
    }


def _moderated(actor: Actor) -> list[str] | None:
    """The networks whose inbox is `actor`'s to decide; None: every one."""
    if "read" not in actor.scopes:
        raise NotAllowed("This token does not read.", fix="Use one that does.")
    own = actor.networks()
    if own is None:
        decide(actor, "moderate", About("inbox", "")).check()
        return None
    found = [n for n in sorted(own) if decide(actor, "moderate", About("inbox", n)).allowed]
    if not found:
        decide(actor, "moderate", About("inbox", "")).check()
    return found


def _made(names: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The records that were made of what was sent; a site known before is none of them."""
    return tuple(sorted(iri for iri, taken in names.values() if taken not in ("", _KNOWN)))


def _digest(found: tuple[Record, ...]) -> str:
    quads = [quad for record in found for quad in record.quads()]
    return hashlib.sha256(rdfio.canonical(quads).encode()).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
