"""What changed from release to release, as readers and their feeds are told."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from tests.site.told import ADDRESS, ATOM, EVIL, NOW, Line, atom, named, parsed, read

from warranted.language import ENGLISH, Language, get
from warranted.namespaces import NIC, ROOT
from warranted.records import Record
from warranted_site.filling import Filler
from warranted_site.machine import feed
from warranted_site.machine.history import KEPT, PATH, history, to_json
from warranted_site.shell import shell
from warranted_site.views import Views


def test_each_release_is_told_in_the_field_s_words_with_the_reason_for_a_level(line: Line) -> None:
    third, second, first = feed.shown(line.told, ENGLISH, {})
    assert first.sentence == "The first release, with 1 package."
    (package,) = first.packages
    assert package.sentence.startswith("New, with 8 change ideas, 12 versions of ideas, 33 tests,")
    assert package.lines == []
    assert second.sentence == third.sentence == "1 package changed."
    (package,) = second.packages
    moved = next(one for one in package.lines if one.kind == "warrant")
    assert moved.iri == f"{ROOT}/id/idea/z1il-c1"
    assert moved.text == (
        "rose from Replicated to Dependable across settings because test T10 at Site A (city, "
        "lower secondary) supported it."
    )
    assert [(one.kind, one.text) for one in package.lines if one.iri.endswith("-t10")] == [
        ("test", "new.")
    ]
    assert [(one.name, one.text) for one in third.packages[0].lines] == [
        ("Reason line", "Name: from ‘Exit ticket with a reason line (en)’ to ‘Reason line (en)’.")
    ]
    assert {one.name for one in second.packages[0].lines if one.iri == moved.iri} == {"Reason line"}


def test_a_change_is_told_in_the_reader_s_language_and_quotes_keep_their_own(line: Line) -> None:
    (changed,) = feed.shown(line.told, get("es"), {})[0].packages[0].lines
    sentence = "Nombre: de «Exit ticket with a reason line (en)» a «Reason line (en)»."
    assert changed.text == sentence
    marked = [(str(piece), piece.tag) for piece in changed.pieces if piece.is_fallback]  # type: ignore[attr-defined]
    assert marked == [("Exit ticket with a reason line", "en"), ("Reason line", "en")]
    assert changed.name == "Boleto de salida con un renglón para la razón"
    assert not changed.name.is_fallback  # type: ignore[attr-defined]
    feed_ = atom(line.told, language=get("es"), folder="es/").decode()
    assert sentence in feed_


def test_what_an_earlier_site_kept_is_read_and_marked_as_english(tmp_path: Path) -> None:
    """It knew one name of each thing, and a list of English sentences."""
    idea, package = f"{ROOT}/id/idea/z1il-c1", f"{ROOT}/id/package/z1il-p1"
    kept = {
        "id": "2026-11-01", "created": NOW.isoformat(), "from": "2026-10-01", "packages": [{
            "iri": package, "slug": "p", "title": "Old", "change": "changed", "illustrative": True,
            "counts": {"idea": {"new": 0, "changed": 1, "gone": 0}},
            "records": [{"iri": idea, "type": "idea", "label": "Old", "change": "changed",
                         "said": ["Name: from ‘A’ to ‘B’"]}],
            "levels": [],
        }],
    }  # fmt: skip
    (told,) = feed.shown([kept], get("es"), {})
    (sentence,) = told.packages[0].lines
    assert sentence.text == "Name: from ‘A’ to ‘B’."
    assert sentence.pieces[0].tag == "en"  # type: ignore[attr-defined]
    (tmp_path / "data").mkdir()
    (tmp_path / PATH).write_bytes(to_json([kept]))
    records = read("illustrative-algebra-talk")
    after = history(tmp_path, None, NOW, "2026-11-23", records=records)
    (sentence,) = feed.shown(after, get("es"), {})[1].packages[0].lines
    assert sentence.text == "Name: from ‘A’ to ‘B’."
    (sentence,) = feed.shown(after, ENGLISH, {})[1].packages[0].lines
    assert [getattr(piece, "is_fallback", False) for piece in sentence.pieces] == [False, False]


@pytest.mark.parametrize("is_purged", [False, True])
def test_what_is_gone_is_quoted_in_no_language(tmp_path: Path, is_purged: bool) -> None:
    line = Line(tmp_path)
    records = read("illustrative-algebra-talk")
    driver = f"{ROOT}/id/driver/z1il-d32"
    secret = [named(r, "Pupil Group") if r.iri == driver else r for r in records]
    # An idea that first is not said to act on the driver, and then is.
    acts = ox.NamedNode(f"{NIC}addressesDriver")
    idea = f"{ROOT}/id/idea/z1il-c1"

    def acting(record: Record) -> Record:
        more = ox.Triple(ox.NamedNode(idea), acts, ox.NamedNode(driver))
        return Record(record.iri, record.type, (*record.triples, more))

    line.publish(secret, 0)
    acted = [acting(r) if r.iri == idea else r for r in secret]
    line.publish(acted, 1)
    spanish_name = "Los docentes aprenden de las clases de sus colegas"
    for language, said in (
        (get("es"), f"se agregó «{spanish_name}»"),
        (ENGLISH, "added ‘Pupil Group’"),
    ):
        (change,) = feed.shown(line.told, language, {})[0].packages[0].lines
        assert said in change.text
    purged = frozenset([driver]) if is_purged else frozenset[str]()
    line.publish([r for r in acted if r.iri != driver], 2, purged)
    told = json.dumps(line.told, ensure_ascii=False)
    assert "Pupil Group" not in told
    assert spanish_name not in told


def test_a_release_that_is_built_again_is_told_once_and_the_same(line: Line) -> None:
    data, site = line.before, line.site
    assert data is not None
    again = history(site, {}, data.created, data.id, records=data.records)
    assert [r["id"] for r in again] == [r["id"] for r in line.told]
    assert again[1:] == line.told[1:]


def test_what_is_gone_is_named_nowhere_any_more(tmp_path: Path) -> None:
    """It may have been removed for privacy: no sentence about it remains, whoever it stood with."""
    line = Line(tmp_path)
    records = read("illustrative-algebra-talk")
    test, site = (f"{ROOT}/id/{key}" for key in ("test/z1il-t10", "site/z1il-a"))
    records = [named(r, "Nobody's Pupil") if r.iri == test else r for r in records]
    records = [named(r, "Pupil School") if r.iri == site else r for r in records]
    without = [r for r in records if r.iri != test]
    line.publish(without, 0)
    line.publish(records, 1)
    for name in ("Nobody's Pupil", "at Pupil School (city"):
        assert name in json.dumps(line.told)
    line.publish(without, 2)
    told = json.dumps(line.told)
    assert "Nobody's Pupil" not in told
    assert test not in told
    newest = feed.shown(line.told, ENGLISH, {})[0].packages[0]
    assert "No longer published: 1 test." in newest.sentence
    assert "at Pupil School (city" in told
    assert line.before is not None
    gone = {"iri": site, "type": "site", "label": "Pupil School", "change": "gone", "said": []}
    package = line.told[0]["packages"][0] | {"records": [gone], "levels": []}
    after = history(
        line.site,
        {"from": "2026-11-25", "packages": [package]},
        NOW + timedelta(days=3),
        "2026-11-26",
        records=[r for r in without if r.iri != site],
    )
    assert "Pupil School" not in json.dumps(after)
    moved = feed.shown(after, ENGLISH, {})[2].packages[0].lines[0]
    assert moved.text == "rose from Replicated to Dependable across settings."


def test_a_package_that_is_gone_is_told_and_then_loses_its_name(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.publish(read("teln-early-literacy", "nclabsi-neonatal"), 0)
    line.publish(read("nclabsi-neonatal"), 1)
    newest, first = feed.shown(line.told, ENGLISH, {})
    assert newest.sentence == "1 package is no longer published."
    assert newest.packages[0].sentence == "No longer published."
    assert {p.title for p in first.packages} == {
        "A package",
        "Preventing central-line infection in newborn intensive care (NCLABSI)",
    }


def test_a_new_day_alone_changes_no_package(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.publish(read("nclabsi-neonatal"), 0)
    line.publish(read("nclabsi-neonatal"), 1)
    assert line.told[0]["packages"] == []
    assert feed.shown(line.told, ENGLISH, {})[0].sentence == "No package changed."


def test_no_more_releases_are_kept_than_readers_need(tmp_path: Path) -> None:
    site = None
    for n in range(KEPT + 3):
        now = NOW + timedelta(days=n)
        told = history(site, None, now, now.date().isoformat(), records=[])
        site = tmp_path / str(n)
        (site / "data").mkdir(parents=True)
        (site / PATH).write_bytes(to_json(told))
    assert len(told) == KEPT
    assert told[0]["created"] > told[-1]["created"]


def test_a_page_of_many_changes_stays_small() -> None:
    def package(n: int) -> dict[str, Any]:
        said = {"iri": f"{ROOT}/id/idea/{n}", "type": "idea", "label": "I", "change": "new"}
        return {
            "iri": f"{ROOT}/id/package/{n}", "slug": f"p{n}", "title": f"P{n}",
            "change": "changed", "illustrative": False, "counts": {"idea": {"new": 30, "changed": 0, "gone": 0}},
            "records": [said | {"said": []}] * 30, "levels": [],
        }  # fmt: skip

    def of(count: int) -> dict[str, Any]:
        packages = [package(n) for n in range(count)]
        return {"id": str(count), "created": NOW.isoformat(), "from": "x", "packages": packages}

    shown = feed.shown([of(2), of(60), of(500), of(3)], ENGLISH, {})
    assert sum(1 + len(p.lines) for r in shown for p in r.packages) <= feed.LINES
    assert len(shown[0].packages[0].lines) == 30
    assert [p.lines for p in shown[1].packages] == [[]] * 60
    assert shown[3].packages == []
    assert [r.more for r in shown] == [0, 0, 500 - 28, 3]
    assert shown[2].sentence == "500 packages changed."


def test_the_feed_is_atom_and_its_ids_are_the_releases_(line: Line) -> None:
    where = {f"{ROOT}/id/package/z1il-p1": "illustrative-algebra-talk/index.html"}.get
    root = parsed(atom(line.told, where=where, address=ADDRESS))
    assert [link.get("href") for link in root.findall(f"{ATOM}link")] == [
        f"{ADDRESS}changes/index.html",
        f"{ADDRESS}changes.atom",
    ]
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids[:2] == [
        f"{ROOT}/release/2026-11-25#changes",
        f"{ROOT}/release/2026-11-25#changes-illustrative-algebra-talk",
    ]
    assert root.findtext(f"{ATOM}updated") == "2026-11-25T12:00:05+00:00"
    link = entries[1].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{ADDRESS}illustrative-algebra-talk/index.html"
    assert "illustrative, made up" in (entries[1].findtext(f"{ATOM}title") or "")
    told = " ".join(entries[3].itertext())
    assert "because test T10 at Site A (city, lower secondary) supported it." in told
    moved = parsed(atom(line.told, where=where))  # where it does not know its address
    assert [e.findtext(f"{ATOM}id") for e in moved.findall(f"{ATOM}entry")] == ids
    assert moved.find(f"{ATOM}link[@rel='self']") is None
    other = parsed(atom(line.told, language=Language("es", "ltr", "Español"), folder="es/"))
    assert not {e.findtext(f"{ATOM}id") for e in other.iter(f"{ATOM}entry")} & set(ids)


def test_a_feed_holds_what_xml_cannot(line: Line) -> None:
    spoilt = json.loads(json.dumps(line.told))
    spoilt[0]["packages"][0]["titles"] = {"en": f"{EVIL}\x00\x0b\ud800\uffff ]]>"}
    root = parsed(atom(spoilt))
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in root.findall(f"{ATOM}entry")]
    assert titles[1].startswith(EVIL)
    assert "\ufffd" in titles[1]


def test_levels_are_told_in_the_reader_s_words(line: Line, views: Views) -> None:
    assert feed.level_names(views.things)["Replicated"] == "Replicated"
    told = feed.shown(line.told, ENGLISH, {"Replicated": "Repetida"})[1]
    assert any("rose from Repetida to" in one.text for one in told.packages[0].lines)


@pytest.fixture(scope="module")
def changes_page(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page in its shell, beside what it links to."""
    folder = tmp_path_factory.mktemp("page")
    frame = shell(tmp_path_factory.mktemp("shell"))
    filler = Filler(frame)
    where = {
        f"{ROOT}/id/package/z1il-p1": "../illustrative-algebra-talk/index.html",
        f"{ROOT}/id/idea/z1il-c1": "../ideas/z1il-c1/index.html",
    }
    page = filler.fill(
        feed.PAGE,
        "changes",
        "What changed",
        releases=feed.shown(line.told, ENGLISH, {}),
        where=where.get,
        release="2026-11-25",
        counts={"records": 1},
    )
    (folder / "assets").symlink_to(frame.assets)
    (folder / "changes").mkdir()
    (folder / feed.PAGE).write_text(page.html, encoding="utf-8")
    return folder / feed.PAGE


def test_the_page_tells_the_newest_first_and_links_what_is_there(changes_page: Path) -> None:
    html = changes_page.read_text(encoding="utf-8")
    places = [html.index(f'id="r-2026-11-{day}"') for day in (25, 24, 23)]
    assert places == sorted(places)
    assert '<a href="../ideas/z1il-c1/index.html">Reason line</a>' in html
    assert 'href="../changes.atom"' in html
    assert 'href="../data/changes.json"' in html
    assert '<time datetime="2026-11-25">25 November 2026</time>' in html
    assert "There is one release so far" not in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_the_screen(changes_page: Path, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(changes_page.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("section[id^=r-]").count() == 3
    page.close()
