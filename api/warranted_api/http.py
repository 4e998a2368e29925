"""What every endpoint needs of HTTP: bodies within limits, known parameters, who is asking."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from fastapi import Request

from warranted.errors import InputError, TooLarge
from warranted.settings import Settings
from warranted_api.problems import Refused

SAFE = {"X-Content-Type-Options": "nosniff"}


async def body(request: Request, most: int) -> bytes:
    """The request's body.

    Raises:
        TooLarge: it is longer than `most` bytes; no more than that was read.
    """
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > most:
            raise TooLarge(f"The body is longer than {most:,} bytes.", fix="Send less at once.")
    return bytes(whole)


def only(request: Request, known: Iterable[str]) -> None:
    """Refuse query parameters that mean nothing here, rather than ignore them.

    Raises:
        InputError: it names the parameter and those there are.
    """
    names = sorted(known)
    for name in request.query_params:
        if name not in names:
            listed = f"Those there are: {', '.join(names)}." if names else "There are none here."
            raise InputError(
                f"The parameter '{name[:40]}' is not known.", field=name[:40], fix=listed
            )


def may_write(request: Request, settings: Settings) -> bool:
    """Whether the request carries the write token.

    Raises:
        Refused: it carries another one.
    """
    given = request.headers.get("authorization")
    if given is None or not settings.write_token:
        return False
    scheme, _, token = given.partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(
        hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).digest(),
        hashlib.sha256(settings.write_token.encode()).digest(),
    ):
        return True
    raise Refused(
        401, "The token is not valid.", {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def require_write(request: Request, settings: Settings) -> None:
    """Let only a writer pass.

    Raises:
        Refused: writing is off, or there is no token, or a wrong one.
    """
    if not settings.write_token:
        raise Refused(403, "Writing is off: this server has no write token set.")
    if not may_write(request, settings):
        raise Refused(
            401, "Writing needs a token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"}
        )
