"""The shell: filled in any language at any depth, and the same pages on a shell from another generator."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from tests.site.pages import PATHS, axe_faults, hosting

from warranted import frontend
from warranted.errors import StoreUnavailable
from warranted.language import ENGLISH, Language
from warranted_site import linkcheck
from warranted_site import shell as shell_module
from warranted_site.shell import Kind, Shell, language_switch, shell

OTHERS: dict[Kind, tuple[str, ...]] = {
    # 0.1.x asks for a zensical-ui that the package index does not have.
    "zensical": ("zensical==0.0.73",),
    "properdocs": ("properdocs==1.6.7", f"mkdocs-material=={version('mkdocs-material')}"),
}
LOOKED_AT = (
    "index.html",
    "packages/index.html",
    "wanted/index.html",
    "illustrative-algebra-talk/index.html",
    "ideas/z1il-c1/index.html",
    "measures/7qf3-m1/index.html",
)
"""Pages that between them have every element; a theme differs in how it styles elements."""
ENGLISH_PATHS = [path for path in PATHS if not path.startswith("es/")]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shells")


@pytest.fixture(scope="module")
def ours(cache: Path) -> Shell:
    return shell(cache)


def installed(kind: Kind) -> Path:
    """The program in a virtual environment of its own; kept, as it is the same each time."""
    folder = ROOT / "build" / "shells" / kind
    program = folder / "bin" / kind
    wanted = " ".join(OTHERS[kind])
    note = folder / "installed.txt"
    if note.is_file() and note.read_text(encoding="utf-8") == wanted:
        return program
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *OTHERS[kind]],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            told = f"{wanted} cannot be installed: {done.stderr.strip()[-400:]}"
            pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    note.write_text(wanted, encoding="utf-8")
    return program


def taken_apart(frame: Shell, path: str, html: str) -> list[str]:
    """What a page filled the shell with."""
    pattern = "(.*?)".join(map(re.escape, frame.stub(path).parts))
    found = re.fullmatch(pattern, html, re.DOTALL)
    assert found, f"{path} is not in the shell"
    title, head, languages, content = found.groups()
    return [title, head, content, languages]


@pytest.fixture(scope="module", params=[*OTHERS])
def other(request: pytest.FixtureRequest, cache: Path, ours: Shell, demo: Any) -> Path:
    """The demo's site with the pages of each type in the shell from another generator."""
    frame = shell(cache, kind=request.param, program=installed(request.param))
    site = cache / f"{request.param}-site"
    shutil.copytree(demo.html, site, copy_function=os.link)
    for file in (site / "assets" / "theme.css", *(site / path for path in ENGLISH_PATHS)):
        file.unlink()
    shutil.copyfile(frame.assets / "theme.css", site / "assets" / "theme.css")
    for path in ENGLISH_PATHS:
        filled = taken_apart(ours, path, (demo.html / path).read_text(encoding="utf-8"))
        (site / path).write_text(frame.stub(path).fill(*filled), encoding="utf-8")
    return site


@pytest.mark.browser
def test_the_same_pages_on_another_shell(other: Path, browser: Any) -> None:
    axe = frontend.file("axe-core/axe.min.js")
    if axe is None:
        told = "axe-core is not installed: npm install"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    script = axe.read_text(encoding="utf-8")
    files = {p.relative_to(other).as_posix() for p in other.rglob("*") if p.is_file()}
    pages = {path: (other / path).read_text(encoding="utf-8") for path in ENGLISH_PATHS}
    assert linkcheck.broken(pages, files) == []
    with hosting(other) as address:
        page = browser.new_page()
        for path in LOOKED_AT:
            assert axe_faults(page, address + path, script) == [], path
            assert page.locator("h1").count() == 1
            assert page.get_by_role("navigation", name="Main menu").get_by_role("link").count() > 4
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.close()


def test_a_missing_program_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StoreUnavailable, match="zensical, which is not installed"):
        shell(cache, kind="zensical")


def test_a_program_that_fails_says_why(cache: Path, tmp_path: Path) -> None:
    program = tmp_path / "properdocs"
    program.write_text("#!/bin/sh\necho it broke >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(StoreUnavailable, match="it broke"):
        shell(cache, kind="properdocs", program=program)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("@@WARRANTED-CONTENT@@", ""), "WARRANTED-CONTENT 0 times"),
        (("@@WARRANTED-HEAD@@", "@@WARRANTED-HEAD@@" * 2), "WARRANTED-HEAD 2 times"),
        (("assets/shell.js", "elsewhere/shell.js"), "links to elsewhere/shell.js"),
    ],
)
def test_a_mark_that_moved_is_an_error(
    change: tuple[str, str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    shutil.copytree(shell_module.HERE / "theme", here / "theme")
    shutil.copyfile(shell_module.HERE / "mkdocs.yml", here / "mkdocs.yml")
    main = here / "theme" / "main.html"
    main.write_text(main.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    monkeypatch.setattr(shell_module, "HERE", here)
    with pytest.raises(StoreUnavailable, match=says):
        shell(tmp_path / "cache")


def test_a_page_is_filled_in_no_time(ours: Shell) -> None:
    ours.stub("ideas/a/index.html")
    runs = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(2000):
            ours.stub("ideas/a/index.html").fill("title", "head", "content" * 1000, "")
        runs.append((time.perf_counter() - start) / 2000)
    assert min(runs) < 0.05e-3


def test_without_the_typeface_pages_use_the_readers_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARRANTED_NPM", str(tmp_path / "none"))
    bare = shell(tmp_path / "cache")
    assert "fonts/" not in bare.html
    assert not (bare.assets / "fonts").exists()
    assert "@font-face" not in (bare.assets / "theme.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["index.html", "a/index.html", "a/b/index.html", "a/b/c/d.html"])
def test_links_of_the_shell_climb_as_high_as_the_page_is_deep(ours: Shell, path: str) -> None:
    up = "../" * path.count("/")
    html = ours.stub(path).fill("t", "", "")
    assert f'href="{up}packages/index.html"' in html
    assert f'href="{up}assets/theme.css"' in html
    spanish = ours.in_language(Language("es", "ltr", "Español"), "es/")
    html = spanish.stub(f"es/{path}").fill("t", "", "")
    assert '<html lang="es" dir="ltr"' in html
    assert f'href="{up}packages/index.html"' in html
    assert f'href="../{up}assets/theme.css"' in html


def test_the_menu_says_where_the_reader_is(ours: Shell) -> None:
    def current(path: str) -> list[str]:
        return re.findall('aria-current="page">(.*?)<', ours.stub(path).fill("t", "", ""))

    assert current("packages/index.html") == ["Packages"]
    assert current("some-package/index.html") == []


def test_every_word_of_the_shell_is_translated(ours: Shell) -> None:
    pseudo = ours.in_language(Language.pseudo(), "qps/")
    html = pseudo.stub("qps/index.html").fill("", "", "")
    body = re.sub(r"<(script|svg)\b.*?</\1>", "", html.partition("<body>")[2], flags=re.DOTALL)
    said = [*re.findall(r">([^<>]+)<", body), *re.findall(r'(?:aria-label|title)="(.*?)"', body)]
    words = [text.strip() for text in said if text.strip() not in ("", "Warranted")]
    assert len(words) >= 9
    assert [text for text in words if not text.startswith("⟦")] == []


def test_the_language_switch_names_each_language_in_its_own_words() -> None:
    arabic = Language("ar", "rtl", "العربية")
    html = language_switch(ENGLISH, [(arabic, "../ar/index.html")])
    assert '<nav class="w-languages" aria-label="Language">' in html
    assert '<span aria-current="true">English</span>' in html
    assert 'hreflang="ar" lang="ar" dir="rtl">العربية</a>' in html
    assert language_switch(ENGLISH, []) == ""


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_written_from_the_right(
    ours: Shell, demo: Any, browser: Any, tmp_path: Path, width: int
) -> None:
    path = "ideas/z1il-c1/index.html"
    arabic = Language.pseudo("rtl")
    filled = taken_apart(ours, path, (demo.html / path).read_text(encoding="utf-8"))
    filled[2] = filled[2].replace("../../", "../../../")
    filled[3] = language_switch(arabic, [(ENGLISH, f"../../../{path}")])
    page_file = tmp_path / "ar" / path
    page_file.parent.mkdir(parents=True)
    frame = ours.in_language(arabic, "ar/")
    page_file.write_text(frame.stub(f"ar/{path}").fill(*filled), encoding="utf-8")
    shutil.copytree(demo.html / "assets", tmp_path / "assets")
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"file://{page_file}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.documentElement).direction") == "rtl"

    def left(selector: str) -> float:
        return float(page.locator(selector).first.bounding_box()["x"])

    assert left(".w-brand") > left(".w-theme")
    edge = "e => getComputedStyle(e).borderRightWidth"
    assert page.locator(".w-banner").first.evaluate(edge) == "4px"
    if width > 704:  # on a phone the table is a list
        assert left(".w-warrant thead th:first-child") > left(".w-warrant thead th:last-child")
    page.close()
