"""Checks what was rendered: every link leads somewhere, every anchor is there, no id stands twice."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

_URLS = {"href", "src"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            elif name in _URLS and value and tag != "use":
                self.links.append(value)


def broken(pages: Mapping[str, str], files: Iterable[str]) -> list[str]:
    """What is wrong, a line each.

    Args:
        pages: path from the root → HTML.
        files: paths of everything the site holds, the pages included.
    """
    read: dict[str, _Page] = {}
    for path, html in pages.items():
        read[path] = _Page()
        read[path].feed(html)
    there = set(files)
    found = []
    for path, page in sorted(read.items()):
        doubled = (
            {i for i in page.ids if page.ids.count(i) > 1}
            if len(set(page.ids)) < len(page.ids)
            else set()
        )
        found += [f"{path}: the id '{i}' stands twice" for i in sorted(doubled)]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = path
            if parts.path:
                if parts.path.startswith("/"):
                    found.append(f"{path}: {link} would not work under a prefix")
                    continue
                target = posixpath.normpath(
                    posixpath.join(posixpath.dirname(path), unquote(parts.path))
                )
            if target not in there:
                found.append(f"{path}: {link} leads nowhere")
            elif parts.fragment and target in read and parts.fragment not in read[target].ids:
                found.append(f"{path}: {link} names an anchor that is not there")
    return found
