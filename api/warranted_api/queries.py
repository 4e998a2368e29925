"""Stored queries over plain HTTP: `/queries/{name}.csv?aim=…`."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from warranted.errors import NotFound
from warranted.query import formats, guard, stored
from warranted.query.datasets import Datasets
from warranted.query.pool import Asked, Pool
from warranted.questions import Question, questions
from warranted_api import sparql
from warranted_api.http import SAFE
from warranted_api.open_pages import page, root_of

ENDINGS: Final = formats.ENDINGS
"""Ending of the address → media type of the answer."""


def router(datasets: Datasets, pool: Pool, base: str) -> APIRouter:
    """The routes of `/queries/`. `base`: what short IRIs are completed with."""
    routes = APIRouter(tags=["queries"])

    @routes.get("/queries/", operation_id="list_queries")
    async def listed(request: Request) -> Response:
        """Every stored query: what it asks, who asks it, its parameters."""
        told = [_told(q, root_of(request)) for q in questions()]
        media = formats.choose(request.headers.get("accept"), ["application/json", "text/html"])
        if media == "text/html":
            return page(request, "queries.html", queries=told)
        return JSONResponse({"queries": told}, headers=SAFE | {"Vary": "Accept"})

    @routes.get("/queries", include_in_schema=False)
    async def to_list(request: Request) -> Response:
        return await listed(request)

    @routes.get("/queries/{name}", operation_id="run_query")
    async def run(request: Request, name: str) -> Response:
        """Answer a stored query; the ending of its name says in which format.

        Its parameters are those of the query; each may be given several times. A parameter that is
        not given stays open: the answer is about all. `release`: a release other than the latest.
        """
        stem, dot, ending = name.rpartition(".")
        if not dot:
            question = stored.stored(name)
            told = _told(question, root_of(request))
            return JSONResponse(told | {"text": question.text}, headers=SAFE)
        if ending == "rq":
            question = stored.stored(stem)
            return Response(question.text, media_type=sparql.DIRECT, headers=SAFE)
        if ending not in ENDINGS:
            listed = ", ".join(f".{e}" for e in ENDINGS)
            raise NotFound(f"A stored query is answered as {listed}.")
        question = stored.stored(stem)
        given = sparql.parameters(request.url.query)
        dataset = await sparql.chosen(datasets, given)
        given.pop("release", None)
        text = stored.bound(question, given, base)
        asked = Asked(dataset.folder, text, gzip=sparql.takes_gzip(request))
        found = await pool.query(
            asked.written_as(ENDINGS[ending]), client=sparql.client_of(request)
        )
        headers = {
            "Warranted-Release": dataset.name,
            "Vary": "Accept-Encoding",
            "Cache-Control": "no-cache",
        }
        return sparql.written(found, headers)

    return routes


def described() -> dict[str, Any]:
    """The paths of OpenAPI: one for each stored query, with its parameters."""
    return {
        f"/queries/{question.key}.{{format}}": {
            "get": {
                "tags": ["queries"],
                "summary": question.title,
                "description": f"Asked by: {question.asked_by}",
                "operationId": f"query_{question.key.replace('-', '_')}",
                "parameters": [
                    {
                        "name": "format",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "enum": list(ENDINGS)},
                    },
                    *(
                        {
                            "name": parameter.name,
                            "in": "query",
                            "required": False,
                            "description": "May be given several times.",
                            "schema": {"type": "array", "items": parameter.schema},
                        }
                        for parameter in stored.parameters(question)
                    ),
                    {
                        "name": "release",
                        "in": "query",
                        "required": False,
                        "schema": {"type": "string"},
                    },
                ],
                "responses": {
                    "200": {
                        "description": "The answer",
                        "content": {media: {"schema": {}} for media in ENDINGS.values()},
                    }
                },
            }
        }
        for question in questions()
    }


def _told(question: Question, root: str) -> dict[str, Any]:
    address = f"{root}/queries/{question.key}"
    return {
        "name": question.key,
        "question": question.title,
        "asked_by": question.asked_by,
        "form": guard.check(question.text),
        "url": address,
        "parameters": [
            {"name": p.name, "type": p.kind, "example": p.example}
            for p in stored.parameters(question)
        ],
        "answers": [f"{address}.{ending}" for ending in ENDINGS],
    }
