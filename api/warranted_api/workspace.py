"""SPARQL over the workspace, for members: what their networks hold and what none holds alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from warranted.curation.workspace import Workspace
from warranted.query import guard
from warranted.query.pool import Asked
from warranted_api import sparql
from warranted_api.desk import Desk
from warranted_api.http import PRIVATE
from warranted_api.problems import Refused

PARAMETERS = frozenset(["query"])


def router(desk: Desk, workspace: Workspace) -> APIRouter:
    """The routes of `/api/v1/sparql`."""
    routes = APIRouter(tags=["sparql"])

    @routes.get("/api/v1/sparql", operation_id="workspace_sparql_get")
    async def get(request: Request) -> Response:
        """Answer a query on the records that who asks may read, drafts included."""
        return await answer(request, sparql.parameters(request.url.query), None)

    @routes.post("/api/v1/sparql", operation_id="workspace_sparql_post")
    async def post(request: Request) -> Response:
        """Answer a query, sent as a form or as the body itself, on the records one may read."""
        given, direct = await sparql.sent(request, desk.settings.max_body)
        return await answer(request, given, direct)

    async def answer(request: Request, given: dict[str, list[str]], direct: str | None) -> Response:
        actor = await desk.who.member(request)
        if "read" not in actor.scopes:
            raise Refused(403, "This token does not allow that: it lacks the scope 'read'.")
        wanted = sparql.asked(given, direct, PARAMETERS)
        url = str(request.url.replace(query=""))
        looked = await run_in_threadpool(guard.look, wanted.text, url)
        media = sparql.negotiated(request, looked.form)
        question = Asked(desk.settings.data, wanted.text, base=url).written_as(media)
        found, lacking = await workspace.query(question, actor)
        # The graph follows the ledger: how many changes it has not seen is said, not kept quiet.
        behind = {"Warranted-Behind": str(lacking)} if lacking else {}
        return sparql.written(found, PRIVATE | behind)

    return routes
