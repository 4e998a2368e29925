"""What anyone may read without a query: the site, the dumps, the ontology, the state of the server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import (
    __version__,
    context,
    json_schema,
    rdfio,
    reference,
    release,
    resources,
    vocabulary,
)
from warranted.errors import NotFound, StoreUnavailable
from warranted.namespaces import RECORD_CLASSES, SCHEME
from warranted.query import formats
from warranted.query.pool import Pool
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api import files
from warranted_api.http import SAFE
from warranted_api.problems import Refused


def router(store: Repository, settings: Settings, pool: Pool) -> APIRouter:
    """The routes for reading; the last one takes whatever is left and looks in the site."""
    routes = APIRouter()

    @routes.get("/health", tags=["service"], operation_id="health")
    async def health() -> Response:
        """Whether the server is well: its release, the ledger's and the graph's last change."""

        def state() -> dict[str, object]:
            latest = release.latest(settings)
            return {
                "status": "ok",
                "version": __version__,
                "release": latest.id if latest else None,
                "ledger": store.ledger.last_seq(),
                "graph": _applied(store),
                "workers_without_network": pool.sealed,
            }

        return JSONResponse(await run_in_threadpool(state), headers=SAFE)

    async def told(request: Request, page: str, parts: list[Path]) -> Response:
        """A vocabulary: its page, or its triples, by the Accept header."""
        offered = ["text/turtle", "application/ld+json", "application/n-triples", "text/html"]
        media = formats.choose(request.headers.get("accept"), offered)
        if media is None:
            raise Refused(406, "This can be had as " + ", ".join(offered) + ".")
        if media == "text/html":
            base = request.scope.get("root_path", "")
            return RedirectResponse(f"{base}/{page}", 303, headers={"Vary": "Accept"})
        data = await run_in_threadpool(_vocabulary, tuple(parts), media)
        headers = SAFE | {"Vary": "Accept", "Access-Control-Allow-Origin": "*"}
        return Response(data, media_type=media, headers=headers)

    @routes.get("/ns", tags=["vocabulary"], operation_id="ontology")
    async def ontology(request: Request) -> Response:
        """The ontology: as a page, Turtle, JSON-LD or N-Triples."""
        return await told(request, "ns/", [resources.ontology() / "warranted.ttl"])

    @routes.get("/ns/{version}", tags=["vocabulary"], operation_id="ontology_version")
    async def ontology_version(request: Request, version: str) -> Response:
        """The ontology of one version; earlier ones are known by the list of their terms only."""
        if not version[:1].isdigit():
            return await site(request, f"ns/{version}")
        if version != reference.versions()[0].number:
            raise NotFound(
                "This version of the ontology is not served.", fix="See /ns for what changed."
            )
        return await ontology(request)

    @routes.get("/shapes", tags=["vocabulary"], operation_id="shapes")
    async def shapes(request: Request) -> Response:
        """The SHACL shapes: as a page of field tables, Turtle, JSON-LD or N-Triples."""
        return await told(request, "shapes/", sorted(resources.shapes().glob("*.ttl")))

    @routes.get("/scheme/{name}", tags=["vocabulary"], operation_id="scheme")
    async def scheme(request: Request, name: str) -> Response:
        """A scheme of values."""
        if "." in name or not name:
            return await site(request, f"scheme/{name}")
        return await told(request, f"scheme/{name}/", [_scheme(name)])

    @routes.get("/scheme/{name}/{concept}", tags=["vocabulary"], operation_id="concept")
    async def concept(request: Request, name: str, concept: str) -> Response:
        """A value of a scheme, told with the whole scheme."""
        if "." in concept or not concept:
            return await site(request, f"scheme/{name}/{concept}")
        file = _scheme(name)
        found = vocabulary.shipped()[f"{SCHEME}{name}"].of(f"{SCHEME}{name}/{concept}")
        if found is None:
            raise NotFound("There is no such value in this scheme.")
        return await told(request, f"scheme/{name}/#{concept}", [file])

    @routes.get("/schema/{type}", tags=["vocabulary"], operation_id="json_schema")
    async def schema(type: str) -> Response:  # noqa: A002
        """The JSON Schema of a record type, made from the shapes."""
        made = json_schema.schema(type.removesuffix(".json"))
        headers = SAFE | {"Access-Control-Allow-Origin": "*"}
        return JSONResponse(made, media_type="application/schema+json", headers=headers)

    @routes.get("/context.jsonld", tags=["service"], operation_id="context")
    async def jsonld_context() -> Response:
        """The JSON-LD context of records."""
        return JSONResponse(
            context.context(),
            media_type="application/ld+json",
            headers=SAFE | {"Access-Control-Allow-Origin": "*"},
        )

    @routes.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        """The operations, from the OpenAPI description, on one page without scripts."""
        return HTMLResponse(_docs(request.app.openapi()), headers=files.SITE_HEADERS)

    @routes.get("/{path:path}", include_in_schema=False)
    async def site(request: Request, path: str) -> Response:
        latest = await run_in_threadpool(release.latest, settings)
        if latest is None:
            raise NotFound("Nothing has been published yet.", fix="Run warranted publish.")
        return await run_in_threadpool(files.of_site, request, latest.site, path)

    return routes


def _scheme(name: str) -> Path:
    if f"{SCHEME}{name}" not in vocabulary.shipped():
        raise NotFound("There is no such scheme.", fix="See /scheme/ for those there are.")
    return resources.ontology() / "schemes" / f"{name}.ttl"


def _applied(store: Repository) -> int | None:
    """The last change in the workspace graph; None if it cannot be reached."""
    try:
        return store.graph.applied()[0]
    except StoreUnavailable:
        return None


@lru_cache(maxsize=128)
def _vocabulary(files: tuple[Path, ...], media: str) -> bytes:
    data = b"\n".join(file.read_bytes() for file in files)
    if media == "text/turtle":
        return data
    triples = [
        quad.triple
        for file in files
        for quad in ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE)
    ]
    if media == "application/ld+json":
        return reference.as_jsonld(triples)
    return rdfio.serialise(reference.ordered(triples), rdfio.Format.NTRIPLES)


def _docs(api: dict[str, object]) -> str:
    from html import escape

    rows = []
    paths = api["paths"]
    assert isinstance(paths, dict)
    first = next(iter(RECORD_CLASSES))  # the description has each type; one stands for all here
    for full, operations in paths.items():
        type_ = full.removeprefix("/api/v1/").partition("/")[0]
        alike = full.replace(f"/api/v1/{type_}", f"/api/v1/{first}", 1)
        if type_ in RECORD_CLASSES and type_ != first and alike in paths:
            continue
        path = full.replace(f"/api/v1/{first}", "/api/v1/{type}")
        for method, operation in operations.items():
            said = escape(str(operation.get("description") or operation.get("summary", "")))
            rows.append(
                f"<tr><th scope=row><code>{method.upper()} {escape(path)}</code></th><td>{said}</td></tr>"
            )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>API · Warranted</title>'
        "<style>body{font:17px/1.5 Georgia,serif;max-width:56rem;margin:2rem auto;padding:0 1rem}"
        "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}"
        "table{border-collapse:collapse;display:block;overflow-x:auto}</style>"
        "<h1>The API</h1><p>Errors are <code>application/problem+json</code> (RFC 9457). Writing needs "
        "<code>Authorization: Bearer</code> with the server's write token. The whole description: "
        f'<a href="openapi.json">openapi.json</a>.</p><table>{"".join(rows)}</table></html>'
    )
