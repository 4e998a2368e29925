"""The page shell: a theme renders one page; it is cut at marks, and our pages fill it.

Filling it costs microseconds a page, where Markdown through MkDocs costs ten milliseconds. That page
is the only coupling with the theme: it is rendered once for all depths and languages, and a mark
that does not stand exactly as often as it should is an error. Which program renders it is a
parameter: MkDocs with Material, the same theme under properdocs, or Zensical.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, get_args

import yaml

from warranted.errors import StoreUnavailable
from warranted.language import ENGLISH, Language, gettext_noop
from warranted_site import fonts

HERE: Final = Path(__file__).resolve().parent
SITE_NAME: Final = "Warranted"
Kind = Literal["material", "properdocs", "zensical"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""What renders the shell. All three read mkdocs.yml and `theme/`."""

MENU: Final = (
    (gettext_noop("Home"), "index.html"),
    (gettext_noop("Packages"), "packages/index.html"),
    (gettext_noop("Find"), "find/index.html"),
    (gettext_noop("Tests wanted"), "wanted/index.html"),
    (gettext_noop("Query"), "query/index.html"),
    (gettext_noop("About"), "about/index.html"),
    (gettext_noop("Data"), "data/index.html"),
    (gettext_noop("Guides"), "guides/index.html"),
)
"""The main menu: English label, path within a language."""

_COUNTS: Final = {
    "WARRANTED-LANG": 1,
    "WARRANTED-DIR": 1,
    "WARRANTED-TITLE": 1,
    "WARRANTED-HEAD": 1,
    "WARRANTED-LANGUAGES": 1,
    "WARRANTED-CONTENT": 1,
}
"""How often each mark stands in what the theme renders."""
_FILLED: Final = ("WARRANTED-TITLE", "WARRANTED-HEAD", "WARRANTED-LANGUAGES", "WARRANTED-CONTENT")
"""The marks that differ from page to page, in their order."""
_LEFT_OVER: Final = (
    r'<input class="md-toggle"[^>]*>',
    r'<label class="md-overlay"[^>]*></label>',
    r'<div data-md-component="(?:skip|announce)">.*?</div>',
    r'<div class="md-dialog".*?</div>\s*</div>',
    r'<meta name="generator"[^>]*>',
)
"""What the themes write outside their blocks for a script that we do not load."""


@dataclass(frozen=True, slots=True)
class Stub:
    """The shell of some pages, cut at the marks."""

    parts: tuple[str, str, str, str, str]

    def fill(self, title: str, head: str, content: str, languages: str = "") -> str:
        """The page.

        Args:
            title: text already escaped. head, content: HTML.
            languages: HTML of the language switch, from `language_switch`; "" where there is none.
        """
        return "".join(self.pieces(title, head, content, languages))

    def pieces(self, title: str, head: str, content: str, languages: str = "") -> tuple[str, ...]:
        """The same, not put together yet."""
        a, b, c, d, e = self.parts
        return a, title, b, head, c, languages, d, content, e


@dataclass(frozen=True)
class Shell:
    """The shell in one language, and the folder with what it loads (`assets/`)."""

    html: str
    assets: Path
    language: Language = ENGLISH
    folder: str = ""
    _stubs: dict[tuple[int, str], Stub] = field(default_factory=dict, repr=False, compare=False)

    def stub(self, path: str) -> Stub:
        """The shell of the page at `path` from the site's root, such as `es/packages/index.html`."""
        within = path.removeprefix(self.folder)
        key = (path.count("/"), within if within in self._menu else "")
        if key not in self._stubs:
            self._stubs[key] = self._cut(*key)
        return self._stubs[key]

    def in_language(self, language: Language, folder: str) -> Shell:
        """The same shell for the pages of another language, which stand below `folder` ("es/")."""
        return Shell(self.html, self.assets, language, folder)

    @cached_property
    def _menu(self) -> frozenset[str]:
        return frozenset(re.findall("@@CURRENT (.*?)@@", self.html))

    def _cut(self, depth: int, current: str) -> Stub:
        html = re.sub(
            "@@SAY (.*?)@@",
            lambda m: escape(self.language.gettext(m[1])),
            self.html,
        )
        html = re.sub(
            "@@CURRENT (.*?)@@", lambda m: ' aria-current="page"' * (m[1] == current), html
        )
        for mark, value in {
            "WARRANTED-ROOT": "../" * depth,
            "WARRANTED-HOME": "../" * (depth - self.folder.count("/")),
            "WARRANTED-LANG": self.language.code,
            "WARRANTED-DIR": self.language.direction,
        }.items():
            html = html.replace(f"@@{mark}@@", value)
        a, b, c, d, e = re.split("|".join(f"@@{mark}@@" for mark in _FILLED), html)
        return Stub((a, b, c, d, e))


def language_switch(
    language: Language, others: Sequence[tuple[Language, str]], label: str | None = None
) -> str:
    """The language switch of a page: the page's own language, then links to the page in others.

    Args:
        others: languages with the link to this page in each.
        label: the name of the switch; "Language" in the page's language if None.
    """
    if not others:
        return ""
    named = escape(label if label is not None else language.gettext("Language"))
    links = "".join(
        f'<li><a href="{escape(href)}" hreflang="{one.code}" lang="{one.code}" dir="{one.direction}">'
        f"{escape(one.name)}</a></li>"
        for one, href in others
    )
    own = f'<li><span aria-current="true">{escape(language.name)}</span></li>'
    return f'<nav class="w-languages" aria-label="{named}"><ul>{own}{links}</ul></nav>'


def shell(
    cache: Path,
    *,
    kind: Kind = "material",
    program: Path | None = None,
    site_name: str = SITE_NAME,
    menu: Sequence[tuple[str, str]] = MENU,
) -> Shell:
    """The shell in English, from `cache` if it was built there from the same things.

    Args:
        kind: what renders it. program: its command, for all but Material; found on the PATH if None.
        menu: label and path of each entry.

    Raises:
        StoreUnavailable: the program is missing or fails, or a mark is not where it stood.
    """
    command = None if kind == "material" else _found(kind, program)
    folder = cache / _key(command, site_name, menu)
    if not (folder / "shell.html").exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = _build(Path(scratch), command, site_name, menu)
            _kept(made, folder)
    return Shell((folder / "shell.html").read_text(encoding="utf-8"), folder / "assets")


def _kept(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:  # another build was as quick; it made the same
        if not (folder / "shell.html").exists():
            raise


def _found(kind: Kind, program: Path | None) -> str:
    command = str(program) if program is not None else shutil.which(kind)
    if command is None:
        raise StoreUnavailable(
            f"The page shell is to come from {kind}, which is not installed.",
            fix=f"Run `pip install {kind}`, or take the shell from Material.",
        )
    return command


def _key(command: str | None, site_name: str, menu: Sequence[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    if command is None:
        told = " ".join(version(name) for name in ("mkdocs", "mkdocs-material"))
    else:
        told = command + _run([command, "--version"], HERE)
    digest.update(json.dumps([told, site_name, list(menu)]).encode())
    ours = [Path(__file__), HERE / "mkdocs.yml", *sorted((HERE / "theme").rglob("*"))]
    for file in (*ours, *(font.file for font in fonts.found())):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _build(
    scratch: Path, command: str | None, site_name: str, menu: Sequence[tuple[str, str]]
) -> Path:
    """A folder with `shell.html` and `assets/`."""
    (scratch / "docs").mkdir()
    (scratch / "docs" / "index.md").write_text("", encoding="utf-8")
    settings = yaml.safe_load((HERE / "mkdocs.yml").read_text(encoding="utf-8"))
    settings |= {"site_name": site_name, "docs_dir": "docs", "site_dir": "out"}
    settings["theme"]["custom_dir"] = str(HERE / "theme")
    settings["extra"] = {
        "menu": [{"label": label, "path": path} for label, path in menu],
        "preload": [font.path for font in fonts.found() if font.first_view],
    }
    file = scratch / "mkdocs.yml"  # JSON is YAML
    file.write_text(json.dumps(settings), encoding="utf-8")
    if command is None:
        # Only a shell that is not there yet needs the theme's program; it takes a while to load.
        from mkdocs.commands.build import build as mkdocs_build
        from mkdocs.config import load_config

        logging.getLogger("mkdocs").setLevel(logging.ERROR)
        mkdocs_build(load_config(config_file=str(file)))
    else:
        _run([command, "build", "-f", str(file)], scratch)
    made = scratch / "made"
    (made / "assets").mkdir(parents=True)
    html, css = _styles((scratch / "out" / "index.html").read_text("utf-8"), scratch / "out")
    (made / "assets" / "theme.css").write_text(css + fonts.write(made / "assets"), encoding="utf-8")
    (made / "shell.html").write_text(_marked(html, menu), encoding="utf-8")
    return made


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise StoreUnavailable(
            f"{Path(command[0]).name} could not render the page shell: {done.stderr.strip()[-500:]}",
            fix="Take the shell from Material.",
        )
    return done.stdout


def _styles(html: str, out: Path) -> tuple[str, str]:
    """The page with the theme's style sheets as one, `assets/theme.css`, and that sheet's text."""
    css: list[str] = []

    def merged(link: re.Match[str]) -> str:
        file = out / link["href"]
        if not file.is_file():
            return link[0]  # ours, which the theme does not have
        css.append(re.sub(r"/\*#.*?\*/", "", file.read_text(encoding="utf-8")).strip() + "\n")
        return '<link rel="stylesheet" href="assets/theme.css">' if len(css) == 1 else ""

    html = re.sub(r'<link rel="stylesheet" href="(?P<href>[^"]*)">', merged, html)
    return html, "".join(css)


def _marked(html: str, menu: Sequence[tuple[str, str]]) -> str:
    """What the theme rendered, less what we do not use, every link marked."""
    for pattern in _LEFT_OVER:
        html = re.sub(pattern, "", html, flags=re.DOTALL)
    html = re.sub(r'(href|src)="(?:\./)?(?=assets/)', r'\1="@@WARRANTED-ROOT@@', html)
    html = html.replace(
        '<html lang="@@WARRANTED-LANG@@"', '<html lang="@@WARRANTED-LANG@@" dir="@@WARRANTED-DIR@@"'
    )
    html = html.replace('<body dir="@@WARRANTED-DIR@@"', "<body")
    html = re.sub(r"\s*\n\s*", "\n", html).lstrip()
    counts: Mapping[str, int] = _COUNTS | {f"CURRENT {path}": 1 for _, path in menu}
    for mark, count in counts.items():
        if html.count(f"@@{mark}@@") != count:
            raise StoreUnavailable(
                f"The theme's page holds the mark {mark} {html.count(f'@@{mark}@@')} times, "
                f"not {count} times.",
                fix="Use the versions that are pinned in constraints.txt.",
            )
    for link in re.findall(r'(?:href|src)="([^"]*)"', html):
        if not link.startswith(("@@WARRANTED-", "#")):
            raise StoreUnavailable(
                f"The theme's page links to {link}, which would be wrong from another folder.",
                fix="Use the versions that are pinned in constraints.txt.",
            )
    return html
