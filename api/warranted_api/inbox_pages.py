"""`/hub/inbox`: the pages on which a hub's curators decide on what was sent from outside. No script needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from warranted import compare
from warranted.curation.inbox import Inbox
from warranted.errors import InputError, InvalidRecord
from warranted.ledger import find
from warranted.namespaces import NIC
from warranted.records import Record
from warranted.rights import Actor
from warranted_api.desk import Desk
from warranted_api.http import PRIVATE, only
from warranted_api.problems import Refused
from warranted_api.who import from_here

STEPS: Final = ("accept", "refuse")
MOST: Final = 20_000
"""Bytes of a form."""
FOLDER: Final = Path(__file__).parent / "hub"
HEADERS: Final = PRIVATE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}


def router(desk: Desk) -> APIRouter:
    """The routes of the inbox's pages."""
    routes = APIRouter(tags=["hub"], include_in_schema=False)
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True)

    def page(template: str, status: int = 200, /, **values: Any) -> Response:
        text = pages.get_template(template).render(**values)
        return Response(text, status, media_type="text/html; charset=utf-8", headers=HEADERS)

    async def member(request: Request) -> Actor | Response:
        actor = await desk.who.asks(request)
        return actor or RedirectResponse("/hub/", 303, headers=HEADERS)

    def shown(actor: Actor, id_: str) -> dict[str, Any]:
        box = Inbox(desk.curation)
        item = box.read(actor, id_)
        said = [_said(desk, record) for record in box.sent(actor, id_)]
        made = [iri.partition("/id/")[2] for iri in item["made"]]
        return {"item": item, "said": said, "made": made, "told": None, "reason": ""}

    @routes.get("/hub/inbox")
    async def every(request: Request) -> Response:
        """What waits."""
        only(request, ())
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        items = await run_in_threadpool(Inbox(desk.curation).every, actor, limit=1000)
        return page("inbox.html", items=items, told=None)

    @routes.get("/hub/inbox/{id}")
    async def one(request: Request, id: str) -> Response:  # noqa: A002
        """One of them, and the form to decide on it."""
        only(request, ())
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        return page("inbox-item.html", **await run_in_threadpool(shown, actor, id))

    @routes.post("/hub/inbox/{id}/{step}")
    async def decided(request: Request, id: str, step: str) -> Response:  # noqa: A002
        """Accept it, or refuse it."""
        actor = await member(request)
        if isinstance(actor, Response):
            return actor
        if not from_here(request):
            raise Refused(403, "This was sent from a page of another site.")
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST:
            raise Refused(413, "The form is too long.")
        if step not in STEPS:
            raise Refused(404, "There is nothing here.")
        form = await request.form(max_files=0, max_fields=10)
        reason, site = str(form.get("reason", "")), str(form.get("site", ""))

        def work() -> str | None:
            box = Inbox(desk.curation)
            try:
                with desk.store.writer.transaction():
                    if step == "accept":
                        box.accept(actor, id, site=site, reason=reason)
                    else:
                        box.refuse(actor, id, reason=reason)
            except (InputError, InvalidRecord) as error:
                return str(error)
            return None

        told = await run_in_threadpool(work)
        if told is None:
            return RedirectResponse(f"/hub/inbox/{id}", 303, headers=HEADERS)
        values = await run_in_threadpool(shown, actor, id)
        return page("inbox-item.html", 400, **values | {"told": told, "reason": reason})

    return routes


def _said(desk: Desk, record: Record) -> dict[str, Any]:
    """What one record says, or what it changes in the one that was made of it before."""
    known = desk.store.ledger.current(record.iri)

    def label(iri: str) -> str | None:
        line = find.lines(desk.store.ledger, [iri]).get(iri)
        return line.label if line else None

    before = known.as_record() if known else None
    changes = compare.differences(before, record, label=label)
    own = (f"{NIC}ofNetwork", f"{NIC}lifecycle")
    return {
        "type": record.type,
        "known": known is not None,
        "changes": [change for change in changes if change.path not in own],
    }
