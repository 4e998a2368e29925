"""`/api/v1/inbox`: what strangers send, without an account, and what a hub's curators make of it.

Sending takes no cookie and no token, and pages of any site may do it (CORS): a static copy of the
published site is enough. What was sent is read and judged before it is kept, and on disk before it is
acknowledged; the sender gets the address of a receipt, and nobody else knows it.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections import OrderedDict
from typing import Any, Final

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warranted import records
from warranted.curation import outside
from warranted.curation.inbox import STATES, WAITING, Inbox, Receipt
from warranted.errors import Busy
from warranted.query import formats
from warranted.records import Record
from warranted_api import open_pages
from warranted_api.desk import TAKEN, Desk, Told
from warranted_api.http import PRIVATE, SAFE, asked, body, limit_of, only
from warranted_api.problems import Refused

PATH: Final = "/api/v1/inbox"
RECEIPTS: Final = f"{PATH}/receipts"
LARGEST: Final = 300_000
"""Bytes that may be sent at once."""
AT_ONCE: Final = 20
EVERY: Final = 180.0
"""One address may send so many at once, and one more each so many seconds."""
REMEMBERED: Final = 4096
"""Addresses of which it is known how much they sent of late."""

_UNSEEN: Final = SAFE | {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Location, Retry-After"),
)
_PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Content-Type"),
    (b"access-control-max-age", b"86400"),
)
_TEXT: Final = {"type": "string"}
_RDF: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/ld+json": {"schema": {"type": "object"}},
            "text/turtle": {"schema": _TEXT},
        },
    }
}


def _query(**parameters: dict[str, Any]) -> dict[str, Any]:
    listed = [
        {"name": n, "in": "query", "required": False, "schema": s} for n, s in parameters.items()
    ]
    return {"parameters": listed}


def _json(needed: tuple[str, ...], **fields: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
    }
    if needed:
        schema["required"] = list(needed)
    content = {"application/json": {"schema": schema}}
    flag = {"name": "dry-run", "in": "query", "required": False}
    enum = {"type": "string", "enum": ["", "true", "false", "1", "0"]}
    return {
        "parameters": [flag | {"schema": enum}],
        "requestBody": {"required": bool(needed), "content": content},
    }


class Rate:
    """How much one address may send: `at_once`, refilled by one each `every` seconds.

    It is kept in memory, for this process: an address is personal, and nothing of it is stored.
    """

    def __init__(self, at_once: int = AT_ONCE, every: float = EVERY) -> None:
        self._most, self._every = float(at_once), every
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, now: float | None = None) -> None:
        """Count one.

        Raises:
            Busy: it sent too much of late.
        """
        now = time.monotonic() if now is None else now
        known = _network(address)
        left, at = self._left.get(known, (self._most, now))
        left = min(self._most, left + (now - at) / self._every)
        if left < 1:
            wait = int((1 - left) * self._every) + 1
            raise Busy("Too much was sent from your address.", retry_after=wait)
        self._left[known] = left - 1, now
        self._left.move_to_end(known)
        while len(self._left) > REMEMBERED:
            self._left.popitem(last=False)


class Outside:
    """Plain ASGI: pages of other sites may send, and read receipts (Fetch, 3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _sends(scope):
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_CORS]
            await send(message)

        if scope["method"] == "OPTIONS":
            await sent({"type": "http.response.start", "status": 204, "headers": [*_PREFLIGHT]})
            await sent({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, sent)


def router(desk: Desk, rate: Rate | None = None) -> APIRouter:
    """The routes of the inbox."""
    routes = APIRouter(tags=["inbox"])
    rate = rate or Rate()

    def box() -> Inbox:
        return Inbox(desk.curation)

    async def given(request: Request) -> outside.Sent:
        """What is sent, parsed apart and judged; nothing of it is kept yet."""
        rate.take(request.client.host if request.client else "")
        only(request, ())
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        fmt = TAKEN.get(media)
        if fmt is None:
            raise Refused(415, "Send it as " + " or ".join(TAKEN) + ".")
        data = await body(request, min(LARGEST, desk.settings.max_body))
        base = f"{desk.settings.base}/id/"
        triples = await desk.pool.parse(data, fmt, name="request body", base=base)

        def judged() -> outside.Sent:
            quads = (ox.Quad(t.subject, t.predicate, t.object) for t in triples)
            found = records.split(quads, base=desk.settings.base)
            return outside.look(found, released(desk), desk.settings.base)

        return await run_in_threadpool(judged)

    @routes.post(PATH, status_code=202, operation_id="send_to_inbox", openapi_extra=_RDF)
    async def send(request: Request) -> Response:
        """Send a test of a published idea, or an adaptation of a published package. No account is
        needed. A curator of its network decides on it; the receipt says what became of it.

        A report holds a test (`PDSACycle`), the site it was done at, and its version if it is a new
        one; an adaptation a theory made from the package, the site, versions and uptakes.
        """
        sent = await given(request)
        receipt = await run_in_threadpool(box().receive, sent)
        return _told(request, receipt)

    @routes.put(
        f"{RECEIPTS}/{{receipt}}",
        status_code=202,
        operation_id="send_again_to_inbox",
        openapi_extra=_RDF,
    )
    async def renew(request: Request, receipt: str) -> Response:
        """Send it again, whole: with its result, or put right. A prediction in the same words counts
        from the day it first came."""
        await run_in_threadpool(box().receipt, receipt)
        sent = await given(request)
        return _told(request, await run_in_threadpool(box().renew, receipt, sent))

    @routes.get(f"{RECEIPTS}/{{receipt}}", operation_id="read_receipt")
    async def receipt(request: Request, receipt: str) -> Response:
        """Where what was sent stands: waiting, accepted with the records made of it, or refused and
        why. As JSON or as a page."""
        only(request, ())
        found = await run_in_threadpool(box().receipt, receipt)
        offered = ["application/json", "text/html"]
        if formats.choose(request.headers.get("accept"), offered) == "text/html":
            view = desk.published.current()
            pages = {iri: view.pages.get(iri) if view else None for iri in found.records}
            headers = _UNSEEN | {"X-Robots-Tag": "noindex"}
            return open_pages.page(
                request, "receipt.html", headers=headers, receipt=found, pages=pages
            )
        return JSONResponse(_as_json(found), headers=_UNSEEN | {"Vary": "Accept"})

    listed = _query(
        state={"type": "string", "enum": list(STATES), "default": WAITING},
        after=_TEXT,
        limit={"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    )

    @routes.get(PATH, operation_id="list_inbox", openapi_extra=listed)
    async def every(request: Request) -> Response:
        """What was sent to the networks that the one who asks is a curator of: by default what waits."""
        actor = await desk.who.member(request)
        only(request, ("state", "after", "limit"))
        state = request.query_params.get("state", WAITING)
        after = request.query_params.get("after", "")
        limit = limit_of(request)

        def found() -> list[dict[str, Any]]:
            return box().every(actor, state=state, after=after, limit=limit)

        return JSONResponse({"items": await run_in_threadpool(found)}, headers=PRIVATE)

    @routes.get(f"{PATH}/{{id}}", operation_id="read_inbox")
    async def one(request: Request, id: str) -> Response:  # noqa: A002
        """One of them whole, with what the shapes say of it, and recorded sites of the same name."""
        actor = await desk.who.member(request)
        only(request, ())
        return JSONResponse(await run_in_threadpool(box().read, actor, id), headers=PRIVATE)

    accepting = _json((), site={"type": "string", "format": "iri"}, reason=_TEXT)

    @routes.post(f"{PATH}/{{id}}/accept", operation_id="accept_inbox", openapi_extra=accepting)
    async def accept(request: Request, id: str) -> Response:  # noqa: A002
        """Make drafts of what was sent: `{"site": IRI, "reason": "…"}`. `site` says that the place is
        one that is recorded; without it, it is a new one."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        said = await asked(request, 20_000, {"site": str, "reason": str})

        def work() -> Told:
            made = box().accept(actor, id, site=said.get("site", ""), reason=said.get("reason", ""))
            listed = [{"id": iri, "url": desk.url(iri)} for iri in made]
            return {"state": "accepted", "records": listed}, 200, {}

        data = json.dumps(said, sort_keys=True).encode()
        return await desk.write(request, actor, work, data=data)

    refusing = _json(("reason",), reason=_TEXT)

    @routes.post(f"{PATH}/{{id}}/refuse", operation_id="refuse_inbox", openapi_extra=refusing)
    async def refuse(request: Request, id: str) -> Response:  # noqa: A002
        """Make nothing of it; the sender is told why: `{"reason": "…"}`."""
        actor = await desk.who.member(request)
        only(request, ("dry-run",))
        said = await asked(request, 20_000, {"reason": str})

        def work() -> Told:
            box().refuse(actor, id, reason=said.get("reason", ""))
            return {"state": "refused", "reason": said["reason"].strip()}, 200, {}

        data = json.dumps(said, sort_keys=True).encode()
        return await desk.write(request, actor, work, data=data)

    return routes


def released(desk: Desk) -> outside.Released:
    """Looks up records in the latest release."""
    view = desk.published.current()

    def get(iri: str) -> Record | None:
        return view.get(iri, records.type_of(iri, desk.settings.base)) if view else None

    return get


def _told(request: Request, receipt: Receipt) -> Response:
    where = f"{open_pages.root_of(request)}{RECEIPTS}/{receipt.secret}"
    warnings = [result.as_json() for result in receipt.results]
    told = _as_json(receipt) | {"receipt": where, "warnings": warnings}
    return JSONResponse(told, 202, headers=_UNSEEN | {"Location": where})


def _as_json(receipt: Receipt) -> dict[str, Any]:
    return {
        "state": receipt.state,
        "kind": receipt.kind,
        "received": receipt.received,
        "reason": receipt.reason,
        "records": list(receipt.records),
    }


def _sends(scope: Scope) -> bool:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    if path == PATH:
        return scope["method"] in ("POST", "OPTIONS")
    return path.startswith(f"{RECEIPTS}/")


def _network(address: str) -> str:
    """The address; of IPv6 the part that belongs to one place (RFC 6177)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
