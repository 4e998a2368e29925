"""Older versions of packages: their pages as they were, with a word that they are old.

A part whose records change is archived: its pages and data go to `versions/{release}/…`, laid out as
they were, so that links among them hold. Links that led out of the part lead to what stands there
now, or home where nothing does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, Final

from warranted.language import get
from warranted_site import linkcheck
from warranted_site.filling import NOTICE

FOLDER: Final = "versions"
_ATTRIBUTE = re.compile(r'(\s(?:href|src)=")([^"#?]*)([^"]*")')
_HOME: Final = "index.html"
_FONTS: Final = 'l.href="'
"""Before the way to the site's root in the script that asks for the fonts early (`theme/main.html`)."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_LANGUAGE = re.compile(r'<html[^>]*\slang="([A-Za-z0-9-]+)"')


@dataclass(frozen=True, slots=True)
class Archived:
    """A part as it was.

    Attributes:
        version: the release it was so since. slugs: its packages. records: IRIs of what it held.
        files: paths from the site's root. outward: (page, path) of links that lead out of it.
    """

    version: str
    part: str
    slugs: list[str]
    records: list[str]
    files: list[str]
    outward: list[tuple[str, str]]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Archived:
        """What `to_json` gave."""
        given = dict(told)
        given["outward"] = [(page, target) for page, target in given["outward"]]
        return cls(**given)


def archive(
    old: Archived,
    source: Path,
    out: Path,
    now: Collection[str],
    place: Callable[[Path, Path], None],
) -> Archived:
    """Put the files of a part that has changed below `versions/`.

    Args:
        old: the part as the site `source` has it; its files are named as they stand there.
        now: paths of what the new site holds besides.
        place: puts a file that stays as it is somewhere else.
    """
    own, files, outward = set(old.files), [], []
    for path in old.files:
        moved = f"{FOLDER}/{old.version}/{path}"
        target = out / moved
        files.append(moved)
        if not path.endswith(".html"):
            place(source / path, target)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        html = (source / path).read_text(encoding="utf-8")
        html = _told(_moved(html, path, old.version, own, now), path, old.version, now)
        target.write_text(html, encoding="utf-8")
        outward += _outward(moved, html, old.version)
    return Archived(old.version, old.part, old.slugs, old.records, files, outward)


def carry(
    old: Archived,
    source: Path,
    out: Path,
    now: Collection[str],
    place: Callable[[Path, Path], None],
) -> Archived:
    """Put an archived part of the site before into the new one; links that lead nowhere now go home."""
    lost: dict[str, set[str]] = {}
    for page, target in old.outward:
        if target not in now:
            lost.setdefault(page, set()).add(target)
    outward = [(page, target) for page, target in old.outward if target in now]
    for path in old.files:
        new = out / path
        if path not in lost:
            place(source / path, new)
            continue
        new.parent.mkdir(parents=True, exist_ok=True)
        html = _without((source / path).read_text(encoding="utf-8"), path, lost[path])
        new.write_text(html, encoding="utf-8")
        outward += [(path, _HOME)]
    return Archived(old.version, old.part, old.slugs, old.records, old.files, outward)


def _outward(path: str, html: str, version: str) -> list[tuple[str, str]]:
    own = f"{FOLDER}/{version}/"
    found = linkcheck.read(path, html)
    return [(path, target) for target, _ in sorted(found.targets) if not target.startswith(own)]


def _moved(html: str, path: str, version: str, own: Collection[str], now: Collection[str]) -> str:
    """The page with its ways out of the part as they are from its new place."""
    place = posixpath.dirname(f"{FOLDER}/{version}/{path}")

    def lead(target: str) -> str | None:
        if target in own:
            return None
        return target if target in now else _HOME

    up = posixpath.relpath(".", f"{FOLDER}/{version}")
    return _led(html.replace(_FONTS, f"{_FONTS}{up}/", 1), path, place, lead)


def _without(html: str, path: str, lost: Collection[str]) -> str:
    """The page with its links to what is gone leading home."""
    return _led(html, path, posixpath.dirname(path), lambda t: _HOME if t in lost else None)


def _led(html: str, path: str, place: str, lead: Callable[[str], str | None]) -> str:
    """The page at `path`, to stand in the folder `place`, with its links led anew.

    Args:
        lead: where a link leads → where it leads from now on, both from the site's root; None leaves it.
    """
    folder = posixpath.dirname(path)

    def anew(match: re.Match[str]) -> str:
        before, link, after = match.groups()
        if not link or _SCHEME.match(link):
            return match[0]
        target = posixpath.normpath(posixpath.join(folder, link))
        new = lead(target)
        if new is None:
            return match[0]
        # Another page has none of the anchors of the one that was meant.
        return f"{before}{posixpath.relpath(new, place)}" + (after if new == target else '"')

    return _ATTRIBUTE.sub(anew, html)


def _told(html: str, path: str, version: str, now: Collection[str]) -> str:
    """The page with the word that it is old, out of the reach of search engines."""
    found = _LANGUAGE.search(html)
    language = get(found[1] if found else "en")
    current = path if path in now else _HOME
    depth = posixpath.dirname(f"{FOLDER}/{version}/{path}")
    way = escape(posixpath.relpath(current, depth))
    said = language.say("This is an older version, of release %(release)s.", release=version)
    more = language.say("Read what stands now") if current == path else language.say("Go home")
    banner = (
        f'<p class="w-banner" role="note"><strong>{escape(said)}</strong> '
        f'<a href="{way}">{escape(more)}</a></p>'
    )
    html = html.replace(NOTICE, banner, 1)
    return html.replace("</head>", '<meta name="robots" content="noindex">\n</head>', 1)
