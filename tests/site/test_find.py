"""Find: what is gathered, what the browser counts, and what the page says when it cannot search."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import random
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warranted import checking, frontend, release, resources, warrant
from warranted.language import ENGLISH
from warranted.namespaces import ROOT
from warranted.records import Record
from warranted_site import find
from warranted_site.filling import Filler
from warranted_site.find import facets, words
from warranted_site.find.catalogue import KINDS, NO_LEVEL, page
from warranted_site.find.words import Stub
from warranted_site.linking import link
from warranted_site.links import Links
from warranted_site.part_build import vocabulary
from warranted_site.shell import HERE, shell
from warranted_site.things import Things, things_of
from warranted_site.views import Views

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = "</script><img src=x onerror=alert(1)>\u2028\"'&"
SHOWN = 20
"""Results on a page."""


def rows_of(records: list[Record]) -> list[find.Row]:
    """The rows of a release of these records."""
    manifest: dict[str, Any] = {"id": "2026-11-23", "records": len(records), "packages": []}
    computed = warrant.assessment_records(records, as_of=NOW.date(), base=ROOT)
    data = release.ReleaseData("2026-11-23", NOW, ROOT, records, computed, manifest)
    views = Views(data, things_of(records, vocabulary()))
    return find.rows(views, Links(views))


def records_of(*names: str) -> list[Record]:
    policy = resources.ontology() / "policies" / "default-1.ttl"
    files = [resources.packages() / f"{name}.ttl" for name in names]
    return [r for file in (*files, policy) for r in checking.read_file(file, base=ROOT)]


@pytest.fixture(scope="module")
def shipped() -> list[find.Row]:
    """The rows of the shipped packages."""
    return rows_of(records_of(*sorted(p.stem for p in resources.packages().glob("*.ttl"))))


def stubs_of(rows: list[find.Row]) -> list[Stub]:
    return [Stub(r.path, r.title, "en", f"{r.title} at Hillside and Ågård") for r in rows]


def indexed_words(
    stubs: list[Stub], out: Path, earlier: find.Earlier | None = None
) -> find.Indexed | None:
    """The index of all words of the stubs, kept from an earlier one as far as they are the same."""
    by_path = {stub.path: stub for stub in stubs}
    with find.indexing(
        {stub.path: stub.digest for stub in stubs},
        lambda paths: (by_path[path] for path in paths),
        out,
        key="",
        earlier=earlier,
        keep=link,
    ) as indexed:
        return indexed()


def site(rows: list[find.Row], out: Path, cache: Path) -> Path:
    """A site with the page, its catalogue, an index of words and a page for every row."""
    frame = shell(cache)
    shutil.copytree(frame.assets, out / "assets")
    shutil.copytree(HERE / "assets", out / "assets", dirs_exist_ok=True)
    find.write(rows, out, language=ENGLISH)
    filler = Filler(frame)
    filler.add({"around": SimpleNamespace(languages=(ENGLISH,), address="", hub="", versions={})})
    made = filler.fill(
        "find/index.html",
        "find",
        "Find",
        release="2026-11-23",
        counts={"records": len(rows)},
        **page(Things(vocabulary())),
    )
    indexed = indexed_words(stubs_of(rows), out)
    assert indexed or not os.environ.get("CI"), "Pagefind is not installed"
    for path, html in {
        made.path: made.html,
        **{r.path: "<title>Page</title>" for r in rows},
    }.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(html, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def small(shipped: list[find.Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped packages."""
    folder = tmp_path_factory.mktemp("find")
    return site(shipped, folder / "host" / "some" / "prefix", folder / "shell")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of the page, of a site below a prefix of a plain file server."""
    handler = functools.partial(Quiet, directory=str(folder.parents[1]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{host.server_address[1]}/some/prefix/find/index.html"
        finally:
            host.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def served(small: Path) -> Iterator[str]:
    with serving(small) as address:
        yield address


@pytest.fixture(scope="module")
def reader(browser: Any) -> Iterator[Any]:
    """A page on a phone that fails on any error of a script or request to another host."""
    opened = browser.new_page(viewport={"width": 360, "height": 800})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("http://127.0.0.1:", "file://", "data:"))
            else faults.append(r.url)
        ),
    )
    yield opened
    assert faults == []
    opened.close()


def show(opened: Any, address: str, **asked: Any) -> str:
    """Open Find, wait for its lists; what the status says."""
    query = urlencode(asked, doseq=True)
    opened.goto(f"{address}?{query}" if query else address)
    opened.wait_for_selector("#find[data-complete]", timeout=20_000)
    return status(opened)


def status(opened: Any) -> str:
    return str(opened.locator("#find-status").inner_text())


def titles(opened: Any) -> list[str]:
    return list(opened.locator("#find-results .f-title").all_inner_texts())


# ---- What is gathered ----


def test_an_idea_is_found_by_what_its_records_say(shipped: list[find.Row]) -> None:
    row = next(r for r in shipped if r.path == "ideas/z1il-c1/index.html")
    assert (row.kind, row.rank, row.places, row.made_up) == ("idea", 4, (6, 7), 1)
    values = {(facet, text or key) for facet, _, key, text in row.values}
    assert {("level", "Lower secondary"), ("level", "Upper secondary")} <= values
    assert {("locality", "City"), ("field", "Education")} <= values
    assert {("problem", "Answers come without reasons"), ("who", "The class teacher")} <= values
    assert ("measure", "Share of answer slips with a reason") in values
    assert ("time", "15") in values
    assert row.packages[0][0] == "illustrative-algebra-talk/index.html"


def test_everything_with_a_page_is_in_it_once(shipped: list[find.Row]) -> None:
    paths = [row.path for row in shipped]
    assert len(paths) == len(set(paths))
    assert {row.kind for row in shipped} == set(KINDS)
    assert all(row.path.endswith("/index.html") and row.title for row in shipped)
    untested = next(r for r in shipped if r.path == "ideas/7qf3-c2/index.html")
    assert (untested.rank, untested.places, untested.made_up) == (0, (0, 0), 0)


@pytest.mark.parametrize(
    ("dose", "bucket"),
    [
        ("Two minutes at the end of each lesson, for six weeks", "5"),
        ("Thirty seconds before each question that asks why", "5"),
        ("Ten minutes, once a week", "15"),
        ("Four minutes, twice a week; 15 minutes of reading a set", "15"),
        ("One page each Friday; 30 minutes of writing", "60"),
        ("Half an hour of practice", "60"),
        ("1.5 hours a month", "more"),
        ("Dos horas al mes", "more"),
        ("Cinco minutos en cada clase", "5"),
        ("On the wall all term", "unsaid"),
        ("Twice a week for six months", "unsaid"),
        ("", ""),
    ],
)
def test_times_go_into_the_bucket_of_the_longest_one_named(dose: str, bucket: str) -> None:
    assert facets.time_needed([dose]) == bucket


def test_a_role_is_the_first_phrase() -> None:
    assert facets.role("The class teacher; no training beyond one visit") == "The class teacher"
    assert facets.role("Two teachers, one\n of them  new") == "Two teachers"
    assert facets.role("A" * 80) == ""


def test_packages_made_one_by_one_merge_to_the_same_files(tmp_path: Path) -> None:
    names = ["illustrative-algebra-talk", "nclabsi-neonatal"]
    apart = [row for name in names for row in rows_of(records_of(name))]
    kept = json.loads(json.dumps([row.to_json() for row in apart]))
    find.write(rows_of(records_of(*names)), tmp_path / "whole", language=ENGLISH)
    for i, given_rows in enumerate([apart, apart[::-1] + apart, map(find.Row.from_json, kept)]):
        out = tmp_path / str(i)
        find.write(given_rows, out, language=ENGLISH)
        for file in (tmp_path / "whole" / "assets" / "find").iterdir():
            assert (out / "assets" / "find" / file.name).read_bytes() == file.read_bytes()


def test_a_record_of_two_packages_stands_in_both(tmp_path: Path) -> None:
    one = find.Row("idea", "ideas/a/index.html", "Ask why", packages=(("p/index.html", "P"),))
    other = replace(one, packages=(("q/index.html", "Q"),), places=(1, 2), rank=1)
    find.write([one, other], tmp_path, language=ENGLISH)
    told = told_in(tmp_path, "catalogue.js")["rows"]
    assert told["titles"] == "Ask why"
    assert told["places"][0] == [[1, 2]]
    assert len(told["packages"][0][0]) == 2


def told_in(out: Path, name: str) -> Any:
    text = (out / "assets" / "find" / name).read_text(encoding="utf-8")
    return json.loads(re.sub(r"^window\.\w+=", "", text).rstrip().rstrip(";"))


# ---- The size at 12,000 ideas ----


def many(packages: int, each: int) -> list[find.Row]:
    """A catalogue of made-up titles, each word as likely as it is in the shipped packages' texts."""
    rng = random.Random(7)
    said = " ".join(
        p.read_text(encoding="utf-8") for p in sorted(resources.packages().glob("*.ttl"))
    )
    texts = re.findall(r'(?:rdfs:label|nic:\w+) "([^"]+)"', said)
    vocabulary = re.findall(r"[A-Za-z][a-z-]+", " ".join(texts))

    def title(least: int, most: int) -> str:
        return " ".join(rng.choices(vocabulary, k=rng.randint(least, most))).capitalize()

    def path(kind: str) -> str:
        id_ = "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=12))
        return f"{KINDS[kind][0]}{id_}/index.html"

    def scheme(name: str, *keys: str) -> list[facets.Value]:
        return [(name, name.capitalize(), key, key.capitalize()) for key in keys]

    levels = scheme("level", "primary", "lower-secondary", "upper-secondary", "college")
    places = scheme("locality", "city", "suburb", "town", "rural")
    roles = [title(2, 4) for _ in range(150)]
    found: list[find.Row] = []
    for p in range(packages):
        name = title(5, 9)
        inside = ((f"{'-'.join(name.lower().split()[:5])}-{p}/index.html", name),)
        own = [
            ("problem", "", title(5, 9), ""),
            *rng.sample(scheme("field", "education", "health"), 1),
        ]
        measures = [("measure", "", title(4, 8), "") for _ in range(4)]
        for _ in range(each):
            tested = rng.choice([(0, 0), (0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (5, 6)])
            where = [*rng.sample(levels, 2), *rng.sample(places, 2)] if tested[1] else []
            how = [
                ("who", "", rng.choice(roles), ""),
                ("time", "", rng.choice(["5", "15", "60"]), ""),
            ]
            values = tuple(sorted({*own, *where, *how, *rng.sample(measures, 2)}))
            rank = rng.randint(-1, 4)
            found.append(
                find.Row("idea", path("idea"), title(4, 10), "", inside, rank, tested, 0, values)
            )
        values = tuple(sorted({*own, *measures}))
        found.append(find.Row("package", inside[0][0], name, rank=3, values=values))
        for kind, count in (("aim", 1), ("driver", 5), ("measure", 4), ("network", 1)):
            title_of = functools.partial(title, 4, 8)
            found += [
                find.Row(kind, path(kind), title_of(), packages=inside, values=tuple(sorted(own)))
                for _ in range(count)
            ]
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of 1,000 packages with 12,000 ideas."""
    out = tmp_path_factory.mktemp("large")
    find.write(many(1000, 12), out, language=ENGLISH)
    return out


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9, mtime=0))


def test_12000_ideas_fit_the_budget(large: Path) -> None:
    sizes = {f.name: packed(f) for f in sorted((large / "assets" / "find").iterdir())}
    print(sizes)
    assert sizes["catalogue.js"] <= 300_000
    first = sum(size for name, size in sizes.items() if name != "more.js")
    assert first <= 450_000, "everything the first result needs"
    assert len(told_in(large, "catalogue.js")["rows"]["titles"].split("\n")) == 13_000


@pytest.mark.browser
def test_12000_ideas_are_counted_on_a_phone(
    reader: Any, large: Path, small: Path, tmp_path: Path
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets")
    shutil.copytree(small / "find", tmp_path / "find")
    shutil.copytree(large / "assets" / "find", tmp_path / "assets" / "find", dirs_exist_ok=True)
    address = f"file://{tmp_path}/find/index.html"
    assert show(reader, address) == "12,000 of 12,000 change ideas"
    told = told_in(large, "catalogue.js")["rows"]
    ranks = told["ranks"][0]
    strong = sum(ranks[n] >= 3 for n in told["ranks"][1][:12_000])
    taken = reader.evaluate(
        "() => { const t = performance.now(); document.querySelector('input[value=\"3\"]').click();"
        " return performance.now() - t; }"
    )
    print(f"a filter over 12,000 ideas: {taken:.0f} ms")
    assert status(reader) == f"{strong:,} of 12,000 change ideas"


# ---- What the browser counts ----


def folded(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M"
    ).lower()


def fits(
    row: find.Row, kind: str, chosen: dict[str, set[str]], warrant_: str, but: str = ""
) -> bool:
    """Whether a row fits every filter, the filter `but` left out."""
    if row.kind != kind:
        return False
    if warrant_ and but != "warrant":
        rank = int(warrant_.replace("just", ""))
        if not (row.rank == rank if "just" in warrant_ else row.rank >= rank):
            return False
    held = {(facet, key) for facet, _, key, _ in row.values}
    return all(
        facet == but or any((facet, key) in held for key in keys) for facet, keys in chosen.items()
    )


CHOICES = {
    "field": ["education", "health-care"],
    "level": ["lower-secondary", "upper-secondary"],
    "locality": ["city", "rural", "town"],
    "who": ["The class teacher", "Two teachers of the same subject"],
    "time": ["5", "15", "60", "unsaid"],
    "problem": ["Answers come without reasons", "FAFSA completion from 64 to 74 percent"],
    "measure": ["Share of learners heard explaining", "Share of answer slips with a reason"],
}
STATES = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(sorted(CHOICES)), st.just(None), max_size=3).flatmap(
        lambda picked: st.fixed_dictionaries(
            {f: st.sets(st.sampled_from(CHOICES[f]), min_size=1) for f in picked}
        )
    ),
    st.sampled_from(["", "", "1", "2", "3", "4", "just0", "just-1"]),
)


@pytest.mark.browser
@settings(max_examples=25, deadline=None)
@given(STATES)
def test_numbers_follow_the_other_filters(
    reader: Any, small: Path, shipped: list[find.Row], state: tuple[str, dict[str, set[str]], str]
) -> None:
    kind, chosen, warrant_ = state
    asked: dict[str, Any] = {"kind": kind, **{f: sorted(v) for f, v in chosen.items()}}
    told = show(reader, f"file://{small}/find/index.html", **asked, warrant=warrant_)
    hits = [row for row in shipped if fits(row, kind, chosen, warrant_)]
    total = sum(row.kind == kind for row in shipped)
    assert told.startswith(f"{len(hits)} of {total} "), (told, state)

    def order(row: find.Row) -> tuple[int, int, str]:
        return (
            row.made_up,
            -row.rank,
            folded(f"{row.title} {' '.join(t for _, t in row.packages)}"),
        )

    assert titles(reader) == [row.title for row in sorted(hits, key=order)][:SHOWN]
    shown = reader.evaluate(
        "() => [...document.querySelectorAll('#find-facets details')].flatMap((d) =>"
        " [...d.querySelectorAll('.f-option')].map((o) =>"
        " [d.dataset.facet, o.querySelector('input').value, o.querySelector('.f-count').textContent]))"
    )
    assert shown
    for facet, value, count in shown:
        if facet == "warrant":
            expected = [r for r in shipped if fits(r, kind, chosen, value)]
        else:
            others = {f: v for f, v in chosen.items() if f != facet} | {facet: {value}}
            expected = [r for r in shipped if fits(r, kind, others, warrant_)]
        assert int(count) == len(expected), (facet, value, state)


# ---- The reader's way ----


@pytest.mark.browser
def test_a_mistyped_word_still_finds_the_idea(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html", q="exit tikets")
    reader.get_by_role("link", name="Exit ticket with a reason line").wait_for()
    item = reader.locator(
        "#find-results li", has_text="Exit ticket with a reason line"
    ).inner_text()
    assert "Dependable across settings" in item
    assert "went as predicted at 6 of 7 places" in item
    assert "Illustrative" in item
    assert "a made-up change package" in item
    reader.get_by_role("link", name="Exit ticket with a reason line").click()
    reader.wait_for_url("**/ideas/z1il-c1/index.html")


@pytest.mark.browser
def test_other_kinds_are_found_beside_the_ideas(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html", q="Better Math Teaching Network")
    also = reader.locator("#find-also")
    also.get_by_role("heading", name="Networks").wait_for()
    assert also.get_by_role("link", name="Better Math Teaching Network", exact=True).count() == 1
    reader.locator("#find-q").fill("heard explaining")
    reader.locator("#find-status", has_text="0 of 48 change ideas").wait_for()
    assert also.get_by_role("heading", name="Measures").count() == 1
    assert "Others do" in reader.locator("#find-hint").inner_text()


@pytest.mark.browser
def test_the_address_holds_the_search_and_back_goes_back(reader: Any, served: str) -> None:
    show(reader, served)
    reader.locator("#find-filters > summary").click()
    reader.locator("[data-facet=level] > summary").click()
    reader.get_by_label("Upper secondary").check()
    assert "level=upper-secondary" in reader.url
    assert status(reader) == "3 of 48 change ideas"
    reader.locator("[data-facet=warrant] > summary").click()
    reader.get_by_label("Replicated or stronger").check()
    assert status(reader) == "2 of 48 change ideas"
    shared = reader.url
    reader.locator("#find-q").press_sequentially("sentence")
    reader.wait_for_url("**q=sentence**")
    assert titles(reader) == ["Sentence starters on a card"]
    reader.go_back()
    reader.wait_for_url(shared)
    assert status(reader) == "2 of 48 change ideas"
    assert reader.locator("#find-q").input_value() == ""
    reader.go_back()
    assert status(reader) == "3 of 48 change ideas"
    assert reader.locator("#find-chips li").all_inner_texts() == ["School level: Upper secondary ×"]
    reader.get_by_role("button", name="Remove the filter School level: Upper secondary").click()
    assert status(reader) == "48 of 48 change ideas"
    reader.goto("about:blank")
    reader.goto(shared)
    reader.wait_for_selector("#find[data-complete]")
    assert status(reader) == "2 of 48 change ideas"
    assert reader.locator("[data-facet=warrant] input[value='3']").is_checked()


@pytest.mark.browser
def test_an_address_with_a_filter_that_is_no_more_says_so(reader: Any, small: Path) -> None:
    address = f"file://{small}/find/index.html"
    assert show(reader, address, level="moon", q="") == "48 of 48 change ideas"
    assert "no such filter: moon" in reader.get_by_role("alert").inner_text()


@pytest.mark.browser
def test_more_results_come_by_button_and_keyboard(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html")
    assert len(titles(reader)) == SHOWN
    reader.get_by_role("button", name="Show 20 more").focus()
    reader.keyboard.press("Enter")
    assert len(titles(reader)) == 2 * SHOWN
    reader.keyboard.press("Tab")
    assert len(titles(reader)) == 2 * SHOWN
    focused = reader.evaluate("document.activeElement.closest('li')?.parentElement.id")
    assert focused == "find-results"


# ---- All words of the pages ----


@pytest.mark.browser
def test_all_words_of_the_pages_are_searched_under_a_prefix(
    reader: Any, served: str, shipped: list[find.Row]
) -> None:
    show(reader, served, q="hillside")
    assert "0 of 48" in status(reader)
    loaded: list[str] = []
    reader.on("request", lambda r: loaded.append(r.url))
    assert not any("/pagefind/" in url for url in loaded)
    reader.get_by_label("Search all words of the pages").check()
    reader.locator("#find-status", has_text="pages have these words").wait_for()
    assert any("/pagefind/" in url for url in loaded)
    assert "in=words" in reader.url
    assert reader.locator("#find-results mark").first.inner_text() == "Hillside"
    upper = {"level": {"upper-secondary"}}
    reader.goto("about:blank")
    reader.goto(
        f"{served}?{urlencode({'q': 'hillside', 'in': 'words', 'level': 'upper-secondary'})}"
    )
    reader.locator("#find-hint", has_text="fit the filters").wait_for()
    while not titles(reader):
        looked = reader.locator("#find-hint").inner_text()
        reader.get_by_role("button", name="Show").last.click()
        reader.wait_for_function(
            "old => document.getElementById('find-hint').innerText !== old", arg=looked
        )
    assert set(titles(reader)) <= {r.title for r in shipped if fits(r, r.kind, upper, "")}
    reader.locator("#find-results .f-title").first.click()
    reader.wait_for_url("**/some/prefix/*/**")


@pytest.mark.browser
def test_of_a_page_that_changed_since_only_the_new_words_are_found(
    reader: Any, small: Path, shipped: list[find.Row], tmp_path: Path
) -> None:
    before, now = tmp_path / "before", tmp_path / "some" / "prefix"
    stubs = stubs_of(shipped)
    first = indexed_words(stubs, before)
    assert first is not None
    shutil.copytree(small, now, ignore=shutil.ignore_patterns("pagefind"))
    changed = replace(stubs[0], text=f"{stubs[0].title} at Quinquireme")
    second = indexed_words([changed, *stubs[1:]], now, find.Earlier(before, first))
    assert second is not None
    assert list(second.newer) == [changed.path]
    with serving(now) as address:

        def found(word: str) -> str:
            reader.goto("about:blank")
            reader.goto(f"{address}?{urlencode({'q': word, 'in': 'words'})}")
            reader.locator("#find-status", has_text="these words").wait_for()
            return status(reader)

        # Where it finds no word Pagefind takes the nearest: the first page is the one that has it.
        found("quinquireme")
        assert titles(reader)[0] == shipped[0].title
        assert "Quinquireme" in reader.locator("#find-results mark").first.inner_text()
        assert f"{len(stubs) - 1} pages have" in found("hillside")


@pytest.mark.browser
def test_from_a_file_the_page_says_that_words_need_a_server(reader: Any, small: Path) -> None:
    show(reader, f"file://{small}/find/index.html", q="exit ticket")
    reader.get_by_label("Search all words of the pages").click()
    reader.get_by_role("alert").get_by_text("only be searched when the site comes from").wait_for()
    assert not reader.get_by_label("Search all words of the pages").is_checked()
    assert "Exit ticket with a reason line" in titles(reader)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("pagefind/pagefind.js", "The index of all words could not be loaded"),
        ("assets/find/catalogue.js", "nothing can be searched"),
        ("assets/find/pages.js", "the results are not links"),
        ("assets/find/more.js", "change ideas and packages can be searched"),
    ],
)
def test_what_cannot_be_loaded_is_said(browser: Any, served: str, missing: str, told: str) -> None:
    opened = browser.new_page()
    opened.route(f"**/{missing}*", lambda route: route.abort())
    opened.goto(f"{served}?q=ticket&in=words" if "pagefind" in missing else f"{served}?q=ticket")
    opened.get_by_role("alert").get_by_text(told).wait_for()
    if "catalogue" not in missing:
        opened.locator("#find-results li", has_text="Exit ticket with a reason line").wait_for()
    opened.close()


@pytest.mark.browser
def test_without_minisearch_parts_of_words_are_looked_for(
    reader: Any,
    small: Path,
    shipped: list[find.Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets", ignore=shutil.ignore_patterns("find"))
    shutil.copytree(small / "find", tmp_path / "find")
    monkeypatch.setenv(frontend.VARIABLE, str(tmp_path))
    find.write(shipped, tmp_path, language=ENGLISH)
    assert not (tmp_path / "assets" / "find" / "minisearch.js").exists()
    address = f"file://{tmp_path}/find/index.html"
    assert show(reader, address, q="ICKET reason line") == "1 of 48 change ideas"
    assert reader.locator("#find-note").is_hidden()


@pytest.mark.browser
def test_without_javascript_the_page_leads_elsewhere(browser: Any, small: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"file://{small}/find/index.html")
    assert "needs JavaScript" in opened.locator("article").inner_text()
    assert opened.get_by_role("link", name="All change packages").is_visible()
    assert opened.locator("#find-q").is_hidden()
    context.close()


@pytest.mark.browser
def test_texts_never_become_markup(
    reader: Any, small: Path, shipped: list[find.Row], tmp_path: Path
) -> None:
    shutil.copytree(small / "assets", tmp_path / "assets")
    shutil.copytree(small / "find", tmp_path / "find")
    spoilt = [
        replace(
            row,
            title=EVIL,
            packages=tuple((path, EVIL) for path, _ in row.packages),
            values=tuple((f, label, key, text and EVIL) for f, label, key, text in row.values),
        )
        for row in shipped
    ]
    find.write(spoilt, tmp_path, language=ENGLISH)
    show(reader, f"file://{tmp_path}/find/index.html", q="img")
    assert reader.locator("#find-results li").count() == SHOWN
    assert reader.locator("#find img").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_and_is_accessible(browser: Any, small: Path, width: int, theme: str) -> None:
    axe = frontend.file("axe-core/axe.min.js")
    if axe is None:
        if os.environ.get("CI"):
            pytest.fail("axe-core is not installed")
        pytest.skip("axe-core is not installed: make frontend")
    viewport = {"width": width, "height": 800}
    opened = browser.new_page(viewport=viewport, color_scheme=theme)
    show(opened, f"file://{small}/find/index.html", q="reason", locality="city", warrant="1")
    opened.evaluate("for (const d of document.querySelectorAll('#find details')) d.open = true")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.evaluate(axe.read_text(encoding="utf-8"))
    found = opened.evaluate(
        "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))"
    )
    assert found == []
    opened.close()


@pytest.mark.browser
def test_the_field_of_the_home_page_leads_here(reader: Any, small: Path) -> None:
    environment = Filler(shell(small.parents[2] / "shell")).environment
    box = environment.from_string(
        '{% from "find_box.html" import find_box %}<!doctype html><title>Home</title>{{ find_box("") }}'
    )
    (small / "index.html").write_text(box.render(), encoding="utf-8")
    reader.goto(f"file://{small}/index.html")
    reader.get_by_label("What are you trying to improve?").fill("ticket")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/find/index.html?q=ticket")
    reader.get_by_role("link", name="Exit ticket with a reason line").wait_for()


# ---- The index of words ----


def test_the_same_words_give_the_same_index(tmp_path: Path) -> None:
    stubs = [
        Stub(
            f"ideas/{n}/index.html", f"Idea {n}", "en" if n % 3 else "es", f"words & <b>{n * 7}</b>"
        )
        for n in range(200)
    ]
    if not find.index_words(stubs, tmp_path / "a"):
        if os.environ.get("CI"):
            pytest.fail("Pagefind is not installed")
        pytest.skip("Pagefind is not installed: pip install 'pagefind[bin]'")
    assert find.index_words(stubs[::-1], tmp_path / "b")

    def files(out: Path) -> dict[str, bytes]:
        return {
            p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()
        }

    assert files(tmp_path / "a") == files(tmp_path / "b")
    entry = json.loads((tmp_path / "a" / "pagefind" / "pagefind-entry.json").read_bytes())
    assert [(k, v["page_count"]) for k, v in entry["languages"].items()] == [("en", 200)]


def test_without_the_program_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not find.index_words([], tmp_path)
    stub = Stub("ideas/a/index.html", "A", "en", "words")
    monkeypatch.setattr(words, "_program", lambda: None)
    assert not find.index_words([stub], tmp_path)
    monkeypatch.setattr(words, "_program", lambda: Path(shutil.which("false") or "/bin/false"))
    assert not find.index_words([stub], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_index_nobody_waits_for_leaves_no_program_and_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(words, "_program", lambda: Path(shutil.which("yes") or "/usr/bin/yes"))
    stub = Stub("ideas/a/index.html", "A", "en", "words")
    given = {stub.path: stub.digest}
    out = tmp_path / "out"
    with find.indexing(given, lambda _: iter([stub]), out, key="", earlier=None, keep=link):
        (held,) = scratch.iterdir()
        assert (held / "pages" / stub.path).is_file()
    assert list(scratch.iterdir()) == []
    assert not out.exists()


def test_what_has_no_level_says_none(shipped: list[find.Row]) -> None:
    assert all(row.rank == NO_LEVEL for row in shipped if row.kind not in ("idea", "package"))
