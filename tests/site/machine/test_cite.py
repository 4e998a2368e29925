"""How to cite a package or an idea."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from markupsafe import escape

from warranted.namespaces import ROOT
from warranted_site.filling import Filler
from warranted_site.machine import Page, Site, cite, feed
from warranted_site.shell import shell


def test_a_package_is_cited_by_its_release_and_its_network(
    plain: Site, pages: dict[str, Page]
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    assert found is not None
    assert found.latest == f"{ROOT}/id/package/7qf3"
    assert found.version == f"{ROOT}/release/2026-11-23#package-nclabsi-neonatal"
    network = pages["networks/7qf3-n/index.html"].title
    assert found.apa == (
        f"{network}. (2026, November 23). Preventing central-line infection in newborn intensive "
        f"care (NCLABSI) (Version 2026-11-23) [Data set]. Warranted. {ROOT}/id/package/7qf3"
    )
    texts = {f.key: f.text for f in found.formats}
    assert texts["bib"].startswith("@dataset{warranted-package-7qf3,")
    (item,) = json.loads(texts["csl"])
    assert item["author"] == [{"literal": network}]
    told = yaml.safe_load(texts["cff"])
    assert told["date-released"].isoformat() == "2026-11-23"
    assert told["identifiers"][0]["value"] == f"sha256:{'0' * 64}"


def test_an_idea_is_cited_with_the_network_of_its_package(
    plain: Site, pages: dict[str, Page]
) -> None:
    page = pages["ideas/7qf3-c1/index.html"]
    found = cite.box(plain, page)
    assert found is not None
    assert found.apa.startswith(pages["networks/7qf3-n/index.html"].title)
    assert found.apa.endswith(f"{ROOT}/id/idea/7qf3-c1")
    assert found.version == f"{ROOT}/release/2026-11-23"
    assert found.formats == ()  # they state the release's digest, which was not given


def test_nobody_is_told_how_to_cite_what_is_made_up(plain: Site, pages: dict[str, Page]) -> None:
    boxes = {path: cite.box(plain, page, "0" * 64) for path, page in pages.items()}
    told = {path for path, found in boxes.items() if found is not None}
    real = {p.path for p in pages.values() if p.kind in ("package", "idea") and not p.made_up}
    assert told == real


@pytest.mark.browser
@pytest.mark.parametrize("clipboard", [True, False])
def test_a_reference_is_copied_or_selected(
    plain: Site, pages: dict[str, Page], browser: Any, tmp_path: Path, clipboard: bool
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    assert found is not None
    filler = Filler(shell(tmp_path / "shell"))
    macro = '{% from "cite.html" import cite_box with context %}{{ cite_box(c) }}'
    html = filler.environment.from_string(macro).render(c=found, assets="")
    page_ = f"<!doctype html><html lang=en><title>Cite</title><body>{html}<textarea></textarea>"
    (tmp_path / "index.html").write_text(page_, encoding="utf-8")
    (tmp_path / "assets").mkdir()
    script = Path(feed.__file__).parents[1] / "assets" / "cite.js"
    (tmp_path / "assets" / "cite.js").write_bytes(script.read_bytes())
    page = browser.new_page()
    if clipboard:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    else:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_text("BibTeX", exact=True).click()
    page.get_by_role("button", name="Copy BibTeX").click()
    text = next(f.text for f in found.formats if f.key == "bib")
    status = page.get_by_role("status")
    if clipboard:
        status.get_by_text("Copied.").wait_for()
    else:
        status.get_by_text("Selected: copy it with your keyboard.").wait_for()
        assert page.evaluate("getSelection().toString()").strip() == text
        page.keyboard.press("Control+c")
    page.locator("textarea").focus()
    page.keyboard.press("Control+v")
    assert page.locator("textarea").input_value().strip() == text
    page.close()


def test_references_can_be_read_without_a_script(
    plain: Site, pages: dict[str, Page], tmp_path: Path
) -> None:
    found = cite.box(plain, pages["nclabsi-neonatal/index.html"], "0" * 64)
    filler = Filler(shell(tmp_path / "shell"))
    macro = '{% from "cite.html" import cite_box with context %}{{ cite_box(c) }}'
    html = filler.environment.from_string(macro).render(c=found, assets="../")
    assert found is not None
    for text in (found.apa, found.version, found.latest, *(f.text for f in found.formats)):
        assert str(escape(text)) in html
    assert html.count("<button") == html.count("hidden>") == 4
