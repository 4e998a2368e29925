"""The site in several languages: every page told, texts marked with their own, right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Page

from warranted import checking, manifest, release, resources, warrant
from warranted.language import ENGLISH, Language, get
from warranted.language.pseudo import END, START
from warranted.namespaces import ROOT
from warranted.records import Record
from warranted_site import build_site
from warranted_site.options import Options

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPANISH, MADE_UP = get("es"), Language.pseudo("rtl")
PACKAGES = ("illustrative-algebra-talk", "bmtn-deep-engagement-algebra")
NAMES = {
    *("Warranted", "Turtle", "JSON", "LD", "N", "Quads", "BibTeX", "CSL", "CITATION.cff", "Atom"),
    *("CSV", "SPARQL", "PDF", "RO", "Crate", "KB", "MB", "English", "Español", "Pseudo"),
    *("Triples", "JSON Schema", "dqv", "QualityMeasurement", "Agent"),
}
"""Names of programs, formats, languages and others' terms, which are the same in every language."""
REFERENCE = (
    *("ns", "ns/versions", "ns/shared", "ns/Hub", "ns/TestOfChange"),
    *("scheme", "scheme/stage", "scheme/locality"),
    *("shapes", "shapes/shared", "shapes/test", "shapes/component"),
)
VOID = {"meta", "link", "br", "img", "input", "hr", "path", "rect", "circle", "line", "use", "wbr"}
SPOKEN = ("aria-label", "title", "alt", "placeholder")
CODE = {"script", "style", "code", "pre", "textarea"}


@dataclass
class Told(HTMLParser):
    """What one page tells, in text and attributes, each with the language it is marked with."""

    html: str
    texts: list[tuple[str, str]] = field(default_factory=list)
    page: dict[str, str | None] = field(default_factory=dict)
    links: list[dict[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.page = given
        if tag in ("a", "link"):
            self.links.append(given)
        around = self._open[-1][1] if self._open else ""
        language = "code" if tag in CODE or around == "code" else given.get("lang") or around
        if tag not in VOID:
            self._open.append((tag, language))
        self.texts += [(given[name] or "", language) for name in SPOKEN if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        while tag in (name for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((" ".join(data.split()), self._open[-1][1] if self._open else ""))

    @cached_property
    def own(self) -> list[str]:
        """The texts in the page's own language."""
        return [text for text, language in self.texts if language == self.page["lang"]]


@dataclass(frozen=True)
class Site:
    """A built site in English at the root, Spanish and the made-up language in folders."""

    folder: Path

    def paths(self, code: str) -> set[str]:
        """The pages of a language, but those of old versions."""
        root = self.folder if code == "en" else self.folder / code
        found = {p.relative_to(root).as_posix() for p in root.rglob("*.html")}
        return {p for p in found if not p.startswith(("es/", "ar/", "versions/"))}

    def told(self, path: str) -> Told:
        """What a page tells."""
        return Told((self.folder / path).read_text(encoding="utf-8"))


def records() -> list[Record]:
    found = checking.read_file(resources.ontology() / "policies" / "default-1.ttl", base=ROOT)
    for name in PACKAGES:
        found = [*found, *checking.read_file(resources.packages() / f"{name}.ttl", base=ROOT)]
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("languages") / "site"
    held = records()
    computed = warrant.assessment_records(held, as_of=NOW.date(), base=ROOT)
    told = manifest.manifest(
        "2026-11-23", NOW, held, computed, basis="", publisher="Test", previous=None
    )
    told["dataset"] = {"triples": 0, "subjects": 0, "properties": 0}
    data = release.ReleaseData("2026-11-23", NOW, ROOT, held, computed, told)
    options = Options(languages=(ENGLISH, SPANISH, MADE_UP), cache=folder.parent / "cache")
    build_site(data, folder, lambda _done, _total, _stage: None, options)
    return Site(folder)


@pytest.fixture(scope="module")
def said() -> str:
    """Everything that the records, the ontology and the shapes say, in small letters."""
    folder = resources.ontology()
    files = [folder / "warranted.ttl", *(folder / "schemes").glob("*.ttl")]
    files += resources.shapes().glob("*.ttl")
    triples = [q.triple for f in files for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE)]
    triples += [triple for record in records() for triple in record.triples]
    told = (t.object.value for t in triples if isinstance(t.object, ox.Literal))
    return "\n".join(" ".join(text.split()).lower() for text in told)


def outside(text: str) -> str:
    """What stands outside the marks of the made-up language."""
    found, depth = [], 0
    for letter in text:
        depth += (letter == START) - (letter == END)
        if depth == 0 and letter != END:
            found.append(letter)
    return "".join(found)


def parts(text: str) -> Iterator[str]:
    """A text in the pieces that punctuation makes."""
    for part in re.split(r"[;:·()\[\],/]|\.(?=\s|$)|[●○✕✓✗›–-]", text):
        if re.search(r"[A-Za-z]{2}", part):
            yield part.strip().lstrip("0123456789. ")


def test_every_page_stands_in_every_language_and_leads_to_the_others(site: Site) -> None:
    spanish, other = site.paths("es"), site.paths("ar")
    assert spanish == other
    assert spanish <= site.paths("en")
    assert {"index.html", "find/index.html", "about/index.html", "404.html"} <= spanish
    assert {f"{path}/index.html" for path in REFERENCE} <= spanish
    for path in sorted(spanish):
        for code, direction in (("es", "ltr"), ("ar", "rtl")):
            told = site.told(f"{code}/{path}")
            assert (told.page["lang"], told.page["dir"]) == (code, direction), path
            if path != "404.html":
                ways = {link.get("hreflang"): link.get("href") or "" for link in told.links}
                assert {"en", "es"} <= ways.keys(), path
                english = (site.folder / code / path).parent / ways["en"]
                assert english.resolve() == (site.folder / path).resolve()


def test_nothing_a_page_says_of_its_own_is_left_untranslated(site: Site, said: str) -> None:
    left: dict[str, str] = {}
    for path in sorted(site.paths("ar")):
        if path.startswith("questions/"):  # answers are the data's own; their page has a test below
            continue
        for text in site.told(f"ar/{path}").own:
            rest = outside(text)
            if not re.search("[A-Za-z]{2}", rest) or rest.lower() in said:
                continue
            for part in parts(rest):
                if part.lower() not in said and part not in NAMES and "Data set" not in text:
                    left.setdefault(part, path)
    allowed = re.compile(r"https?|all\.\w+\.gz|\w+\.(csv|gz|ttl|nq|jsonld|zst)|[\w.]+\.org|release")
    assert {p: w for p, w in left.items() if not allowed.fullmatch(p)} == {}


def test_the_page_of_questions_asks_them_in_the_readers_language(site: Site) -> None:
    told = site.told("es/questions/index.html").own
    asked = [text for text in told if text.endswith("?")]
    assert "¿Qué ideas de cambio no ha probado nadie en el grafo?" in asked
    assert len(set(asked)) >= 45


def test_an_answer_is_the_same_in_every_language_and_told_once(site: Site) -> None:
    for file in sorted((site.folder / "questions").glob("*.csv")):
        rows = file.read_text(encoding="utf-8").splitlines()
        assert "Ensayada" not in file.read_text(encoding="utf-8"), file.name
        assert len(rows) == len(set(rows)), file.name


def test_spanish_pages_have_levels_facets_and_sentences_in_spanish(site: Site) -> None:
    page = site.told("es/illustrative-algebra-talk/index.html")
    text = "\n".join(page.own)
    for words in ("Prometedora", "Probada y dejada de lado", "Diagrama de impulsores", "Impulsor"):
        assert words in text
    for words in ("Promising", "Untested here", "Driver diagram", "Aim", "Measures"):
        assert not any(own == words for own in page.own), words
    ideas = [site.told(f"es/{p}") for p in site.paths("es") if re.match(r"ideas/z1il-c\d/", p)]
    facts = "\n".join("\n".join(idea.own) for idea in ideas)
    assert "¿Se ha probado en otro lugar?" in facts
    assert re.search(r"Salió según lo predicho en \d de \d lugares", facts)
    assert "Nivel escolar" in facts
    assert "de marzo de 2026" in facts


@pytest.mark.parametrize("path", REFERENCE)
def test_a_page_of_the_reference_is_the_same_in_every_language_but_for_its_words(
    site: Site, path: str
) -> None:
    english, spanish, made_up = (
        (site.folder / code / path / "index.html").read_text("utf-8") for code in ("", "es", "ar")
    )
    ids = re.compile(r'\bid="([^"]+)"')
    assert set(ids.findall(english)) == set(ids.findall(spanish)) == set(ids.findall(made_up))
    data = {
        (site.folder / code / path / href).resolve()
        for code in ("", "es", "ar")
        for link in site.told(f"{code}/{path}/index.html".lstrip("/")).links
        if (href := link.get("href") or "").endswith((".ttl", ".jsonld", ".nt", "/idea.json"))
    }
    assert all(file.is_file() for file in data), "files for programs stand once, at the root"
    assert {file.relative_to(site.folder.resolve()).parts[0] for file in data} <= {
        *("ns", "scheme", "shapes", "schema", "context.jsonld")
    }


def test_the_reference_tells_terms_values_and_fields_in_spanish(site: Site) -> None:
    for path, words in {
        "ns": ("La ontología, término por término", "idea de cambio", "tiene hallazgo"),
        "ns/PDSACycle": ("Es un tipo de", "prueba de cambio", "Propiedades que parten de ella"),
        "ns/shared": ("Propiedad de objeto.", "muchos registros"),
        "scheme": (
            "Esquemas de los campos",
            "Etapa de una prueba",
            "Localidad",
            "Solo una impresión",
        ),
        "scheme/stage": ("Etapa de una prueba", "Escrita, sin comenzar."),
        "shapes": ("Los campos de cada registro", "Versión probada", "regla 1"),
        "shapes/test": (
            *("Versión probada", "La sede en que tiene lugar la prueba.", "siempre", "sí o no"),
            "uno de 4: Planificada, En curso, Completa, No realizada",
            "Una prueba completa tiene una decisión.",
        ),
    }.items():
        own = site.told(f"es/{path}/index.html").own
        assert [text for text in words if text not in "\n".join(own)] == [], path
        assert not {"Classes", "Schemes", "always", "Change idea", "change idea"} & set(own), path
    fields = site.told("es/shapes/test/index.html").texts
    example = "Will learners write a reason if the slip asks for it?"
    assert {language for text, language in fields if text == example} == {"en"}
    source = "Langley et al. 2009, The Improvement Guide"
    assert (source, "en") in site.told("es/ns/TestOfChange/index.html").texts
    english = site.told("shapes/index.html")
    assert {language for _, language in english.texts} == {"en", "es", "ar", "code"}, "the switch"


def test_the_reference_is_in_alphabetical_order_in_each_language(site: Site) -> None:
    def order(code: str, *labels: str) -> list[int]:
        html = site.told(f"{code}shapes/index.html").html
        types = re.findall(r"<b><a [^>]*>([^<]+)</a></b>", html)
        return [types.index(label) for label in labels]

    for code, labels in (
        ("", ("Aim", "Change idea", "Network", "PDSA cycle", "Site")),
        ("es/", ("ciclo PHEA (PDSA)", "Idea de cambio", "Objetivo", "Red", "Sede")),
    ):
        assert order(code, *labels) == sorted(order(code, *labels)), code


def test_spanish_pages_lead_to_the_spanish_reference(site: Site) -> None:
    wanted = [site.folder / "es" / path / "index.html" for path in ("ns", "scheme", "shapes")]
    for page in ("data/index.html", "guides/adopters/index.html", "ns/index.html"):
        links = site.told(f"es/{page}").links
        here = (site.folder / "es" / page).parent
        led = {
            (here / (link["href"] or "")).resolve()
            for link in links
            if "hreflang" not in link and link.get("href")
        }
        english = {
            (site.folder / path / "index.html").resolve() for path in ("ns", "scheme", "shapes")
        }
        assert not led & english, page
        if page.startswith("data"):
            assert {file.resolve() for file in wanted} <= led


def test_a_guide_that_a_language_lacks_is_in_english_and_says_so(site: Site) -> None:
    said = MADE_UP.gettext("This guide is in English.")
    page = (site.folder / "ar/guides/team/index.html").read_text(encoding="utf-8")
    assert page.count(said) == 1
    assert '<div class="g-text" lang="en" dir="ltr">' in page
    assert '<ul lang="en" dir="ltr">' in page
    assert 'src="../../../guides/pictures/hub-home-phone.webp"' in page
    assert 'href="../../wanted/index.html"' in page
    listed = (site.folder / "ar/guides/index.html").read_text(encoding="utf-8")
    assert listed.count(said) == 7
    for path in ("es/guides/team/index.html", "guides/team/index.html"):
        html = (site.folder / path).read_text(encoding="utf-8")
        assert '<div class="g-text">' in html
        assert "w-banner" not in html


def test_the_form_to_report_a_test_asks_in_spanish(site: Site) -> None:
    asked = set(site.told("es/report/index.html").own)
    assert {"Fecha de inicio", "Predicción escrita el", "En qué se basa el hallazgo"} <= asked
    english = set(site.told("report/index.html").own)
    assert asked & english <= {"Warranted", "Plan", "Rural", "no", "·", "›"}


def test_what_records_say_in_another_language_is_marked_with_it(site: Site) -> None:
    name, step = "Exit ticket with a reason line", "Comment on a third of the slips, in turn"
    for code, untold in (("es/", {step}), ("ar/", {name, step}), ("", {name, step})):
        told = site.told(f"{code}ideas/z1il-c1/index.html").texts
        for text in untold:
            assert {"en"} == {language for said, language in told if said == text}, (code, text)
    spanish = site.told("es/ideas/z1il-c1/index.html")
    assert "Boleto de salida con un renglón para la razón" in spanish.own
    html = (site.folder / "ideas/z1il-c1/index.html").read_text(encoding="utf-8")
    assert f'<span lang="en">{name}' not in html, "an English page need not say so again"


def test_the_switch_stays_on_the_page(site: Site) -> None:
    for code, other in (("es", "../../ideas/z1il-c1/index.html"), ("en", None)):
        path = "ideas/z1il-c1/index.html"
        told = site.told(path if code == "en" else f"es/{path}")
        ways = [link for link in told.links if link.get("hreflang") and "rel" not in link]
        assert len(ways) == 2, "one way to each other language"
        if other:
            there = {(site.folder / "es" / path).parent / (w["href"] or "") for w in ways}
            assert (site.folder / path).resolve() in {p.resolve() for p in there}


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    "path", ["index.html", "illustrative-algebra-talk/index.html", "ideas/z1il-c1/index.html"]
)
def test_pages_turn_round_and_keep_to_a_phones_width(site: Site, narrow: Page, path: str) -> None:
    def first_letter(code: str) -> tuple[float, float]:
        narrow.goto((site.folder / code / path).as_uri())
        wide = narrow.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{code}: {wide} wide"
        box: dict[str, float] = narrow.evaluate(
            """() => { const r = document.createRange();
            r.selectNodeContents(document.querySelector("h1"));
            const b = [...r.getClientRects()];
            return {left: Math.min(...b.map(x => x.left)), right: Math.max(...b.map(x => x.right))};
            }"""
        )
        return box["left"], 360 - box["right"]

    left, _ = first_letter("es")
    _, right = first_letter("ar")
    assert left == pytest.approx(right, abs=2), "the heading begins as far from the right edge"


@pytest.mark.browser
def test_an_older_reader_of_spanish_finds_the_way_from_the_english_page(
    site: Site, narrow: Page
) -> None:
    narrow.goto((site.folder / "ideas/z1il-c1/index.html").as_uri())
    way = narrow.locator('a[hreflang="es"]').first
    assert way.text_content() == "Español"
    assert way.get_attribute("lang") == "es"
    narrow.goto(way.evaluate("a => a.href"))
    assert narrow.locator("html").get_attribute("lang") == "es"
    assert "/es/ideas/z1il-c1/" in narrow.url
