"""Accounts, their roles in networks, and the tokens they show.

A token is `wrt_<id>_<secret>`: 256 random bits, of which only the SHA-256 is kept. An account is an
opaque id with a label its administrator chose; who signs in through a provider is kept as a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from warranted.errors import InputError, NotFound
from warranted.ledger import tables
from warranted.ledger.versions import Ledger, moment
from warranted.rights import EVERYWHERE, ROLES, SCOPES, Actor

_PREFIX: Final = "wrt"
_A, _M, _T = tables.account, tables.member, tables.token


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token but its secret. Times are UTC, ISO; `revoked` is empty or a time."""

    id: str
    account: str
    scopes: tuple[str, ...]
    label: str
    created: str
    expires: str
    revoked: str

    def as_json(self) -> dict[str, Any]:
        """The token for a list."""
        names = ("id", "account", "scopes", "label", "created", "expires", "revoked")
        return {name: getattr(self, name) for name in names} | {"scopes": list(self.scopes)}


class Accounts:
    """The accounts in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.database = ledger.database

    def create(self, label: str, *, issuer: str = "", subject: str = "") -> str:
        """A new account; returns its id.

        Raises:
            InputError: the label is empty or longer than 80 characters.
        """
        if not 1 <= len(label.strip()) <= 80:
            raise InputError("A label has 1 to 80 characters.", field="label")
        id_ = secrets.token_hex(6)
        row = {"id": id_, "label": label.strip(), "issuer": issuer, "created": moment()}
        with self.database.writing() as connection:
            connection.execute(_A.insert(), row | {"subject": subject})
        return id_

    def of_subject(self, issuer: str, subject: str, label: str) -> str:
        """The account of who a provider says it is; made if there is none yet, without any role."""
        hashed = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
        with self.database.writing() as connection:
            query = sa.select(_A.c.id).where(_A.c.issuer == issuer, _A.c.subject == hashed)
            found = connection.execute(query).scalar()
            return str(found) if found else self.create(label[:80], issuer=issuer, subject=hashed)

    def every(self) -> list[dict[str, Any]]:
        """Every account with its roles: `id`, `label`, `disabled`, `roles` (network → roles)."""
        with self.database.reading() as connection:
            accounts = connection.execute(sa.select(_A).order_by(_A.c.created)).mappings().all()
            held = connection.execute(sa.select(_M).order_by(*_M.c)).mappings().all()
        roles: dict[str, dict[str, list[str]]] = {}
        for row in held:
            roles.setdefault(row["account"], {}).setdefault(row["network"], []).append(row["role"])
        return [
            {
                "id": a["id"],
                "label": a["label"],
                "disabled": bool(a["disabled"]),
                "roles": roles.get(a["id"], {}),
            }
            for a in accounts
        ]

    def exists(self, account: str) -> bool:
        """Whether there is such an account."""
        with self.database.reading() as connection:
            return bool(connection.execute(sa.select(_A.c.id).where(_A.c.id == account)).scalar())

    def set_roles(self, account: str, network: str, roles: Iterable[str]) -> None:
        """The roles of an account in a network from now on; none takes it out.

        Raises:
            NotFound: there is no such account. InputError: there is no such role.
        """
        wanted = sorted(set(roles))
        for role in wanted:
            if role not in ROLES:
                raise InputError(
                    f"There is no role '{role[:40]}'.",
                    field="roles",
                    fix=f"The roles are: {', '.join(ROLES)}.",
                )
        if not self.exists(account):
            raise NotFound("There is no such account.", field="account")
        with self.database.writing() as connection:
            connection.execute(_M.delete().where(_M.c.account == account, _M.c.network == network))
            if wanted:
                rows = [{"account": account, "network": network, "role": r} for r in wanted]
                connection.execute(_M.insert(), rows)

    def disable(self, account: str, disabled: bool = True) -> None:
        """Let an account do nothing from now on, or let it again."""
        with self.database.writing() as connection:
            done = connection.execute(_A.update().where(_A.c.id == account), {"disabled": disabled})
        if done.rowcount == 0:
            raise NotFound("There is no such account.", field="account")

    def actor(self, account: str, scopes: Iterable[str] = SCOPES) -> Actor | None:
        """The account as who is asking, or None if it is not there or disabled."""
        with self.database.reading() as connection:
            row = connection.execute(sa.select(_A).where(_A.c.id == account)).mappings().first()
            if row is None or row["disabled"]:
                return None
            held = connection.execute(
                sa.select(_M.c.network, _M.c.role).where(_M.c.account == account)
            ).all()
        roles: dict[str, set[str]] = {}
        for network, role in held:
            roles.setdefault(network, set()).add(role)
        return Actor(
            account,
            row["label"],
            {network: frozenset(names) for network, names in roles.items()},
            frozenset(scopes),
        )

    def issue(
        self, account: str, *, scopes: Iterable[str] = SCOPES, days: float = 90, label: str = ""
    ) -> tuple[str, Token]:
        """A new token, said once and never again, and what is kept of it.

        Raises:
            NotFound: there is no such account. InputError: a scope is unknown, or days are not 0–730.
        """
        wanted = tuple(s for s in SCOPES if s in set(scopes))
        if unknown := sorted(set(scopes) - set(SCOPES)):
            raise InputError(
                f"There is no scope '{unknown[0][:40]}'.",
                field="scopes",
                fix=f"The scopes are: {', '.join(SCOPES)}.",
            )
        if not 0 < days <= 730:
            raise InputError("A token lasts more than 0 and at most 730 days.", field="days")
        if not self.exists(account):
            raise NotFound("There is no such account.", field="account")
        id_, secret = secrets.token_hex(6), secrets.token_hex(32)
        until = datetime.now(UTC) + timedelta(days=days)
        expires = until.isoformat(timespec="milliseconds")
        row = {
            "id": id_,
            "hash": hashlib.sha256(secret.encode()).hexdigest(),
            "account": account,
            "scopes": " ".join(wanted),
            "label": label[:80],
            "created": moment(),
            "expires": expires,
        }
        with self.database.writing() as connection:
            connection.execute(_T.insert(), row)
        told = Token(id_, account, wanted, label[:80], row["created"], expires, "")
        return f"{_PREFIX}_{id_}_{secret}", told

    def revoke(self, id_: str) -> None:
        """Let a token open nothing from now on.

        Raises:
            NotFound: there is no such token.
        """
        with self.database.writing() as connection:
            done = connection.execute(
                _T.update().where(_T.c.id == id_, _T.c.revoked == ""), {"revoked": moment()}
            )
        if done.rowcount == 0:
            raise NotFound("There is no such token, or it was revoked before.", field="id")

    def tokens(self, account: str | None = None) -> list[Token]:
        """Every token, of one account or of all, the oldest first."""
        query = sa.select(_T).order_by(_T.c.created, _T.c.id)
        if account is not None:
            query = query.where(_T.c.account == account)
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Token(
                row["id"],
                row["account"],
                tuple(row["scopes"].split()),
                row["label"],
                row["created"],
                row["expires"],
                row["revoked"],
            )
            for row in rows
        ]

    def open(self, text: str) -> tuple[Actor | None, str]:
        """Who shows this token, or why it opens nothing, in words."""
        prefix, _, rest = text.partition("_")
        id_, _, secret = rest.partition("_")
        invalid = "The token is not valid."
        if prefix != _PREFIX or not id_ or not secret or not text.isascii():
            return None, invalid
        with self.database.reading() as connection:
            row = connection.execute(sa.select(_T).where(_T.c.id == id_)).mappings().first()
        given = hashlib.sha256(secret.encode()).hexdigest()
        if not hmac.compare_digest(given, row["hash"] if row else "0" * 64) or row is None:
            return None, invalid
        if row["revoked"]:
            return None, "The token was revoked; ask for a new one."
        if row["expires"] <= moment():
            return None, f"The token expired on {row['expires'][:10]}; ask for a new one."
        actor = self.actor(row["account"], row["scopes"].split())
        return actor, "" if actor else "The account of this token was disabled."


def everywhere(label: str = "the write token") -> Actor:
    """An administrator of every network, who is no account."""
    return Actor("", label, {EVERYWHERE: frozenset(ROLES)})
