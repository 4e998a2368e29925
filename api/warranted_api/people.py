"""`/api/v1/me`, accounts, roles, tokens; the audit log; hooks: what administrators see and set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from warranted.curation import notices
from warranted.errors import InputError, NotAllowed, NotFound
from warranted.ledger import find, moment, tables
from warranted.rights import EVERYWHERE, SCOPES, About, Actor, decide
from warranted_api.desk import Desk, Told
from warranted_api.http import PRIVATE, asked, limit_of, number_of, only

LONGEST = 20_000


def router(desk: Desk) -> APIRouter:
    """The routes of accounts, audit and hooks."""
    routes = APIRouter(tags=["people and audit"])
    accounts = desk.store.accounts

    @routes.get("/api/v1/me", operation_id="who_am_i")
    async def me(request: Request) -> Response:
        """Who the token or the sign-in stands for: its account, roles by network, and scopes."""
        actor = await desk.who.member(request)
        only(request, ())
        told = {
            "account": actor.account or None,
            "label": actor.label,
            "roles": {n: sorted(r) for n, r in sorted(actor.roles.items())},
            "scopes": [s for s in SCOPES if s in actor.scopes],
        }
        return JSONResponse(told, headers=PRIVATE)

    @routes.get("/api/v1/accounts", operation_id="list_accounts")
    async def listed(request: Request) -> Response:
        """The accounts in the networks that the one who asks administers."""
        actor = await desk.who.member(request)
        only(request, ())
        mine = _administered(actor)
        found = await run_in_threadpool(accounts.every)
        shown = [
            a | {"roles": {n: r for n, r in a["roles"].items() if mine is None or n in mine}}
            for a in found
            if mine is None or set(a["roles"]) & mine
        ]
        return JSONResponse({"items": shown}, headers=PRIVATE)

    @routes.post("/api/v1/accounts", status_code=201, operation_id="create_account")
    async def create(request: Request) -> Response:
        """A new account: `{"label": "…", "network": IRI, "roles": ["contributor"]}`."""
        actor = await desk.who.member(request)
        only(request, ())
        fields = {"label": str, "network": str, "roles": list}
        given = await asked(request, LONGEST, fields, ["label", "network", "roles"])

        def work() -> Told:
            _administers(desk, actor, given["network"])
            account = accounts.create(given["label"])
            accounts.set_roles(account, given["network"], given["roles"])
            _note(desk, actor, "account", given["network"], f"account {account}")
            return {"id": account}, 201, {"Location": f"/api/v1/accounts/{account}"}

        return await desk.write(request, actor, work, data=json.dumps(given).encode())

    @routes.put("/api/v1/accounts/{account}/roles", operation_id="set_roles")
    async def roles(request: Request, account: str) -> Response:
        """An account's roles in a network from now on: `{"network": IRI, "roles": […]}`."""
        actor = await desk.who.member(request)
        only(request, ())
        given = await asked(request, LONGEST, {"network": str, "roles": list}, ["network"])

        def work() -> Told:
            _administers(desk, actor, given["network"])
            accounts.set_roles(account, given["network"], given.get("roles", []))
            said = ", ".join(sorted(given.get("roles", []))) or "none"
            _note(desk, actor, "roles", given["network"], f"account {account}: {said}")
            return {"id": account, "roles": sorted(given.get("roles", []))}, 200, {}

        return await desk.write(request, actor, work)

    @routes.get("/api/v1/tokens", operation_id="list_tokens")
    async def tokens(request: Request) -> Response:
        """The tokens of the one who asks, without their secrets."""
        actor = await desk.who.member(request)
        only(request, ())
        found = await run_in_threadpool(accounts.tokens, actor.account)
        return JSONResponse({"items": [t.as_json() for t in found]}, headers=PRIVATE)

    @routes.post("/api/v1/tokens", status_code=201, operation_id="create_token")
    async def token(request: Request) -> Response:
        """A new token, said once: `{"account": "…", "scopes": ["read"], "days": 90, "label": "…"}`.

        Without an account, for the one who asks, and with no more scopes than it has.
        """
        actor = await desk.who.member(request)
        only(request, ())
        fields = {"account": str, "scopes": list, "days": float, "label": str}
        given = await asked(request, LONGEST, fields)

        def work() -> Told:
            account = given.get("account", actor.account)
            if account != actor.account or not account:
                other = next((a for a in accounts.every() if a["id"] == account), None)
                if other is None:
                    raise NotFound("There is no such account.", field="account")
                for network in other["roles"] or [EVERYWHERE]:
                    _administers(desk, actor, network)
            scopes = given.get("scopes", sorted(actor.scopes))
            if more := sorted(set(scopes) & set(SCOPES) - actor.scopes):
                raise NotAllowed(f"This token lacks the scope '{more[0]}' itself.", field="scopes")
            text, made = accounts.issue(
                account, scopes=scopes, days=given.get("days", 90), label=given.get("label", "")
            )
            _note(desk, actor, "token", "", f"token {made.id} for account {account}")
            return {"token": text, **made.as_json()}, 201, {}

        return await desk.write(request, actor, work)

    @routes.delete("/api/v1/tokens/{token}", operation_id="revoke_token")
    async def revoke(request: Request, token: str) -> Response:
        """Let a token open nothing from now on."""
        actor = await desk.who.member(request)
        only(request, ())

        def work() -> Told:
            found = next((t for t in accounts.tokens() if t.id == token), None)
            if found is None:
                raise NotFound("There is no such token.")
            if found.account != actor.account:
                other = next((a for a in accounts.every() if a["id"] == found.account), None)
                for network in (other or {}).get("roles") or [EVERYWHERE]:
                    _administers(desk, actor, network)
            accounts.revoke(token)
            _note(desk, actor, "revoke", "", f"token {token}")
            return {"id": token, "revoked": True}, 200, {}

        return await desk.write(request, actor, work)

    @routes.get("/api/v1/audit", operation_id="audit_log")
    async def audit(request: Request) -> Response:
        """The audit log as lines of JSON, the oldest first, from the entry after `after`.

        For administrators: what was done, when, by which account in which role, and why.
        """
        actor = await desk.who.member(request)
        only(request, ("after", "limit", "record"))
        mine = _administered(actor)
        after = number_of(request, "after", 1, most=2**53) if "after" in request.query_params else 0
        limit = number_of(request, "limit", 1_000_000, most=1_000_000)
        record = request.query_params.get("record")
        lines = _audit(desk, mine, after, limit, record)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=PRIVATE)

    @routes.get("/api/v1/hooks", operation_id="list_hooks")
    async def hooks(request: Request) -> Response:
        """The hooks of the networks that the one who asks administers, without their secrets."""
        actor = await desk.who.member(request)
        only(request, ())
        mine = _administered(actor)
        found = await run_in_threadpool(notices.hooks, desk.store.ledger)
        shown = [h for h in found if mine is None or h["network"] in mine]
        return JSONResponse({"items": [_hook(h) for h in shown]}, headers=PRIVATE)

    @routes.post("/api/v1/hooks", status_code=201, operation_id="create_hook")
    async def hook(request: Request) -> Response:
        """Have an address told of events: `{"url": "https://…", "events": ["published"], "network":
        IRI}`. The secret its messages are signed with is said once."""
        actor = await desk.who.member(request)
        only(request, ())
        fields = {"url": str, "events": list, "network": str}
        given = await asked(request, LONGEST, fields, ["url", "events", "network"])

        def work() -> Told:
            _administers(desk, actor, given["network"])
            made = notices.add_hook(
                desk.store.ledger, given["url"], given["events"], given["network"]
            )
            _note(desk, actor, "hook", given["network"], f"hook {made['id']}")
            return _hook(made) | {"secret": made["secret"]}, 201, {}

        return await desk.write(request, actor, work)

    @routes.delete("/api/v1/hooks/{hook}", operation_id="delete_hook")
    async def unhook(request: Request, hook: str) -> Response:
        """Tell an address no more."""
        actor = await desk.who.member(request)
        only(request, ())

        def work() -> Told:
            _own_hook(desk, actor, hook)
            notices.remove_hook(desk.store.ledger, hook)
            return {"id": hook, "removed": True}, 200, {}

        return await desk.write(request, actor, work)

    @routes.get("/api/v1/hooks/{hook}/deliveries", operation_id="list_deliveries")
    async def deliveries(request: Request, hook: str) -> Response:
        """What a hook was told last, and what its address answered; the newest first."""
        actor = await desk.who.member(request)
        only(request, ("limit",))
        limit = limit_of(request)

        def told() -> list[dict[str, Any]]:
            _own_hook(desk, actor, hook)
            return notices.deliveries(desk.store.ledger, hook, limit)

        return JSONResponse({"items": await run_in_threadpool(told)}, headers=PRIVATE)

    return routes


def _administered(actor: Actor) -> set[str] | None:
    """The networks that `actor` administers; None: all.

    Raises:
        NotAllowed: there is none.
    """
    mine = {n for n in actor.roles if decide(actor, "administer", About("network", n)).allowed}
    if not mine:
        decide(actor, "administer", About("network", EVERYWHERE)).check()
    return None if EVERYWHERE in mine else mine


def _administers(desk: Desk, actor: Actor, network: str) -> None:
    decide(actor, "administer", About("network", network)).check()
    if network != EVERYWHERE and not find.lines(desk.store.ledger, [network]):
        raise InputError("There is no such network.", field="network", fix="Give its IRI.")


def _own_hook(desk: Desk, actor: Actor, id_: str) -> None:
    mine = _administered(actor)
    found = next((h for h in notices.hooks(desk.store.ledger) if h["id"] == id_), None)
    if found is None or (mine is not None and found["network"] not in mine):
        raise NotFound("There is no such hook.")


def _hook(row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in ("id", "url", "network", "created")}
    return shown | {"events": row["events"].split()}


def _note(desk: Desk, actor: Actor, action: str, network: str, said: str) -> None:
    row = {"time": moment(), "role": actor.role(network), "action": action, "record": "", "n": 0}
    more = {"reason": said, "account": actor.account, "network": network}
    with desk.store.ledger.writing() as connection:
        connection.execute(tables.audit.insert(), row | more)


def _audit(
    desk: Desk, mine: set[str] | None, after: int, limit: int, record: str | None
) -> Iterator[bytes]:
    a = tables.audit.c
    while limit > 0:
        query = sa.select(tables.audit).where(a.id > after).order_by(a.id).limit(min(limit, 1000))
        if mine is not None:
            query = query.where(a.network.in_(sorted(mine)))
        if record is not None:
            query = query.where(a.record == record)
        with desk.store.ledger.snapshot() as connection:
            rows = connection.execute(query).mappings().all()
        yield b"".join(json.dumps(dict(row), ensure_ascii=False).encode() + b"\n" for row in rows)
        if len(rows) < min(limit, 1000):
            return
        after, limit = rows[-1]["id"], limit - len(rows)
