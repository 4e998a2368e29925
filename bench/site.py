"""The static site of 10, 100 and 1,000 packages, beside plain MkDocs with Material.

A package is the illustrative one grown to 12 ideas and some 250 tests, under other addresses; a
thousand are 12,000 ideas and 250,000 tests. Each size is built in a process of its own, with all it has
(pages in English and Spanish, data beside them, PDFs, search, checks), then once more after one test
changed. What comes before the site (reading the ledger, judging, the dumps) is left out of the times,
and so is what the site takes from it.

The peer gets the text of the same English pages as Markdown (by markdownify), not in the navigation and
without search, which is how it is fastest, at the sizes up to 100 packages: its time grows in proportion.

    python -m bench.site [--sizes 10,100,1000] [--no-peer]
"""

from __future__ import annotations

import gzip
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench.validate import BASE, CODE, package
from warranted import dumps, manifest, questions, warrant
from warranted.language import get
from warranted.namespaces import DCTERMS
from warranted.records import Record
from warranted.release import Previous, ReleaseData
from warranted_site import build_site
from warranted_site.filling import NOTICE
from warranted_site.options import Options

SIZES = (10, 100, 1000)
MORE_IDEAS, TESTS = ("c1", "c2", "c3", "c4"), 250
PEER_MOST = 100
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Row = tuple[str, str, str]
"""A record: IRI, type, N-Quads."""


def grown() -> list[Row]:
    """The package with four ideas more and `TESTS` tests or a few more."""
    rows = [(r.iri, r.type, r.nquads) for r in package()]
    for code in MORE_IDEAS:
        idea = f"{BASE}/id/idea/{CODE}-{code}"
        versions = {i for i, t, text in rows if t == "specification" and f"<{idea}>" in text}
        tests = {
            i for i, t, text in rows if t == "test" and any(f"<{v}>" in text for v in versions)
        }
        rows += _again(rows, {idea, *versions, *tests}, "b")
    each = -(-TESTS // sum(type_ == "test" for _, type_, _ in rows))
    tests = {iri for iri, type_, _ in rows if type_ == "test"}
    for n in range(1, each):
        rows += _again(rows, tests, f"k{n}")
    return _whole(rows)


def _again(rows: list[Row], chosen: set[str], mark: str) -> list[Row]:
    pattern = re.compile(
        "<(" + "|".join(map(re.escape, sorted(chosen, key=len, reverse=True))) + r")(?=[>#])"
    )
    return [
        (f"{iri}-{mark}", type_, pattern.sub(rf"<\1-{mark}", text))
        for iri, type_, text in rows
        if iri in chosen
    ]


def _whole(rows: list[Row]) -> list[Row]:
    """The package record names all of them."""
    made = []
    for iri, type_, text in rows:
        if type_ == "package":
            part = f"<{iri}> <{DCTERMS}hasPart> "
            text += "".join(f"{part}<{i}> <{iri}> .\n" for i, _, _ in rows if i != iri)
            text = "".join(sorted(set(text.splitlines(keepends=True))))
        made.append((iri, type_, text))
    return made


def copies(number: int) -> Iterator[Record]:
    """The records of so many packages."""
    rows = grown()
    for n in range(number):
        for iri, type_, text in rows:
            moved = [
                part.replace(f"/{CODE}-", f"/{CODE[0]}{n}x-").replace(
                    '"illustrative-algebra-talk"', f'"copy-{n}"'
                )
                for part in (iri, text)
            ]
            yield Record.from_nquads(moved[0], type_, moved[1])


def data(
    id_: str, records: list[Record], folder: Path, previous: Previous | None = None
) -> ReleaseData:
    """What the release would hand to the site, its dumps in the new `folder`."""
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=BASE, stamps={})
    told = manifest.manifest(
        id_, NOW, records, computed, basis="", publisher="Bench", previous=None
    )
    told["dataset"] = {"triples": told["triples"], "subjects": 0, "properties": 0}
    dumps.write(records, computed, folder)
    dataset = folder.with_name(f"{folder.name}-dataset")
    store = ox.Store(str(dataset))
    store.bulk_load(path=str(folder / "all.nq"), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    answers = {q.key: questions.terms(q, store) for q in questions.questions()}
    made = ReleaseData(id_, NOW, BASE, records, computed, told, previous, folder)
    return replace(made, dataset=dataset, answers=answers)


def one(number: int, folder: Path) -> dict[str, Any]:
    """Build the site of so many packages, and again after one test changed."""
    records = list(copies(number))
    first = data("2026-03-02", records, folder / "dumps-1")
    took, stages = _timed(first, folder / "first")
    site = folder / "first"
    before = Previous(first.id, NOW.date(), records, first.computed, site)
    test = next(n for n, r in enumerate(records) if r.type == "test")
    changed = records[test].nquads.replace('learned> "', 'learned> "Now: ', 1)
    assert changed != records[test].nquads
    after = [*records]
    after[test] = Record.from_nquads(records[test].iri, "test", changed)
    again, again_stages = _timed(
        data("2026-03-03", after, folder / "dumps-2", before), folder / "second"
    )
    pages = sum(1 for _ in site.rglob("*.html"))
    catalogue = (site / "assets" / "find" / "catalogue.js").read_bytes()
    words = sum(f.stat().st_size for f in (site / "pagefind").rglob("*") if f.is_file())
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "ideas": sum(r.type == "idea" for r in records),
        "tests": sum(r.type == "test" for r in records),
        "pages": pages,
        "seconds": took,
        "stages": stages,
        "again": again,
        "again_stages": again_stages,
        "memory": peak // 1024,
        "catalogue": len(gzip.compress(catalogue, 9)),
        "words": words,
    }


def _timed(release: ReleaseData, out: Path) -> tuple[float, dict[str, float]]:
    stages: dict[str, float] = {}
    began = last = time.perf_counter()
    now = "start"

    def progress(_done: int, _total: int, stage: str) -> None:
        nonlocal last, now
        name = "keeping" if stage.startswith("keeping") else stage
        if name != now:
            stages[now] = stages.get(now, 0.0) + time.perf_counter() - last
            last, now = time.perf_counter(), name

    languages = tuple(get(code) for code in ("en", "es"))
    build_site(release, out, progress, Options(languages=languages))
    progress(0, 0, "end")
    return time.perf_counter() - began, stages


def peer(site: Path, folder: Path) -> tuple[int, float]:
    """Build the same pages' text with MkDocs and Material: how many, and in how many seconds."""
    from markdownify import markdownify

    docs = folder / "docs"
    count = 0
    for page in site.rglob("*.html"):
        path = page.relative_to(site)
        if path.parts[0] in ("versions", "es"):
            continue
        _, _, content = page.read_text(encoding="utf-8").partition(NOTICE)
        content = re.sub(r"<(script|style)\b.*?</\1>", "", content, flags=re.DOTALL)
        target = docs / path.with_suffix(".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(markdownify(content.partition("</article>")[0]), encoding="utf-8")
        count += 1
    settings = {
        "site_name": "Peer",
        "theme": {"name": "material", "font": False},
        "plugins": [],
        "nav": ["index.md"],
        "validation": {"links": {"not_found": "ignore", "unrecognized_links": "ignore"}},
    }
    (folder / "mkdocs.yml").write_text(json.dumps(settings), encoding="utf-8")
    began = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--quiet",
            "--config-file",
            folder / "mkdocs.yml",
        ],
        check=True,
        capture_output=True,
    )
    return count, time.perf_counter() - began


def main(sizes: tuple[int, ...] = SIZES, *, with_peer: bool = True) -> None:
    """Print the table."""
    print(f"{'packages':>8} {'ideas':>7} {'tests':>8} {'pages':>7} {'full, s':>8} {'pages/s':>8} "
          f"{'one change':>11} {'memory, MB':>10} {'facets, KB':>10} {'to MkDocs':>10}")  # fmt: skip
    for number in sizes:
        with tempfile.TemporaryDirectory(prefix="site-") as scratch:
            folder = Path(scratch)
            command = [sys.executable, "-m", "bench.site", "--one", str(number), scratch]
            told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            fold = "not run"
            if with_peer and number <= PEER_MOST:
                count, took = peer(folder / "first", folder)
                fold = f"{(took / count) / (told['seconds'] / told['pages']):.1f}×"
            print(f"{number:>8} {told['ideas']:>7} {told['tests']:>8} {told['pages']:>7} "
                  f"{told['seconds']:>8.1f} {told['pages'] / told['seconds']:>8.0f} "
                  f"{told['again'] / told['seconds']:>11.1%} {told['memory']:>10} "
                  f"{told['catalogue'] / 1000:>10.0f} {fold:>10}", flush=True)  # fmt: skip
            for name in ("stages", "again_stages"):
                shown = (f"{stage} {seconds:.1f}" for stage, seconds in told[name].items())
                print(f"         {name}: " + ", ".join(shown), flush=True)


if __name__ == "__main__":
    if "--one" in sys.argv:
        print(json.dumps(one(int(sys.argv[2]), Path(sys.argv[3]))))
    else:
        words = [word for word in sys.argv[1:] if word != "--no-peer"]
        given = dict(zip(words[::2], words[1::2], strict=True))
        chosen = tuple(int(n) for n in given.get("--sizes", "10,100,1000").split(","))
        main(chosen, with_peer="--no-peer" not in sys.argv)
