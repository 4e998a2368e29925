"""What every answer has in common: HEAD beside GET, and what anyone may read, pages of other sites may
read, too: CORS, errors included (Fetch, 3.2)."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN: Final = frozenset(
    [
        "sparql",
        "queries",
        "cite",
        "id",
        "ns",
        "scheme",
        "shapes",
        "schema",
        "releases",
        "release",
        "context.jsonld",
        "openapi.json",
    ]
)
"""First segments of the paths that are open. None of them looks at a cookie."""
_EXPOSED: Final = (
    "ETag, Link, Location, Retry-After, Server-Timing, Warranted-Release, Warranted-Row-Limit"
)
CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED.encode()),
)
"""What an open answer bears."""
_ALLOWED: Final = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, POST, OPTIONS"),
)


class Head:
    """Plain ASGI: whatever answers GET answers HEAD, with the same headers and no body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, sent)


class Openly:
    """Plain ASGI: adds the headers, and answers preflights."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _open(scope):
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *CORS]
            await send(message)

        if scope["method"] == "OPTIONS":
            await sent({"type": "http.response.start", "status": 204, "headers": [*_ALLOWED]})
            await sent({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, sent)


def _open(scope: Scope) -> bool:
    path: str = scope["path"]
    root = scope.get("root_path", "")
    if root and path.startswith(root):
        path = path[len(root) :]
    return path[1:].partition("/")[0] in OPEN
