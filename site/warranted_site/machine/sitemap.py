"""`sitemap.xml` (sitemaps.org 0.9) and `robots.txt` (RFC 9309)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape

NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST: Final = 50_000
"""Addresses a sitemap may hold; with more, `sitemap.xml` lists sitemaps."""


def listed(
    pages: Iterable[tuple[str, str | None]], left_out: Container[str]
) -> Iterator[tuple[str, str]]:
    """(path, record IRI or "") of the pages to list, from all (path, record IRI or None) of the site.

    The page for what is missing is left out, and so are pages of the records in `left_out`: made-up
    ones ask not to be found (see `head.lines`).
    """
    for path, record in pages:
        if path.rpartition("/")[2] != "404.html" and (record is None or record not in left_out):
            yield path, record or ""


def files(
    address: str,
    pages: Iterable[tuple[str, str]],
    days: Mapping[str, str],
) -> dict[str, bytes]:
    """`robots.txt`, and with an address the sitemap: path → content.

    Args:
        address: the site's, with a slash at its end; empty: a sitemap cannot be written, as its
            addresses must be whole, and robots.txt names none.
        pages: see `listed`. days: record IRI → the day it last changed, where it is known.
    """
    robots = "User-agent: *\nDisallow:\n"
    if not address:
        return {"robots.txt": robots.encode()}
    robots += f"\nSitemap: {address}sitemap.xml\n"
    rows = [_row("url", address + path, days.get(record, "")) for path, record in sorted(pages)]
    made = {"robots.txt": robots.encode()}
    if len(rows) <= MOST:
        return made | {"sitemap.xml": _file("urlset", rows)}
    parts = {f"sitemap-{n}.xml": part for n, part in enumerate(_parts(rows), 1)}
    made |= {name: _file("urlset", part) for name, part in parts.items()}
    index = [_row("sitemap", address + name, "") for name in parts]
    return made | {"sitemap.xml": _file("sitemapindex", index)}


def _parts(rows: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(rows), MOST):
        yield rows[start : start + MOST]


def _row(name: str, target: str, day: str) -> str:
    modified = f"<lastmod>{day}</lastmod>" if day else ""
    return f"<{name}><loc>{escape(target)}</loc>{modified}</{name}>"


def _file(name: str, rows: Iterable[str]) -> bytes:
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">'
    return "\n".join([start, *rows, f"</{name}>", ""]).encode()
