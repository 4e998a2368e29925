"""The guides in other languages: section by section what the English ones are, in the interface's words."""

from __future__ import annotations

import gzip
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from babel.messages.pofile import read_po
from tests.site import stories
from tests.site.stories import DOCS

from warranted import resources
from warranted.errors import GateFailed
from warranted.language import ENGLISH, catalogue, get, terms
from warranted_site import guides

TRANSLATED = sorted(file for file in DOCS.glob("*/*.md"))
SPANISH = get("es")
SOFTWARE = {"Warranted"}
"""What is written in italics and is no word of the interface: names."""
NOT_OF_THE_SITE = {
    ("researchers", "keep"),  # a verb of the guide's own summary
    ("researchers", "changed"),  # what the server says, in English
    ("team", "carried out as planned"),  # a question about it, in the form that a question needs
}
"""Guide and English words that stand out and are not meant as what the site's pages call so."""

_FENCE = re.compile(r"^```.*?^```[ ]*$", re.M | re.S)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)")
_IMAGE = re.compile(r'<img src="([^"]*)" width="(\d+)" alt="([^"]*)">')
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_SLANTED = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")


def in_one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Section:
    """What stands under one heading: its level and words, its text without code, its blocks of code."""

    level: int
    heading: str
    text: str
    blocks: tuple[tuple[str, tuple[str, ...], str], ...]

    @property
    def shape(self) -> list[str]:
        """Its paragraphs, lists, tables and blocks of code in their order, each with its size."""
        found = []
        for part in re.split(r"\n\s*\n", self.text.strip()):
            lines = part.splitlines()
            if not part.strip():
                continue
            if lines[0].startswith("|"):
                found.append(f"a table of {len(lines)} lines, {part.count('|')} bars")
            elif re.match(r"- |\d+\. ", lines[0]):
                items = sum(bool(re.match(r"- |\d+\. ", line)) for line in lines)
                found.append(f"a list of {items}")
            elif part == "@@":
                found.append("code")
            elif _IMAGE.match(part):
                found.append(f"{len(_IMAGE.findall(part))} pictures")
            else:
                found.append("a paragraph")
        return found

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Name and width of each picture."""
        return [(Path(src).name, width) for src, width, _ in _IMAGE.findall(self.text)]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and target of each link."""
        return [(in_one_line(text), to) for text, to in _LINK.findall(self.text)]

    @property
    def code(self) -> Counter[str]:
        """Each name of code in running text, and how often."""
        return Counter(in_one_line(one) for one in _CODE.findall(self.text))

    @property
    def named(self) -> list[str]:
        """What stands out: the heading, links, bold and slanted words, the first cell of each row."""
        text = _CODE.sub("", self.text)
        cells = re.findall(r"^\| *([^|]*?) *\|", text, re.M)
        found = [self.heading, *(one for one, _ in self.links), *cells]
        return [
            in_one_line(re.sub(r"[○●✕]", "", one)).strip(" .")
            for one in (*found, *_STRONG.findall(text), *_SLANTED.findall(text))
        ]


def sections(file: Path) -> list[Section]:
    """A guide by its headings; the first is its title."""
    blocks = iter(stories.blocks(file))
    prose = _FENCE.sub("@@", file.read_text(encoding="utf-8"))
    found = re.split(r"^(#{1,6}) (.*)$", prose, flags=re.M)
    assert not found[0].strip(), f"{file.name} begins with its title"
    return [
        Section(
            len(hashes),
            heading.strip(),
            text,
            tuple((b.language, b.words, b.code) for b in islice(blocks, n)),
        )
        for hashes, heading, text in zip(found[1::3], found[2::3], found[3::3], strict=True)
        for n in (len(re.findall(r"^@@$", text, re.M)),)
    ]


def known(language: str) -> dict[str, set[str]]:
    """English words of the interface, in small letters → what they are in a language, in small letters.

    A sentence is also known by its beginning: "Why this level" of "Why this level: every criterion …".
    """
    found: dict[str, set[str]] = {}

    def learn(english: str, own: str) -> None:
        for end in ("", ":", ","):
            if not end or (end in english and end in own):
                first, told = (s.partition(end)[0] if end else s for s in (english, own))
                if first and told:
                    found.setdefault(first.lower(), set()).add(told.lower())

    with catalogue.file(language).open("rb") as stream:
        for message in read_po(stream, locale=language):
            if isinstance(message.id, str) and message.id and isinstance(message.string, str):
                learn(message.id, message.string)
    words = terms.words(language)
    for iri, label in english_labels():
        if words.label(iri):
            learn(label, words.label(iri))
    return found


@cache
def english_labels() -> list[tuple[str, str]]:
    """IRI and English label of the ontology's terms, the concepts of the schemes, the fields."""
    ontology = resources.ontology()
    files = [ontology / "warranted.ttl", *(ontology / "schemes").glob("*.ttl")]
    return [
        (triple.subject.value, triple.object.value)
        for file in (*files, *resources.shapes().glob("*.ttl"))
        for triple in (q.triple for q in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE))
        if triple.predicate.value in terms.LABELS
        and isinstance(triple.subject, ox.NamedNode)
        and isinstance(triple.object, ox.Literal)
    ]


def differences(own: Path, english: Path) -> Iterator[str]:
    """What of an English guide is not the same in another language: the guide, the section, what."""
    name = f"docs/{own.parent.name}/{own.name}"
    ours, theirs = sections(own), sections(english)
    for mine, its in zip(ours, theirs, strict=False):
        where = f"{name}, “{mine.heading}” (“{its.heading}”)"
        if mine.level != its.level:
            yield f"{where}: a heading of level {mine.level}, in English of {its.level}"
            return
        if mine.blocks != its.blocks:
            yield f"{where}: its code is not that of the English guide, byte for byte"
        if mine.shape != its.shape:
            yield f"{where}: it has {mine.shape}, in English {its.shape}"
        if mine.pictures != its.pictures:
            yield f"{where}: its pictures are {mine.pictures}, in English {its.pictures}"
        led, wanted = (
            sorted(guides.place(to, file) for _, to in section.links)
            for section, file in ((mine, own), (its, english))
        )
        if led != wanted:
            yield f"{where}: it leads to {led}, in English to {wanted}"
        if left := its.code - mine.code:
            yield f"{where}: it lacks the code {sorted(left)}"
        # What is in English only, as a button of the hub, is written as code beside our own words.
        said = in_one_line(its.text).lower()
        if more := [one for one in mine.code - its.code if one.lower() not in said]:
            yield f"{where}: no such words in English: {sorted(more)}"
    if len(ours) != len(theirs):
        longer = (ours if len(ours) > len(theirs) else theirs)[min(len(ours), len(theirs))]
        yield f"{name}: {len(ours)} sections, in English {len(theirs)}; from “{longer.heading}” on"


def wrong_words(own: Path, english: Path) -> Iterator[str]:
    """Where a guide calls something otherwise than the pages of its language do."""
    name, words = f"docs/{own.parent.name}/{own.name}", known(own.parent.name)
    of_interface = {one for told in words.values() for one in told}
    for mine, its in zip(sections(own), sections(english), strict=True):
        text = in_one_line(f"{mine.heading} {mine.text}").lower()
        for word in its.named:
            told = words.get(word.lower(), set())
            if (own.stem, word.lower()) in NOT_OF_THE_SITE:
                continue
            if told and not any(re.search(rf"\b{re.escape(one)}(?!\w)", text) for one in told):
                yield f"{name}, “{mine.heading}”: “{word}” is called {' or '.join(sorted(told))}"
        for word in map(in_one_line, _SLANTED.findall(_CODE.sub("", mine.text))):
            if word not in SOFTWARE and word.lower() not in of_interface:
                yield f"{name}, “{mine.heading}”: nothing of the interface is called “{word}”"


def test_every_guide_is_there_in_spanish() -> None:
    assert {f.stem for f in TRANSLATED if f.parent.name == "es"} == set(guides.NAMES)
    assert {f.parent.name for f in TRANSLATED} <= set(catalogue.codes())


@pytest.mark.parametrize("own", TRANSLATED, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_it_is_the_english_guide_section_by_section(own: Path) -> None:
    assert list(differences(own, DOCS / own.name)) == []


@pytest.mark.parametrize("own", TRANSLATED, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_it_calls_things_as_the_pages_of_its_language_do(own: Path) -> None:
    assert list(wrong_words(own, DOCS / own.name)) == []


@pytest.mark.parametrize("own", TRANSLATED, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_its_title_pictures_and_links_are_of_its_language(own: Path) -> None:
    language = get(own.parent.name)
    guide = guides.render(own.stem, language)
    assert (guide.language, guide.title) == (language.code, guides.titles(language)[own.stem][0])
    english = {alt for one in sections(DOCS / own.name) for *_, alt in _IMAGE.findall(one.text)}
    for section in sections(own):
        for *_, alt in _IMAGE.findall(section.text):
            assert len(alt) >= 15, alt
            assert alt not in english
        for _, to in section.links:
            other = re.fullmatch(r"\.\./(\w+)\.md(#.*)?", to)
            assert not (other and (own.parent / f"{other[1]}.md").is_file()), f"{to} is there in it"
    headings = [one.heading for one in sections(own)]
    assert len({guides.anchor(one) for one in headings}) == len(headings)


@pytest.mark.parametrize("name", guides.NAMES)
def test_anchors_are_the_same_in_every_language(name: str) -> None:
    def ids(html: str) -> list[str]:
        return re.findall(r'<h\d id="([^"]*)"', html)

    english, own = guides.render(name), guides.render(name, SPANISH)
    assert ids(own.html) == ids(english.html)
    assert [a for a, _ in own.contents] == [a for a, _ in english.contents]
    assert [t for _, t in own.contents] != [t for _, t in english.contents]


# ---- a change of the English alone ----


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the guides that may be changed."""
    folder = tmp_path / "docs"
    shutil.copytree(DOCS, folder)
    monkeypatch.setattr(resources, "docs", lambda: folder)
    return folder


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("- idea cards, a page each, to hand out;\n", "", "a list of 5"),
        ("No login is needed", "No login is needed.\n\nNone", "a paragraph"),
        ("demo --no-serve\n", "demo\n", "byte for byte"),
        ("(pages.md#tests-wanted)", "(pages.md#find)", "it leads to"),
        ("report-phone.webp", "adapt-phone.webp", "its pictures"),
        ("open\n`index.html`", "open\n`start.html`", "it lacks the code"),
        ("## Report back", "### Report back", "a heading of level 2"),
        ("## Report back", "## One more\n\nText.\n\n## Report back", "in English"),
    ],
)
def test_what_changed_in_english_alone_is_told_with_its_guide_and_section(
    docs: Path, before: str, after: str, told: str
) -> None:
    file = docs / "readers.md"
    text = file.read_text(encoding="utf-8").replace("open `index.html`", "open\n`index.html`")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = list(differences(docs / "es" / "readers.md", file))
    assert found
    assert re.match(r"docs/es/readers\.md(, “.+” \(“.+”\))?: ", found[0])
    assert told in found[0]


def test_a_word_that_the_interface_does_not_have_is_told(docs: Path) -> None:
    file = docs / "es" / "readers.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("En mi contexto", "En mi entorno"), encoding="utf-8")
    found = "\n".join(wrong_words(file, docs / "readers.md"))
    assert "“In my context” is called en mi contexto" in found
    assert "nothing of the interface is called “En mi entorno”" in found


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("pages.md#buscar", "@@root@@find/index.html"),
        ("operators.md#instalar", "@@root@@guides/operators/index.html#install"),
        ("#leer-una-idea", "#read-an-idea"),
        ("../team.md#plan-it", "@@root@@guides/team/index.html#plan-it"),
        ("../../ontology/rules", "@@root@@rules/index.html"),
        ("../pictures/find-phone.webp", "@@assets@@guides/pictures/find-phone.webp"),
        ("https://example.org/a#b", "https://example.org/a#b"),
    ],
)
def test_links_of_a_spanish_guide_lead_to_the_spanish_pages(link: str, place: str) -> None:
    assert guides.place(link, DOCS / "es" / "readers.md") == place


@pytest.mark.parametrize(
    "link", ["pages.md#find", "none.md", "../ontology", "pictures/a.webp", "#no"]
)
def test_a_link_that_leads_nowhere_is_refused(link: str) -> None:
    with pytest.raises(GateFailed, match="has no place on the site") as told:
        guides.place(link, DOCS / "es" / "readers.md")
    assert f"docs/es/readers.md: {link}" in str(told.value)


def test_a_guide_with_other_headings_is_refused(docs: Path) -> None:
    file = docs / "es" / "readers.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\n## Leer una idea", "\n### Leer una idea"), encoding="utf-8")
    with pytest.raises(GateFailed, match=r"docs/es/readers\.md: “Leer una idea” is no heading"):
        guides.render("readers", SPANISH)


def test_guides_that_a_language_lacks_are_in_english_one_by_one(docs: Path) -> None:
    for file in (docs / "es").iterdir():
        if file.stem != "pages":
            file.unlink()
    pages = docs / "es" / "pages.md"
    text = pages.read_text(encoding="utf-8")
    pages.write_text(text.replace("(team.md)", "(../team.md)"), encoding="utf-8")
    shown = [guides.render(name, SPANISH) for name in guides.NAMES]
    assert {g.name: g.language for g in shown} == dict.fromkeys(guides.NAMES, "en") | {
        "pages": "es"
    }
    listed, *rest = guides.pages(lambda path, *_, **values: (path, values), SPANISH, shown)
    assert listed[1]["foreign"] == set(guides.NAMES) - {"pages"}
    assert [path for path, _ in rest] == [f"guides/{name}/index.html" for name in guides.NAMES]
    team = next(g for g in shown if g.name == "team")
    assert team.html == guides.render("team", ENGLISH).html


# ---- on the site ----


@pytest.mark.parametrize("name", guides.NAMES)
def test_its_page_is_spanish_and_small(demo: Any, name: str) -> None:
    file = demo.html / f"es/guides/{name}/index.html"
    page = file.read_text(encoding="utf-8")
    assert '<html lang="es"' in page
    assert '<div class="g-text">' in page
    assert 'lang="en"' not in re.sub(r"<(a|link)\b[^>]*>", "", page), "nothing but the switch"
    assert SPANISH.gettext("This guide is in English.") not in page
    assert 'aria-label="Table' not in page
    assert len(gzip.compress(file.read_bytes(), 9)) <= 10_240
    pictures = re.findall(r'<img[^>]*src="([^"]*)"', page)
    assert all((file.parent / one).resolve().is_file() for one in pictures)
    home = (demo.html / "es").resolve()
    text = page[page.index('<div class="g-text">') : page.index('<nav class="g-others"')]
    for to in re.findall(r'href="([^"#:]+)[#"]', text):
        assert (file.parent / to).resolve().is_relative_to(home), f"{to} leads out of Spanish"
    listed = (demo.html / "es/guides/index.html").read_text(encoding="utf-8")
    assert SPANISH.gettext("This guide is in English.") not in listed
