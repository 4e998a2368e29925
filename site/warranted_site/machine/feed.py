"""Changes told to readers: the lines of the page `changes/`, and the Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree as ET

from warranted import vocabulary
from warranted.description import release_iri
from warranted.language import ENGLISH, Language
from warranted.namespaces import SCHEME
from warranted_site.machine import saying
from warranted_site.things import Things

ATOM: Final = "http://www.w3.org/2005/Atom"
XHTML: Final = "http://www.w3.org/1999/xhtml"
PAGE: Final = "changes/index.html"
ENTRIES: Final = 100
"""Entries of the feed, the newest first."""
LINES: Final = 150
"""Lines of the page; a release beyond them is told in one sentence, so the page stays small."""

_XML: Final = "http://www.w3.org/XML/1998/namespace"
_UNFIT: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Levels = Mapping[str, str]
"""See `level_names`."""
Where = Callable[[str], str | None]
"""The path of a record's page, from the root of its language; None if it has none now."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the record it is about, its name and kind, and what is told of it.

    `name` and each of `pieces` know their language; a plain text is of the reader's.
    """

    iri: str
    name: str
    kind: str
    pieces: Sequence[str]

    @property
    def text(self) -> str:
        """What is told, in one text."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class PackageChange:
    """What changed in a package. `sentence` has it in one line; `lines` in full."""

    iri: str
    slug: str
    title: str
    made_up: bool
    sentence: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """What changed in a release; `more` packages changed than are listed."""

    id: str
    day: str
    sentence: str
    packages: list[PackageChange] = field(default_factory=list)
    more: int = 0


def level_names(things: Things) -> dict[str, str]:
    """What a release calls a level → what it is called in the language of `things`."""
    ladder = vocabulary.shipped()[f"{SCHEME}warrant"].concepts
    return {level.label: things.get(level.iri).label for level in ladder}


def shown(
    history: Sequence[Mapping[str, Any]],
    language: Language,
    levels: Levels,
    own: Language = ENGLISH,
) -> list[ReleaseChange]:
    """The releases as the page tells them, the newest first and in full as far as there is room.

    Args:
        history: see `history`. levels: see `level_names`.
        own: the language of texts that state none: the site's first.
    """
    found, left = [], LINES
    for release in history:
        told = told_of(release, language, levels, own)
        needed = sum(1 + len(package.lines) for package in told.packages)
        if needed > left:
            told = _cut(told, left)
        left -= sum(1 + len(package.lines) for package in told.packages)
        found.append(told)
    return found


def _cut(told: ReleaseChange, room: int) -> ReleaseChange:
    """The release in as many lines; each package in one line first."""
    packages = [
        PackageChange(p.iri, p.slug, p.title, p.made_up, p.sentence) for p in told.packages[:room]
    ]
    more = len(told.packages) - len(packages)
    return ReleaseChange(told.id, told.day, told.sentence, packages, more)


def told_of(
    release: Mapping[str, Any], language: Language, levels: Levels, own: Language = ENGLISH
) -> ReleaseChange:
    """A release of the history in words; the rest is as in `shown`."""
    packages = [_package(p, language, levels, own) for p in release["packages"]]
    return ReleaseChange(
        release["id"], release["created"][:10], _release_sentence(release, language), packages
    )


def atom(
    history: Sequence[Mapping[str, Any]],
    *,
    base: str,
    publisher: str,
    language: Language,
    levels: Levels,
    where: Where,
    address: str = "",
    folder: str = "",
) -> bytes:
    """The feed: an entry a release, and one for each package that changed in it.

    Args:
        base: see `ReleaseData.base`; ids are IRIs below it, which stay when a site moves.
        publisher: the organisation that publishes the releases.
        address: the site's, with a slash at its end; empty: links are relative to the feed's own.
        folder: of the language ("" or "es/"), in which the feed stands.
    """
    start = address + folder
    root = ET.Element("feed", {"xmlns": ATOM, f"{{{_XML}}}lang": language.code})
    # An entry is of its language: its id is not another's.
    ending = "" if language.is_default else f"-{language.code}"
    _add(root, "id", f"{base}/releases/#changes{ending}")
    _add(root, "title", language.say("What changed on Warranted"))
    _add(root, "updated", history[0]["created"])
    _add(_add(root, "author"), "name", publisher)
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": start + PAGE})
    if address:
        ET.SubElement(root, "link", {"rel": "self", "href": f"{start}changes.atom"})
    made: list[ET.Element] = []
    for release in history:
        told = told_of(release, language, levels)
        for iri, entry in _entries(told, base, start, language, where):
            if len(made) == ENTRIES:
                break
            _add(entry, "id", f"{iri}{ending}")
            _add(entry, "updated", release["created"])
            _add(entry, "published", release["created"])
            made.append(entry)
    root.extend(made)
    ET.indent(root, " ")
    whole: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole + b"\n"


def _entries(
    told: ReleaseChange, base: str, start: str, language: Language, where: Where
) -> Iterator[tuple[str, ET.Element]]:
    """The entries of a release, each with its IRI."""
    release = release_iri(base, told.id)
    page = f"{start}{PAGE}#r-{told.id}"
    title = language.say("Release %(name)s", name=told.id)
    yield f"{release}#changes", _entry(title, page, [told.sentence])
    for package in told.packages:
        path = where(package.iri)
        title = package.title
        if package.made_up:
            title = language.say("%(title)s (illustrative, made up)", title=title)
        lines = [package.sentence, *(_plain(line) for line in package.lines)]
        target = page if path is None else start + path
        yield f"{release}#changes-{package.slug}", _entry(title, target, lines)


def _entry(title: str, page: str, lines: Iterable[str]) -> ET.Element:
    entry = ET.Element("entry")
    _add(entry, "title", title)
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page})
    content = ET.SubElement(entry, "content", {"type": "xhtml"})
    body = ET.SubElement(content, "div", {"xmlns": XHTML})
    first, *rest = lines
    _add(body, "p", first)
    if rest:
        listed = _add(body, "ul")
        for line in rest:
            _add(listed, "li", line)
    return entry


def _add(parent: ET.Element, name: str, text: str = "") -> ET.Element:
    made = ET.SubElement(parent, name)
    if text:
        # XML has no form for other control characters, and would fold line ends.
        made.text = " ".join(_UNFIT.sub("\ufffd", text).split())
    return made


def _plain(line: Line) -> str:
    return f"{line.name} ({line.kind}): {line.text}"


def _release_sentence(release: Mapping[str, Any], language: Language) -> str:
    count = language.count
    ways = [p["change"] for p in release["packages"]]
    new, changed, gone = (ways.count(way) for way in ("new", "changed", "gone"))
    if release["from"] is None:
        return count("The first release, with %(n)s package.", "The first release, with %(n)s packages.", new)  # fmt: skip
    told = []
    if new:
        told.append(count("%(n)s new package.", "%(n)s new packages.", new))
    if changed:
        told.append(count("%(n)s package changed.", "%(n)s packages changed.", changed))
    if gone:
        told.append(
            count(
                "%(n)s package is no longer published.",
                "%(n)s packages are no longer published.",
                gone,
            )
        )
    return " ".join(told) or language.say("No package changed.")


def _package(
    package: Mapping[str, Any], language: Language, levels: Levels, own: Language
) -> PackageChange:
    counts = package["counts"]
    if package["change"] == "gone":
        sentence = language.say("No longer published.")
    elif package["change"] == "new":
        listed = _counted(counts, "new", language)
        sentence = language.say("New, with %(counts)s.", counts=listed) if listed else ""
        sentence = sentence or language.say("New.")
    else:
        sentence = _sentence(counts, language)
    lines = [_moved(level, language, levels, own) for level in package["levels"]]
    lines += [_line(record, language, own) for record in package["records"]]
    title = saying.name(package, language, own, "title") or language.say("A package")
    return PackageChange(
        package["iri"], package["slug"], title, package["illustrative"], sentence, lines
    )


def _sentence(counts: Mapping[str, Mapping[str, int]], language: Language) -> str:
    told = []
    if new := _counted(counts, "new", language):
        told.append(language.say("New: %(counts)s.", counts=new))
    if changed := _counted(counts, "changed", language):
        told.append(language.say("Changed: %(counts)s.", counts=changed))
    if gone := _counted(counts, "gone", language):
        told.append(language.say("No longer published: %(counts)s.", counts=gone))
    return " ".join(told)


def _moved(level: Mapping[str, Any], language: Language, levels: Levels, own: Language) -> Line:
    """A level that moved, and why: "fell from Promising to Tried because test T9 … contradicted it"."""
    say, before, after = language.say, level["before"], level["after"]
    given = {"before": levels.get(before, before), "after": levels.get(after, after)}
    said = level["because"]
    code = language.code if language.code in said else next(iter(said), "")
    if causes := said.get(code, []):
        given["why"] = say(" and ").join([t for t in (", ".join(causes[:-1]), causes[-1]) if t])
    match level["way"]:
        case "rose" if causes and level["together"]:
            text = say("rose from %(before)s to %(after)s because %(why)s, together.", **given)
        case "fell" if causes and level["together"]:
            text = say("fell from %(before)s to %(after)s because %(why)s, together.", **given)
        case "rose" if causes:
            text = say("rose from %(before)s to %(after)s because %(why)s.", **given)
        case "fell" if causes:
            text = say("fell from %(before)s to %(after)s because %(why)s.", **given)
        case "rose":
            text = say("rose from %(before)s to %(after)s.", **given)
        case "fell":
            text = say("fell from %(before)s to %(after)s.", **given)
        case _ if before is None:
            text = say("stands at %(after)s.", **given)
        case _ if after is None:
            text = say("is no longer judged; it stood at %(before)s.", **given)
        case _:
            text = say("moved from %(before)s to %(after)s.", **given)
    return Line(level["idea"], saying.name(level, language, own), say("warrant"), [text])


def _line(record: Mapping[str, Any], language: Language, own: Language) -> Line:
    kind, name = _kind(record["type"], language), saying.name(record, language, own)
    if record["said"]:
        told = saying.sentences(record, language, own)
        return Line(record["iri"], name, kind, saying.stopped(told))
    text = language.say("new.") if record["change"] == "new" else language.say("changed.")
    return Line(record["iri"], name, kind, [text])


def _kind(type_: str, language: Language) -> str:
    """What a record is, in a word or two."""
    say = language.say
    match type_:
        case "package":
            return say("package")
        case "aim":
            return say("aim")
        case "driver":
            return say("driver")
        case "idea":
            return say("change idea")
        case "specification":
            return say("version of an idea")
        case "test":
            return say("test")
        case "measure":
            return say("measure")
        case "series":
            return say("series of data")
        case "source":
            return say("source")
        case "evidence":
            return say("study from elsewhere")
        case "claim":
            return say("claim")
        case "judgement":
            return say("judgement")
        case "network":
            return say("network")
        case "site":
            return say("site")
        case "uptake":
            return say("uptake")
        case _:
            return say("record")


_ORDER: Final = ("idea", "specification", "test", "judgement", "measure", "series", "evidence", "source")  # fmt: skip


def _counted(counts: Mapping[str, Mapping[str, int]], way: str, language: Language) -> str:
    """How many records of each kind came, changed or went: "3 change ideas, 2 tests, 1 other record"."""
    found = {type_: counts.get(type_, {}).get(way, 0) for type_ in _ORDER}
    other = sum(ways[way] for type_, ways in counts.items() if type_ not in _ORDER)
    told = [_count(type_, n, language) for type_, n in found.items() if n]
    if other:
        told.append(_count("", other, language))
    return ", ".join(told)


def _count(type_: str, n: int, language: Language) -> str:
    count = language.count
    match type_:
        case "idea":
            return count("%(n)s change idea", "%(n)s change ideas", n)
        case "specification":
            return count("%(n)s version of an idea", "%(n)s versions of ideas", n)
        case "test":
            return count("%(n)s test", "%(n)s tests", n)
        case "judgement":
            return count("%(n)s judgement", "%(n)s judgements", n)
        case "measure":
            return count("%(n)s measure", "%(n)s measures", n)
        case "series":
            return count("%(n)s series of data", "%(n)s series of data", n)
        case "evidence":
            return count("%(n)s study from elsewhere", "%(n)s studies from elsewhere", n)
        case "source":
            return count("%(n)s source", "%(n)s sources", n)
        case _:
            return count("%(n)s other record", "%(n)s other records", n)
