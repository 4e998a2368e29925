"""`/api/v1/{type}`: records listed, read, created, changed, deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import records, validation
from warranted.curation.service import named
from warranted.errors import InputError, InvalidRecord, NotFound
from warranted.ledger import find
from warranted.query import formats
from warranted.rdfio import Format
from warranted.records import Record
from warranted.report import report
from warranted.rights import ACTIONS, Actor, decide
from warranted_api.desk import Desk, Told, standing
from warranted_api.http import PRIVATE, SAFE, asked, expected, limit_of, only
from warranted_api.problems import Refused

FILTERS = ("network", "status", "driver", "facet", "names", "q")
"""By what a list can be narrowed; `q` are words."""


def router(desk: Desk) -> APIRouter:
    """The routes of records."""
    routes = APIRouter(tags=["records"])

    @routes.get("/api/v1/{type}", operation_id="list_records")
    async def page(request: Request, type: str) -> Response:  # noqa: A002
        """Records of a type, in the order of their IRIs: to a stranger those published, to a member
        those of its networks, too.

        Members can narrow them: `network`, `status` (draft, submitted …), `driver`, `facet` (IRIs),
        `names` (an IRI that they name), `q` (words that stand in them).
        """
        actor = await desk.who.asks(request)
        only(request, ("limit", "after", *FILTERS))
        records.known(type)
        limit, after = limit_of(request), request.query_params.get("after", "")
        chosen = {k: v for k in FILTERS if (v := request.query_params.get(k)) is not None}
        if actor is None and chosen:
            raise Refused(
                401,
                "Lists are narrowed for members only; what is published is searched on the site and "
                "with SPARQL.",
                {"WWW-Authenticate": 'Bearer realm="warranted"'},
            )
        items = await run_in_threadpool(_page, desk, actor, type, chosen, after, limit + 1)
        headers = dict(PRIVATE if actor else SAFE | {"Vary": "Authorization, Cookie"})
        if len(items) > limit:
            items = items[:limit]
            query = urlencode({"limit": limit, **chosen, "after": items[-1]["id"]})
            headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
        return JSONResponse({"type": type, "items": items}, headers=headers)

    @routes.get("/api/v1/{type}/{id}", operation_id="read_record")
    async def read(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """One record: to a member of its network as it is now, to others as it was last published."""
        actor = await desk.who.asks(request)
        only(request, ())
        if actor is not None:
            try:
                version = await run_in_threadpool(desk.curation.read, actor, desk.iri(type, id))
                link = f'<{desk.url(version.record)}/versions>; rel="version-history"'
                return desk.as_(request, version.as_record(), private=True, more={"Link": link})
            except NotFound:
                pass  # it may be another network's, and published
        record, _ = await run_in_threadpool(desk.released, type, id)
        return desk.as_(request, record, private=actor is not None)

    @routes.post("/api/v1/validate", operation_id="validate_record")
    async def validate(request: Request) -> Response:
        """Judge a record as a write would, and store nothing: every result, and how far it has come."""
        actor = await desk.who.member(request)
        only(request, ("type",))
        type_ = records.known(request.query_params.get("type", ""))
        record = await desk.sent(request, f"{desk.settings.base}/id/{type_}/new")

        def judged() -> list[validation.Result]:
            own = named(record, desk.settings.base)
            try:
                with desk.store.writer.transaction(dry_run=True):
                    return list(desk.curation.create(actor, own).results)
            except InvalidRecord as error:
                return list(error.results)

        results = await run_in_threadpool(judged)
        offered = ["application/json", "text/turtle", "application/ld+json"]
        media = formats.choose(request.headers.get("accept"), offered)
        for fmt in (Format.TURTLE, Format.JSONLD):
            if media == fmt.media_type:
                return Response(report(results, fmt), media_type=media, headers=PRIVATE)
        told = {
            "conforms": not validation.violations(results),
            "documentation": standing(results),
            "results": [r.as_json() for r in results],
        }
        return JSONResponse(told, headers=PRIVATE)

    @routes.post("/api/v1/{type}", status_code=201, operation_id="create_record")
    async def create(request: Request, type: str) -> Response:  # noqa: A002
        """Create a record, as a draft of its network. Its subject in the body is the empty IRI: `<>`
        in Turtle, `"id": ""` in JSON-LD. With `dry-run` nothing is stored."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        records.known(type)
        record = await desk.sent(request, f"{desk.settings.base}/id/{type}/new")

        def work() -> Told:
            return desk.told(
                desk.curation.create(actor, named(record, desk.settings.base)), status=201
            )

        return await desk.write(request, actor, work, data=record.nquads.encode())

    @routes.put("/api/v1/{type}/{id}", operation_id="replace_record")
    async def replace(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Replace a record with the one in the body. If-Match holds the ETag it was read with."""
        actor = await desk.who.member(request)
        only(request, ("dry-run", "reason"))
        iri = desk.iri(type, id)
        await run_in_threadpool(desk.curation.read, actor, iri)
        digest = expected(request)
        record = await desk.sent(request, iri)
        return await _change(desk, request, actor, record, digest, "replace")

    @routes.patch("/api/v1/{type}/{id}", operation_id="patch_record")
    async def patch(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Change some fields of a record: a JSON Merge Patch of its JSON-LD; null takes a field out."""
        actor = await desk.who.member(request)
        only(request, ("dry-run", "reason"))
        before = await run_in_threadpool(desk.curation.read, actor, desk.iri(type, id))
        digest = expected(request)
        if digest is not None and digest != before.digest:
            raise Refused(412, "It was changed meanwhile. Read it again and redo the change.")
        record = await desk.sent(request, before.record, before.as_record())
        return await _change(desk, request, actor, record, before.digest, "patch")

    @routes.delete("/api/v1/{type}/{id}", operation_id="delete_record")
    async def delete(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Delete a record; a tombstone without content stays. The body says why: `{"reason": "…"}`.

        With `"purge": true` every version loses its content, for privacy; it cannot be undone.
        """
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri(type, id)
        given = await asked(request, 20_000, {"reason": str, "purge": bool})
        purge = bool(given.get("purge"))
        digest = expected(request, needed=not purge)

        def work() -> Told:
            version = desk.curation.delete(
                actor, iri, expected=digest, reason=given.get("reason", ""), purge=purge
            )
            told: dict[str, Any] = {"id": iri, "version": version.n, "removed": True}
            if purge:
                view = desk.published.current()
                told["still_in_releases"] = bool(view and view.get(iri, type))
            return told, 200, {}

        answer = await desk.write(request, actor, work)
        if purge:
            await run_in_threadpool(desk.store.ledger.database.scrub)
        return answer

    @routes.post("/api/v1/{type}/{id}/deprecate", operation_id="deprecate_record")
    async def deprecate(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Say that a record should not be used any more: `{"replacedBy": IRI, "reason": "…"}`."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri(type, id)
        given = await asked(request, 20_000, {"replacedBy": str, "reason": str}, ["reason"])
        digest = expected(request, needed=False)

        def work() -> Told:
            return desk.told(
                desk.curation.deprecate(
                    actor,
                    iri,
                    replaced_by=given.get("replacedBy"),
                    reason=given["reason"],
                    expected=digest,
                )
            )

        return await desk.write(request, actor, work, data=repr(sorted(given.items())).encode())

    @routes.get("/api/v1/{type}/{id}/may", operation_id="may_i")
    async def may(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """What the one who asks may do with a record, and of the rest why not and who may."""
        actor = await desk.who.member(request)
        only(request, ())
        iri = desk.iri(type, id)

        def told() -> dict[str, Any]:
            desk.curation.read(actor, iri)
            about = desk.curation.about(iri)
            found = {action: decide(actor, action, about) for action in ACTIONS}
            return {
                action: {"allowed": d.allowed, "reason": d.reason, "needs": list(d.needs)}
                for action, d in found.items()
            }

        return JSONResponse(await run_in_threadpool(told), headers=PRIVATE)

    return routes


async def _change(
    desk: Desk, request: Request, actor: Actor, record: Record, digest: str | None, action: str
) -> Response:
    reason = request.query_params.get("reason", "")

    def work() -> Told:
        return desk.told(
            desk.curation.replace(actor, record, expected=digest, reason=reason, action=action)
        )

    return await desk.write(request, actor, work)


def _page(
    desk: Desk, actor: Actor | None, type_: str, chosen: dict[str, str], after: str, limit: int
) -> list[dict[str, Any]]:
    if actor is None:
        view = desk.published.current()
        iris = view.page(type_, after, limit) if view else []
        return [{"id": iri, "url": desk.url(iri)} for iri in iris]
    if "read" not in actor.scopes:
        raise InputError("This token does not read.", field="scopes", fix="Use one that does.")
    wanted = find.Wanted(
        type=type_,
        networks=actor.networks(),
        network=chosen.get("network"),
        status=chosen.get("status"),
        driver=chosen.get("driver"),
        facet=chosen.get("facet"),
        names=chosen.get("names"),
        words=chosen.get("q"),
    )
    found = {
        line.record: {
            "id": line.record,
            "url": desk.url(line.record),
            "label": line.label,
            "status": line.status,
            "network": line.network,
        }
        for line in find.find(desk.store.ledger, wanted, after=after, limit=limit)
    }
    view = desk.published.current()
    if view is not None and not chosen:  # what others published is there for members as well
        for iri in view.page(type_, after, limit):
            found.setdefault(iri, {"id": iri, "url": desk.url(iri)})
    return [found[iri] for iri in sorted(found)][:limit]
