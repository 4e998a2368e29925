"""What a site has besides its parts: assets, dumps, the pages of the whole, files for programs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from warranted import resources
from warranted.language import Language
from warranted.query import editor
from warranted.release_data import ReleaseData
from warranted_site import (
    browser_query,
    find,
    guides,
    question_pages,
    redirects,
    reference_pages,
    spent,
    steady_pages,
)
from warranted_site.filling import Filler, Page, folders, words_of
from warranted_site.front_pages import Front, FrontPages
from warranted_site.keeping import Files, Group
from warranted_site.linking import link
from warranted_site.machine import feed, history, sitemap
from warranted_site.once import once
from warranted_site.options import Options
from warranted_site.part_build import schemes, vocabulary
from warranted_site.record_pages import Around, site_of, switch
from warranted_site.shell import HERE, shell
from warranted_site.state import Kept
from warranted_site.summary import Row, merged

MOST = 20
"""Changed records that a package's page tells of for each version; the page of changes has all."""


@dataclass(frozen=True, slots=True)
class Before:
    """What there is of the site before.

    Attributes:
        site: its folder. groups: its groups of files.
        indexed: its index of words; None where something was removed since: then no index may be kept.
        wait: returns when all files that are kept of its parts stand where they belong.
    """

    site: Path | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    indexed: find.Indexed | None = None
    wait: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the pages, the paths of all files, and what the next site may keep."""

    pages: list[Page]
    files: set[str]
    groups: dict[str, Group]
    indexed: find.Indexed | None


def write(
    data: ReleaseData,
    out: Path,
    options: Options,
    parts: Mapping[str, Kept],
    reasons: Mapping[str, Mapping[str, Any]],
    before: Before,
    words: find.Written,
    took: spent.Seconds,
) -> Written:
    """Write it.

    Args:
        reasons: language → idea → why its level moved since the release before.
        before: what may be kept of it. words: the parts' pages as they are indexed, of those that were made.
        took: what was spent is added to it.
    """
    files, fixed = Files(out, before.site, before.groups), _fixed_key(options)
    made_up = frozenset(iri for part in parts.values() for iri in part.made_up)
    with ExitStack() as beside:
        with spent.counted(took, "search"):
            indexed = beside.enter_context(_indexing(out, options, parts, before, words))
        with spent.counted(took, "pages"):
            answers = question_pages.answered(data, vocabulary(), made_up)
            paths = dict(sorted(pair for part in parts.values() for pair in part.paths.items()))
            was = data.previous
            told = history.history(
                was.site if was else None,
                data.changes or {},
                data.created,
                data.id,
                records=data.records,
                removed=[r for r in was.records if r.iri in data.purged] if was else [],
                reasons=reasons,
            )
            whole = {
                language.code: merged(part.summaries[language.code] for part in parts.values())
                for language in options.languages
            }
            pages = list(_pages(data, options, paths, answers, told, whole, fixed))
            files.put((page.path, page.html.encode()) for page in pages)
        with spent.counted(took, "data"):
            files.group("fixed", fixed, partial(_fixed, files, options, fixed))
            files.put((f"questions/{a.question.key}.csv", a.csv.encode()) for a in answers)
            files.put(_for_machines(data, options, paths, pages, told, made_up))
            shown = _in_lines(paths)
            places = digest([fixed, data.base, shown])
            files.group("places", places, partial(_places, files, paths, shown, data.base))
            if data.dumps is not None:
                _dumps(data.dumps, files)
        before.wait()  # it reads the head of what the part of each package has written
        with spent.counted(took, "data"):
            listed = whole[options.languages[0].code]["packages"]
            _browser_query(data, files, [(p["slug"], p["title"]) for p in listed], parts, paths)
        with spent.counted(took, "search"):
            _find(files, options, parts, fixed)
            return Written(pages, files.paths, files.made, indexed())


def _places(files: Files, paths: Mapping[str, str], shown: str, base: str) -> Iterator[str]:
    """Write where each record is shown, and the rules by which a host leads there."""
    rules = redirects.rules(paths, base)
    yield from files.put((name, text.encode("ascii")) for name, text in rules.items())
    yield from files.put([("pages.json", shown.encode())])


def _pages(
    data: ReleaseData,
    options: Options,
    paths: Mapping[str, str],
    answers: list[question_pages.Answered],
    told: list[dict[str, Any]],
    whole: Mapping[str, Row],
    fixed: str,
) -> Iterator[Page]:
    frame = shell(options.cache, kind=options.shell)
    around = Around(
        options.languages,
        address=options.address,
        hub=options.hub,
        shell=options.shell,
        dumps=data.dumps is not None,
        publisher=data.manifest.get("publisher", "Warranted"),
    )
    same = digest([fixed, guides.key(), data.base, around.publisher])[:24]
    for language in options.languages:
        where = folders(options.languages)[language.code]
        filler = Filler(frame, language, where, compiled=options.cache / "templates")
        words = schemes(language)
        shown = feed.shown(told, language, feed.level_names(words), options.languages[0])
        query = browser_query.values(data, options.cache, language)
        front = Front(
            data,
            whole[language.code],
            paths,
            words,
            around,
            answers,
            data.changes or {},
            shown,
            query,
        )
        yield from FrontPages(front, filler).pages()
        yield from steady_pages.kept(
            filler,
            site_of(data, around, language),
            partial(switch, filler, options.languages),
            options.cache / f"pages-{same}-{language.code}.json",
            partial(
                steady_pages.pages,
                language=language,
                base=data.base,
                hub=around.hub,
                cache=options.cache,
            ),
            release=data.id,
            counts=data.manifest,
        )


def _fixed(files: Files, options: Options, key: str) -> Iterator[str]:
    """Write what is the same for every release: assets, pictures, the reference's data. `key`: its digest."""
    frame = shell(options.cache, kind=options.shell)
    yield from files.copy(frame.assets, "assets")
    yield from files.copy(HERE / "assets", "assets")
    made = once(options.cache / f"reference-{key[:24]}.json", _reference)
    yield from browser_query.write_fixed(files.out, options.cache, made["terms"])
    yield from files.put((path, text.encode()) for path, text in made["files"].items())
    yield from files.put(guides.files().items())


def _reference() -> dict[str, Any]:
    """What the query page completes names from, and the reference's data: path → text."""
    found = {path: content.decode() for path, content in reference_pages.files().items()}
    return {"terms": editor.terms(), "files": reference_pages.redirects() | found}


def _fixed_key(options: Options) -> str:
    """A digest of what `_fixed` and the pages of the reference come from."""
    frame = shell(options.cache, kind=options.shell)
    read = [*browser_query.engine.sources(), *find.sources()]
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in read]
    pictures = {
        path: hashlib.sha256(content).hexdigest() for path, content in guides.files().items()
    }
    return digest([software(options), frame.assets.parent.name, stats, pictures])


def _find(files: Files, options: Options, parts: Mapping[str, Kept], fixed: str) -> None:
    """Write the catalogue of each language."""
    for language in options.languages:
        folder = folders(options.languages)[language.code]
        told = [part.found[language.code] for part in parts.values()]

        def make(
            told: list[list[Any]] = told, folder: str = folder, language: Language = language
        ) -> list[str]:
            rows = (find.Row.from_json(row) for of_part in told for row in of_part)
            made = find.write(rows, files.out / folder, language=language)
            return [folder + path for path in made]

        files.group(f"find-{language.code}", digest([fixed, told]), make)


def _indexing(
    out: Path,
    options: Options,
    parts: Mapping[str, Kept],
    before: Before,
    written: find.Written,
) -> AbstractContextManager[Callable[[], find.Indexed | None]]:
    """Begin to index all words of the first language's pages; see `find.indexing`."""
    words = {path: told for part in parts.values() for path, told in part.words.items()}
    earlier = None
    if before.site is not None and before.indexed is not None:
        earlier = find.Earlier(before.site, before.indexed)
    return find.indexing(
        words,
        partial(_stubs, out, before.wait),
        out,
        written,
        key=digest([software(options), find.described()]),
        earlier=earlier,
        keep=link,
    )


def _browser_query(
    data: ReleaseData,
    files: Files,
    packages: list[tuple[str, str]],
    parts: Mapping[str, Kept],
    paths: Mapping[str, str],
) -> None:
    """What the page that queries in the browser loads, but for the packages, which stand already."""
    told = [part.answers for part in parts.values()]
    files.paths.update(browser_query.write_data(data, packages, paths, files.out, told=told))


def _stubs(out: Path, wait: Callable[[], None], paths: Iterable[str]) -> Iterator[find.Stub]:
    for path in paths:
        file = out / path
        if not file.is_file():
            wait()
        yield find.Stub(path, *words_of(file.read_text(encoding="utf-8")))


def _for_machines(
    data: ReleaseData,
    options: Options,
    paths: Mapping[str, str],
    pages: Iterable[Page],
    told: list[dict[str, Any]],
    made_up: frozenset[str],
) -> Iterator[tuple[str, bytes]]:
    """Feed, history, sitemap and robots.txt."""
    yield history.PATH, history.to_json(told)
    for language in options.languages:
        folder = folders(options.languages)[language.code]
        yield (
            f"{folder}changes.atom",
            feed.atom(
                told,
                base=data.base,
                publisher=data.manifest.get("publisher", "Warranted"),
                language=language,
                levels=feed.level_names(schemes(language)),
                where=paths.get,
                address=options.address,
                folder=folder,
            ),
        )
    every = [(page.path, page.record) for page in pages]
    own = {page.path for page in pages}
    for language in options.languages:
        folder = folders(options.languages)[language.code]
        every += [
            (folder + path, iri)
            for iri, path in paths.items()
            if "#" not in path and folder + path not in own
        ]
    listed = sitemap.listed(every, made_up)
    yield from sitemap.files(options.address, listed, history.days(told)).items()


def _dumps(folder: Path, files: Files) -> None:
    """The dumps, which the site shares with the release."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  # names are all that is needed
        path = f"data/dumps/{name}"
        link(f"{folder}/{name}", f"{files.out}/{path}")
        files.paths.add(path)


def version(data: ReleaseData, slug: str) -> dict[str, Any]:
    """This release of a package: its name, its day, and what is new in it, in the field's words."""
    told = next((p for p in (data.changes or {}).get("packages", []) if p["slug"] == slug), None)
    return {
        "id": data.id,
        "day": data.created.date().isoformat(),
        "change": told["change"] if told else "new",
        "records": [r for r in told["records"] if r["change"] != "new"][:MOST] if told else [],
        "added": sum(r["change"] == "new" for r in told["records"]) if told else 0,
        "levels": told["levels"] if told else [],
    }


def software(options: Options) -> str:
    """A digest of all that pages come from, but for records: code, templates, terms, options."""
    told = [
        _code(),
        [one.code for one in options.languages],
        options.address,
        options.hub,
        options.shell,
    ]
    return digest(told)


@lru_cache(maxsize=1)
def _code() -> str:
    found = hashlib.sha256()
    library = Path(resources.__file__).parent
    folders = [HERE, library, resources.ontology(), resources.shapes()]
    endings = {
        ".py",
        ".html",
        ".css",
        ".js",
        ".ttl",
        ".rq",
        ".po",
        ".typ",
        ".yml",
        ".svg",
        ".j2",
        ".md",
    }
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in endings and file.is_file():
                found.update(file.relative_to(folder).as_posix().encode())
                found.update(file.read_bytes())
    for name in ("jinja2", "mkdocs-material", "typst", "pyld"):
        found.update(version_of(name).encode())
    return found.hexdigest()


def _in_lines(told: Mapping[str, str]) -> str:
    """A JSON object with a line for each of its members."""
    # With an indent, Python's encoder in C is not used, which is ten times as fast.
    text = json.dumps(told, separators=(",\n", ": "))
    return f"{{\n{text[1:-1]}\n}}\n"


def digest(told: Iterable[Any]) -> str:
    """SHA-256 of plain values."""
    text = json.dumps(list(told), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
