"""Catalogues of sentences and the words of the ontology: complete in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from jinja2.ext import babel_extract

from warranted import resources
from warranted.language import Language, available, catalogue, terms, update
from warranted.namespaces import SCHEME

OTHERS = [one for one in available() if not one.is_default]


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
    found = {one.one for one in update.found()}
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
