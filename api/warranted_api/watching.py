"""What an operator watches: Prometheus metrics, and a line of log for each request.

Neither holds what was sent or read: of an address only the route, of a caller nothing.
"""

from __future__ import annotations

import logging
import secrets
import sys
import time
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pythonjsonlogger.json import JsonFormatter
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warranted.errors import StoreError
from warranted.repository import Repository

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = logging.getLogger("warranted.access")


class Watching:
    """Counts and times the requests to one application."""

    def __init__(self, store: Repository) -> None:
        self.store = store
        self.registry = CollectorRegistry()
        names = ("method", "route", "status")
        self._requests = Counter(
            "warranted_requests", "Requests answered.", names, registry=self.registry
        )
        self._seconds = Histogram(
            "warranted_request_seconds",
            "Seconds until a request was answered.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._ledger = self._gauge("ledger_changes", "Number of the ledger's last change.")
        self._graph = self._gauge("graph_behind", "Changes the graph has not seen; -1: it is away.")
        self._records = Gauge(
            "warranted_records", "Records in force.", ("type",), registry=self.registry
        )

    def before(self, app: ASGIApp) -> ASGIApp:
        """`app`, its every request watched and given a number that its log line and answer bear."""
        return _Watcher(app, self)

    def answered(self, scope: Scope, status: int, seconds: float, number: str) -> None:
        """One request was answered."""
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
        if log.isEnabledFor(logging.INFO):
            said = {"method": method, "route": route, "status": status, "request": number}
            log.info("request", extra=said | {"ms": round(seconds * 1000, 1)})

    def router(self) -> APIRouter:
        """The route of the metrics."""
        routes = APIRouter(tags=["service"])

        @routes.get("/metrics", operation_id="metrics")
        async def metrics() -> Response:
            """Prometheus metrics: requests, their times, the ledger, the graph."""
            await run_in_threadpool(self._look)
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return routes

    def _gauge(self, name: str, help_: str) -> Gauge:
        return Gauge(f"warranted_{name}", help_, registry=self.registry)

    def _look(self) -> None:
        self._ledger.set(self.store.ledger.last_seq())
        for type_, count in self.store.ledger.counts().items():
            self._records.labels(type_).set(count)
        try:
            self._graph.set(self.store.follower.behind())
        except StoreError:
            self._graph.set(-1)


class _Watcher:
    """Plain ASGI: nothing is buffered, and it costs some microseconds."""

    def __init__(self, app: ASGIApp, watching: Watching) -> None:
        self.app, self.watching = app, watching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, began, status = secrets.token_hex(8), time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", number.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            self.watching.answered(scope, status, time.perf_counter() - began, number)


_METHODS: Final = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


def start_logging(form: str) -> None:
    """Log to standard error: `json`, a JSON object a line, or `text`, warnings alone."""
    handler = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    if form == "json":
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        handler.setFormatter(
            JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=names)
        )
        root.setLevel(logging.INFO)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole addresses
    else:
        root.setLevel(logging.WARNING)
    root.handlers[:] = [handler]
