"""`/id/…`: where the IRI of a published record leads, as linked data (Cool URIs, 4.2; signposting)."""

from __future__ import annotations

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import release
from warranted.description import release_iri
from warranted.namespaces import RDF
from warranted.query import formats
from warranted.records import Record
from warranted_api.desk import OFFERED, Desk
from warranted_api.http import only
from warranted_api.open_pages import root_of
from warranted_api.problems import Refused


def router(desk: Desk) -> APIRouter:
    """The routes of `/id`."""
    routes = APIRouter(tags=["linked data"])

    @routes.get("/id/{type}/{id}", operation_id="record_or_page")
    async def dereference(request: Request, type: str, id: str) -> Response:  # noqa: A002
        """A published record: as data, or a redirect to its page, by the Accept header.

        The Link header says what to cite, of which kind it is, where its page and its data are, and
        which release it belongs to.
        """
        only(request, ())
        record, page = await run_in_threadpool(desk.released, type, id)
        media = formats.choose(request.headers.get("accept"), ["text/html", *OFFERED])
        if media is None:
            raise Refused(406, "This record can be had as text/html, " + ", ".join(OFFERED) + ".")
        root = root_of(request)
        links = {"Link": ", ".join(_signposts(desk, record, page, root))}
        if media == "text/html":
            if page is None:
                raise Refused(406, "This record has no page; ask for " + ", ".join(OFFERED) + ".")
            headers = {"Vary": "Accept"} | links
            return RedirectResponse(f"{root}/{page}", 303, headers=headers)
        return desk.as_(request, record, private=False, more=links)

    return routes


def _signposts(desk: Desk, record: Record, page: str | None, root: str) -> list[str]:
    address = f"{root}/id/{record.iri.removeprefix(f'{desk.settings.base}/id/')}"
    found = [f'<{record.iri}>; rel="cite-as"']
    found += [f'<{cls}>; rel="type"' for cls in _classes(record)]
    found += [f'<{address}>; rel="describedby"; type="{media}"' for media in OFFERED]
    if page is not None:
        found.append(f'<{root}/{page}>; rel="alternate"; type="text/html"')
    latest = release.latest(desk.settings)
    if latest is not None:
        found.append(f'<{release_iri(desk.settings.base, latest.id)}>; rel="collection"')
    return found


def _classes(record: Record) -> list[str]:
    node = ox.NamedNode(record.iri)
    return sorted(
        t.object.value
        for t in record.triples
        if t.subject == node
        and t.predicate.value == f"{RDF}type"
        and isinstance(t.object, ox.NamedNode)
    )
