"""The guides: Markdown that reads in the repository, too, rendered once and filled into our shell.

What a guide names is led to where it stands on the site: another guide, a page, a picture, a folder of
the ontology. A heading of `pages.md` stands for the page it shows, so `pages.md#find` leads to Find.

A guide of `docs/` is in English; `docs/es/` has it in Spanish, with the same headings in the same order.
In the repository a heading's anchor comes from its own words; on the site it is the English one in every
language, so that a link into a guide holds in all of them.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape, unescape
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from markdown import Markdown
from markdown.extensions.toc import TocExtension
from markdown.preprocessors import Preprocessor
from markupsafe import Markup

from warranted import resources
from warranted.errors import GateFailed
from warranted.language import ENGLISH, Language, catalogue
from warranted_site.filling import Fill
from warranted_site.once import once

NAMES: Final = ("readers", "team", "hubs", "researchers", "operators", "adopters", "pages")
"""The guides, in the order they are listed; each is a file of `docs/`."""

_ROOT, _ASSETS = "@@root@@", "@@assets@@"
"""Stand in links for the way to the pages of a language, and to what is there once for all."""

PAGES: Final = {
    "home": f"{_ROOT}index.html",
    "find": f"{_ROOT}find/index.html",
    "all-packages": f"{_ROOT}packages/index.html",
    "tests-wanted": f"{_ROOT}wanted/index.html",
    "about-the-warrant": f"{_ROOT}about/index.html",
    "the-rules-as-queries": f"{_ROOT}rules/index.html",
    "data": f"{_ROOT}data/index.html",
    "query": f"{_ROOT}query/index.html",
    "questions": f"{_ROOT}questions/index.html",
    "what-changed": f"{_ROOT}changes/index.html",
    "the-ontology": f"{_ROOT}ns/index.html",
    "schemes": f"{_ROOT}scheme/index.html",
    "fields": f"{_ROOT}shapes/index.html",
}
"""Anchor of a heading of `pages.md` → the page it stands for."""
FOLDERS: Final = {
    "kg/packages": PAGES["all-packages"],
    "ontology": PAGES["the-ontology"],
    "ontology/policies/default-1.ttl": PAGES["about-the-warrant"],
    "ontology/questions": PAGES["questions"],
    "ontology/rules": PAGES["the-rules-as-queries"],
    "shapes": PAGES["fields"],
}
"""Place in the repository → the page that shows it."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: its file's name without `.md`, the language it is in, its HTML, each section's anchor and text."""

    name: str
    language: str
    title: str
    html: str
    contents: tuple[tuple[str, str], ...]

    def placed(self, root: str, assets: str) -> Markup:
        """Its HTML for a page from where `root` leads to its language and `assets` to the whole."""
        return Markup(self.html.replace(_ROOT, root).replace(_ASSETS, assets))  # noqa: S704


def titles(language: Language) -> dict[str, tuple[str, str]]:
    """Name of a guide → its title and what it is for, in the reader's language."""
    say = language.gettext
    return {
        "readers": (
            say("For readers: find it, judge it, take it with you"),
            say("Someone at a school or clinic with a problem, two minutes and a phone."),
        ),
        "team": (
            say("For team members: record a test in five minutes"),
            say("You try an idea at your place and write down what you expect and what you see."),
        ),
        "hubs": (
            say("For hubs: from a first note to a release"),
            say("You gather what a network learns, check it, make one of two ideas, publish it."),
        ),
        "researchers": (
            say("For researchers: query, cite, recompute"),
            say("You ask the graph, cite an answer, and get the same answer years later."),
        ),
        "operators": (
            say("For operators: install, publish, keep it safe"),
            say("You run the server, or put the site on a plain web host."),
        ),
        "adopters": (
            say("For adopters: the ontology, the shapes or the rules alone"),
            say("You have a system of your own and want the words, the checks or the levels."),
        ),
        "pages": (
            say("Every page, on a phone and on a desk"),
            say("Pictures of each kind of page, and what each answers."),
        ),
    }


def pages(fill: Fill, language: Language, shown: Sequence[Guide]) -> Iterator[Any]:
    """The list of guides, and a page each."""
    told = titles(language)
    foreign = {guide.name for guide in shown if guide.language != language.code}
    yield fill(
        "guides/index.html", "guides", language.gettext("Guides"), guides=told, foreign=foreign
    )
    for guide in shown:
        title, lead = told[guide.name]
        others = {name: one[0] for name, one in told.items() if name != guide.name}
        yield fill(
            f"guides/{guide.name}/index.html",
            "guide",
            title,
            guide=guide,
            heading=title,
            lead=lead,
            others=others,
        )


def files() -> dict[str, bytes]:
    """Path on the site → content of each picture."""
    folder = resources.docs() / "pictures"
    return {f"guides/pictures/{file.name}": file.read_bytes() for file in sorted(folder.iterdir())}


def rendered(cache: Path, language: Language) -> list[Guide]:
    """Every guide for a reader; from `cache` if it was rendered there from the same files.

    Raises:
        GateFailed: a guide names something that has no place on the site.
    """
    kept = cache / f"guides-{key()}-{language.code}.json"
    told = once(kept, lambda: [asdict(render(name, language)) for name in NAMES])
    return [Guide(**one | {"contents": tuple(map(tuple, one["contents"]))}) for one in told]


def key() -> str:
    """The same for the same guides, in all languages, and pictures."""
    found = hashlib.sha256(version("markdown").encode() + Path(__file__).read_bytes())
    for code in catalogue.codes():  # a table is named in words of its language
        found.update(catalogue.file(code).read_bytes())
    docs = resources.docs()
    for file in sorted([*docs.glob("*.md"), *docs.glob("*/*.md"), *docs.glob("pictures/*")]):
        found.update(file.relative_to(docs).as_posix().encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def source(name: str, code: str) -> Path:
    """The file of a guide in the language `code`; the English one where it is not there in that."""
    own = resources.docs() / code / f"{name}.md"
    return own if own.is_file() else resources.docs() / f"{name}.md"


def render(name: str, language: Language = ENGLISH) -> Guide:
    """One guide from its Markdown, in a language if it is there in it, else in English.

    Raises:
        GateFailed: it names something that has no place on the site, or has other headings than in English.
    """
    file = source(name, language.code)
    spoken = language if file.parent.name == language.code else ENGLISH
    writer = Markdown(
        extensions=["tables", TocExtension(slugify=lambda text, _: anchor(text))],
        output_format="html",
    )
    # After white space is put in order, before anything is taken for markup.
    writer.preprocessors.register(_Blocks(writer), "blocks", 25)
    html = writer.convert(file.read_text(encoding="utf-8"))
    title, html = _without_title(html)
    english = anchors(name, spoken.code)
    sections = [one for top in writer.toc_tokens for one in (top["children"] or [])]  # type: ignore[attr-defined]
    contents = tuple((english[one["id"]], unescape(one["name"])) for one in sections)
    html = _ID.sub(lambda m: f'{m[1]}"{escape(english[unescape(m[2])])}"', html)
    html = _LINK.sub(lambda m: f'{m[1]}="{escape(place(unescape(m[2]), file))}"', html)
    html = _tables(_IMAGE.sub(_measured, html), spoken)
    return Guide(name, spoken.code, title, html, contents)


def anchor(heading: str) -> str:
    """What GitHub makes of a heading's text."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(name: str, code: str) -> dict[str, str]:
    """Anchor of each heading of a guide in the language `code` → the English heading's.

    Raises:
        GateFailed: it has other headings than in English, so that none could be told from another.
    """
    file = source(name, code)
    english, own = _headings(source(name, ENGLISH.code)), _headings(file)
    for (level, _), (its, told) in zip(english, own, strict=False):
        if level != its:
            raise GateFailed([f"{_seen(file)}: “{told}” is no heading of level {level}"])
    if len(english) != len(own):
        raise GateFailed([f"{_seen(file)}: {len(own)} headings, in English {len(english)}"])
    return {anchor(told): anchor(first) for (_, first), (_, told) in zip(english, own, strict=True)}


def _headings(file: Path) -> list[tuple[int, str]]:
    prose = _BLOCK.sub("", file.read_text(encoding="utf-8"))
    return [(len(found[1]), found[2]) for found in _HEADING.finditer(prose)]


def _seen(file: Path) -> str:
    """A guide's file as it is named in the repository."""
    return f"docs/{file.relative_to(resources.docs()).as_posix()}"


_HEADING = re.compile(r"^(#{1,6}) +(.*?) *$", re.MULTILINE)
_ID = re.compile(r'(<h[1-6] id=)"([^"]*)"')
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>\s*", re.DOTALL)
_LINK = re.compile(r'\b(href|src)="([^"]*)"')
_IMAGE = re.compile(r"<img\b([^>]*?)\s*/?>")
_TABLE = re.compile(
    r"<h[2-4][^>]*>(?P<heading>.*?)</h[2-4]>|<table>(?P<rows>.*?)</table>", re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"^```(?P<language>\w*)(?P<words>[^\n]*)\n(?P<code>.*?)^```[ ]*$", re.M | re.S)


class _Blocks(Preprocessor):
    """Blocks of code. The words after the language name a file, or are for who runs them."""

    def run(self, lines: list[str]) -> list[str]:
        return _BLOCK.sub(self._block, "\n".join(lines)).split("\n")

    def _block(self, found: re.Match[str]) -> str:
        file = next((word for word in found["words"].split() if "." in word), "")
        caption = f'<p class="w-small">{escape(file)}</p>' if file else ""
        code = f'<pre><code class="language-{found["language"] or "text"}">'
        html = f'<div class="g-code">{caption}{code}{escape(found["code"], quote=False)}</code></pre></div>'
        return f"\n{self.md.htmlStash.store(html)}\n"


def _without_title(html: str) -> tuple[str, str]:
    found = _TITLE.match(html)
    if found is None:
        raise GateFailed(["A guide begins with its title."])
    return unescape(_TAG.sub("", found[1])), html[found.end() :]


def place(link: str, file: Path) -> str:
    """Where a link of a guide leads on the site; `file` is the guide's.

    Raises:
        GateFailed: nowhere.
    """
    path, hash_, anchor_ = link.partition("#")
    if re.match(r"[a-z]+:", path):
        return link
    seen = _seen(file)
    at = posixpath.normpath(posixpath.join(posixpath.dirname(seen), path)) if path else seen
    guide = re.fullmatch(r"docs/(?:([\w-]+)/)?(\w+)\.md", at)
    if guide and guide[2] in NAMES and (resources.docs() / at.removeprefix("docs/")).is_file():
        held = anchors(guide[2], guide[1] or ENGLISH.code)
        if not anchor_ or anchor_ in held:
            anchor_ = held.get(anchor_, "")
            if not path:
                return f"#{anchor_}"
            if guide[2] == "pages" and anchor_ in PAGES:
                return PAGES[anchor_]
            return f"{_ROOT}guides/{guide[2]}/index.html{hash_}{anchor_}"
    if at.startswith("docs/pictures/"):
        return f"{_ASSETS}guides/{at.removeprefix('docs/')}"
    if at in FOLDERS:
        return FOLDERS[at]
    raise GateFailed([f"{seen}: {link} has no place on the site"])


def _measured(found: re.Match[str]) -> str:
    """A picture with its size, so that the page does not jump when it comes."""
    given = dict(re.findall(r'([a-z]+)="([^"]*)"', found[1]))
    wide, high = size((resources.docs() / "pictures" / Path(given["src"]).name).read_bytes())
    width = int(given.get("width", wide))
    given |= {"width": str(width), "height": str(round(high * width / wide))}
    return "<img " + " ".join(f'{k}="{v}"' for k, v in given.items()) + ' loading="lazy">'


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a WebP file as browsers write it, in its extended header (RFC 9649, 2.7)."""
    if picture[:4] != b"RIFF" or picture[8:16] != b"WEBPVP8X":
        raise GateFailed(["A picture of the guides is no WebP file with an extended header."])
    wide, high = (int.from_bytes(picture[at : at + 3], "little") + 1 for at in (24, 27))
    return wide, high


def _tables(html: str, language: Language) -> str:
    """Tables in regions that scroll on their own, named after their section; the first cell heads its row."""
    heading, seen, table = "", dict[str, int](), language.gettext("Table")

    def region(found: re.Match[str]) -> str:
        nonlocal heading
        if found["rows"] is None:
            heading = _TAG.sub("", found["heading"])
            return found[0]
        seen[heading] = seen.get(heading, 0) + 1
        number = f" {seen[heading]}" if seen[heading] > 1 else ""
        rows = found["rows"].replace("<th>", '<th scope="col">')
        rows = re.sub(r"<tr>\s*<td>(.*?)</td>", r'<tr><th scope="row">\1</th>', rows, flags=re.S)
        label = f'aria-label="{table}{number}: {heading}"' if heading else f'aria-label="{table}"'
        return (
            f'<div class="w-scroll" tabindex="0" role="region" {label}><table>{rows}</table></div>'
        )

    return _TABLE.sub(region, html)
