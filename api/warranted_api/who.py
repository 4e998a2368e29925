"""Who is asking: by a token in the Authorization header, or by the cookie of a sign-in."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from warranted.ledger.accounts import everywhere
from warranted.repository import Repository
from warranted.rights import Actor
from warranted.settings import Settings
from warranted_api.problems import Refused

COOKIES: Final = ("__Host-warranted_session", "warranted_session")
UNSAFE: Final = frozenset(["POST", "PUT", "PATCH", "DELETE"])


class Who:
    """Tells who sends a request."""

    def __init__(self, store: Repository, settings: Settings) -> None:
        self._accounts = store.accounts
        self._write_token = settings.write_token

    async def asks(self, request: Request) -> Actor | None:
        """Who is asking; None for a stranger.

        Raises:
            Refused: 401, the token or the sign-in is not valid (any more); 403, the request comes
                from a page of another site.
        """
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, text = header.partition(" ")
            text = text.strip()
            if scheme.lower() != "bearer" or not text:
                raise _invalid("Send the token as: Authorization: Bearer …")
            if self._write_token and _same(text, self._write_token):
                return everywhere()
            actor, why = await run_in_threadpool(self._accounts.open, text)
            if actor is None:
                raise _invalid(why)
            return actor
        cookie = next((c for name in COOKIES if (c := request.cookies.get(name))), None)
        if cookie is None:
            return None
        if request.method in UNSAFE and not from_here(request):
            raise Refused(403, "This was sent from a page of another site.")
        actor, _ = await run_in_threadpool(self._accounts.open, cookie)
        return actor  # a cookie that has run out makes a stranger, who may read and sign in

    async def member(self, request: Request) -> Actor:
        """Who is asking, if it is no stranger.

        Raises:
            Refused: 401 for a stranger.
        """
        actor = await self.asks(request)
        if actor is None:
            raise Refused(
                401,
                "This takes a token: Authorization: Bearer …",
                {"WWW-Authenticate": 'Bearer realm="warranted"'},
            )
        return actor


def from_here(request: Request) -> bool:
    """Whether a page of this server sent the request, by what every browser says of it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(
        hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest(),
        hashlib.sha256(wanted.encode()).digest(),
    )


def _invalid(detail: str) -> Refused:
    return Refused(401, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
