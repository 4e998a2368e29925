"""Languages: which text is shown, sentences with their values, dates, catalogues that are complete."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import babel_extract

from warranted import rdfio, resources, warrant
from warranted.errors import InputError
from warranted.language import ENGLISH, Language, available, catalogue, get, pick, terms, update
from warranted.language.pseudo import END, START
from warranted.namespaces import RDFS, SCHEME, SKOS

SPANISH = get("es")
OTHERS = [one for one in available() if not one.is_default]
TAGS = st.sampled_from(["", "en", "en-GB", "es", "es-MX", "ES", "ar", "fr", "pt-BR"])
LITERALS = st.lists(st.tuples(st.text(max_size=12), TAGS), max_size=6)


@cache
def sentences() -> tuple[update.Found, ...]:
    """Every sentence of the program."""
    return tuple(update.found())


SENTENCES = st.deferred(lambda: st.sampled_from(sentences()))
CODES = st.sampled_from(["en", "es", "ar", "qps"])


# ---- Which text is shown --------------------------------------------------------------------


@given(CODES, LITERALS)
def test_a_text_is_never_lost_and_never_made_up(code: str, literals: list[tuple[str, str]]) -> None:
    found = pick(code, literals)
    told = [pair for pair in literals if pair[0].strip()]
    assert (found.value, found.tag) in told if told else not found


@given(CODES, LITERALS, st.randoms())
def test_the_order_of_texts_does_not_matter(
    code: str, literals: list[tuple[str, str]], random: Random
) -> None:
    shuffled = list(literals)
    random.shuffle(shuffled)
    assert pick(code, literals) == pick(code, shuffled)


@given(CODES, LITERALS)
def test_a_text_in_the_readers_language_is_no_fallback(
    code: str, literals: list[tuple[str, str]]
) -> None:
    found = pick(code, literals)
    own = {tag for value, tag in literals if value.strip()}
    if any(tag.lower().partition("-")[0] == code for tag in own):
        assert found.tag.lower().partition("-")[0] == code
        assert not found.is_fallback
    elif found and found.tag:
        assert found.is_fallback


def test_the_fallback_is_the_one_that_is_stated() -> None:
    every = [("exacto", "es"), ("cercano", "es-MX"), ("plain", ""), ("near", "en"), ("zu", "de")]
    order = []
    while every:
        found = SPANISH.pick(every)
        order.append((found.value, found.is_fallback))
        every = [pair for pair in every if pair[0] != found.value]
    assert order == [
        ("exacto", False),
        ("cercano", False),
        ("plain", False),
        ("near", True),
        ("zu", True),
    ]


def test_a_text_knows_its_direction() -> None:
    assert pick("es", [("مرحبا", "ar")]).direction == "rtl"
    assert pick("ar", [("hello", "en")]).direction == "ltr"
    assert pick("ar", [("42", "")]).direction == "auto"


# ---- Sentences with their values ------------------------------------------------------------


@given(SENTENCES, st.sampled_from([ENGLISH, *OTHERS, Language.pseudo()]), st.integers(0, 20))
def test_no_placeholder_is_left_behind(one: update.Found, language: Language, n: int) -> None:
    names = set(re.findall(r"%\((\w+)\)s", one.one + (one.many or "")))
    values: dict[str, object] = {name: f"‹{name}›" for name in names} | (
        {"n": n} if one.many else {}
    )
    if one.context is not None:
        told = language.pgettext(one.context, one.one)
    elif one.many is not None:
        told = language.count(one.one, one.many, n, **values)
    elif "%(" in one.one:
        told = language.say(one.one, **values)
    else:
        told = language.gettext(one.one)
    assert "%(" not in told
    for name in names - {"n"}:
        assert f"‹{name}›" in told or one.many, f"{told!r} lost {name}"


def test_values_are_plain_text_and_percent_signs_are_doubled() -> None:
    assert ENGLISH.say("%(what)s of 5%% & <b>", what="100% of %(x)s") == "100% of %(x)s of 5% & <b>"
    assert ENGLISH.gettext("") == SPANISH.gettext("") == ""


def test_one_place_and_many() -> None:
    one, many = "%(n)s place", "%(n)s places"
    assert [ENGLISH.count(one, many, n) for n in (0, 1, 2)] == ["0 places", "1 place", "2 places"]
    assert [SPANISH.count(one, many, n) for n in (1, 2)] == ["1 lugar", "2 lugares"]


@pytest.mark.parametrize("language", [ENGLISH, SPANISH, Language.pseudo("rtl")])
def test_a_language_goes_to_another_process(language: Language) -> None:
    again = pickle.loads(pickle.dumps(language))  # noqa: S301
    assert again == language
    assert again.gettext("Home") == language.gettext("Home")


def test_a_language_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match=r"'xx'.*en, es"):
        get("xx")
    assert [(x.code, x.name, x.direction) for x in available()][:2] == [
        ("en", "English", "ltr"),
        ("es", "Español", "ltr"),
    ]


# ---- Dates and numbers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "english", "spanish", "short"),
    [
        ("2026-03-02", "2 March 2026", "2 de marzo de 2026", "2 Mar 26"),
        (date(2026, 12, 31), "31 December 2026", "31 de diciembre de 2026", "31 Dec 26"),
        ("2026-03", "March 2026", "marzo de 2026", "Mar 2026"),
        ("2026", "2026", "2026", "2026"),
        ("spring 2026", "spring 2026", "spring 2026", "spring 2026"),
        ("2026-02-30", "2026-02-30", "2026-02-30", "2026-02-30"),
        ("", "", "", ""),
    ],
)
def test_dates_in_words(when: str | date, english: str, spanish: str, short: str) -> None:
    assert ENGLISH.day(when) == english
    assert SPANISH.day(when) == spanish
    assert ENGLISH.day(when, short=True) == short


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_date_keeps_its_day_and_year(day: date) -> None:
    for language in (ENGLISH, SPANISH):
        assert re.findall(r"\d+", language.day(day)) == [str(day.day), str(day.year)]
        assert language.day(day) == language.day(day.isoformat())


def test_numbers_we_compute() -> None:
    assert (ENGLISH.number(12345.5), SPANISH.number(12345.5)) == ("12,345.5", "12.345,5")
    assert (ENGLISH.number(2, 2), SPANISH.number(2, 2)) == ("2.00", "2,00")
    assert ENGLISH.percent(Fraction(2, 3)) == "67%"
    assert SPANISH.percent(Fraction(2, 3)) == "67\N{NO-BREAK SPACE}%"


# ---- The made-up language -------------------------------------------------------------------


@given(SENTENCES)
def test_the_made_up_language_marks_every_sentence_and_keeps_its_places(
    found: update.Found,
) -> None:
    told = Language.pseudo().gettext(found.one)
    assert told.startswith(START)
    assert told.endswith(END)
    for kept in (r"%\(\w+\)s", r"</?\w[^<>]*>", r"%%"):
        assert re.findall(kept, told) == re.findall(kept, found.one)
    words = re.sub(r"%\(\w+\)s|</?\w[^<>]*>", "", found.one)
    assert told != f"{START}{found.one}{END}" or not re.search("[aceilnorsuyzAEINOSUZ]", words)


def test_the_made_up_language_has_both_directions() -> None:
    assert (Language.pseudo().direction, Language.pseudo("rtl").direction) == ("ltr", "rtl")
    assert Language.pseudo("rtl").code == "ar"


# ---- The catalogues -------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS, ids=lambda x: x.code)
def test_every_sentence_is_translated_with_its_placeholders(language: Language) -> None:
    assert update.problems(language.code) == []


@pytest.mark.parametrize("language", OTHERS, ids=lambda x: x.code)
def test_a_catalogue_is_as_the_command_writes_it(language: Language) -> None:
    text = catalogue.file(language.code).read_text(encoding="utf-8")
    assert text == update.updated(language.code), "run python -m warranted.language.update"
    assert "POT-Creation-Date" not in text
    assert not re.search(r"^#: ", text, re.M), (
        "it has lines that change without a sentence changing"
    )


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of catalogues of its own, for a program of three sentences."""
    sentences = [
        update.Found("%(n)s place", "%(n)s places"),
        update.Found("<b>Not</b> here"),
        update.Found("no", None, "number"),
    ]
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    monkeypatch.setattr(update, "found", lambda: sentences)
    catalogue.translations.cache_clear()
    yield tmp_path / "fr" / "LC_MESSAGES" / "warranted.po"
    catalogue.translations.cache_clear()


def test_a_language_is_begun_and_its_faults_are_told(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update.main(["zz-none"]) == 2
    assert update.main(["fr"]) == 0
    text = made.read_text(encoding="utf-8")
    assert text.startswith("# French.\n")
    assert "nplurals=2" in text
    assert update.main(["--check"]) == 1
    assert capsys.readouterr().out.count("fr: ") == 1 + 4  # two forms of the first sentence

    def put(english: str, french: str) -> None:
        nonlocal text
        assert english in text
        text = text.replace(english, french, 1)
        made.write_text(text, encoding="utf-8")

    put('msgstr[0] ""', 'msgstr[0] "un lieu"')
    put('msgstr[1] ""', 'msgstr[1] "%(m)s lieux"')
    put('"<b>Not</b> here"\nmsgstr ""', '"<b>Not</b> here"\nmsgstr "Pas ici"')
    put('msgid "no"\nmsgstr ""', 'msgid "no"\nmsgstr "0"')
    faults = update.problems("fr")
    assert len(faults) == 2
    assert "keep n" in faults[0]
    assert "other markup" in faults[1]
    put("%(m)s lieux", "%(n)s lieux")
    put("Pas ici", "<b>Pas</b> ici")
    assert update.problems("fr") == []
    french = Language("fr", "ltr", "Français")
    catalogue.translations.cache_clear()
    assert french.count("%(n)s place", "%(n)s places", 1) == "un lieu"
    assert french.count("%(n)s place", "%(n)s places", 3) == "3 lieux"
    assert (french.pgettext("number", "no"), french.gettext("no")) == ("0", "no")
    put('msgid "<b>Not', '#, fuzzy\nmsgid "<b>Not')
    assert ["fuzzy" in fault for fault in update.problems("fr")] == [True]


def test_a_sentence_that_comes_back_finds_its_translation(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert update.main(["fr"]) == 0
    text = made.read_text(encoding="utf-8").replace(
        'here"\nmsgstr ""', 'here"\nmsgstr "<b>Non</b>"'
    )
    made.write_text(text, encoding="utf-8")
    every = update.found()
    monkeypatch.setattr(update, "found", lambda: [one for one in every if "here" not in one.one])
    assert update.main([]) == 0
    assert "#~ msgstr" in made.read_text(encoding="utf-8")
    monkeypatch.setattr(update, "found", lambda: every)
    assert update.main([]) == 0
    assert made.read_text(encoding="utf-8") == text
    monkeypatch.setattr(update, "found", list)
    assert update.main(["--prune"]) == 0
    assert "Non" not in made.read_text(encoding="utf-8")


def test_sentences_are_found_in_code_and_templates(tmp_path: Path) -> None:
    code = tmp_path / "one.py"
    code.write_text(
        'x.say("A " "b")\ny.count("one", "many", 2)\n"abc".count(b"a")\n"abc".count("b")\n'
        'pgettext("c", "no")\n_(variable)\n',
        encoding="utf-8",
    )
    found = list(update._in_file(code, update._calls, {}))
    assert found == [
        update.Found("A b"),
        update.Found("one", "many"),
        update.Found("no", None, "c"),
    ]
    template = tmp_path / "one.html"
    template.write_text(
        '{{ _("Of %(n)s", n=2) }}{% trans n=3 %}{{ n }}\n  row{% pluralize %}{{ n }} rows'
        '{% endtrans %}<script>{"x": {{ _("in a script") | tojson }}}</script>',
        encoding="utf-8",
    )
    assert list(update._in_file(template, babel_extract, update.TEMPLATES)) == [
        update.Found("Of %(n)s"),
        update.Found("%(n)s row", "%(n)s rows"),
        update.Found("in a script"),
    ]


def test_sentences_of_the_frame_the_menu_and_the_scripts_are_found() -> None:
    found = {one.one for one in sentences()}
    assert {"Skip to content", "Main menu", "About"} <= found
    assert {"Asking …", "The query engine and the data are loaded."} <= found, "within say()"


# ---- The words of the ontology --------------------------------------------------------------


def english() -> dict[tuple[str, str], str]:
    """Every label and definition of the ontology, the schemes and the shapes."""
    root = resources.ontology()
    files = [root / "warranted.ttl", *(root / "schemes").glob("*.ttl")]
    return {
        (q.subject.value, q.predicate.value): q.object.value
        for file in [*files, *resources.shapes().glob("*.ttl")]
        for q in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
        if q.predicate.value in (*terms.LABELS, *terms.DEFINITIONS)
        if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.Literal)
    }


@pytest.mark.parametrize("language", OTHERS, ids=lambda x: x.code)
def test_every_term_concept_and_field_has_its_words(language: Language) -> None:
    needed, told = english(), {}
    for triple in terms.triples(language.code):
        assert isinstance(triple.subject, ox.NamedNode)
        assert isinstance(triple.object, ox.Literal)
        assert triple.object.language == language.code
        key = (triple.subject.value, triple.predicate.value)
        assert key not in told, f"{key} is told twice"
        told[key] = triple.object.value
    assert told.keys() == needed.keys()
    for key, text in needed.items():
        assert (text[-1] in ".?!") == (told[key][-1] in ".?!"), f"{text!r} / {told[key]!r}"
        assert text.count("(context facet)") == told[key].count("(faceta de contexto)"), text


@pytest.mark.parametrize("language", OTHERS, ids=lambda x: x.code)
def test_values_of_one_scheme_are_told_apart(language: Language) -> None:
    schemes: dict[str, list[str]] = {}
    for iri, label in terms.words(language.code).labels.items():
        if iri.startswith(SCHEME) and "/" in iri.removeprefix(SCHEME):
            schemes.setdefault(iri.rpartition("/")[0], []).append(label)
    assert len(schemes) == 25
    for scheme, labels in schemes.items():
        assert len(labels) == len(set(labels)), scheme


def test_english_stands_with_the_terms() -> None:
    assert terms.triples("en") == ()
    assert terms.words("en").label(f"{SCHEME}warrant/tried") == ""
    assert terms.words("es").label(f"{SCHEME}warrant/tried") == "Ensayada"


# ---- What a reader is told of warrant -------------------------------------------------------

DAY = date(2026, 6, 30)
PACKAGE = resources.packages() / "illustrative-algebra-talk.ttl"


@pytest.fixture(scope="module")
def body() -> warrant.Body:
    data = PACKAGE.read_bytes()
    return warrant.Body(rdfio.parse(data, rdfio.Format.TURTLE, name=PACKAGE.name), DAY)


def told(body: warrant.Body) -> Iterator[str]:
    """Every sentence on every idea."""
    for idea, found in body.assessments().items():
        yield from (found.sentence, found.shown.reason, *found.missing)
        for pair in found.answers.pairs():
            yield from pair
        wanted = body.wanted()[idea]
        yield from (wanted.words, *wanted.needs)
        yield from body.contexts(idea).values()


def outside(text: str) -> str:
    """What stands outside the marks of the made-up language."""
    found, depth = [], 0
    for letter in text:
        depth += (letter == START) - (letter == END)
        if depth == 0:
            found.append(letter)
    return "".join(found)


def test_no_sentence_on_warrant_is_left_in_english(body: warrant.Body) -> None:
    said = list(told(body.told_in(Language.pseudo())))
    assert len(said) > 100
    for text in said:
        assert not re.search(r"\w", outside(text)), text


def test_the_facts_are_the_same_in_every_language(body: warrant.Body) -> None:
    spanish = body.told_in(SPANISH)
    assert body.vocabulary.language is ENGLISH
    for idea, found in body.assessments().items():
        other = spanish.assessments()[idea]
        assert other.indicators == found.indicators
        assert (other.level.rank, other.shown.level.rank) == (
            found.level.rank,
            found.shown.level.rank,
        )
        assert len(other.missing) == len(found.missing)
        assert spanish.wanted()[idea].tests == body.wanted()[idea].tests
    assert list(told(body)) == list(told(spanish.told_in(ENGLISH)))


def test_a_reader_of_spanish_is_told_in_spanish(body: warrant.Body) -> None:
    said = "\n".join(told(body.told_in(SPANISH)))
    assert "Salió según lo predicho en 6 de 7 lugares" in said
    assert "Fiable en entornos distintos" in said
    assert "localidad: ciudad, pueblo grande, rural" in said
    for word in (" the ", " with ", " of ", " at ", "Promising", "rank "):
        assert word not in said


def test_a_label_of_a_graph_is_chosen_by_language() -> None:
    facet = "urn:facet"
    store = ox.Store()
    text = f"""
    <urn:p> <https://w3id.org/warranted/ns#facetValue> <urn:v> . <urn:v> <{SKOS}inScheme> <{facet}> ;
        <{SKOS}prefLabel> "valley"@en , "valle"@es . <{facet}> <{SKOS}prefLabel> "Terrain"@en .
    <urn:i> a <https://w3id.org/warranted/ns#ChangeIdea> ; <{RDFS}label> "Idea"@en ."""
    store.bulk_load(text.encode(), ox.RdfFormat.TURTLE)
    body = warrant.Body(list(store), DAY)
    assert body.vocabulary.label("urn:v") == "valley"
    spanish = body.told_in(SPANISH).vocabulary
    assert (spanish.label("urn:v"), spanish.label(facet)) == ("valle", "Terrain")
