"""Every error of the API has one shape: application/problem+json (RFC 9457). This is where it is made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from warranted import errors
from warranted.query import formats
from warranted.rdfio import Format
from warranted.report import report

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[errors.WarrantedError], int], ...] = (
    (errors.InvalidRecord, 422),
    (errors.UnknownType, 404),
    (errors.TooLarge, 413),
    (errors.KeyReused, 422),
    (errors.QueryRefused, 403),
    (errors.InputError, 400),
    (errors.NotFound, 404),
    (errors.Gone, 410),
    (errors.NotAllowed, 403),
    (errors.Stale, 412),
    (errors.Conflict, 409),
    (errors.GateFailed, 409),
    (errors.QueryTimeout, 503),
    (errors.ResultTooLarge, 422),
    (errors.Busy, 429),
    (errors.QueryLimit, 503),
    (errors.StoreFull, 507),
    (errors.StoreError, 503),
)
"""The status of each kind of error; the first that fits counts."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "field": {"type": "string"},
        "needs": {"type": "array", "items": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": ["string", "null"]},
                    "path": {"type": ["string", "null"]},
                    "value": {"type": ["string", "null"]},
                    "severity": {"enum": ["Violation", "Warning", "Info"]},
                    "message": {"type": "string"},
                    "next": {"type": "string"},
                },
            },
        },
    },
}

log = logging.getLogger(__name__)


class Refused(Exception):
    """An error of HTTP itself: a status with words and headers of its own."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """One problem as a response. What the caller sent is never echoed but its path."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **{key: value for key, value in more.items() if value is not None},
    }
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _report_format(request: Request) -> Format | None:
    """The format of a SHACL report, if the request would rather have one than a problem."""
    accept = request.headers.get("accept")
    offered = [MEDIA_TYPE, "application/json", "text/turtle", "application/ld+json"]
    media = formats.choose(accept, offered)
    return next((f for f in (Format.TURTLE, Format.JSONLD) if f.media_type == media), None)


def status_of(error: errors.WarrantedError) -> int:
    """The HTTP status that stands for `error`."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def of(request: Request, error: errors.WarrantedError | Refused) -> Response:
    """An error of ours as a response."""
    if isinstance(error, Refused):
        return problem(request, error.status, error.detail, headers=error.headers)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, errors.Busy) else {}
    listed = None
    if isinstance(error, errors.InvalidRecord):
        fmt = _report_format(request)
        if fmt is not None:
            told = report(error.results, fmt)
            vary = {"Vary": "Accept"}
            return Response(told, status_of(error), media_type=fmt.media_type, headers=vary)
        listed = [result.as_json() for result in error.results]
    needs = list(error.needs) if isinstance(error, errors.NotAllowed) else None
    if isinstance(error, errors.GateFailed):
        listed = [{"message": reason} for reason in error.reasons]
    return problem(
        request,
        status_of(error),
        str(error),
        headers=headers,
        field=error.field,
        errors=listed,
        needs=needs or None,
    )


def unforeseen(request: Request, error: Exception) -> Response:
    """A fault of ours as a response; it is logged."""
    log.error("unforeseen error at %s", request.url.path, exc_info=error)
    return problem(request, 500, "Something went wrong here. It has been noted.")


def install(app: FastAPI) -> None:
    """Have `app` answer every error in the one shape, the framework's own included."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.WarrantedError | Refused)
        return of(request, error)

    async def fault(request: Request, error: Exception) -> Response:
        return unforeseen(request, error)

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = {404: "There is nothing here.", 405: "This address does not take that method."}
        detail = words.get(error.status_code, "The request cannot be answered.")
        return problem(request, error.status_code, detail, headers=error.headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        names = sorted({str(e["loc"][-1]) for e in error.errors() if e["loc"]})
        detail = f"Put this right: {', '.join(names)}."
        return problem(request, 422, detail, field=names[0] if names else None)

    app.add_exception_handler(errors.WarrantedError, ours)
    app.add_exception_handler(Refused, ours)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, fault)
