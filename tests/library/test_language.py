"""Languages: which text is shown, sentences with their values, dates, the made-up language."""

from __future__ import annotations

import pickle
import re
from datetime import date
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted.errors import InputError
from warranted.language import ENGLISH, Language, available, get, pick, update
from warranted.language.pseudo import END, START

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
