"""Files sent as they stand in a folder, and never one outside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from warranted.errors import NotFound
from warranted.query import formats
from warranted_api.http import SAFE
from warranted_api.open_pages import root_of

MEDIA: Final = {
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".nq": "application/n-quads",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
    ".json": "application/json",
    ".css": "text/css",
    ".js": "text/javascript",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".atom": "application/atom+xml",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".zip": "application/zip",
    ".pagefind": "application/octet-stream",
    ".pf_meta": "application/octet-stream",
    ".pf_index": "application/octet-stream",
    ".pf_fragment": "application/octet-stream",
}
SITE_HEADERS: Final = SAFE | {
    # The shell carries a script inline; the engines of search and of queries are WebAssembly. Nothing
    # comes from another host.
    "Content-Security-Policy": "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'self'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def sent(path: Path, headers: Mapping[str, str]) -> Response:
    """A file as it is."""
    media = MEDIA.get(path.suffix, "text/plain")
    return FileResponse(path, media_type=media, headers=dict(headers))


def inside(folder: Path, path: str, *, folders: bool = False) -> Path:
    """The file, or folder if `folders`, at a stranger's path below `folder`.

    Raises:
        NotFound: there is none, or it is hidden, or elsewhere.
    """
    root = folder.resolve()
    if "\x00" in path or "\\" in path:
        raise NotFound("There is nothing here.")
    target = (root / path.lstrip("/")).resolve()
    there = target.is_file() or (folders and target.is_dir())
    if not target.is_relative_to(root) or not there or target.name.startswith("."):
        raise NotFound("There is nothing here.")
    return target


def of_site(request: Request, site: Path, path: str, at: str = "/") -> Response:
    """What a site has at a path: a page, a file, or its own page for what is missing.

    `at`: where the site begins, below the server's own prefix.

    Raises:
        NotFound: nothing is there, and who asks does not want HTML.
    """
    try:
        found = _page_of(site, path)
    except NotFound:
        missing = site / "404.html"
        wants_html = formats.choose(
            request.headers.get("accept"), ["application/problem+json", "text/html"]
        )
        if wants_html == "text/html" and missing.is_file():
            text = missing.read_text(encoding="utf-8").replace(
                "<head>", f'<head><base href="{root_of(request)}{at}">', 1
            )
            return HTMLResponse(text, 404, headers=SITE_HEADERS)
        raise
    if found.is_dir():
        return RedirectResponse(f"{root_of(request)}{at}{path}/", 308)
    return sent(found, SITE_HEADERS)


def _page_of(site: Path, path: str) -> Path:
    target = inside(site, path or "index.html", folders=True)
    if target.is_dir() and (path.endswith("/") or not path):
        return inside(site, f"{path}index.html")
    return target
