"""What is taken away holds whatever a record says: any text as text, and sixty ideas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.site.pdfs import alternatives, opened, pages
from tests.site.taken import MADE_UP, read, taken

from warranted.namespaces import NIC, RDFS
from warranted.records import Record
from warranted_site.takeaway import tables
from warranted_site.takeaway.typesetting import Typesetter

HOSTILE = (
    '#import "@preview/x:1.0.0": * $ \\ *b* _i_ <l> @r `raw` = h #panic("x") ${7*7} // no /* no */'
)
STRANGE = "שלום עולם 🎉 \u202eesrever\u202c \u0000 中 " + "unbreakable" * 40


def spoilt(records: list[Record], text: str, names: Iterable[str]) -> list[Record]:
    """The records with another text for these properties."""
    literal = {name if ":" in name else NIC + name for name in names}

    def changed(t: ox.Triple) -> ox.Triple:
        hit = t.predicate.value in literal
        return ox.Triple(t.subject, t.predicate, ox.Literal(text)) if hit else t

    return [Record(r.iri, r.type, tuple(map(changed, r.triples))) for r in records]


FORMULAS = ("=1+1", "+x", "-cmd|'/C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    names = (f"{RDFS}label", "periodLabel", "place", "unit", "locator")
    files = taken(spoilt(read("nclabsi-neonatal"), text, names), tmp_path)
    rows = list(csv.DictReader(io.StringIO(files["measures.csv"].decode(), newline="")))
    assert {tables.plain(row["period"]) for row in rows} == {text}
    assert all(row["period"].startswith("'") for row in rows)
    assert all(row["unit"].startswith("'") for row in rows)


@given(st.text())
def test_a_cell_made_safe_can_be_read_back(text: str) -> None:
    safe = tables.safe(text)
    assert tables.plain(safe) == text
    assert not safe.startswith(("=", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("number", ["-2.5", "+1", "2.040", "-.5", "1e-3"])
def test_numbers_stay_digit_for_digit(number: str) -> None:
    assert tables.safe(number) == number


TEXTS = (
    f"{RDFS}label",
    f"{RDFS}comment",
    "summary",
    "statementText",
    "learned",
    "whatHappened",
    "deliveredBy",
    "dose",
    "locator",
    "periodLabel",
    "curatorNote",
    "operationalDefinition",
    "url",
)


def test_text_of_records_is_never_markup(tmp_path: Path) -> None:
    files = taken(spoilt(read(MADE_UP), HOSTILE, TEXTS), tmp_path)
    for path in (f"{MADE_UP}.pdf", "cards.pdf", "pdsa.pdf"):
        assert HOSTILE.replace("  ", " ") in " ".join(pages(files[path])), path


def test_text_that_no_font_has_is_named_and_fits(tmp_path: Path) -> None:
    files = taken(spoilt(read(MADE_UP), STRANGE, TEXTS), tmp_path)
    assert len(pages(files["cards.pdf"])) == len(pages(files["pdsa.pdf"])) == 8
    whole = " ".join(pages(files[f"{MADE_UP}.pdf"]))
    assert "[party popper]" in whole
    assert "[cjk unified ideograph-4e2d]" in whole
    assert "esrever" in whole
    assert re.search("[\u05d0-\u05ea]{4}", whole)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u0000b\nc", "a b c"),
        ("👩\u200d🏫!", "[woman][school]!"),
        ("\u202eabc\u202c", "abc"),
        ("2.040 ≥ 1 – Łódź", "2.040 ≥ 1 – Łódź"),
        ("\ufffe", "[U+FFFE]"),
        ("re\u00adset, well\u2011known", "reset, well-known"),
    ],
)
def test_characters_come_out_readable(text: str, seen: str) -> None:
    assert Typesetter().readable(text) == seen


def crowd(count: int) -> list[Record]:
    """The made-up package with many more ideas, each under one of its drivers."""
    records = read(MADE_UP)
    package = next(r for r in records if r.type == "package")
    idea = next(r for r in records if r.iri.endswith("/idea/z1il-c8"))
    drivers = [r.iri for r in records if r.type == "driver"]
    part = ox.NamedNode("http://purl.org/dc/terms/hasPart")
    named, works_on = ox.NamedNode(f"{RDFS}label"), ox.NamedNode(f"{NIC}addressesDriver")
    versions = ox.NamedNode(f"{NIC}hasSpecification")
    made, parts = [], []
    for number in range(count):
        own = ox.NamedNode(f"{idea.iri}x{number}")
        kept = [
            ox.Triple(own, t.predicate, t.object)
            for t in idea.triples
            if t.subject.value == idea.iri and t.predicate not in (named, works_on, versions)
        ]
        kept.append(
            ox.Triple(own, named, ox.Literal(f"Change idea number {number} of a great many"))
        )
        kept.append(ox.Triple(own, works_on, ox.NamedNode(drivers[number % len(drivers)])))
        made.append(Record(own.value, "idea", tuple(kept)))
        parts.append(ox.Triple(ox.NamedNode(package.iri), part, own))
    grown = Record(package.iri, "package", (*package.triples, *parts))
    return [grown if r is package else r for r in records] + made


def test_a_package_with_sixty_ideas_is_whole(tmp_path: Path) -> None:
    files = taken(crowd(52), tmp_path)
    report, cards = pages(files[f"{MADE_UP}.pdf"]), pages(files["cards.pdf"])
    assert len(cards) == len(pages(files["pdsa.pdf"])) == 60
    told = alternatives(opened(files[f"{MADE_UP}.pdf"]))
    sheets = [text for text in told if text.startswith("Driver diagram, sheet")]
    assert len(sheets) > 3
    for number in range(52):
        name = f"Change idea number {number} of a great many"
        assert sum(name in card for card in cards) == 1
        assert any(f"{name} (" in sheet for sheet in sheets)
        assert any(name in page for page in report)


def lowest(page: Any, above: str) -> tuple[float, float]:
    """Where on a page the text `above` stands, and the lowest of the texts that come before it."""
    found: list[tuple[str, float]] = []

    def seen(text: str, page: Any, line: Any, _font: Any, _size: Any) -> None:
        height = line[4] * page[1] + line[5] * page[3] + page[5]
        found.extend([(text.strip(), height)] if text.strip() else [])

    page.extract_text(visitor_text=seen)
    at = next(n for n, (text, _) in enumerate(found) if text.startswith(above))
    return found[at][1], min(y for _, y in found[1:at])


@pytest.mark.parametrize("word", ["reason ", "M", "Wide Words ", "ñandú öl "])
@pytest.mark.parametrize("long", [1, 60, 90, 120, 140])
def test_a_card_ends_above_its_foot_however_long_it_is(
    word: str, long: int, tmp_path: Path
) -> None:
    names = ["summary", "statementText", "comment", f"{RDFS}label"]
    files = taken(spoilt(read(MADE_UP), (word * long)[:long], names), tmp_path)
    reader = opened(files["cards.pdf"])
    for page in reader.pages:
        foot, last = lowest(page, "Read more")
        assert foot < last
