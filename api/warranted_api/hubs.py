"""`/api/v1/similar`, merges, packages put together, releases made: the hub's own work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted.curation import likeness, notices
from warranted.curation.consolidate import Consolidation
from warranted.errors import NotAllowed, NotFound
from warranted.release import Release
from warranted.rights import EVERYWHERE, About, Actor, decide
from warranted_api.desk import Desk, Told
from warranted_api.http import PRIVATE, asked, expected, flag, number_of, only

LONGEST = 200_000
Publish = Callable[[bool], Release]
"""Makes a release; given whether to make one even if nothing changed."""


def router(desk: Desk, publish: Publish | None) -> APIRouter:
    """The routes of consolidation and of release."""
    routes = APIRouter(tags=["consolidation"])

    def consolidation() -> Consolidation:
        return Consolidation(desk.curation)

    @routes.get("/api/v1/similar", operation_id="similar_ideas")
    async def similar(request: Request) -> Response:
        """Ideas that may say the same, the likest first, each with reasons: of one `idea`, or pairs
        among all in the networks of the one who asks."""
        actor = await desk.who.member(request)
        only(request, ("idea", "limit"))
        most = number_of(request, "limit", 20, most=200)
        idea = request.query_params.get("idea")

        def told() -> list[dict[str, Any]]:
            if idea is not None:
                desk.curation.read(actor, idea)
            apart = consolidation().apart()
            return likeness.suggestions(desk.store.ledger, actor, apart, idea=idea, most=most)

        return JSONResponse({"items": await run_in_threadpool(told)}, headers=PRIVATE)

    @routes.get("/api/v1/merges", operation_id="list_merges")
    async def merges(request: Request) -> Response:
        """The merges there were, the last first; with `idea`, those of one."""
        actor = await desk.who.member(request)
        only(request, ("idea",))

        def told() -> list[dict[str, Any]]:
            found = consolidation().merges(idea=request.query_params.get("idea"))
            return [m.as_json() for m in found if _reads(desk, actor, m.kept)]

        return JSONResponse({"items": await run_in_threadpool(told)}, headers=PRIVATE)

    @routes.post("/api/v1/merges", status_code=201, operation_id="merge_ideas")
    async def merge(request: Request) -> Response:
        """Make one idea of two: `{"kept": IRI, "merged": IRI, "reason": "…"}`. Versions, tests, claims
        and know-how go over; with `dry-run`, it is only said what would."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        fields = {"kept": str, "merged": str, "reason": str}
        given = await asked(request, LONGEST, fields, fields)

        def work() -> Told:
            made, written = consolidation().merge(
                actor, given["kept"], given["merged"], reason=given["reason"]
            )
            warnings = [r.as_json() for r in written.results]
            where = {"Location": f"/api/v1/merges?idea={made.kept}"}
            return made.as_json() | {"warnings": warnings}, 201, where

        return await desk.write(request, actor, work, data=json.dumps(given).encode())

    @routes.post("/api/v1/merges/{merge}/split", operation_id="split_ideas")
    async def split(request: Request, merge: str) -> Response:
        """Undo a merge: `{"reason": "…"}`. What was learned since stays with the idea that was kept."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        given = await asked(request, LONGEST, {"reason": str}, ["reason"])

        def work() -> Told:
            written = consolidation().split(actor, merge, reason=given["reason"])
            changed = [v.record for v in written.versions if v.record in written.made]
            return {"id": merge, "changed": changed}, 200, {}

        return await desk.write(request, actor, work, data=json.dumps(given).encode())

    @routes.post("/api/v1/distinct", status_code=201, operation_id="keep_ideas_apart")
    async def apart(request: Request) -> Response:
        """Say that two ideas are not the same: `{"one": IRI, "other": IRI, "reason": "…"}`."""
        actor = await desk.who.member(request)
        only(request, ())
        fields = {"one": str, "other": str, "reason": str}
        given = await asked(request, LONGEST, fields, fields)

        def work() -> Told:
            one, other = given["one"], given["other"]
            consolidation().keep_apart(actor, one, other, reason=given["reason"])
            return {"one": one, "other": other}, 201, {}

        return await desk.write(request, actor, work)

    @routes.post("/api/v1/idea/{id}/assessments", status_code=201, operation_id="keep_assessment")
    async def assess(request: Request, id: str) -> Response:  # noqa: A002
        """Keep what the rules say of an idea today as a record of its own, for a judgement to review."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri("idea", id)

        def work() -> Told:
            return desk.told(desk.curation.assess(actor, iri), status=201)

        return await desk.write(request, actor, work, data=b"")

    @routes.post("/api/v1/package/{id}/assemble", operation_id="assemble_package")
    async def assemble(request: Request, id: str) -> Response:  # noqa: A002
        """Put a package together from ideas: `{"ideas": [IRI, …], "reason": "…"}`. Their versions,
        tests, claims, sites, measures and theory come along, as far as they were accepted."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        iri = desk.iri("package", id)
        given = await asked(request, LONGEST, {"ideas": list, "reason": str}, ["ideas"])
        digest = expected(request, needed=False)

        def work() -> Told:
            written = consolidation().assemble(
                actor, iri, given["ideas"], expected=digest, reason=given.get("reason", "")
            )
            told, status, headers = desk.told(written)
            parts = consolidation().parts(actor, given["ideas"])
            return told | {"parts": parts}, status, headers

        return await desk.write(request, actor, work)

    @routes.post("/api/v1/releases", status_code=201, operation_id="make_release")
    async def release(request: Request) -> Response:
        """Make a release of every published package, and switch to it at once or not at all.

        200 and the present one, if nothing has changed; 409 with every reason, if it is held back.
        """
        actor = await desk.who.member(request)
        only(request, ("force",))
        decide(actor, "administer", About("network", EVERYWHERE)).check()
        if publish is None:
            raise NotAllowed("This server makes no releases.", fix="Run `warranted publish`.")
        force = flag(request, "force")
        made = await run_in_threadpool(publish, force)
        told = {"release": made.id, "new": made.new, "url": f"/releases/{made.id}/manifest.json"}
        if made.new:
            await run_in_threadpool(_told, desk, made)
        headers = PRIVATE | {"Location": str(told["url"])}
        return JSONResponse(told, 201 if made.new else 200, headers=headers)

    return routes


def _told(desk: Desk, made: Release) -> None:
    notices.tell(desk.store.ledger, "released", None, release=made.id)


def _reads(desk: Desk, actor: Actor, iri: str) -> bool:
    try:
        return actor.reads(desk.curation.about(iri).network)
    except NotFound:  # it was deleted
        return False
