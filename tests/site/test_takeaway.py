"""What readers take away: PDFs that are accessible and the same each time, cards, forms, the table."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.site.pdfs import alternatives, opened, pages
from tests.site.taken import MADE_UP, NOW, SHIPPED, read, say, shown, taken, write

from warranted import form_model
from warranted.language import ENGLISH, get
from warranted.namespaces import ROOT
from warranted_site import takeaway
from warranted_site.links import Links
from warranted_site.part_build import vocabulary
from warranted_site.takeaway import forms, ideas, offers
from warranted_site.things import things_of
from warranted_site.views import Views


def fonts(reader: Any) -> Iterable[Any]:
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            yield from (f.get_object() for f in font.get_object()["/DescendantFonts"])


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the package that has everything; read only."""
    return taken(read(MADE_UP), tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a real package with published counts; read only."""
    return taken(read("nclabsi-neonatal"), tmp_path_factory.mktemp("real"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_package_becomes_accessible_pdf(name: str, tmp_path: Path) -> None:
    files = taken(read(name), tmp_path)
    ideas = len(shown(read(name)).packages[0].ideas)
    assert ("cards.pdf" in files) == ("pdsa.pdf" in files) == bool(ideas)
    for path, content in files.items():
        if not path.endswith(".pdf"):
            continue
        reader = opened(content)
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"], path
        assert root["/StructTreeRoot"]["/K"], path
        assert root["/Lang"] == "en", path
        assert root["/ViewerPreferences"]["/DisplayDocTitle"], path
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
        embedded = [font["/FontDescriptor"] for font in fonts(reader)]
        assert embedded, path
        assert all({"/FontFile2", "/FontFile3"} & font.keys() for font in embedded), path
        if path in ("cards.pdf", "pdsa.pdf"):
            assert len(reader.pages) == ideas, path


def test_the_report_says_what_the_package_says(made_up: dict[str, bytes]) -> None:
    told = pages(made_up[f"{MADE_UP}.pdf"])
    whole = " ".join(told)
    for text in (
        "In one minute",
        "Exit ticket with a reason line",
        "Dependable across settings",
        "Not where: lessons that end without a fixed last ten minutes.",
        "Four minutes of quiet before the lesson ends (core)",
        "Comment on a third of the slips, in turn (may be adapted)",
        "Went as predicted at 6 of 7 places",
        "did not go as predicted; explained by a boundary condition",
        "Signal of a change",
        "The aim was not reached: 46 percent",
        "(Version 2026-11-23) [Data set]",
    ):
        assert text in whole, text


def test_of_many_lessons_those_of_what_went_otherwise_and_the_newest_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ideas, "LEARNED", 3)
    text = " ".join(pages(taken(read(MADE_UP), tmp_path)[f"{MADE_UP}.pdf"]))
    _, _, told = text.partition("What those who tried it would tell a stranger:")
    told = told.partition("What would change this")[0]
    # T1 and T6 contradict, T10 is the newest.
    assert re.findall(r"T\d+(?=, Site)", told) == ["T1", "T6", "T10"]
    assert "… and 7 more on its page." in told


def test_what_is_made_up_says_so_on_every_page(
    made_up: dict[str, bytes], real: dict[str, bytes]
) -> None:
    for path in (f"{MADE_UP}.pdf", "cards.pdf", "pdsa.pdf"):
        assert all(
            "Illustrative: made up. Do not cite it." in page for page in pages(made_up[path])
        )
    assert not any("Illustrative" in page for page in pages(real["nclabsi-neonatal.pdf"]))


def test_sources_stand_with_where_they_were_read(real: dict[str, bytes]) -> None:
    whole = " ".join(pages(real["nclabsi-neonatal.pdf"]))
    assert "Read at:" in whole
    assert "(S6, Table 9)" in whole
    assert "The source's claim:" in whole
    assert "Where sources disagree" in whole


def test_drawings_say_in_words_what_they_show(made_up: dict[str, bytes]) -> None:
    told = alternatives(opened(made_up[f"{MADE_UP}.pdf"]))
    (diagram,) = [text for text in told if text.startswith("Driver diagram")]
    assert "Aim: More learners give a reason for their algebra" in diagram
    assert "Sentence starters on a card (Replicated)" in diagram
    charts = [text for text in told if text.startswith("Run chart: ")]
    assert len(charts) == 9
    assert any("Signal of a change" in text and "Points: " in text for text in charts)


def test_a_card_says_what_to_do_and_where_not(made_up: dict[str, bytes]) -> None:
    first = pages(made_up["cards.pdf"])[0]
    for text in (
        "Exit ticket with a reason line",
        "Not where: lessons that end without a fixed last ten minutes.",
        "Read the slips the same day and sort them: reason, no reason (core)",
        "The class teacher; half an hour with the rubric beforehand",
        "Dependable across settings",
        "Did not, or was mixed: Site C (city, upper secondary).",
        "ideas/z1il-c1/index.html",
        f"{ROOT}/id/idea/z1il-c1",
    ):
        assert text in first, text


def test_a_form_asks_what_the_shape_asks(made_up: dict[str, bytes]) -> None:
    told = pages(made_up["pdsa.pdf"])
    asked = [field for _, fields in forms.sections(forms.cycle()) for field in fields]
    shape = next(f for f in form_model.forms_of("test") if f.label == "PDSA cycle")
    required = {f.key for s in shape.sections if s.label in forms.SECTIONS for f in s.fields}
    assert {f.key for f in asked} >= {f for f in required if not f.startswith("has")}
    assert {"predictionText", "predictionOutcome", "whatHappened", "decision"} <= {
        f.key for f in asked
    }
    for page in told:
        assert all(field.name in page for field in asked)
        assert all(option.label in page for field in asked for option in field.options)
    assert "Version tried * Exit ticket, version 3: read three aloud" in told[0]
    assert "Share of answer slips with a reason" in told[0]
    assert "One sound test at a new place would lift it to Promising" in told[4]


def test_the_table_has_every_value_as_published(real: dict[str, bytes]) -> None:
    text = real["measures.csv"].decode()
    assert text.count("\r\n") == text.count("\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    views = shown(read("nclabsi-neonatal"))
    series = [s.thing for m in views.packages[0].measures for s in views.series_of(m)]
    published = [o.text("value") for s in series for o in s.all("hasObservation")]
    assert sorted(row["value"] for row in rows) == sorted(published)
    first = next(row for row in rows if row["period"] == "2011-10/2011-12 (baseline)")
    assert (first["numerator"], first["denominator"], first["value"]) == ("27", "13215", "2.043")
    assert (first["source"], first["unit"]) == ("S6", "per 1,000 central-line days")
    assert first["locator"]


def test_the_same_package_gives_the_same_bytes_anywhere(
    made_up: dict[str, bytes], tmp_path: Path
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "import tests.site.taken as t\n"
        "t.taken(list(reversed(t.read(t.MADE_UP))), Path('out'))\n"
    )
    env = os.environ | {
        "HOME": str(tmp_path),
        "TZ": "Pacific/Auckland",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    again = {p.name: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert again == made_up


def test_pages_say_what_can_be_taken_away_and_how_large_it_is(tmp_path: Path) -> None:
    views = shown(read(MADE_UP))
    (package,) = views.packages
    paths = write(views, package, tmp_path)
    offered = takeaway.of_package(package, views, tmp_path, say)
    assert sorted(o.path for o in offered) == paths
    assert all(re.fullmatch(r"[\d.,]+ [KM]B", o.size) for o in offered)
    card, form = takeaway.of_idea(package.ideas[2], [package], say)
    assert card.path == f"{MADE_UP}/takeaway/cards.pdf#page=3"
    assert form.path == f"{MADE_UP}/takeaway/pdsa.pdf#page=3"
    assert (
        package.ideas[2].label in pages((tmp_path / MADE_UP / "takeaway/cards.pdf").read_bytes())[2]
    )


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, takeaway.Taken, Views]:
    """The package that is told in Spanish too, with its files in both languages; read only."""
    out = tmp_path_factory.mktemp("spanish")
    views = Views(shown(read(MADE_UP)).data, things_of(read(MADE_UP), vocabulary()))
    (package,), told = views.packages, views.told_in(get("es"))
    written = takeaway.write(
        package,
        takeaway.Edition(views, Links(views), ENGLISH.say),
        out,
        release="2026-11-23",
        created=NOW,
        further=[takeaway.Edition(told, Links(told), get("es").say, "es/")],
    )
    return out, written, told


def test_a_package_told_in_two_languages_has_its_pdfs_in_both(
    spanish: tuple[Path, takeaway.Taken, Views], made_up: dict[str, bytes]
) -> None:
    out, written, _ = spanish
    own = f"es/{MADE_UP}/takeaway"
    pdfs = [f"{own}/{name}" for name in ("cards.pdf", f"{MADE_UP}.pdf", "pdsa.pdf")]
    assert [path for path in written.files if path.startswith("es/")] == pdfs
    assert set(pdfs) <= written.printed.keys()
    report, cards, forms_ = (
        (out / f"{own}/{name}").read_bytes() for name in (f"{MADE_UP}.pdf", "cards.pdf", "pdsa.pdf")
    )
    for content in (report, cards, forms_):
        root = opened(content).trailer["/Root"]
        assert root["/Lang"] == "es"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    whole = " ".join(pages(report))
    for text in (
        "Ilustrativo: razones al hablar de álgebra",
        "Inventado, para mostrar lo que contiene un paquete de cambios completo.",
        "Diagrama de impulsores",
        "Salió según lo predicho en 6 de 7 lugares",
    ):
        assert text in whole, text
    first = pages(cards)[0]
    assert "es/ideas/z1il-c1/index.html" in first
    assert get("es").say("What you do") in first
    english = (out / MADE_UP / "takeaway" / "cards.pdf").read_bytes()
    assert english == made_up["cards.pdf"]


def test_a_spanish_form_asks_in_spanish(
    spanish: tuple[Path, takeaway.Taken, Views],
) -> None:
    out, _, _ = spanish
    (told, *_) = pages((out / f"es/{MADE_UP}/takeaway/pdsa.pdf").read_bytes())
    for words in ("Planificar", "Fecha de inicio", "Predicción escrita el", "Muy pequeña", "sí"):
        assert words in told, words
    english = {
        name
        for _, fields in forms.sections(forms.cycle())
        for field in fields
        for name in (field.name, *(option.label for option in field.options))
        if " " in name
    }
    assert [name for name in sorted(english) if name in told] == []


def test_the_crate_says_in_which_language_each_pdf_is(
    spanish: tuple[Path, takeaway.Taken, Views],
) -> None:
    out, _, _ = spanish
    with zipfile.ZipFile(out / MADE_UP / "takeaway" / f"{MADE_UP}.crate.zip") as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        held = set(archive.namelist())
    tags = {node["@id"]: node["inLanguage"] for node in graph if "inLanguage" in node}
    names = ("cards.pdf", f"{MADE_UP}.pdf", "pdsa.pdf")
    assert tags == dict.fromkeys(names, "en") | {f"es/{name}": "es" for name in names}
    assert tags.keys() <= held
    about = {node["@id"]: node.get("description") for node in graph}
    assert about["es/cards.pdf"] == get("es").say("A card for each change idea")


def test_a_page_offers_its_own_language_s_files_or_says_which_they_are_in(
    spanish: tuple[Path, takeaway.Taken, Views], tmp_path: Path
) -> None:
    out, _, told = spanish
    both = (ENGLISH, get("es"))
    (package,) = told.packages
    offered = {o.format: o for o in takeaway.of_package(package, told, out, say, both)}
    assert offered["PDF"].path == f"es/{MADE_UP}/takeaway/pdsa.pdf"
    assert offered["PDF"].language is None
    assert offered["CSV"].language == ENGLISH
    card, _ = takeaway.of_idea(package.ideas[0], [package], say, both)
    assert (card.path, card.language) == (f"es/{MADE_UP}/takeaway/cards.pdf#page=1", None)
    views = shown(read("nclabsi-neonatal"))
    (package,) = views.packages
    write(views, package, tmp_path)
    told = views.told_in(get("es"))
    (package,) = told.packages
    offered = {o.format: o for o in takeaway.of_package(package, told, tmp_path, say, both)}
    assert offered["PDF"].path == "nclabsi-neonatal/takeaway/pdsa.pdf"
    assert offered["PDF"].language == ENGLISH
    card, _ = takeaway.of_idea(package.ideas[0], [package], say, both)
    assert card.language == ENGLISH


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 KB"), (31_400, "31 KB"), (999_999, "1,000 KB"), (1_250_000, "1.2 MB")],
)
def test_sizes_are_in_words(count: int, words: str) -> None:
    assert offers.size(count, ENGLISH) == words


def test_what_has_no_content_is_left_out(tmp_path: Path) -> None:
    files = taken(read("teln-early-literacy"), tmp_path)
    assert set(files) == {
        "teln-early-literacy.pdf",
        "measures.csv",
        "teln-early-literacy.crate.zip",
    }
    assert "No change idea was published" in " ".join(pages(files["teln-early-literacy.pdf"]))


def test_sentences_are_those_of_the_readers_language(tmp_path: Path) -> None:
    views = shown(read("nclabsi-neonatal"))
    (package,) = views.packages
    asked: list[str] = []

    def shout(text: str, **values: object) -> str:
        asked.append(text)
        return say(text, **values).upper()

    told: Callable[..., str] = shout
    edition = takeaway.Edition(views, Links(views), told)
    takeaway.write(package, edition, tmp_path, release="2026-11-23", created=NOW)
    whole = " ".join(
        pages((tmp_path / package.slug / "takeaway/nclabsi-neonatal.pdf").read_bytes())
    )
    assert "DRIVER DIAGRAM" in whole
    assert "Driver diagram" not in whole
    assert all(text.strip() for text in asked)


def test_the_crate_holds_all_of_it(made_up: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(made_up[f"{MADE_UP}.crate.zip"])) as archive:
        inside = {i.filename: archive.read(i) for i in archive.infolist()}
        assert {i.date_time for i in archive.infolist()} == {(2026, 11, 23, 0, 0, 0)}
    for path in (f"{MADE_UP}.pdf", "cards.pdf", "pdsa.pdf", "measures.csv"):
        assert inside[path] == made_up[path]
    assert b"Exit ticket with a reason line" in inside[f"{MADE_UP}.ttl"]
    assert b"Exit ticket with a reason line" in inside[f"{MADE_UP}.jsonld"]
