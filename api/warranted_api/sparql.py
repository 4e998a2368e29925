"""SPARQL 1.1 Protocol, the query side, over published datasets."""

from __future__ import annotations

import hashlib
import re
from binascii import a2b_qp
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Final
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from warranted.errors import InputError, NotFound, WarrantedError
from warranted.query import formats, guard
from warranted.query.datasets import Dataset, Datasets
from warranted.query.pool import JSON_ROWS, TURTLE, Answer, Asked, Pool
from warranted.query.turns import Client
from warranted_api import describing, problems
from warranted_api.http import SAFE, body, unchanged
from warranted_api.open_pages import HEADERS, root_of
from warranted_api.openly import CORS
from warranted_api.problems import Refused

PARAMETERS: Final = frozenset(
    [
        *("query", "default-graph-uri", "named-graph-uri", "release", "format"),
        *("output", "results"),  # what SPARQLWrapper sends along; they mean nothing here
    ]
)
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
LARGE: Final = 5_000
"""Characters from which a query is looked at in a thread of its own."""
Given = Mapping[str, list[str]]
_STRAY: Final = re.compile("%(?![0-9A-Fa-f]{2})")
"""A sign of an escape that is none."""
_ROUTE: Final = SimpleNamespace(path="/sparql")


class Endpoint:
    """The endpoint of the protocol over `datasets`."""

    def __init__(self, datasets: Datasets, pool: Pool, max_body: int) -> None:
        self.datasets, self.pool, self.max_body = datasets, pool, max_body

    async def respond(self, request: Request) -> Response:
        """Answer a query, sent by GET or POST.

        Raises:
            Refused, WarrantedError: what is wrong with it, or why there is no answer.
        """
        if request.method == "POST":
            given, direct = await sent(request, self.max_body)
        else:
            given, direct = parameters(request.scope["query_string"].decode("latin-1")), None
        dataset = await chosen(self.datasets, given)
        wanted, url = asked(given, direct), address(request)
        if len(wanted.text) > LARGE:
            looked = await run_in_threadpool(guard.look, wanted.text, url)
        else:
            looked = guard.look(wanted.text, url)
        media = negotiated(request, looked.form, wanted.format)
        headers = {
            "Vary": "Accept, Accept-Encoding",
            "Warranted-Release": dataset.name,
            "Cache-Control": "no-cache",
        }
        tag = "" if looked.changing else _tag(dataset, url, wanted, media)
        if tag and (unchanged(request, f'"{tag}"') or unchanged(request, f'"{tag}.gz"')):
            return Response(status_code=304, headers=SAFE | headers | {"ETag": f'"{tag}"'})
        rows = media in formats.SOLUTIONS
        question = Asked(
            dataset.folder,
            wanted.text,
            solutions=media if rows else JSON_ROWS,
            graph=TURTLE if rows else media,
            base=url,
            gzip=takes_gzip(request),
            default=wanted.default,
            named=wanted.named,
        )
        found = await self.pool.query(question, client=client_of(request), looked=looked)
        if tag:
            headers["ETag"] = f'"{tag}.gz"' if found.zipped else f'"{tag}"'
        return written(found, headers)


class Door:
    """Plain ASGI before the framework: a query is answered here, in half the time that takes.

    The routes below answer the same by the same means; they are what OpenAPI describes.
    """

    def __init__(self, app: ASGIApp, endpoint: Endpoint) -> None:
        self.app, self.endpoint = app, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not self._is_query(scope):
            await self.app(scope, receive, send)
            return
        scope["route"] = _ROUTE  # as metrics know it
        request = Request(scope, receive)
        try:
            response = await self.endpoint.respond(request)
        except (Refused, WarrantedError) as error:
            response = problems.of(request, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told as a problem
            response = problems.unforeseen(request, error)
        response.raw_headers.extend(CORS)  # it stands before what else gives them
        await response(scope, receive, send)

    @staticmethod
    def _is_query(scope: Scope) -> bool:
        if scope["path"] != f"{scope.get('root_path', '')}/sparql":
            return False
        given: bytes = scope["query_string"]
        asks = given.startswith(b"query=") or b"&query=" in given
        return scope["method"] == "POST" or (scope["method"] == "GET" and asks)


def router(endpoint: Endpoint, *, resolves: bool) -> APIRouter:
    """The routes of `/sparql`. `resolves`: IRIs of records and of the ontology lead on this server."""
    routes = APIRouter(tags=["sparql"])

    @routes.get("/sparql", operation_id="sparql_get")
    async def get(request: Request) -> Response:
        """Answer a query, or describe the service when there is none.

        `query`: the query; `default-graph-uri`, `named-graph-uri`: the graphs it is about, if not all
        of them; `release`: a release other than the latest; `format`: csv, tsv, json, xml, ttl, nt,
        jsonld, rdf, nq or trig, where no Accept header can be sent.
        """
        given = parameters(request.url.query)
        if set(given) <= {"release"}:
            return await _described(request, await chosen(endpoint.datasets, given))
        return await endpoint.respond(request)

    @routes.post("/sparql", operation_id="sparql_post")
    async def post(request: Request) -> Response:
        """Answer a query sent as a form or as the body itself."""
        return await endpoint.respond(request)

    @routes.get("/sparql/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        from warranted.query import editor

        if name == "terms.json":
            terms = await run_in_threadpool(editor.terms)
            return Response(terms, media_type="application/json", headers=SAFE)
        found = editor.asset(name)
        if found is None or not found.is_file():
            raise NotFound("There is nothing here.")
        media = "text/css" if name.endswith(".css") else "text/javascript"
        return FileResponse(found, media_type=media, headers=SAFE | {"Cache-Control": "no-cache"})

    async def _described(request: Request, dataset: Dataset) -> Response:
        offered = [*describing.OFFERED, "text/html"]
        media = formats.choose(request.headers.get("accept"), offered)
        if media is None:
            raise Refused(406, "The service is described as " + ", ".join(offered) + ".")
        base = root_of(request)
        if media == "text/html":
            from warranted.query import editor

            names = await run_in_threadpool(endpoint.datasets.names)
            page = await run_in_threadpool(
                editor.page,
                endpoint=f"{base}/sparql",
                assets=f"{base}/sparql/assets",
                release=dataset.name,
                releases=names,
                cite=f"{base}/cite",
                format_parameter="format",
                resolves=resolves,
            )
            return HTMLResponse(page, headers=HEADERS)
        told = describing.description(str(request.url.replace(query="")), dataset, media)
        tag = f'"{dataset.digest[:16]}.{media.rpartition("/")[2]}"'
        headers = SAFE | {"Vary": "Accept", "ETag": tag, "Warranted-Release": dataset.name}
        if unchanged(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(told, media_type=media, headers=headers)

    return routes


class Wanted:
    """What a request asks: a query, and the graphs it is about if it names them."""

    __slots__ = ("default", "format", "named", "text")

    def __init__(self, text: str, given: Given) -> None:
        self.text = text
        self.default = tuple(given.get("default-graph-uri", ()))
        self.named = tuple(given.get("named-graph-uri", ()))
        self.format = given.get("format", [""])[-1]


def parameters(query: str) -> dict[str, list[str]]:
    """The parameters of a query string or a form."""
    given: dict[str, list[str]] = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            given.setdefault(_plain(name), []).append(_plain(value))
    return given


def _plain(text: str) -> str:
    """A name or a value of a form without its escapes."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if not text.isascii() or _STRAY.search(text):
        return unquote(text)
    # Quoted-printable is the same but for its sign, and C: a query of many escapes takes a tenth.
    return a2b_qp(text.replace("=", "=3D").replace("%", "=")).decode("utf-8", "replace")


async def sent(request: Request, most: int) -> tuple[dict[str, list[str]], str | None]:
    """What a POST says: its parameters, and the query if the body is one (SPARQL Protocol, 2.1).

    Raises:
        Refused: 415. TooLarge: the body. InputError: it is not UTF-8 text.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (FORM, DIRECT):
        raise Refused(
            415,
            "Send the query as application/sparql-query or as a form.",
            {"Accept-Post": f"{DIRECT}, {FORM}"},
        )
    data = await body(request, most)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("The body is not UTF-8 text.", field="query") from error
    given = parameters(request.url.query)
    if media == DIRECT:
        return given, text
    for name, values in parameters(text).items():
        given.setdefault(name, []).extend(values)
    return given, None


def asked(given: Given, direct: str | None, known: frozenset[str] = PARAMETERS) -> Wanted:
    """The one query of a request.

    Raises:
        Refused: it is an update. InputError: there is none or several, or a parameter is not known.
    """
    if "update" in given or "using-graph-uri" in given or "using-named-graph-uri" in given:
        raise Refused(403, "Updates are refused: this endpoint only answers queries.")
    if unknown := set(given) - known:
        name = min(unknown)[:40]
        raise InputError(
            f"The parameter '{name}' is not known.",
            field=name,
            fix=f"Those there are: {', '.join(sorted(known))}.",
        )
    queries = given.get("query", []) + ([direct] if direct is not None else [])
    if len(queries) != 1:
        raise InputError("Send exactly one query.", field="query")
    return Wanted(queries[0], given)


async def chosen(datasets: Datasets, given: Given) -> Dataset:
    """The release a request asks for; the latest if it names none.

    Raises:
        NotFound: there is no such release, or none at all. InputError: it names several.
    """
    names = given.get("release", [])
    if len(names) > 1:
        raise InputError("Name one release at most.", field="release")
    if names and names[0] not in ("", "latest"):
        return await run_in_threadpool(datasets.get, names[0])
    found = datasets.latest()
    if found is None:
        raise NotFound("Nothing has been published yet.", fix="Run warranted publish.")
    return found


def negotiated(request: Request, form: str, wanted: str = "") -> str:
    """The media type of the answer to a query of that form: `wanted`, one of `formats.ENDINGS`, or as
    the Accept header has it.

    Raises:
        Refused: 406. InputError: there is no format of that name.
    """
    offered = list(formats.SOLUTIONS if form in ("SELECT", "ASK") else formats.GRAPHS)
    if form == "ASK":
        offered = [media for media in offered if formats.SOLUTIONS[media].booleans]
    if wanted:
        named = formats.ENDINGS if form in ("SELECT", "ASK") else formats.GRAPH_ENDINGS
        if wanted not in named:
            listed = ", ".join(named)
            raise InputError(
                f"The format '{wanted[:20]}' is none for {form}.",
                field="format",
                fix=f"Those there are: {listed}.",
            )
        accept = named[wanted]
    else:
        accept = ", ".join(request.headers.getlist("accept"))
    media = formats.choose(accept, offered)
    if media is None:
        raise Refused(406, "This can be answered as " + ", ".join(offered) + ".")
    return media


def address(request: Request) -> str:
    """The address of the endpoint: what relative IRIs of a query are resolved against."""
    scope = request.scope
    host = request.headers.get("host") or "localhost"
    return f"{scope['scheme']}://{host}{scope['path']}"


def takes_gzip(request: Request) -> bool:
    """Whether the answer may be compressed."""
    header = request.headers.get("accept-encoding", "")
    return bool(header) and formats.choose(header, ["gzip"]) is not None


def client_of(request: Request) -> Client:
    """Who asks, as the queue knows it: the address, and address and port."""
    host, port = request.scope.get("client") or ("?", 0)
    return Client(host, f"{host}:{port}")


def written(found: Answer, headers: Mapping[str, str]) -> Response:
    """An answer as a response."""
    more = dict(SAFE | dict(headers))
    waited, took = (1000 * s for s in (found.served.waited, found.served.took))
    more["Server-Timing"] = f"queue;dur={waited:.1f}, query;dur={took:.1f}"
    if found.cut is not None:
        more["Warranted-Row-Limit"] = str(found.cut)
    if found.zipped:
        more["Content-Encoding"] = "gzip"
    return Response(found.body, media_type=found.media_type, headers=more)


def _tag(dataset: Dataset, url: str, wanted: Wanted, media: str) -> str:
    """An entity tag: it changes with the release, the query, its graphs and the format."""
    parts = (
        dataset.digest,
        dataset.name,
        url,
        wanted.text,
        media,
        *wanted.default,
        "",
        *wanted.named,
    )
    packed = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(packed, digest_size=12).hexdigest()
