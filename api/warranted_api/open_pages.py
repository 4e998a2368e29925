"""The pages for researchers: stored queries, citations, releases. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from warranted_api.http import SAFE

HEADERS: Final = SAFE | {
    # The query page's editor sets styles of its own; no script is inline.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "same-origin",
    "Vary": "Accept",
    "Cache-Control": "no-cache",
}
_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "open"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


def root_of(request: Request) -> str:
    """What stands before every path where the server is below a prefix."""
    root: str = request.scope.get("root_path", "")
    return root


def page(
    request: Request, template: str, *, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """A page of the template of that name."""
    text = _PAGES.get_template(template).render(root=root_of(request), **values)
    return HTMLResponse(text, headers=HEADERS | dict(headers or {}))
