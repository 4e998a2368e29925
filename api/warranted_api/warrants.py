"""`/api/v1/idea/{id}/warrant`: how far the published evidence warrants an idea, and in which context."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import release, warrant
from warranted.errors import NotFound
from warranted.namespaces import ID_PATTERN
from warranted.settings import Settings
from warranted_api.desk import Desk
from warranted_api.http import PRIVATE, SAFE, flag, only


def router(desk: Desk) -> APIRouter:
    """The route of an idea's warrant: of the latest release, or of the workspace."""
    settings = desk.settings
    routes = APIRouter(tags=["warrant"])

    @routes.get("/api/v1/idea/{id}/warrant", operation_id="warrant_of_idea")
    async def warranted_by(request: Request, id: str) -> Response:  # noqa: A002
        """Level, indicators, criteria, sites, what is missing and which tests are wanted.

        `context=locality/rural` (several times for more) adds the same from matching places only.
        It is that of the latest release; to members, with `workspace`, as their network stands today.
        """
        only(request, ("context", "workspace"))
        if flag(request, "workspace"):
            actor = await desk.who.member(request)
            iri = desk.iri("idea", id)

            def today() -> dict[str, Any]:
                desk.curation.read(actor, iri)
                stored = desk.store.writer.warrant(iri)
                if stored is None:
                    raise NotFound("There is no such idea.")
                return {**stored["indicators"], "digest": stored["digest"]}

            return JSONResponse(await run_in_threadpool(today), headers=PRIVATE)
        chosen = warrant.chosen_of(request.query_params.getlist("context"))
        found = await run_in_threadpool(_found, settings, id, chosen)
        return JSONResponse(found, headers=SAFE)

    return routes


def _found(settings: Settings, id_: str, chosen: dict[str, frozenset[str]]) -> dict[str, Any]:
    latest = release.latest(settings)
    idea = f"{settings.base}/id/idea/{id_}"
    if latest is None or not ID_PATTERN.fullmatch(id_):
        raise NotFound("There is no such idea.")
    store = ox.Store.read_only(str(latest.dataset))
    quads = warrant.evidence_quads(store, idea)
    day = datetime.fromisoformat(latest.manifest()["created"]).date()
    body = warrant.Body(quads, day)
    if idea not in body.evidence:
        raise NotFound("There is no such idea.")
    policy = body.policy(idea)
    assessed = warrant.assess_idea(body.evidence[idea], policy, day, body.vocabulary)
    told = assessed.to_json() | {
        "release": latest.id,
        "wanted": warrant.wanted(body.evidence[idea], policy, day, body.vocabulary).to_json(),
        "contexts": [
            {
                "facet": c.facet,
                "label": c.label,
                "values": [{"value": v, "label": label, "sites": n} for v, label, n in c.values],
            }
            for c in body.choices(idea)
        ],
    }
    if chosen:
        told["in_context"] = body.in_context(chosen)[idea].to_json()
    return told
