"""Fills templates: the environment they run in, and each page in the shell at its depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any, Final

import jinja2
from markupsafe import Markup

from warranted.language import ENGLISH, Language
from warranted_site.shell import Shell
from warranted_site.words import Words, heading, lower_first, marked, plain, sentence

TEMPLATES: Final = Path(__file__).parent / "templates"
NOTICE: Final = "<!--notice-->"
"""Stands once on every page, where an old version says that it is one."""


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: its path from the root, its HTML, the record it is about."""

    path: str
    html: str
    record: str | None = None


class _Context(jinja2.runtime.Context):
    """Calls what templates call. Jinja looks four times whether a function wants something of it, two
    hundred thousand times for a package; of a plain function one look tells."""

    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function with what the template gives it."""
        if type(__obj) in _PLAIN and not hasattr(__obj, "jinja_pass_arg"):
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


_PLAIN: Final = frozenset([FunctionType, MethodType])


class _Environment(jinja2.Environment):
    context_class = _Context


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
        cache = jinja2.FileSystemBytecodeCache(str(compiled)) if compiled is not None else None
        self.environment = _Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            auto_reload=False,
            bytecode_cache=cache,
            extensions=["jinja2.ext.i18n"],
            finalize=marked,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]
            language.gettext, language.ngettext, newstyle=True
        )
        self.environment.globals["_"] = Sentences(language).say
        self.environment.filters |= {
            "lower_first": lower_first,
            "plain": plain,
            "sentence": sentence,
        }
        self.environment.globals |= self.words.globals()
        self.environment.globals |= {"language": language, "folder": folder}
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
        **values: Any,
    ) -> Page:
        """The page at `path` (within this language's folder).

        Templates get `root`, the way to the pages of this language, and `assets`, the way to what
        stands once for all languages.
        """
        if template not in self._templates:
            self._templates[template] = self.environment.get_template(f"{template}.html")
        root = "../" * path.count("/")
        assets = root + "../" * self.folder.count("/")
        content = self._templates[template].render(root=root, assets=assets, path=path, **values)
        whole = self.folder + path
        html = self.shell.stub(whole).fill(heading(title), head, NOTICE + content, switch)
        return Page(whole, html, record)


class Sentences:
    """`_()` of templates, as Jinja's newstyle gettext has it, but that most sentences have no values:
    those are looked up and escaped once, not some hundred times a page."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._known: dict[str, Markup] = {}

    def say(self, message: str, /, **values: Any) -> Markup:
        """The sentence with its values, which are escaped; a percent sign is written %%."""
        if not values:
            found = self._known.get(message)
            if found is None:
                found = self._known[message] = Markup(self._language.gettext(message)) % ()  # noqa: S704
            return found
        return Markup(self._language.gettext(message)) % values  # noqa: S704


_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_LANGUAGE = re.compile(r'<html[^>]*\slang="([A-Za-z0-9-]+)"')
_UNREAD = re.compile(r"<(script|style|svg|nav|footer|form)\b.*?</\1>|<[^>]*>", re.DOTALL)


def words_of(html: str) -> tuple[str, str, str]:
    """Title, language and words of a page that was filled here: what stands between the tags."""
    title, language = _TITLE.search(html), _LANGUAGE.search(html)
    _, _, content = html.partition(NOTICE)
    text = unescape(_UNREAD.sub(" ", content))
    named = unescape(title[1]).removesuffix(" · Warranted") if title else ""
    return named, language[1] if language else "en", " ".join(text.split())


def folders(languages: Sequence[Language]) -> dict[str, str]:
    """Code of a language → the folder of its pages: the first one's stand at the root."""
    return {one.code: f"{one.code}/" if n else "" for n, one in enumerate(languages)}
