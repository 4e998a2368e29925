"""What a site has besides its parts: assets, dumps, the pages of the whole, files for programs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import resources
from warranted.release_data import ReleaseData
from warranted_site import browser_query, find, guides, question_pages, redirects, reference_pages
from warranted_site.filling import Filler, Page, folders, words_of
from warranted_site.front_pages import Front, FrontPages
from warranted_site.machine import feed, history, sitemap
from warranted_site.options import Options
from warranted_site.part_build import vocabulary
from warranted_site.record_pages import Around, switch
from warranted_site.shell import HERE, shell
from warranted_site.state import Kept
from warranted_site.summary import merged
from warranted_site.things import Things

MOST = 20
"""Changed records that a package's page tells of for each version; the page of changes has all."""


def write(
    data: ReleaseData,
    out: Path,
    options: Options,
    parts: Mapping[str, Kept],
    reasons: Mapping[str, Mapping[str, Any]],
) -> tuple[list[Page], list[str]]:
    """Write it; returns the pages, and the paths of all that was written.

    Args:
        reasons: language → idea → why its level moved since the release before.
    """
    before = set(_files(out))
    answers = question_pages.answered(data, vocabulary())
    paths = dict(sorted(pair for part in parts.values() for pair in part.paths.items()))
    told = history.history(
        data.previous.site if data.previous else None,
        data.changes or {},
        data.created,
        data.id,
        records=data.records,
        reasons=reasons,
    )
    pages = list(_pages(data, options, parts, paths, answers, told))
    _assets(data, out, options)
    files: dict[str, bytes] = {page.path: page.html.encode() for page in pages}
    files |= {path: html.encode() for path, html in reference_pages.redirects().items()}
    files |= {f"questions/{a.question.key}.csv": a.csv.encode() for a in answers}
    files |= reference_pages.files()
    files |= _for_machines(data, options, paths, pages, told)
    files |= guides.files()
    files["pages.json"] = (json.dumps(paths, indent=0) + "\n").encode()
    for name, text in redirects.rules(paths, data.base).items():
        files[name] = text.encode("ascii")
    for path, content in files.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    _find(out, options, parts)
    _browser_query(data, out, options, parts, paths)
    return pages, sorted(set(_files(out)) - before)


def _pages(
    data: ReleaseData,
    options: Options,
    parts: Mapping[str, Kept],
    paths: Mapping[str, str],
    answers: list[question_pages.Answered],
    told: list[dict[str, Any]],
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
    changes, written = data.changes or {}, guides.rendered(options.cache)
    for language in options.languages:
        where = folders(options.languages)[language.code]
        filler = Filler(frame, language, where, compiled=options.cache / "templates")
        whole = merged(part.summaries[language.code] for part in parts.values())
        words = Things(vocabulary(), language)
        shown = feed.shown(told, language, feed.level_names(words))
        query = browser_query.values(data, options.cache, language)
        front = Front(data, whole, paths, words, around, answers, changes, shown, written, query)
        yield from FrontPages(front, filler).pages()
        if language is options.languages[0]:

            def fill(
                path: str, template: str, title: str, filler: Any = filler, **values: Any
            ) -> Page:
                shown = {"release": data.id, "counts": data.manifest, **values}
                made: Page = filler.fill(
                    path, template, title, switch=switch(filler, (), path), **shown
                )
                return made

            yield from reference_pages.pages(fill)


def _find(out: Path, options: Options, parts: Mapping[str, Kept]) -> None:
    """The catalogue of each language, and the index of all words of the first one's pages."""
    for language in options.languages:
        rows = (
            find.Row.from_json(row) for part in parts.values() for row in part.found[language.code]
        )
        find.write(rows, out / folders(options.languages)[language.code], language=language)
    first = options.languages[0].code
    shown = [row for part in parts.values() for row in part.found[first]]
    find.index_words(_stubs(out, sorted({find.Row.from_json(row).path for row in shown})), out)


def _browser_query(
    data: ReleaseData,
    out: Path,
    options: Options,
    parts: Mapping[str, Kept],
    paths: Mapping[str, str],
) -> None:
    """What the page that queries in the browser loads, but for the packages, which stand already."""
    whole = merged(part.summaries[options.languages[0].code] for part in parts.values())
    packages = [(package["slug"], package["title"]) for package in whole["packages"]]
    store = ox.Store.read_only(str(data.dataset)) if data.dataset is not None else None
    browser_query.write_all(data, packages, paths, out, cache=options.cache, dataset=store)


def _stubs(out: Path, paths: Iterable[str]) -> Iterator[find.Stub]:
    for path in paths:
        html = (out / path).read_text(encoding="utf-8")
        title, language, text = words_of(html)
        yield find.Stub(path, title, language, text)


def _for_machines(
    data: ReleaseData,
    options: Options,
    paths: Mapping[str, str],
    pages: Iterable[Page],
    told: list[dict[str, Any]],
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
                levels=feed.level_names(Things(vocabulary(), language)),
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
    listed = sitemap.listed(every, sitemap.made_up(data.records))
    yield from sitemap.files(options.address, listed, history.days(told)).items()


def _assets(data: ReleaseData, out: Path, options: Options) -> None:
    frame = shell(options.cache, kind=options.shell)
    target = out / "assets"
    shutil.copytree(frame.assets, target, dirs_exist_ok=True)
    shutil.copytree(HERE / "assets", target, dirs_exist_ok=True)
    if data.dumps is not None:
        shutil.copytree(data.dumps, out / "data" / "dumps", copy_function=_same)


def _same(source: str, target: str) -> str:
    """The same file at both places where the disk can do that."""
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _files(out: Path) -> Iterator[str]:
    return (p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())


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


def digest(told: Iterable[Any]) -> str:
    """SHA-256 of plain values."""
    text = json.dumps(list(told), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
