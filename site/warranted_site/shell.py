"""The page shell: MkDocs and Material render one stub per URL depth; our pages fill it.

Rendering a stub and filling it costs a tenth of a millisecond a page, where Markdown through MkDocs
costs ten. The stubs are the only coupling with the theme: each is cut at marks, and a mark that does
not stand exactly where it should is an error.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from warranted.errors import StoreUnavailable

HERE: Final = Path(__file__).resolve().parent
MARKS: Final = ("WARRANTED-TITLE", "WARRANTED-HEAD", "WARRANTED-CONTENT")
NAV: Final = (
    ("Home", "index.md"),
    ("Packages", "packages/index.md"),
    ("About the warrant", "about/index.md"),
    ("Data", "data/index.md"),
)
DEPTHS: Final = {0: "index.html", 1: "stub/index.html", 2: "stub/deep/index.html"}
"""Where the stub of each depth is built; a page of the menu has a stub of its own."""


@dataclass(frozen=True, slots=True)
class Stub:
    """The shell of pages at one depth, cut at the marks."""

    parts: tuple[str, str, str, str]

    def fill(self, title: str, head: str, content: str) -> str:
        """The page: `title` is text already escaped, `head` and `content` are HTML."""
        before, between, middle, after = self.parts
        return before + title + between + head + middle + content + after


@dataclass(frozen=True, slots=True)
class Shell:
    """Stubs by path, and the folder with the theme's own files (`assets/`)."""

    stubs: dict[str, Stub]
    assets: Path

    def stub(self, path: str) -> Stub:
        """The stub for the page at `path`: its own, or the one of its depth."""
        return self.stubs.get(path) or self.stubs[DEPTHS[path.count("/")]]


SITE_NAME: Final = "Warranted"


def shell(cache: Path, *, site_name: str = SITE_NAME) -> Shell:
    """The shell, from `cache` if it was built there with the same theme and configuration.

    Raises:
        StoreUnavailable: the theme no longer puts a mark where it stood.
    """
    folder = cache / _key(site_name)
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _build(folder, site_name)
        (folder / "done").touch()
    paths = [*DEPTHS.values(), *(name.replace(".md", ".html") for _, name in NAV)]
    stubs = {path: _cut((folder / path).read_text(encoding="utf-8"), path) for path in paths}
    return Shell(stubs, folder / "assets")


def _key(site_name: str) -> str:
    digest = hashlib.sha256()
    for name in ("mkdocs", "mkdocs-material"):
        digest.update(version(name).encode())
    digest.update(site_name.encode())
    for file in (Path(__file__), *sorted((HERE / "theme").rglob("*"))):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _build(out: Path, site_name: str) -> None:
    logging.getLogger("mkdocs").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch:
        docs = Path(scratch) / "docs"
        for _, name in (*NAV, ("", "stub/index.md"), ("", "stub/deep/index.md")):
            page = docs / name
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"---\ntitle: {MARKS[0]}\n---\n", encoding="utf-8")
        config = load_config(
            config_file=str(HERE / "mkdocs.yml"),
            docs_dir=str(docs),
            site_dir=str(out),
            site_name=site_name,
            nav=[{label: name} for label, name in NAV],
        )
        mkdocs_build(config)


def _cut(html: str, path: str) -> Stub:
    # From file:// a link to a folder opens a listing: every link names its page.
    html = re.sub(r'href="((?:\.\./)*)(\.\.|\.)"', lambda m: f'href="{_folder(m)}index.html"', html)
    html = html.replace('href="./"', 'href="index.html"')
    html = re.sub(r'href="((?:\.\./)*(?:[a-z]+/)+|(?:\.\./)+)"', r'href="\1index.html"', html)
    html = re.sub(r'\s*<meta name="generator"[^>]*>', "", html)
    html = re.sub(r"\n\s*\n+", "\n", html)
    parts: list[str] = []
    rest = html
    for mark in MARKS:
        token = f"@@{mark}@@"
        if rest.count(token) != 1:
            raise StoreUnavailable(
                f"The theme's page {path} holds the mark {mark} {rest.count(token)} times, not once.",
                fix="Use the version of mkdocs-material that is pinned in constraints.txt.",
            )
        before, _, rest = rest.partition(token)
        parts.append(before)
    # The theme shows the stub's own title in its header, too, once a reader scrolls.
    named = [part.replace(MARKS[0], SITE_NAME) for part in (*parts, rest)]
    return Stub((named[0], named[1], named[2], named[3]))


def _folder(match: re.Match[str]) -> str:
    up, last = match.group(1), match.group(2)
    return up + ("../" if last == ".." else "")
