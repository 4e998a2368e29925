"""Ideas that say the same are found first, with reasons; ideas that do not are not suggested."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import records, resources
from warranted.checking import read_file
from warranted.namespaces import DCTERMS, NIC, RDFS, ROOT
from warranted.rdfio import Format, parse
from warranted.similar import Finder, IdeaFacts, Suggestion, facts_of, tokens

REAL = [
    record
    for file in sorted(resources.packages().glob("*.ttl"))
    for record in read_file(file, base=ROOT)
]
REAL_IDEAS = [r for r in REAL if r.type == "idea"]


def idea(key: str, label: str, text: str, driver: str = "") -> IdeaFacts:
    drivers = frozenset({f"driver/{driver}"} if driver else ())
    texts = frozenset({driver} if driver else ())
    return IdeaFacts(key, label, text, drivers, texts, network=f"network/{key[-1]}")


IDEAS = [
    idea(
        "slip-a",
        "Exit slip with a reason",
        "Before the bell each learner writes an answer and the reason on an exit slip. The teacher "
        "reads the slips the same day.",
        "Feedback on reasons",
    ),
    idea(
        "slip-b",
        "Exit slips that ask for reasons",
        "Learners answer a question on exit slips and write down their reason before the bell.",
        "Feedback on reasons",
    ),
    idea(
        "call-a",
        "Phone call home in the first week",
        "The teacher phones every family in the first week with good news about their child.",
        "Family contact",
    ),
    idea(
        "call-b",
        "First-week phone calls to families",
        "Call each family once in the first week and tell them good news about the child.",
        "Contact with families",
    ),
    idea(
        "bundle-a",
        "Central line insertion bundle",
        "A checklist at the bedside for inserting a central line: hand hygiene, full barrier "
        "precautions, chlorhexidine on the skin.",
        "Sterile insertion",
    ),
    idea(
        "bundle-b",
        "Bundle for inserting central lines",
        "Hand hygiene, barrier precautions and chlorhexidine skin preparation, ticked off on a "
        "checklist when the central line is inserted.",
    ),
    idea(
        "tarjeta-a",
        "Tarjetas de salida con una razón",
        "Al final de la clase cada estudiante escribe una respuesta y la razón en una tarjeta.",
    ),
    idea(
        "tarjeta-b",
        "Tarjeta de salida con razones",
        "Los estudiantes escriben la respuesta y sus razones en tarjetas al final de las clases.",
    ),
    idea("names", "Draw a name for every answer", "Sticks in a jar decide who speaks next."),
    idea("letter", "Weekly letter home", "A task on paper travels home on Friday and back."),
    idea("pressure", "Blood pressure at home", "Patients measure twice a day with a lent cuff."),
    idea("form", "Help with the aid form", "An evening with advisers at the school computers."),
]
SAME = {("slip-a", "slip-b"), ("call-a", "call-b"), ("bundle-a", "bundle-b")} | {
    ("tarjeta-a", "tarjeta-b")
}


def both(found: list[Suggestion]) -> list[tuple[str, str]]:
    return [(s.idea, s.other) for s in found]


# ---- what is suggested ----


def test_pairs_that_say_the_same_come_first_and_no_others() -> None:
    finder = Finder(IDEAS)
    assert set(both(finder.pairs())) == SAME
    assert set(both(finder.pairs(least=0.05))[: len(SAME)]) == SAME
    for one, other in combinations(sorted(i.iri for i in IDEAS), 2):
        if (one, other) not in SAME:
            assert finder.score(one, other) < 0.3, (one, other)


@pytest.mark.parametrize(("one", "other"), sorted(SAME))
def test_the_other_one_is_the_likest(one: str, other: str) -> None:
    finder = Finder(IDEAS)
    assert both(finder.like(one)) == [(one, other)]
    assert both(finder.like(other)) == [(other, one)]
    assert finder.like(one)[0].reasons == finder.like(other)[0].reasons


def test_an_idea_like_no_other_has_no_suggestions() -> None:
    assert Finder(IDEAS).like("pressure") == []
    with pytest.raises(KeyError):
        Finder(IDEAS).like("there-is-none")


def test_reasons_are_sentences() -> None:
    (found,) = Finder(IDEAS).like("slip-a")
    about = [r for r in found.reasons if r.startswith("Both are about ")]
    assert len(about) == 1
    assert "‘exit slip" in about[0]
    assert "Both act on the driver ‘Feedback on reasons’." in found.reasons
    assert "They come from different networks." in found.reasons
    (call,) = Finder(IDEAS).like("call-a")
    assert (
        "The drivers they act on have like names, ‘Family contact’ and ‘Contact with families’."
        in call.reasons
    )
    assert all(r.endswith(".") and r[0].isupper() for r in (*found.reasons, *call.reasons))
    named = [replace(i, concepts=frozenset({"c"}), label="Exit slips") for i in IDEAS[:2]]
    (pair,) = Finder(named).pairs()
    assert pair.reasons[0] == "Their names are nearly the same."
    assert "Both apply the same change concept." in pair.reasons


def test_what_was_decided_is_not_suggested_again() -> None:
    apart = frozenset({frozenset(("slip-a", "slip-b"))})
    finder = Finder(IDEAS, distinct=apart)
    assert set(both(finder.pairs())) == SAME - {("slip-a", "slip-b")}
    assert finder.like("slip-a") == []


def test_an_idea_and_what_replaced_it_are_not_suggested() -> None:
    first, last = IDEAS[:2]
    between = IdeaFacts("gone", "Gone", "", replaced_by=frozenset({last.iri}))
    direct = [replace(first, replaced_by=frozenset({last.iri})), last]
    chain = [replace(first, replaced_by=frozenset({"gone"})), between, last]
    ring = [
        replace(first, replaced_by=frozenset({last.iri})),
        replace(last, replaced_by=frozenset({first.iri})),
    ]
    for ideas in (direct, chain, ring):
        assert Finder(ideas).pairs(least=0.0) == []
        assert Finder(ideas).like(first.iri) == []


def test_nothing_and_empty_ideas() -> None:
    assert Finder([]).pairs() == []
    empty = [IdeaFacts(k, "", "") for k in "ab"]
    assert Finder(empty).pairs(least=0.0) == []
    assert 0 <= Finder(empty).score("a", "b") <= 1
    assert Finder(IDEAS).pairs(most=0) == Finder(IDEAS).like("slip-a", most=0) == []
    assert both(Finder(IDEAS).pairs(most=2)) == both(Finder(IDEAS).pairs())[:2]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *[("nurse", "nurses"), ("class", "classes"), ("study", "studies"), ("score", "scores")],
        *[("lección", "lecciones"), ("razón", "razones"), ("profesor", "profesores")],
    ],
)
def test_both_numbers_of_a_word_are_one(one: str, many: str) -> None:
    assert tokens(one) == tokens(many.upper())


# ---- real records ----


def test_facts_of_real_ideas() -> None:
    by_list = facts_of(REAL_IDEAS, REAL)
    by_call = facts_of(REAL_IDEAS, {r.iri: r for r in REAL}.get)
    assert by_list == by_call
    (exit_ticket,) = (f for f in by_list if f.iri.endswith("/z1il-c1"))
    assert exit_ticket.label == "Exit ticket with a reason line"
    assert exit_ticket.driver_texts == {"Feedback on reasons"}
    assert exit_ticket.concepts
    assert exit_ticket.network.endswith("/z1il-n1")
    for text in ("Do not mark it", "Print a line below it that asks: why?", "Slip template"):
        assert text in exit_ticket.text
    assert not any("no finer place recorded" in f.text for f in by_list)


def test_a_version_that_only_names_its_idea_counts() -> None:
    written = (
        f"@prefix nic: <{NIC}> . @prefix rdfs: <{RDFS}> . @base <{ROOT}/id/> . "
        f"<idea/i1> a nic:ChangeIdea ; <{DCTERMS}isReplacedBy> <idea/i2> ; "
        'rdfs:label "Papeletas"@es , "Slips"@en . '
        "<specification/v1> a nic:ChangeSpecification ; nic:specificationOf <idea/i1> ; "
        'nic:hasComponent [ a nic:ChangeComponent ; rdfs:label "Cut them" ] .'
    )
    found = records.split(parse(written.encode(), Format.TURTLE), base=ROOT)
    (facts,) = facts_of(found[:1], found)
    assert facts.label == "Slips"
    assert facts.text.splitlines() == ["Papeletas", "Slips", "Cut them"]
    assert facts.replaced_by == {f"{ROOT}/id/idea/i2"}


def test_the_likest_real_ideas_are_those_of_exit_tickets() -> None:
    finder = Finder(facts_of(REAL_IDEAS, REAL))
    labels = {f.iri: f.label for f in facts_of(REAL_IDEAS, REAL)}
    first = finder.pairs()[0]
    assert [labels[first.idea], labels[first.other]] == [
        "Exit tickets about connections",
        "Exit tickets for a skill or a concept link",
    ]


# ---- properties ----

WORDS = ["slip", "slips", "reason", "bell", "the", "razón", "ß", "答え", "line", "10", "", "phone"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=20)
SETS = st.frozensets(st.sampled_from(["x", "y", "z"]), max_size=2)
FACTS = st.builds(IdeaFacts, st.just(""), TEXTS, TEXTS, SETS, SETS, SETS, st.sampled_from("nm"))
MANY = st.lists(FACTS, min_size=2, max_size=8).map(
    lambda found: [replace(f, iri=f"i{n}") for n, f in enumerate(found)]
)


@given(MANY)
def test_the_score_is_between_0_and_1_and_the_same_from_both_sides(ideas: list[IdeaFacts]) -> None:
    finder = Finder(ideas)
    for a, b in combinations(sorted(finder_iris := [i.iri for i in ideas]), 2):
        assert 0.0 <= finder.score(a, b) <= 1.0
        assert finder.score(a, b) == finder.score(b, a)
    assert len(finder_iris) == len(set(finder_iris))


@given(MANY, st.integers(1, 30), st.sampled_from([0.0, 0.2, 0.45, 0.8]), st.randoms())
def test_pairs_are_the_best_of_all_and_in_one_order(
    ideas: list[IdeaFacts], most: int, least: float, shuffle: random.Random
) -> None:
    finder = Finder(ideas)
    pairs = finder.pairs(most=most, least=least)
    order = [(-s.score, s.idea, s.other) for s in pairs]
    assert order == sorted(order)
    assert all(s.idea < s.other and s.score >= least for s in pairs)
    every = {frozenset((s.idea, s.other)) for i in ideas for s in finder.like(i.iri, least=least)}
    assert {frozenset((s.idea, s.other)) for s in pairs} <= every
    assert len(pairs) == min(most, len(every))
    other = list(ideas)
    shuffle.shuffle(other)
    assert Finder(other).pairs(most=most, least=least) == pairs


# ---- size ----


def test_twelve_thousand_ideas() -> None:
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghiklmnoprstuvw", k=7)) for _ in range(20_000)]
    weights = [1 / (i + 5) for i in range(len(words))]

    def text(n: int) -> str:
        return " ".join(draw.choices(words, weights, k=n))

    ideas = [
        IdeaFacts(f"i{i:05}", text(5), text(50), frozenset({f"d{draw.randrange(800)}"}))
        for i in range(12_000)
    ]
    twins = [replace(i, iri=f"twin-of-{i.iri}", label=f"{i.label} x") for i in ideas[::1200]]
    finder = Finder([*ideas, *twins])
    assert {(s.idea, s.other) for s in finder.pairs()} == {(t.iri[8:], t.iri) for t in twins}
    assert finder.like("i01200")[0].other == "twin-of-i01200"
