"""The competency questions: the same answer from rdflib and Oxigraph, and the one that is expected."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.query import ResultRow

from warranted import checking, questions, resources, warrant
from warranted.namespaces import NIC, ROOT
from warranted.questions import Question
from warranted.records import Record

ALL = questions.questions()

DRAFT = {
    # the twenty questions the draft of the ontology began with → the one that asks it here
    1: "cq01-ideas-under-an-aim",
    2: "cq02-drivers-without-an-idea",
    3: "cq03-ideas-nobody-tested",
    4: "cq04-tests-of-an-idea",
    5: "cq13-replication",
    6: "cq14-consistency",
    7: "cq15-largest-scale",
    8: "cq16-context-variety",
    9: "cq17-where-it-did-not-work",
    10: "cq10-late-or-missing-predictions",
    11: "cq18-a-place-like-mine",
    12: "cq19-where-the-hub-differs",
    13: "cq20-raises-that-break-the-rule",
    14: "cq11-findings-on-impression",
    15: "cq21-overdue-tests",
    16: "cq22-shared-measures-with-a-signal",
    17: "cq12-what-an-idea-needs",
    18: "cq23-tests-that-still-count",
    19: "cq24-between-two-versions-of-a-package",
    20: "cq25-versions-of-an-idea",
}


@cache
def triples() -> frozenset[ox.Triple]:
    """The example data: packages, policies, schemes, and the assessments computed from them."""
    records: list[Record] = []
    files = sorted((resources.ontology() / "policies").glob("*.ttl"))
    for file in (*files, *sorted(resources.packages().glob("*.ttl"))):
        records += checking.read_file(file, base=ROOT)
    records += warrant.assessment_records(records, as_of=questions.EXAMPLE_DAY, base=ROOT)
    found = {t for record in records for t in record.triples}
    for file in sorted((resources.ontology() / "schemes").glob("*.ttl")):
        found |= {q.triple for q in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)}
    return frozenset(found)


def oxigraph(more: str = "") -> ox.Store:
    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples())
    if more:
        store.load(more.encode(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return oxigraph()


@pytest.fixture(scope="module")
def graph() -> Graph:
    lines = "".join(f"{t} .\n" for t in triples())
    return Graph(bind_namespaces="none").parse(data=lines, format="nt")


def with_rdflib(graph: Graph, text: str) -> tuple[tuple[str, ...], questions.Rows]:
    """The same as `questions.answer`, by rdflib."""
    found = graph.query(text)
    names = tuple(str(v) for v in found.vars or ())

    def term(value: object) -> object:
        if isinstance(value, Literal):
            datatype = str(value.datatype or "http://www.w3.org/2001/XMLSchema#string")
            return ox.Literal(str(value), datatype=ox.NamedNode(datatype))
        return ox.NamedNode(str(value)) if isinstance(value, URIRef) else value

    rows = []
    for row in found:
        assert isinstance(row, ResultRow)
        rows.append(tuple(questions.short(term(value)) for value in row))
    return names, rows


def key(question: Question) -> str:
    return question.key


@pytest.mark.parametrize("question", ALL, ids=key)
def test_oxigraph_gives_the_expected_answer(question: Question, store: ox.Store) -> None:
    names, rows = questions.answer(store, question.example_text)
    assert names == question.columns
    assert rows == [*question.expected]


@pytest.mark.parametrize("question", ALL, ids=key)
def test_rdflib_gives_the_same(question: Question, graph: Graph) -> None:
    names, rows = with_rdflib(graph, question.example_text)
    assert names == question.columns
    assert sorted(rows) == sorted(question.expected)


@pytest.mark.parametrize("question", ALL, ids=key)
def test_question_says_who_asks_and_has_an_answer(question: Question, store: ox.Store) -> None:
    assert question.title.endswith("?")
    assert question.asked_by
    assert set(question.example) <= set(question.query.slots)
    assert bool(question.expected) != question.none_is_good, "say '# Good answer: none.'"
    _, rows = questions.answer(store, question.text)  # with its slots open, it runs too
    assert len(rows) >= len(question.expected)


@pytest.mark.parametrize("question", ALL, ids=key)
def test_each_row_names_a_record_so_that_what_is_made_up_can_be_marked(question: Question) -> None:
    for row in question.expected:
        assert any(value.startswith("id/") for value in row)


def test_there_are_thirty_and_none_of_the_first_twenty_is_lost() -> None:
    assert len(ALL) >= 30
    assert set(DRAFT.values()) <= {q.key for q in ALL}
    assert [q.key[:4] for q in ALL] == [f"cq{n:02}" for n in range(1, len(ALL) + 1)]


HEAD = f"@prefix nic: <{NIC}> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
BROKEN = {
    "cq20-raises-that-break-the-rule": f"""
        <urn:j> a nic:Adjudication ; nic:reviews <{ROOT}/id/assessment/z1il-as1> ;
            nic:warrantLevel <{ROOT}/scheme/warrant/dependable> .""",
    "cq24-between-two-versions-of-a-package": f"""
        <urn:k2> dcat:previousVersion <{ROOT}/id/package/z1il-p1> ; nic:hasEntry <urn:e> .
        <urn:e> nic:entrySpecification <{ROOT}/id/specification/z1il-c1v2> .""",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_question_with_no_answer_would_find_one(name: str) -> None:
    (question,) = [q for q in ALL if q.key == name]
    assert question.none_is_good
    _, rows = questions.answer(oxigraph(HEAD + BROKEN[name]), question.text)
    assert rows


def test_every_question_without_an_answer_is_tried_on_broken_data() -> None:
    assert {q.key for q in ALL if q.none_is_good} == set(BROKEN)
