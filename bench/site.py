"""The static site of 10, 100 and 1,000 packages, beside plain MkDocs with Material.

A package is the illustrative one grown to 12 ideas and some 250 tests, under other addresses; a
thousand are 12,000 ideas and 250,000 tests. Each size is built in a process of its own, with all it has
(pages in English and Spanish, data beside them, PDFs, search, checks), then after one test changed, then
after a setting did: so that every page is made anew and no PDF is. What comes before the site (reading the
ledger, judging, the dumps) is done in another process (see `bench.grown`) and left out of the times and
the memory; so is what comes with the software (shell, reference, guides), which the first build of an
installation makes for all.

The peer gets the text of the same English pages as Markdown (by markdownify) in the same run. Five columns
say how many times as long it takes a page as we do:
    plain        all we build, by the clock, beside MkDocs as it comes: its search, every page in its
                 navigation, which it writes on every page; that grows by the square, and is not run
                 beyond a few thousand pages
    no nav       the same beside MkDocs with its search and the pages kept out of its navigation
    same work    pages, their search and checks: CPU seconds of ours beside those of that MkDocs
    HTML alone   pages alone: CPU seconds of ours beside those of MkDocs without navigation and search,
                 its fastest
    no search    all we build, by the clock, beside that

Then Find is opened in a browser, as on a phone (see `bench.finding`).

    python -m bench.site [--sizes 10,100,1000] [--no-peer]
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import finding, grown
from warranted.language import get
from warranted.release_data import ReleaseData
from warranted_site import build_site
from warranted_site.filling import NOTICE
from warranted_site.options import Options

SIZES = (10, 100, 1000)
TRIES = 3
"""Builds after one change; the one in the middle is told of."""
_SAME = ("planning", "pages", "search", "checks")
"""Stages of a build whose work MkDocs does, too."""
_MOST_PLAIN = 4000
"""Pages up to which MkDocs is run as it comes: twice as many take it four times as long."""
_OF_FIRST = re.compile(r"/(?:z0x-|copy-0/)")
_OF_OTHERS = re.compile(r"/(?:z[1-9]\d*x-|copy-[1-9])")


def one(number: int, folder: Path) -> dict[str, Any]:
    """Build the site of so many packages from what was prepared, and again after one test changed."""
    first = grown.first(number, folder / "data")
    site = folder / "first"
    made = _timed(first, site)
    second = grown.second(first, folder / "data", site)
    tries = [_timed(second, folder / f"second-{n}") for n in range(TRIES)]
    again = sorted(tries, key=lambda timed: timed.seconds)[TRIES // 2]
    anew = _timed(second, folder / "third", hub="https://hub.example.org")
    pages = sum(1 for _ in site.rglob("*.html"))
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "ideas": sum(r.type == "idea" for r in first.records),
        "tests": sum(r.type == "test" for r in first.records),
        "pages": pages,
        "seconds": made.seconds,
        "stages": made.stages,
        "spent": made.spent,
        "again": again.seconds,
        "again_stages": again.stages,
        "again_spent": again.spent,
        "anew": anew.seconds,
        "anew_stages": anew.stages,
        "anew_spent": anew.spent,
        "memory": peak // 1024,
    }


@dataclass(frozen=True, slots=True)
class Timed:
    """A build by the clock, whole and by stage, and what its processes spent of the CPU by stage."""

    seconds: float
    stages: dict[str, float]
    spent: dict[str, float]


def _timed(release: ReleaseData, out: Path, *, hub: str = "") -> Timed:
    stages: dict[str, float] = {}
    spent: dict[str, float] = {}
    os.sync()  # what was written before is not to be waited for now
    began = last = time.perf_counter()
    now = "start"

    def progress(_done: int, _total: int, stage: str) -> None:
        nonlocal last, now
        if stage != now:
            stages[now] = stages.get(now, 0.0) + time.perf_counter() - last
            last, now = time.perf_counter(), stage

    languages = tuple(get(code) for code in ("en", "es"))
    build_site(release, out, progress, Options(languages=languages, hub=hub), spent)
    progress(0, 0, "end")
    return Timed(time.perf_counter() - began, stages, spent)


@dataclass(frozen=True, slots=True)
class Peer:
    """The peer's build of so many pages, by the clock and on the CPU."""

    pages: int
    seconds: float
    spent: float


def markdown(site: Path, docs: Path, words: grown.Words, number: int) -> int:
    """Write the text of the site's English pages as the peer's; gives how many they are.

    Those of a package are made of the first one's, in the words of each: markdownify would take longer
    than all that is measured.
    """
    from markdownify import markdownify

    count = 0
    copied = [words.from_first(n) for n in range(number)]
    for page in sorted(site.rglob("*.html")):
        path = page.relative_to(site)
        if path.parts[0] in ("versions", "es") or _OF_OTHERS.search(f"/{path}"):
            continue
        _, _, content = page.read_text(encoding="utf-8").partition(NOTICE)
        content = re.sub(r"<(script|style)\b.*?</\1>", "", content, flags=re.DOTALL)
        text = markdownify(content.partition("</article>")[0])
        name = f"/{path.with_suffix('.md')}"
        made = {name: text}
        if _OF_FIRST.search(name):
            cut_name, cut = grown.Text(name, of_first=True), grown.Text(text, of_first=True)
            made = {cut_name.copy(own): cut.copy(own) for own in copied}
        for where, written in made.items():
            target = docs / where[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(written, encoding="utf-8")
        count += len(made)
    return count


def peer(folder: Path, pages: int, **more: list[str]) -> Peer:
    """Build the pages in `folder`/docs with MkDocs and Material. `more`: settings beyond what it comes with."""
    settings = more | {
        "site_name": "Peer",
        "theme": {"name": "material", "font": False},
        "validation": {"links": {"not_found": "ignore", "unrecognized_links": "ignore"}},
    }
    file = folder / "mkdocs.yml"
    file.write_text(json.dumps(settings), encoding="utf-8")
    os.sync()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", file],
        check=True,
        capture_output=True,
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Peer(pages, took, spent)


def _folds(told: dict[str, Any], folder: Path, number: int) -> list[str]:
    """How many times as long the peer takes a page, in the five ways."""
    words = grown.words(folder / "data")
    pages = markdown(folder / "first", folder / "docs", words, number)
    front = ["index.md"]
    bare, search = peer(folder, pages, nav=front, plugins=[]), peer(folder, pages, nav=front)
    plain = peer(folder, pages) if pages <= _MOST_PLAIN else None
    whole = told["seconds"] / told["pages"]
    ours = told["spent"]["pages"] / told["pages"]
    same = sum(told["spent"][stage] for stage in _SAME) / told["pages"]
    return [
        f"{plain.seconds / pages / whole:.1f}×" if plain else "not run",
        f"{search.seconds / pages / whole:.1f}×",
        f"{search.spent / pages / same:.1f}×",
        f"{bare.spent / pages / ours:.1f}×",
        f"{bare.seconds / pages / whole:.1f}×",
    ]


def _found(site: Path) -> str:
    own, phone = finding.find(site, 1), finding.find(site, finding.SLOWER)
    if own is None or phone is None:
        return "not measured, there is no Chromium"
    return (
        f"first result {own.first_kb:.0f} KB, {own.first_seconds:.1f} s; "
        f"filters {own.facets_kb:.0f} KB, {own.facet_seconds * 1000:.0f} ms; with a processor "
        f"{finding.SLOWER} times as slow {phone.first_seconds:.1f} s and {phone.facet_seconds * 1000:.0f} ms"
    )


def _one(number: int, folder: Path) -> dict[str, Any]:
    """What `one` tells, from a process of its own, after another has prepared the data."""
    (folder / "data").mkdir()
    prepare = [sys.executable, "-m", "bench.grown", str(number), str(folder / "data")]
    subprocess.run(prepare, check=True)
    command = [sys.executable, "-m", "bench.site", "--one", str(number), str(folder)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return dict(json.loads(told))


def main(sizes: tuple[int, ...] = SIZES, *, with_peer: bool = True) -> None:
    """Print the table."""
    print(f"{'packages':>8} {'ideas':>7} {'tests':>8} {'pages':>7} {'full, s':>8} {'pages/s':>8} "
          f"{'one change':>11} {'setting':>8} {'memory, MB':>10} {'plain':>8} {'no nav':>7} "
          f"{'same work':>9} {'HTML alone':>10} {'no search':>9}")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="site-") as scratch:
        _one(1, Path(scratch))  # makes what comes with the software
    for number in sizes:
        with tempfile.TemporaryDirectory(prefix="site-") as scratch:
            folder = Path(scratch)
            told = _one(number, folder)
            folds = ["not run"] * 5
            if with_peer:
                folds = _folds(told, folder, number)
            print(f"{number:>8} {told['ideas']:>7} {told['tests']:>8} {told['pages']:>7} "
                  f"{told['seconds']:>8.1f} {told['pages'] / told['seconds']:>8.0f} "
                  f"{told['again'] / told['seconds']:>11.1%} {told['anew'] / told['seconds']:>8.0%} "
                  f"{told['memory']:>10} {folds[0]:>8} {folds[1]:>7} {folds[2]:>9} "
                  f"{folds[3]:>10} {folds[4]:>9}", flush=True)  # fmt: skip
            for name, title in (
                ("stages", "full, by the clock"),
                ("spent", "full, CPU"),
                ("again_stages", "one change, by the clock"),
                ("again_spent", "one change, CPU"),
                ("anew_stages", "another setting, by the clock"),
                ("anew_spent", "another setting, CPU"),
            ):
                shown = (f"{stage} {seconds:.1f}" for stage, seconds in told[name].items())
                print(f"         {title}: " + ", ".join(shown), flush=True)
            print(f"         find: {_found(folder / 'first')}", flush=True)


if __name__ == "__main__":
    if "--one" in sys.argv:
        print(json.dumps(one(int(sys.argv[2]), Path(sys.argv[3]))))
    else:
        words = [word for word in sys.argv[1:] if word != "--no-peer"]
        given = dict(zip(words[::2], words[1::2], strict=True))
        chosen = tuple(int(n) for n in given.get("--sizes", "10,100,1000").split(","))
        main(chosen, with_peer="--no-peer" not in sys.argv)
