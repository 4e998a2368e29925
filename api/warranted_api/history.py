"""`/api/v1/{type}/{id}/versions`: what a record said, when, compared and restored; steps of review."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import compare
from warranted.errors import Gone, InputError, NotFound
from warranted.ledger import Version, find
from warranted.rights import Actor
from warranted_api.desk import Desk, Told, version_json
from warranted_api.http import PRIVATE, asked, expected, limit_of, number_of, only

LONGEST = 20_000


def router(desk: Desk) -> APIRouter:
    """The routes of versions and of review."""
    routes = APIRouter(tags=["versions and review"])

    @routes.get("/api/v1/{type}/{id}/versions", operation_id="list_versions")
    async def versions(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Every version: what was done, in which role, when and why. The first comes first."""
        actor = await desk.who.member(request)
        only(request, ())
        found = await run_in_threadpool(_versions, desk, actor, desk.iri(type, id))
        items = [version_json(v) | {"url": f"{desk.url(v.record)}/versions/{v.n}"} for v in found]
        return JSONResponse({"items": items}, headers=PRIVATE)

    @routes.get("/api/v1/{type}/{id}/versions/{n}", operation_id="read_version")
    async def version(request: Request, type: str, id: str, n: str) -> Response:  # noqa: A002
        """A record as a version has it; `n` is a number, or `at` with the parameter `time`."""
        actor = await desk.who.member(request)
        only(request, ("time",) if n == "at" else ())
        found = await run_in_threadpool(_version, desk, request, actor, desk.iri(type, id), n)
        link = f'<{desk.url(found.record)}>; rel="latest-version"'
        return desk.as_(request, found.as_record(), private=True, more={"Link": link})

    @routes.get("/api/v1/{type}/{id}/compare", operation_id="compare_versions")
    async def compared(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """What changed between the versions `from` and `to`, in the words of the form."""
        actor = await desk.who.member(request)
        only(request, ("from", "to"))
        iri = desk.iri(type, id)

        def told() -> dict[str, Any]:
            every = {v.n: v for v in _versions(desk, actor, iri)}
            to = number_of(request, "to", max(every))
            since = number_of(request, "from", max(1, to - 1))
            for n in (since, to):
                if n not in every:
                    raise NotFound(f"There is no version {n} of this record.")
            before, after = (v.as_record() if v.body else None for v in (every[since], every[to]))
            found = compare.differences(
                before, after, label=lambda other: _label(desk, actor, other)
            )
            return {"from": since, "to": to, "changes": [change.as_json() for change in found]}

        return JSONResponse(await run_in_threadpool(told), headers=PRIVATE)

    @routes.post("/api/v1/{type}/{id}/versions/{n}/restore", operation_id="restore_version")
    async def restore(request: Request, type: str, id: str, n: str) -> Response:  # noqa: A002
        """Bring a version's content back, as a new version. If-Match holds the present ETag."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri(type, id)
        given = await asked(request, LONGEST, {"reason": str})
        digest, number = expected(request), _number(n)

        def work() -> Told:
            reason = given.get("reason", "")
            return desk.told(
                desk.curation.restore(actor, iri, number, expected=digest, reason=reason)
            )

        return await desk.write(request, actor, work)

    @routes.post("/api/v1/{type}/{id}/steps/{step}", operation_id="take_step")
    async def step(request: Request, type: str, id: str, step: str) -> Response:  # noqa: A002
        """Move a record on: submit, return, accept, consolidate, publish, supersede, withdraw, reopen.
        The body says why: `{"reason": "…"}`; to return and to withdraw, it must."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri(type, id)
        given = await asked(request, LONGEST, {"reason": str})
        digest = expected(request, needed=False)

        def work() -> Told:
            reason = given.get("reason", "")
            return desk.told(desk.review.step(actor, iri, step, reason=reason, expected=digest))

        return await desk.write(request, actor, work, data=repr(sorted(given.items())).encode())

    @routes.get("/api/v1/{type}/{id}/comments", operation_id="list_comments")
    async def comments(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """What was said about a record in review, the first first."""
        actor = await desk.who.member(request)
        only(request, ())
        found = await run_in_threadpool(desk.review.comments, actor, desk.iri(type, id))
        return JSONResponse({"items": [_comment(c) for c in found]}, headers=PRIVATE)

    @routes.post("/api/v1/{type}/{id}/comments", status_code=201, operation_id="add_comment")
    async def comment(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Say something about a record: `{"text": "…"}`."""
        actor = await desk.who.member(request)
        only(request, ())
        iri = desk.iri(type, id)
        given = await asked(request, LONGEST, {"text": str}, ["text"])

        def work() -> Told:
            return _comment(desk.review.comment(actor, iri, given["text"])), 201, {}

        return await desk.write(request, actor, work, data=given["text"].encode())

    @routes.put("/api/v1/{type}/{id}/assignee", operation_id="assign_review")
    async def assign(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Give a submitted record to an account to review: `{"account": "…"}`; empty gives it back."""
        actor = await desk.who.member(request)
        only(request, ())
        iri = desk.iri(type, id)
        given = await asked(request, LONGEST, {"account": str})

        def work() -> Told:
            account = given.get("account", "")
            other = desk.store.accounts.actor(account) if account else None
            network = desk.curation.about(iri).network
            can_read = other is not None and bool(other.in_network(network))
            desk.review.assign(actor, iri, account, can_read)
            return {"id": iri, "assigned": bool(account)}, 200, {}

        return await desk.write(request, actor, work)

    @routes.get("/api/v1/reviews", operation_id="review_queue")
    async def reviews(request: Request) -> Response:
        """What waits for review in the networks of the one who asks, with the steps it may take."""
        actor = await desk.who.member(request)
        only(request, ("limit", "after"))
        limit, after = limit_of(request), request.query_params.get("after", "")
        found = await run_in_threadpool(lambda: desk.review.queue(actor, after=after, limit=limit))
        return JSONResponse({"items": found}, headers=PRIVATE)

    return routes


def _versions(desk: Desk, actor: Actor, iri: str) -> list[Version]:
    with suppress(Gone):  # its tombstone and what went before are told to who may know of it
        desk.curation.read(actor, iri)
    return desk.store.ledger.versions(iri)


def _version(desk: Desk, request: Request, actor: Actor, iri: str, n: str) -> Version:
    every = _versions(desk, actor, iri)
    if n == "at":
        text = request.query_params.get("time", "").replace(" ", "+")
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise InputError(
                "'time' should be a moment, such as 2026-11-24T12:00:00Z.", field="time"
            ) from error
        try:
            time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError as error:
            raise InputError("'time' is too far away.", field="time") from error
        found = desk.store.ledger.version_at(iri, time)
    else:
        number = _number(n)
        found = next((v for v in every if v.n == number), None)
    if found is None:
        raise NotFound("There is no such version of this record.")
    if found.body is None:
        raise Gone("The content of this version was removed.")
    return found


def _number(n: str) -> int:
    if not n.isascii() or not n.isdigit() or len(n) > 9:
        raise NotFound("There is no such version of this record.")
    return int(n)


def _label(desk: Desk, actor: Actor, iri: str) -> str | None:
    line = find.lines(desk.store.ledger, [iri]).get(iri)
    return line.label if line and actor.reads(line.network) else None


def _comment(comment: Any) -> dict[str, Any]:
    return {
        "version": comment.n,
        "role": comment.role,
        "time": comment.time,
        "action": comment.action,
        "text": comment.text,
    }
