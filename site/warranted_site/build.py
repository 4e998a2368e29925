"""Builds the site of a release: gather, render, check, write. Nothing is written before the check."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

import pyoxigraph as ox

from warranted import rdfio, resources
from warranted.errors import GateFailed
from warranted.records import Record
from warranted.release import ReleaseData
from warranted_site import linkcheck, question_pages, redirects, reference_pages
from warranted_site.links import Links
from warranted_site.render import Page, Renderer
from warranted_site.shell import HERE, shell
from warranted_site.things import things_of
from warranted_site.views import Views

Progress = Callable[[int, int, str], None]


def build_site(
    data: ReleaseData, out: Path, progress: Progress, *, cache: Path | None = None
) -> None:
    """Write the site of `data` into the new folder `out`.

    Besides the pages: `.ttl` and `.jsonld` beside each, the dumps under `data/dumps/`, `pages.json`,
    which says where each record is shown, and the rules by which a static host leads there.

    Raises:
        GateFailed: a link leads nowhere; each is named with its page.
    """
    progress(0, 0, "gathering pages")
    ontology = resources.ontology()
    words = [ontology / "warranted.ttl", *sorted((ontology / "schemes").glob("*.ttl"))]
    schemes = [
        quad.triple
        for file in words
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    ]
    views = Views(data, things_of(data.records, schemes))
    links = Links(views)
    frame = shell(cache or Path(gettempdir()) / f"warranted-shell-{_user()}")
    answers = question_pages.answered(data, schemes)
    pages: list[Page] = []
    for page in Renderer(views, links, frame, answers).pages():
        pages.append(page)
        progress(len(pages), 0, "rendering")
    progress(0, 0, "writing pages")
    out.mkdir(parents=True)
    shutil.copytree(frame.assets, out / "assets", ignore=shutil.ignore_patterns("*.map", "lunr"))
    shutil.copytree(HERE / "assets", out / "assets", dirs_exist_ok=True)
    if data.dumps is not None:
        shutil.copytree(data.dumps, out / "data" / "dumps")
    records = {record.iri: record for record in (*data.records, *data.computed)}
    for page in pages:
        target = out / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.html, encoding="utf-8")
        if page.record is not None:
            _write_data(records[page.record], target)
    beside = {path: html.encode() for path, html in reference_pages.redirects().items()}
    beside |= {f"questions/{a.question.key}.csv": a.csv.encode() for a in answers}
    for path, content in (beside | reference_pages.files()).items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    where = {iri: path for iri, path in links.all().items() if iri in records}
    (out / "pages.json").write_text(json.dumps(where, indent=0) + "\n", encoding="utf-8")
    for name, text in redirects.rules(where, data.base).items():
        (out / name).write_text(text, encoding="ascii")
    progress(0, 0, "checking links")
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    wrong = linkcheck.broken({page.path: page.html for page in pages}, files)
    if wrong:
        raise GateFailed(wrong)


def _write_data(record: Record, page: Path) -> None:
    turtle = rdfio.serialise(record.triples, rdfio.Format.TURTLE, root=record.iri)
    page.with_suffix(".ttl").write_bytes(turtle)
    tree = json.dumps(record.jsonld, indent=2, ensure_ascii=False)
    page.with_suffix(".jsonld").write_text(tree + "\n", encoding="utf-8")


def _user() -> str:
    # The cache holds HTML we trust: it is kept apart for each user of the machine.
    return hashlib.sha256(str(Path.home()).encode()).hexdigest()[:8]
