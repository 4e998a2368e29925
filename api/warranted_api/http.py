"""What every endpoint needs of HTTP: bodies within limits, known parameters, preconditions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import Request

from warranted.errors import InputError, ParseError, TooLarge
from warranted_api.problems import Refused

SAFE: Final = {"X-Content-Type-Options": "nosniff"}
PRIVATE: Final = SAFE | {
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Authorization, Cookie",
}
MOST: Final = 1000
"""Most items of a list at once."""

_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,|$)')


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


async def asked(
    request: Request, most: int, fields: Mapping[str, type], needed: Iterable[str] = ()
) -> dict[str, Any]:
    """The fields of a small JSON body; an empty body has none.

    Raises:
        Refused: 415, it is no JSON. ParseError: it does not parse.
        InputError: a field is unknown, of the wrong type, or missing; it names the field.
    """
    data = await body(request, most)
    given: Any = {}
    if data:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in ("application/json", "application/merge-patch+json"):
            raise Refused(415, "Send the body as application/json.")
        try:
            given = json.loads(data.decode(), parse_constant=_no_constant)
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise ParseError("request body", f"it is no JSON ({error})") from error
    if not isinstance(given, dict):
        raise InputError("The body should be an object.", fix=f"Its fields: {', '.join(fields)}.")
    for name, value in given.items():
        kind = fields.get(name)
        if kind is None:
            listed = f"Those there are: {', '.join(fields)}." if fields else "There are none."
            raise InputError(f"The field '{name[:40]}' is not known.", field=name[:40], fix=listed)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if wrong and not (kind is float and isinstance(value, int) and not isinstance(value, bool)):
            raise InputError(f"'{name}' should be {_KINDS[kind]}.", field=name)
        if kind is list and not all(isinstance(item, str) for item in value):
            raise InputError(f"'{name}' should be a list of texts.", field=name)
        if _lone(value):
            raise InputError(f"'{name}' has a character that is none (a surrogate).", field=name)
    for name in needed:
        if given.get(name) in (None, "", []):
            raise InputError(f"'{name}' is missing.", field=name)
    return given


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of texts",
    dict: "an object",
}


def _lone(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(t, str) and re.search("[\ud800-\udfff\x00]", t) for t in texts)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def only(request: Request, known: Iterable[str]) -> None:
    """Refuse query parameters that mean nothing here, rather than ignore them.

    Raises:
        InputError: it names the parameter and those there are.
    """
    names = sorted(known)
    for name, value in request.query_params.multi_items():
        if name not in names:
            listed = f"Those there are: {', '.join(names)}." if names else "There are none here."
            raise InputError(
                f"The parameter '{name[:40]}' is not known.", field=name[:40], fix=listed
            )
        if "\x00" in value:
            raise InputError(f"The parameter '{name}' has a character that is none.", field=name)


def flag(request: Request, name: str) -> bool:
    """Whether a parameter is set: `?name`, `?name=true`, `?name=1`.

    Raises:
        InputError: it is set to something else.
    """
    value = request.query_params.get(name)
    if value is None or value in ("false", "0"):
        return False
    if value in ("", "true", "1"):
        return True
    raise InputError(f"'{name}' is true or false.", field=name)


def limit_of(request: Request) -> int:
    """How many items are asked for: `limit`, 100 if it does not say.

    Raises:
        InputError: it is no number from 1 to `MOST`.
    """
    return number_of(request, "limit", 100, most=MOST)


def number_of(request: Request, name: str, default: int, *, most: int = 2**53) -> int:
    """A whole number from 1 to `most` in the parameter `name`.

    Raises:
        InputError: it is none.
    """
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:18]) <= most:
        raise InputError(f"'{name}' should be a number from 1 to {most}.", field=name)
    return int(text)


def tags(header: str) -> list[str]:
    """The entity tags in an If-Match or If-None-Match header, without quotes (RFC 9110, 8.8.3)."""
    return ["*"] if header.strip() == "*" else _TAG.findall(header)


def expected(request: Request, *, needed: bool = True) -> str | None:
    """The digest that If-Match says is in force; None for `*`, or where it is missing and not needed.

    A tag names a digest and, after a dot, the format it was sent in.

    Raises:
        Refused: 428 if it is missing; 412 if it can match nothing.
    """
    header = request.headers.get("if-match")
    if header is None:
        if needed:
            raise Refused(
                428,
                "Say which version you mean to change: send its ETag as If-Match. "
                "It came with the record when you read it.",
            )
        return None
    found = tags(header)
    if found == ["*"]:
        return None
    digests = {tag.partition(".")[0] for tag in found if not header.strip().startswith("W/")}
    if len(digests) != 1:
        raise Refused(412, "If-Match should hold the one ETag of the version you read.")
    return digests.pop()


def unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names this entity tag (in quotes)."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    found = tags(header)
    return found == ["*"] or tag.strip('"') in found
