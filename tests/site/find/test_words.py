"""All words of the pages: how they are searched, and the index of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.site.finding import fits, indexed_words, serving, show, status, stubs_of, titles

from warranted_site import find
from warranted_site.find import words
from warranted_site.find.words import Stub
from warranted_site.linking import link


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
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(words, "_program", lambda: slow)
    stub = Stub("ideas/a/index.html", "A", "en", "words")
    given = {stub.path: stub.digest}
    out, written = tmp_path / "out", find.Written(tmp_path / "written", "en")
    running: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def started(*args: Any, **more: Any) -> subprocess.Popen[bytes]:
        running.append(start(*args, **more))
        return running[-1]

    monkeypatch.setattr(subprocess, "Popen", started)
    with find.indexing(
        given, lambda paths: (stub for _ in paths), out, written, key="", earlier=None, keep=link
    ):
        assert (written.folder / stub.path).is_file()
        (out / "pagefind").mkdir(parents=True)  # as far as the program came
        assert [one.poll() for one in running] == [None]
    assert running[0].returncode is not None
    assert not (out / "pagefind").exists()


def test_pages_that_were_written_as_they_are_indexed_are_not_read_again(tmp_path: Path) -> None:
    stubs = stubs_of_letters("abc")
    written = find.Written(tmp_path / "written", "en")
    for stub in stubs[:2]:
        find.write_stub(stub, written.folder)
    read: list[str] = []

    def rest(paths: Iterable[str]) -> Iterator[Stub]:
        for path in paths:
            read.append(path)
            yield next(stub for stub in stubs if stub.path == path)

    given = {stub.path: stub.digest for stub in stubs}
    with find.indexing(
        given, rest, tmp_path / "out", written, key="", earlier=None, keep=link
    ) as indexed:
        found = indexed()
    assert read == [stubs[2].path]
    assert found is not None
    assert found.pages.keys() == given.keys()


def stubs_of_letters(letters: str) -> list[Stub]:
    return [Stub(f"ideas/{c}/index.html", c.upper(), "en", f"words of {c}") for c in letters]
