"""Checks what was rendered: every link leads somewhere, every anchor is there, no id stands twice."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import pairwise
from urllib.parse import unquote, urlsplit

# Our templates escape every quote in a text, so what looks like one of these attributes is one.
_USED = re.compile(r"<use\s[^>]*>")  # a shape of the same page: no link
_PLAIN = re.compile(
    r"((?:\.\./)*)((?:[A-Za-z0-9_-][\w.-]*/)*[A-Za-z0-9_-][\w.-]*)?(?:#([^&\s]*))?", re.ASCII
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@dataclass(frozen=True, slots=True)
class Read:
    """What the links of a page say: the ids it has, those that stand twice, and where it leads.

    `targets`: paths from the site's root, each with the anchor named there or ""; `faults`: links that
    cannot work.
    """

    ids: frozenset[str]
    doubled: tuple[str, ...]
    targets: frozenset[tuple[str, str]]
    faults: tuple[str, ...]


def read(path: str, html: str) -> Read:
    """The links and anchors of the page at `path`."""
    if "<use" in html:
        html = _USED.sub("", html)
    ids = [unescape(value) for value in _values(html, "id")]
    links = {*_values(html, "href"), *_values(html, "src")}
    known = frozenset(ids)
    doubled = tuple(sorted({i for i in known if ids.count(i) > 1})) if len(known) < len(ids) else ()
    folder = posixpath.dirname(path)
    targets: set[tuple[str, str]] = set()
    faults = []
    for link in links:
        target = _target(folder, link)
        if target is None:
            faults.append(f"{link} would not work under a prefix")
        elif target:
            targets.add((target[0] or path, target[1]))
    return Read(known, doubled, frozenset(targets), tuple(sorted(faults)))


def _values(html: str, attribute: str) -> list[str]:
    """Values of an attribute. Cut at its name, which takes a fifth of the time a pattern takes."""
    pieces = html.split(f'{attribute}="')
    return [
        piece[: piece.index('"')] for before, piece in pairwise(pieces) if before[-1:].isspace()
    ]


@lru_cache(maxsize=8192)
def _target(folder: str, link: str) -> tuple[str, str] | tuple[()] | None:
    """(path from the root or "", anchor); () for a link out of the site, None for one to its root."""
    if found := _PLAIN.fullmatch(link):
        # Most are as we write them: the way up, the way down, an anchor.
        up, down, fragment = found[1].count("/"), found[2], found[3]
        within = folder.split("/") if folder else []
        if not up and not down:
            return "", fragment or ""
        if down and up <= len(within):
            return "/".join([*within[: len(within) - up], down]), fragment or ""
    if _SCHEME.match(link):
        return ()
    parts = urlsplit(unescape(link))
    if parts.path.startswith("/"):
        return None
    if not parts.path:
        return "", parts.fragment
    return posixpath.normpath(posixpath.join(folder, unquote(parts.path))), parts.fragment


def wrong(path: str, found: Read, files: Container[str], ids: Mapping[str, Read]) -> list[str]:
    """What is wrong with a page, a line each.

    Args:
        files: paths of everything the site holds. ids: pages whose anchors are looked at.
    """
    told = [f"{path}: the id '{i}' stands twice" for i in found.doubled]
    told += [f"{path}: {fault}" for fault in found.faults]
    for target, fragment in sorted(found.targets):
        shown = target + (f"#{fragment}" if fragment else "")
        if target not in files:
            told.append(f"{path}: {shown} leads nowhere")
        elif (
            fragment
            and "=" not in fragment  # q=… is a state, no anchor
            and target in ids
            and fragment not in ids[target].ids
        ):
            told.append(f"{path}: {shown} names an anchor that is not there")
    return told


def broken(pages: Mapping[str, str], files: Iterable[str]) -> list[str]:
    """What is wrong in a whole site, a line each.

    Args:
        pages: path from the root → HTML.
        files: paths of everything the site holds, the pages included.
    """
    there, all_read = set(files), {path: read(path, html) for path, html in pages.items()}
    return [
        line
        for path, found in sorted(all_read.items())
        for line in wrong(path, found, there, all_read)
    ]
