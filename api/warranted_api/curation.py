"""`/api/v1`: records read, listed, created and replaced; and `/id`, where a record's IRI leads."""

from __future__ import annotations

from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import records
from warranted.errors import Conflict, InputError, NotFound
from warranted.namespaces import ID_PATTERN
from warranted.query import formats
from warranted.query.pool import Pool
from warranted.rdfio import Format, serialise
from warranted.records import Record
from warranted.repository import Repository
from warranted.settings import Settings
from warranted_api.http import SAFE, body, may_write, only, require_write
from warranted_api.problems import Refused
from warranted_api.published import Published

OFFERED = {f.media_type: f for f in (Format.TURTLE, Format.JSONLD, Format.NQUADS)}
TAKEN = {f.media_type: f for f in (Format.TURTLE, Format.JSONLD)}
MOST = 1000


def router(store: Repository, settings: Settings, published: Published, pool: Pool) -> APIRouter:
    """The routes of records."""
    routes = APIRouter(tags=["records"])

    @routes.get("/id/{type}/{id}", operation_id="record_or_page")
    async def dereference(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """A published record: as data, or a redirect to its page, by the Accept header."""
        only(request, ())
        record, page = await run_in_threadpool(_released, type, id)
        media = formats.choose(request.headers.get("accept"), ["text/html", *OFFERED])
        if media is None:
            raise Refused(406, "This record can be had as text/html, " + ", ".join(OFFERED) + ".")
        if media == "text/html":
            if page is None:
                raise Refused(406, "This record has no page; ask for " + ", ".join(OFFERED) + ".")
            base = request.scope.get("root_path", "")
            return RedirectResponse(f"{base}/{page}", 303, headers={"Vary": "Accept"})
        return _as(record, OFFERED[media])

    @routes.get("/api/v1/{type}", operation_id="list_records")
    async def page(request: Request, type: str) -> Response:  # noqa: A002
        """Records of a type, in the order of their IRIs. With the token, drafts too."""
        only(request, ("limit", "after"))
        records.known(type)
        limit, after = _limit(request), request.query_params.get("after", "")
        writer = may_write(request, settings)
        found = await run_in_threadpool(_page, type, after, limit + 1, writer)
        headers = dict(SAFE)
        if len(found) > limit:
            found = found[:limit]
            query = urlencode({"limit": limit, "after": found[-1]})
            headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
        items = [{"id": iri, "url": _url(iri)} for iri in found]
        return JSONResponse({"type": type, "items": items}, headers=headers)

    @routes.get("/api/v1/{type}/{id}", operation_id="read_record")
    async def read(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """One record. With the token as it is now; without, as it was last published."""
        only(request, ())
        media = formats.choose(request.headers.get("accept"), list(OFFERED))
        if media is None:
            raise Refused(406, "A record can be had as " + ", ".join(OFFERED) + ".")
        if may_write(request, settings):
            record = await run_in_threadpool(_stored, type, id)
        else:
            record, _ = await run_in_threadpool(_released, type, id)
        return _as(record, OFFERED[media])

    @routes.post("/api/v1/{type}", status_code=201, operation_id="create_record")
    async def create(request: Request, type: str) -> Response:  # noqa: A002
        """Create a record. Its subject in the body is the empty IRI: `<>` in Turtle, `"id": ""` in JSON-LD."""
        require_write(request, settings)
        only(request, ())
        records.known(type)
        placeholder = f"{settings.base}/id/{type}/new"
        record = await _sent(request, placeholder)
        named = _renamed(record, records.mint(type, settings.base))
        version, results = await run_in_threadpool(
            store.put, named, role="curator", reason="created through the API", create=True
        )
        headers = SAFE | {"Location": _url(named.iri), "ETag": f'"{version.digest}"'}
        listed = [r.as_json() for r in results]
        return JSONResponse({"id": named.iri, "warnings": listed}, 201, headers=headers)

    @routes.put("/api/v1/{type}/{id}", operation_id="replace_record")
    async def replace(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Replace a record with the one in the body."""
        require_write(request, settings)
        only(request, ())
        before = await run_in_threadpool(_stored, type, id)
        expected = request.headers.get("if-match")
        record = await _sent(request, before.iri)
        digest = None if expected in (None, "*") else expected.strip().strip('"').partition(".")[0]
        try:
            version, results = await run_in_threadpool(
                store.put,
                record,
                role="curator",
                reason="replaced through the API",
                expected=digest,
            )
        except Conflict as error:
            raise Refused(412, str(error)) from error
        listed = [r.as_json() for r in results]
        headers = SAFE | {"ETag": f'"{version.digest}"'}
        return JSONResponse({"id": record.iri, "warnings": listed}, headers=headers)

    def _url(iri: str) -> str:
        return "/api/v1/" + iri.removeprefix(f"{settings.base}/id/")

    def _iri(type_: str, id_: str) -> str:
        records.known(type_)
        if not ID_PATTERN.fullmatch(id_):
            raise NotFound("There is no such record.")
        return f"{settings.base}/id/{type_}/{id_}"

    def _released(type_: str, id_: str) -> tuple[Record, str | None]:
        iri = _iri(type_, id_)
        view = published.current()
        record = view.get(iri, type_) if view else None
        if record is None or view is None:
            raise NotFound("There is no such record.")
        return record, view.pages.get(iri)

    def _stored(type_: str, id_: str) -> Record:
        version = store.get(_iri(type_, id_))
        if version is None or version.body is None:
            raise NotFound("There is no such record.")
        return version.as_record()

    def _page(type_: str, after: str, limit: int, writer: bool) -> list[str]:
        if writer:
            return [v.record for v in store.page(type_, after=after, limit=limit)]
        view = published.current()
        return view.page(type_, after, limit) if view else []

    async def _sent(request: Request, iri: str) -> Record:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        fmt = TAKEN.get(media)
        if fmt is None:
            raise Refused(415, "Send the record as " + " or ".join(TAKEN) + ".")
        data = await body(request, settings.max_body)
        triples = await pool.parse(data, fmt, name="request body", base=iri)
        quads = (ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        found = records.split(quads, base=settings.base)
        if [r.iri for r in found] != [iri]:
            raise InputError(
                "The body should hold exactly one record.",
                field="id",
                fix="Use the empty IRI for it, and fragments such as <#finding> for its parts.",
            )
        return found[0]

    return routes


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "100")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MOST:
        raise InputError(f"'limit' should be a number from 1 to {MOST}.", field="limit")
    return int(text)


def _as(record: Record, fmt: Format) -> Response:
    data = (
        record.nquads.encode()
        if fmt is Format.NQUADS
        else serialise(record.triples, fmt, root=record.iri)
    )
    tag = f'"{record.digest}.{fmt.extension}"'
    return Response(
        data,
        media_type=fmt.media_type,
        headers=SAFE | {"Vary": "Accept, Authorization", "ETag": tag},
    )


def _renamed(record: Record, iri: str) -> Record:
    old = record.iri

    def term(t: ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple) -> object:
        if isinstance(t, ox.NamedNode) and (t.value == old or t.value.startswith(f"{old}#")):
            return ox.NamedNode(iri + t.value.removeprefix(old))
        return t

    triples = tuple(
        ox.Triple(term(t.subject), t.predicate, term(t.object))  # type: ignore[arg-type]
        for t in record.triples
    )
    return Record(iri, record.type, triples)
