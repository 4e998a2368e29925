"""Stored queries over plain HTTP: `/queries/{name}.csv?aim=…`."""

from __future__ import annotations

import html
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from warranted.errors import NotFound
from warranted.query import formats, guard, stored
from warranted.query.datasets import Datasets
from warranted.query.pool import Asked, Pool
from warranted.questions import Question, questions
from warranted_api import sparql
from warranted_api.http import SAFE

ENDINGS: Final = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
"""Ending of the address → media type of the answer."""


def router(datasets: Datasets, pool: Pool, base: str) -> APIRouter:
    """The routes of `/queries/`. `base`: what short IRIs are completed with."""
    routes = APIRouter(tags=["queries"])

    @routes.get("/queries/", operation_id="list_queries")
    async def listed(request: Request) -> Response:
        """Every stored query: what it asks, who asks it, its parameters."""
        root = request.scope.get("root_path", "")
        media = formats.choose(request.headers.get("accept"), ["application/json", "text/html"])
        headers = SAFE | {"Vary": "Accept"}
        if media == "text/html":
            return HTMLResponse(_page(root), headers=sparql.PAGE_HEADERS)
        return JSONResponse({"queries": [_told(q, root) for q in questions()]}, headers=headers)

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
            told = _told(question, request.scope.get("root_path", ""))
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


def _page(root: str) -> str:
    rows = []
    for question in questions():
        named = ", ".join(f"{p.name} ({p.kind})" for p in stored.parameters(question)) or "none"
        links = " ".join(
            f'<a href="{root}/queries/{question.key}.{ending}">{ending}</a>' for ending in ENDINGS
        )
        rows.append(
            f"<tr><th scope=row>{html.escape(question.title)}<br><code>{question.key}</code></th>"
            f"<td>{html.escape(named)}</td><td>{links}</td></tr>"
        )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<title>Stored queries · Warranted</title>"
        "<style>body{font:17px/1.5 Georgia,serif;max-width:56rem;margin:2rem auto;padding:0 1rem}"
        "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}"
        "th{font-weight:normal}table{border-collapse:collapse;display:block;overflow-x:auto}"
        "code{font-size:.85em;color:#555}"
        "@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e6e1}a{color:#9cc4f0}"
        "code{color:#aaa}}</style>"
        "<h1>Stored queries</h1><p>Each answers one question over the latest release; add its "
        "parameters to the address, such as <code>?idea=id/idea/7qf3-c1</code>, and "
        f'<code>release=</code> for an earlier one. Or <a href="{root}/sparql">write your own</a>.</p>'
        "<table><tr><th>Question</th><th>Parameters</th><th>Answer as</th></tr>"
        f"{''.join(rows)}</table></html>"
    )
