"""SPARQL 1.1 Protocol, the query side, over the latest release."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted.errors import InputError, NotFound
from warranted.namespaces import RDF
from warranted.query import formats, guard
from warranted.query.pool import Pool
from warranted.settings import Settings
from warranted_api.http import SAFE, body
from warranted_api.problems import Refused
from warranted_api.published import Published, View

PARAMETERS = {"query", "default-graph-uri", "named-graph-uri"}
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Retry-After"}
_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
}


def router(settings: Settings, published: Published, pool: Pool) -> APIRouter:
    """The routes of `/sparql`."""
    routes = APIRouter(tags=["sparql"])

    @routes.options("/sparql", include_in_schema=False)
    async def preflight() -> Response:
        """What other sites' pages may send."""
        allowed = {
            "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
            "Access-Control-Allow-Headers": "Accept, Content-Type",
            "Access-Control-Max-Age": "86400",
        }
        return Response(status_code=204, headers=CORS | allowed)

    @routes.api_route("/sparql", methods=["GET", "HEAD"], operation_id="sparql_get")
    async def get(request: Request) -> Response:
        """Answer a query, or describe the service when there is none."""
        view = await _view(published)
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        if not pairs:
            return _description(request, view)
        return await _answer(request, view, pairs, None)

    @routes.post("/sparql", operation_id="sparql_post")
    async def post(request: Request) -> Response:
        """Answer a query sent as a form or as the body itself."""
        view = await _view(published)
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in ("application/x-www-form-urlencoded", "application/sparql-query"):
            raise Refused(
                415,
                "Send the query as application/sparql-query or as a form.",
                {"Accept-Post": "application/sparql-query, application/x-www-form-urlencoded"},
            )
        sent = await body(request, settings.max_body)
        try:
            text = sent.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError("The body is not UTF-8 text.", field="query") from error
        if media == "application/sparql-query":
            return await _answer(request, view, pairs, text)
        return await _answer(request, view, pairs + parse_qsl(text, keep_blank_values=True), None)

    async def _answer(
        request: Request, view: View, pairs: list[tuple[str, str]], direct: str | None
    ) -> Response:
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        if "update" in given or "using-graph-uri" in given:
            raise Refused(403, "Updates are refused: this endpoint only answers queries.")
        only_known = set(given) - PARAMETERS
        if only_known:
            name = min(only_known)
            raise InputError(f"The parameter '{name[:40]}' is not known.", field=name[:40])
        queries = given.get("query", []) + ([direct] if direct is not None else [])
        if len(queries) != 1:
            raise InputError("Send exactly one query.", field="query")
        form = guard.check(queries[0])
        accept = request.headers.get("accept")
        offered = formats.SOLUTIONS if form in ("SELECT", "ASK") else formats.GRAPHS
        media = formats.choose(accept, list(offered))
        if media is None:
            raise Refused(406, "This can be answered as " + ", ".join(offered) + ".")
        headers = CORS | SAFE | {"Vary": "Accept", "ETag": f'"{view.release.id}"'}
        client = request.client.host if request.client else "?"
        port = request.client.port if request.client else 0
        answer = await pool.query(
            view.release.dataset,
            queries[0],
            client=f"{client}:{port}",
            solutions=media if media in formats.SOLUTIONS else "application/sparql-results+json",
            graph=media if media in formats.GRAPHS else "text/turtle",
            default=given.get("default-graph-uri"),
            named=given.get("named-graph-uri"),
            base=str(request.url.replace(query="")),
        )
        return Response(answer.body, media_type=answer.media_type, headers=headers)

    return routes


async def _view(published: Published) -> View:
    view = await run_in_threadpool(published.current)
    if view is None:
        raise NotFound("Nothing has been published yet.")
    return view


def _description(request: Request, view: View) -> Response:
    offered = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
    accept = request.headers.get("accept")
    media = formats.choose(accept, [*offered, "text/html"])
    headers = CORS | SAFE | {"Vary": "Accept", "ETag": f'"{view.release.id}"'}
    if media is None:
        raise Refused(406, "The service is described as " + ", ".join(offered) + ".")
    if media == "text/html":
        return HTMLResponse(_FORM, headers=headers)
    endpoint = ox.NamedNode(str(request.url.replace(query="")))
    service, dataset, default = (
        ox.NamedNode(f"{endpoint.value}#{n}") for n in ("service", "dataset", "default")
    )

    def say(s: ox.NamedNode, p: str, o: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(s, ox.NamedNode(p if p.startswith("http") else _SD + p), o)

    manifest = view.release.manifest()
    number = ox.Literal(
        str(manifest["triples"]), datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    )
    quads = [
        say(service, f"{RDF}type", ox.NamedNode(f"{_SD}Service")),
        say(service, "endpoint", endpoint),
        say(service, "supportedLanguage", ox.NamedNode(f"{_SD}SPARQL11Query")),
        say(service, "feature", ox.NamedNode(f"{_SD}UnionDefaultGraph")),
        say(service, "defaultDataset", dataset),
        say(dataset, f"{RDF}type", ox.NamedNode(f"{_SD}Dataset")),
        say(dataset, "defaultGraph", default),
        say(default, f"{RDF}type", ox.NamedNode(f"{_SD}Graph")),
        say(default, "http://rdfs.org/ns/void#triples", number),
        *(
            say(service, "resultFormat", ox.NamedNode(f"http://www.w3.org/ns/formats/{name}"))
            for name in _FORMATS.values()
        ),
    ]
    written = ox.serialize(quads, format=formats.GRAPHS[media].ox, prefixes={"sd": _SD})
    return Response(written, media_type=media, headers=headers)


_FORM = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Query · Warranted</title>
<style>body{font:17px/1.5 Georgia,serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
textarea{width:100%;box-sizing:border-box;font:14px/1.4 ui-monospace,monospace}</style>
<h1>Query the release</h1>
<p>SPARQL 1.1 over the latest release. The default graph is the union of all records; each record is
a named graph of its own.</p>
<form method="get" action="sparql"><label for="query">Query</label>
<textarea id="query" name="query" rows="14" spellcheck="false">PREFIX nic: &lt;https://w3id.org/warranted/ns#&gt;
PREFIX rdfs: &lt;http://www.w3.org/2000/01/rdf-schema#&gt;

SELECT ?package ?label WHERE {
  ?package a nic:ChangePackage ; rdfs:label ?label .
}</textarea><p><button>Run</button></p></form></html>
"""
