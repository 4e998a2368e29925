"""Fills templates: the environment they run in, and each page in the shell at its depth."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from warranted.language import ENGLISH, Language
from warranted_site.compiling import Environment, escaped, form
from warranted_site.shell import Shell
from warranted_site.words import Words, heading, lower_first, plain, sentence

TEMPLATES: Final = Path(__file__).parent / "templates"
NOTICE: Final = "<!--notice-->"
"""Stands once on every page, where an old version says that it is one."""


Fill = Callable[..., Any]
"""(path, template, title, **values) → page; see `Filler.fill`."""


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: its path from the root, its HTML, the record it is about.

    `bare`: a digest of the page but for the release it names, where it names one by `of_release`.
    `beside`: path → content of the files it loads that are its own.
    """

    path: str
    html: str
    record: str | None = None
    bare: str = ""
    beside: Mapping[str, bytes] = field(default_factory=dict)


class Filler:
    """Fills templates in one language.

    Args:
        shell: the frame of every page.
        folder: where its pages stand, with a slash at its end; "" at the root.
        compiled: a folder for compiled templates, so that each process need not compile them.
    """

    def __init__(
        self,
        shell: Shell,
        language: Language = ENGLISH,
        folder: str = "",
        *,
        compiled: Path | None = None,
    ) -> None:
        self.shell = shell.in_language(language, folder)
        self.language, self.folder = language, folder
        self.words = Words(language)
        cache = None
        if compiled is not None:
            own = compiled / form(language)
            own.mkdir(parents=True, exist_ok=True)
            cache = jinja2.FileSystemBytecodeCache(str(own))
        sentences = Sentences(language)
        self.say = sentences.say
        self.environment = Environment(jinja2.FileSystemLoader(TEMPLATES), cache, sentences.say)
        self.environment.globals["ngettext"] = sentences.count
        self.environment.filters |= {
            "lower_first": lower_first,
            "plain": plain,
            "sentence": sentence,
        }
        self.environment.globals |= self.words.globals()
        self.environment.globals |= {
            "language": language,
            "folder": folder,
            "of_release": of_release,
        }
        self._templates: dict[str, jinja2.Template] = {}

    def add(self, values: Mapping[str, Callable[..., Any] | Any]) -> None:
        """Make these known to every template filled from now on."""
        self.environment.globals |= dict(values)

    def fill(
        self,
        path: str,
        template: str,
        title: str,
        *,
        head: str = "",
        record: str | None = None,
        switch: str = "",
        since: str = "",
        told: str = "",
        **values: Any,
    ) -> Page:
        """The page at `path` (within this language's folder).

        Args:
            since: what `head` names the release by, whose page it is; without it none is named.
            told: what stands between the marks of `of_release`, but for the release.

        Templates get `root`, the way to the pages of this language, and `assets`, the way to what
        stands once for all languages.
        """
        content = self._render(template, path, **values)
        whole = self.folder + path
        stub = self.shell.stub(whole)
        bare = ""
        if since:
            without, content = _cut(content)
            left = stub.pieces(heading(title), head.replace(since, ""), without, switch)
            digest = hashlib.sha256(told.encode())
            for piece in left:
                digest.update(piece.encode())
            bare = digest.hexdigest()
        html = "".join(stub.pieces(heading(title), head, NOTICE + content, switch))
        return Page(whole, html, record, bare)

    def foot(self, path: str, *, release: str = "", counts: Mapping[str, Any] | None = None) -> str:
        """The foot of the page at `path` that tells of that release, as it stands on the page."""
        content = self._render("layout", path, release=release, counts=counts or {})
        return content[content.index("<footer") :].rstrip()

    def _render(self, template: str, path: str, **values: Any) -> str:
        if template not in self._templates:
            self._templates[template] = self.environment.get_template(f"{template}.html")
        root = "../" * path.count("/")
        assets = root + "../" * self.folder.count("/")
        return self._templates[template].render(root=root, assets=assets, path=path, **values)


def of_release(text: str) -> Markup:
    """A text that names the release a page is in its form since; see `Page.bare`."""
    return Markup(f"{_BEGIN}{escape(text)}{_END}")  # noqa: S704 - escaped here


# No text of a record holds a "<" once it is escaped, so none holds these.
_BEGIN, _END = "<!--since-->", "<!--/since-->"


def _cut(content: str) -> tuple[str, str]:
    """The content without what stands between the marks of `of_release`, and with it, less the marks."""
    first, *rest = content.split(_BEGIN)
    marked = [piece.partition(_END) for piece in rest]
    without = "".join([first, *(after for _, _, after in marked)])
    return without, "".join([first, *(text + after for text, _, after in marked)])


class Sentences:
    """What templates say, each sentence in the reader's language and as HTML; a percent sign is
    written %%. Most have no values: those are looked up and escaped once, not some hundred times a page.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._known: dict[str, Markup] = {}
        self._open: dict[str, str] = {}

    def say(self, message: str, /, **values: Any) -> Markup:
        """The sentence with its values, which are escaped."""
        if values:
            told = self._open.get(message)
            if told is None:
                told = self._open[message] = self._language.gettext(message)
            return _with(told, values)
        found = self._known.get(message)
        if found is None:
            found = self._known[message] = Markup(self._language.gettext(message)) % ()  # noqa: S704
        return found

    def count(self, one: str, many: str, num: int, /, **values: Any) -> Markup:
        """The sentence in the form that so many want, with `num` among its values."""
        return _with(self._language.ngettext(one, many, num), {"num": num, **values})


def _with(told: str, values: Mapping[str, Any]) -> Markup:
    """A sentence, which is HTML, with its values, which may not be."""
    return Markup(told % {name: escaped(value) for name, value in values.items()})  # noqa: S704


_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_LANGUAGE = re.compile(r'<html[^>]*\slang="([A-Za-z0-9-]+)"')
# What the rules reckon, in full, is nothing a reader looks for by its words.
_UNREAD = re.compile(
    r"<(?:(script|style|svg|nav|footer|form)\b.*?</\1>"
    r"|details data-unsearched\b.*?</details>|[^>]*>)",
    re.DOTALL,
)


def words_of(html: str) -> tuple[str, str, str]:
    """Title, language and words of a page that was filled here.

    The words are what stands between the tags, but for what is marked as not to be searched.
    """
    title, language = _TITLE.search(html), _LANGUAGE.search(html)
    _, _, content = html.partition(NOTICE)
    text = unescape(_UNREAD.sub(" ", content))
    named = unescape(title[1]).removesuffix(" · Warranted") if title else ""
    return named, language[1] if language else "en", " ".join(text.split())


def folders(languages: Sequence[Language]) -> dict[str, str]:
    """Code of a language → the folder of its pages: the first one's stand at the root."""
    return {one.code: f"{one.code}/" if n else "" for n, one in enumerate(languages)}
