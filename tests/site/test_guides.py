"""The guides: every command in them runs, every picture is there, and they are pages of the site."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.site import pictures, stories
from tests.site.pages import Watched
from tests.site.stories import GUIDES, ROOT, Block

from warranted import resources
from warranted.language import ENGLISH
from warranted_site import guides

NOT_RUN = {
    (
        "README.md",
        "make demo",
    ): "make installs everything anew; the demo itself is run as a command",
    (
        "operators.md",
        "python3 -m venv",
    ): "it installs from a registry; a test of the wheel does the like",
    (
        "operators.md",
        "make demo",
    ): "make installs everything anew; the demo itself is run as a command",
    ("operators.md", "rsync"): "it copies to a web host that is not there",
    ("operators.md", "podman build"): "it fetches the image of an operating system",
    ("researchers.md", "ideas <- read.csv"): "it is for R, which is not installed",
}
"""Guide and first words of each block that no test runs, with the reason."""
CHECKOUT = ("adopters.md", "researchers.md")
"""Guides whose reader stands in a checkout of the repository."""
SHOWN = {"text", "turtle", "csv", "json", "toml", "ini", *stories.RUN}
"""Languages of the blocks."""


def every() -> list[Block]:
    return [block for guide in GUIDES for block in stories.blocks(guide)]


def test_there_are_commands_in_every_guide_that_has_any() -> None:
    count = {g.name: sum(b.runs for b in stories.blocks(g)) for g in GUIDES}
    assert {name for name, n in count.items() if not n} == {"README.md", "team.md", "pages.md"}
    assert count["hubs.md"] > 10
    assert count["researchers.md"] > 10


def test_what_is_not_run_has_a_reason() -> None:
    left = [b for b in every() if "not-run" in b.words]
    found = {(b.guide, b.code) for b in left}
    for guide, words in NOT_RUN:
        assert any(g == guide and code.startswith(words) for g, code in found), (guide, words)
    assert len(left) == len(NOT_RUN) == 6


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_no_command_hides_from_the_tests(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(stories.blocks(guide))
    assert {b.language for b in stories.blocks(guide)} <= SHOWN
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    # Indented lines after a blank one are code to Markdown, too.
    assert not re.search(r"\n\n(?: {4}|\t)", prose)
    told = [b for b in stories.blocks(guide) if b.language not in (*stories.RUN, "text", "ini")]
    assert all(b.file for b in told), "what is shown has the name of the file it is"


@pytest.mark.parametrize(
    "guide", [g for g in GUIDES if any(b.runs for b in stories.blocks(g))], ids=lambda g: g.stem
)
def test_every_command_runs(guide: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    here = tmp_path / "here"
    here.mkdir()
    if "warranted demo" in guide.read_text(encoding="utf-8"):
        demo = request.getfixturevalue("demo")
        shutil.copytree(demo.folder / "var", here / "var", symlinks=True)
        shutil.copytree(demo.html, here / "build" / "html")
    if guide.name in CHECKOUT:
        (here / "kg").mkdir()
        for name in ("ontology", "shapes", "kg/packages"):
            (here / name).symlink_to(ROOT / name)
    printed = stories.play(guide, here, {})
    for block, text in printed.items():
        if block.language in ("python", "sparql"):
            assert len(text.strip().splitlines()) > (block.language == "sparql"), (
                f"{block}: nothing"
            )
    for block, told in stories.shown(guide):
        assert stories.agrees(printed[block], told.code), f"{told} shows what {block} does not say"


def test_a_failing_command_is_told_with_its_place(tmp_path: Path) -> None:
    guide = tmp_path / "wrong.md"
    guide.write_text(
        "# Wrong\n\n```sh\nwarranted --version\n```\n\n```sh\nwarranted load no.ttl\n```\n"
    )
    (tmp_path / "here").mkdir()
    with pytest.raises(stories.Failed, match=r"wrong.md:7\n"):
        stories.play(guide, tmp_path / "here", {})


def test_three_lines_of_python_are_enough() -> None:
    programs = [b.code for b in every() if b.guide == "researchers.md" and b.language == "python"]
    assert len(programs) == 3
    for program in programs:
        lines = [line for line in program.splitlines() if line and " import " not in f" {line}"]
        assert len(lines) <= 3


# ---- pictures ----


def test_every_picture_is_there_small_and_told_in_words() -> None:
    named: set[str] = set()
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8")
        named |= set(re.findall(r"pictures/([\w.-]+)", text))
        for picture in re.findall(r"<img[^>]*>", text):
            assert re.search(r'alt="[^"]{15,}"', picture), picture
    kept = {f.name: f.stat().st_size for f in pictures.PICTURES.iterdir()}
    assert named == kept.keys()
    assert {name: size for name, size in kept.items() if size > pictures.SMALL} == {}


def test_every_picture_is_at_two_widths_on_the_page_of_pages() -> None:
    text = (resources.docs() / "pages.md").read_text(encoding="utf-8")
    for name in pictures.names():
        assert f"pictures/{name}-phone.webp" in text
        assert f"pictures/{name}-desk.webp" in text
    sizes = {
        n: guides.size((pictures.PICTURES / f"{n}-phone.webp").read_bytes()) for n in ("home",)
    }
    assert sizes["home"] == (540, 1080)


def kind(path: str, slugs: set[str]) -> str:
    """What kind of page stands at a path: what differs from record to record is left out."""
    parts = path.split("/")
    if parts[0] == "es":
        return "in Spanish"
    if parts[0] == "versions":
        return "of an older release"
    if parts[0] in slugs:
        parts[0] = "*"
    elif len(parts) == 3:
        parts[1] = "*"
    return "/".join(parts)


def test_every_kind_of_page_is_pictured(demo: Any) -> None:
    slugs = {p.parent.parent.name for p in demo.html.glob("*/takeaway/*.pdf")}
    assert len(slugs) == 12
    there = {p.relative_to(demo.html).as_posix() for p in demo.html.rglob("*.html")}
    # A value of a scheme has an address that leads on to its scheme's page.
    there = {p for p in there if not re.fullmatch(r"(es/)?scheme/[^/]+/[^/]+/index.html", p)}
    taken = {kind(shot.path, slugs) for shot in pictures.SITE}
    taken.add("report/index.html")  # its address names an idea, too
    missing = {kind(p, slugs) for p in there} - taken
    assert missing == set()


# ---- on the site ----


def test_titles_are_those_of_the_files() -> None:
    told = guides.titles(ENGLISH)
    assert told.keys() == set(guides.NAMES) == {g.stem for g in GUIDES} - {"README"}
    for name in guides.NAMES:
        assert guides.render(name).title == told[name][0]


def test_the_headings_that_stand_for_pages_are_there(demo: Any) -> None:
    text = (resources.docs() / "pages.md").read_text(encoding="utf-8")
    headings = {
        h.lower().replace(",", "").replace(" ", "-") for h in re.findall(r"^### (.*)$", text, re.M)
    }
    for heading, path in guides.PAGES.items():
        assert heading in headings
        assert (demo.html / path.rpartition("@")[2]).is_file()


def test_guides_lead_to_pages_and_to_each_other(demo: Any) -> None:
    readers = (demo.html / "guides/readers/index.html").read_text(encoding="utf-8")
    assert 'href="../../find/index.html"' in readers
    assert 'href="../../guides/operators/index.html#install"' in readers
    assert 'src="../../guides/pictures/find-phone.webp"' in readers
    adopters = (demo.html / "guides/adopters/index.html").read_text(encoding="utf-8")
    assert 'href="../../ns/index.html"' in adopters
    for name in guides.NAMES:
        page = (demo.html / f"guides/{name}/index.html").read_text(encoding="utf-8")
        assert ".md" not in re.sub(r"<code.*?</code>", "", page, flags=re.DOTALL)
        assert page.count("<table>") == page.count('role="region"')
        assert all("width=" in i and "height=" in i for i in re.findall(r"<img[^>]*>", page))


def test_code_is_shown_with_the_name_of_its_file_and_never_as_markup(demo: Any) -> None:
    page = (demo.html / "guides/hubs/index.html").read_text(encoding="utf-8")
    assert (
        '<p class="w-small">my-network.ttl</p><pre><code class="language-turtle">@base &lt;' in page
    )
    for guide in GUIDES:
        if guide.stem in guides.NAMES:
            page = (demo.html / f"guides/{guide.stem}/index.html").read_text(encoding="utf-8")
            assert page.count('class="g-code"') == len(stories.blocks(guide))
            assert "not-run" not in page


@pytest.mark.browser
@pytest.mark.parametrize("name", guides.NAMES)
def test_a_guide_fits_a_phone_and_shows_its_pictures(browser: Any, demo: Any, name: str) -> None:
    watched = Watched(browser, 360)
    watched.page.goto((demo.html / f"guides/{name}/index.html").as_uri())
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    for image in watched.page.locator("img").all()[:4]:
        image.scroll_into_view_if_needed()
        image.evaluate("i => i.decode()")
        assert image.evaluate("i => i.naturalWidth") > 300
    assert watched.faults == []
    watched.page.close()
