"""A package of sixty ideas: its own page stays light, and a page beside it has them all."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.site.pages import axe_faults, needed

from warranted import changes, checking, manifest, release, resources, warrant
from warranted.language import get
from warranted.namespaces import DCTERMS, ROOT
from warranted.records import Record
from warranted_site import build_site
from warranted_site.options import Options
from warranted_site.packages import Package

SLUG, IDEAS = "illustrative-algebra-talk", 60
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_TEXT = re.compile(r'"[^"]*"')
PAGE, ALL = f"{SLUG}/index.html", f"{SLUG}/ideas/index.html"


def shipped() -> list[Record]:
    files = [resources.packages() / f"{SLUG}.ttl"]
    files.append(resources.ontology() / "policies" / "default-1.ttl")
    return [record for file in files for record in checking.read_file(file, base=ROOT)]


def grown(records: Sequence[Record]) -> Iterator[Record]:
    """The package with ideas like its own until there are `IDEAS`, each in other words."""
    kinds = {r.iri: r.type for r in records}
    ideas = [iri for iri, type_ in kinds.items() if type_ == "idea"]
    text = "".join(r.nquads for r in records if r.type in ("idea", "specification"))
    words = sorted(set(re.findall(r"(?<=[ \"])[a-z]{4,}(?=[ ,.;\"])", text)))
    added: list[Record] = []
    for number in range(IDEAS - len(ideas)):
        idea = ideas[number % len(ideas)]
        own = [r for r in records if r.type == "specification" and f"<{idea}>" in r.nquads]
        chosen = {idea, *(r.iri for r in own)}
        mark, dealt = f"-more{number}", random.Random(number)
        other = dict(zip(words, dealt.sample(words, len(words)), strict=True))
        named = re.compile("<(" + "|".join(sorted(map(re.escape, chosen), key=len)) + ")(?=[>#])")
        for record in (r for r in records if r.iri in chosen):
            moved = named.sub(rf"<\1{mark}", record.nquads)
            told = _TEXT.sub(partial(_reworded, other), moved)
            lines = "".join(sorted(told.splitlines(keepends=True)))
            added.append(Record.from_nquads(f"{record.iri}{mark}", record.type, lines))
    for record in records:
        if record.type == "package":
            part = f"<{record.iri}> <{DCTERMS}hasPart> <%s> <{record.iri}> .\n"
            lines = {*record.nquads.splitlines(keepends=True), *(part % r.iri for r in added)}
            yield Record.from_nquads(record.iri, "package", "".join(sorted(lines)))
        else:
            yield record
    yield from added


def _reworded(other: Mapping[str, str], text: re.Match[str]) -> str:
    return re.sub("[a-z]{4,}", lambda word: other.get(word[0], word[0]), text[0])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("long") / "site"
    records = list(grown(shipped()))
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=ROOT)
    told = changes.changes("2026-03-02", (records, computed), None, ([], []))
    described = manifest.manifest(
        "2026-03-02", NOW, records, computed, basis="", publisher="Test", previous=None
    )
    described["dataset"] = {"triples": 0, "subjects": 0, "properties": 0}
    data = release.ReleaseData("2026-03-02", NOW, ROOT, records, computed, described, changes=told)
    options = Options(languages=(get("en"), get("es")), processes=1)
    build_site(data, out, lambda _d, _t, _s: None, options)
    return out


@pytest.fixture(scope="module", params=["", "es/"])
def folder(request: pytest.FixtureRequest, site: Path) -> Path:
    return site / request.param


def test_every_page_of_it_is_light(folder: Path) -> None:
    for path in (PAGE, ALL, f"{SLUG}/adapt/index.html"):
        assert len(gzip.compress((folder / path).read_bytes())) <= 10 * 1024, path


def test_its_page_shows_the_foremost_and_leads_to_all(folder: Path) -> None:
    first, whole = ((folder / path).read_text(encoding="utf-8") for path in (PAGE, ALL))
    assert len(rows(first, "ideas")) == Package.FOREMOST
    assert first.count('href="ideas/index.html"') >= 2
    assert len(rows(whole, "ideas")) == len(set(rows(whole, "ideas"))) == IDEAS
    assert rows(whole, "ideas")[: Package.FOREMOST] == rows(first, "ideas")
    assert set(rows(whole, "need")) >= set(rows(first, "need"))
    for link in re.findall(r'<th scope="row"><a href="([^"#]+)', whole):
        assert (folder / SLUG / "ideas" / link).resolve().is_file(), link


def test_the_diagram_counts_ideas_on_its_page_and_draws_them_beside_it(folder: Path) -> None:
    first, whole = ((folder / path).read_text(encoding="utf-8") for path in (PAGE, ALL))
    assert "w-idea" not in drawing(first)
    assert drawing(whole).count('"w-box w-idea"') == IDEAS
    counted = re.findall(r'<tspan class="w-shape"[^>]*>(\d+) ideas?<', drawing(first))
    assert sum(map(int, counted)) == IDEAS


def test_what_can_be_kept_or_dropped_is_all_there(site: Path) -> None:
    script = (site / SLUG / "adapt" / "elements.js").read_text(encoding="utf-8")
    assert script.count('"kind":"idea"') == IDEAS


@pytest.mark.browser
@pytest.mark.parametrize("path", [PAGE, ALL])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    browser: Any, site: Path, path: str
) -> None:
    script = needed("axe-core/axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    address = (site / path).as_uri()
    assert axe_faults(page, address, script) == []
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def rows(html: str, section: str) -> list[str]:
    """Names of the ideas in the table below a heading."""
    _, _, after = html.partition(f'<h2 id="{section}">')
    table = after.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r'<th scope="row"><a [^>]*>(.*?)</a>', table)
    return [unescape(re.sub("<[^>]+>", "", name)) for name in found]


def drawing(html: str) -> str:
    return html.partition('<div class="w-drivers">')[2].partition("</svg>")[0]
