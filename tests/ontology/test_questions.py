"""The competency questions: the same answer from rdflib and Oxigraph, and the one that is expected."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from warranted import checking, questions, resources, warrant
from warranted.errors import StoreUnavailable
from warranted.namespaces import NIC, ROOT
from warranted.questions import Question
from warranted.records import Record

ALL = questions.questions()

DRAFT = {
    # the twenty questions the draft of the ontology began with → those that ask it here
    1: ("cq01-ideas-under-an-aim",),
    2: ("cq02-drivers-without-an-idea",),
    3: ("cq03-ideas-nobody-tested",),
    4: ("cq04-tests-of-an-idea",),
    5: ("cq13-replication",),
    6: ("cq14-consistency",),
    7: ("cq15-largest-scale",),
    8: ("cq16-context-variety",),
    9: ("cq17-where-it-did-not-work",),
    10: ("cq10-late-or-missing-predictions",),
    11: ("cq18-a-place-like-mine",),
    12: ("cq19-where-the-hub-differs",),
    13: ("cq20-raises-that-break-the-rule", "cq35-judgements-and-their-end"),
    14: ("cq11-findings-on-impression",),
    15: ("cq21-overdue-tests", "cq41-reporting-gap"),
    16: ("cq22-shared-measures-with-a-signal",),
    17: ("cq12-what-an-idea-needs",),
    18: ("cq23-tests-that-still-count",),
    19: ("cq24-between-two-versions-of-a-package",),
    20: ("cq25-versions-of-an-idea",),
}


@cache
def triples() -> frozenset[ox.Triple]:
    """The example data: packages, policies, the assessments computed from them, and the ontology."""
    records: list[Record] = []
    files = sorted((resources.ontology() / "policies").glob("*.ttl"))
    for file in (*files, *sorted(resources.packages().glob("*.ttl"))):
        records += checking.read_file(file, base=ROOT)
    records += warrant.assessment_records(records, as_of=questions.EXAMPLE_DAY, base=ROOT)
    found = {t for record in records for t in record.triples}
    schemes = sorted((resources.ontology() / "schemes").glob("*.ttl"))
    for file in (resources.ontology() / "warranted.ttl", *schemes):
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


def key(question: Question) -> str:
    return question.key


@pytest.mark.parametrize("question", ALL, ids=key)
def test_oxigraph_gives_the_expected_answer(question: Question, store: ox.Store) -> None:
    names, rows = questions.answer(question, store, example=True)
    assert names == question.columns
    assert rows == [*question.expected]


@pytest.mark.parametrize("question", ALL, ids=key)
def test_rdflib_gives_the_expected_answer(question: Question, graph: Graph) -> None:
    names, rows = questions.answer(question, graph, example=True)
    assert names == question.columns
    assert rows == [*question.expected]


@pytest.mark.parametrize("question", ALL, ids=key)
def test_with_its_slots_open_it_runs_on_both_and_loses_no_row(
    question: Question, store: ox.Store, graph: Graph
) -> None:
    names, rows = questions.answer(question, store)
    assert names == question.columns
    assert questions.answer(question, graph) == (names, rows)
    assert len(rows) >= len(question.expected)


@pytest.mark.parametrize("question", ALL, ids=key)
def test_the_order_of_the_rows_is_determined(question: Question, store: ox.Store) -> None:
    _, _, by = question.text.rpartition("ORDER BY")
    named = [name for name in re.findall(r"\?(\w+)", by) if name in question.columns]
    names, rows = questions.answer(question, store)
    keys = [tuple(row[names.index(name)] for name in named) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("question", ALL, ids=key)
def test_question_says_who_asks_and_has_an_answer(question: Question) -> None:
    assert question.title.endswith("?")
    assert question.asked_by
    assert bool(question.expected) != question.none_is_good, "say '# Good answer: none.'"
    assert len(question.expected) <= 13, "narrow the example"


@pytest.mark.parametrize("question", ALL, ids=key)
def test_each_row_names_a_record_so_that_what_is_made_up_can_be_marked(question: Question) -> None:
    for row in question.expected:
        assert any(value.startswith("id/") for value in row)


def test_there_are_thirty_and_none_of_the_first_twenty_is_lost() -> None:
    assert len(ALL) >= 30
    assert [*DRAFT] == [*range(1, 21)]
    assert {name for names in DRAFT.values() for name in names} <= {q.key for q in ALL}
    assert [q.key[:4] for q in ALL] == [f"cq{n:02}" for n in range(1, len(ALL) + 1)]


def test_no_answer_is_left_without_its_question() -> None:
    folder = resources.ontology() / "questions"
    assert {file.stem for file in folder.glob("*.csv")} == {q.key for q in ALL}


@pytest.mark.parametrize("question", ALL, ids=key)
def test_it_uses_declared_terms_only(question: Question) -> None:
    used = {f"{NIC}{name}" for name in re.findall(r"\bnic:(\w+)", question.text)}
    declared = {str(getattr(t.subject, "value", "")) for t in triples()}
    assert used <= declared


HEAD = f"""@prefix nic: <{NIC}> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix cito: <http://purl.org/spar/cito/> . @base <{ROOT}/> .
"""
BROKEN = {
    # question, what is broken → Turtle that breaks it, a value of the row it gives
    ("cq20-raises-that-break-the-rule", "no evidence"): (
        """<urn:j> a nic:Adjudication ; nic:reviews <id/assessment/z1il-as1> ;
            nic:namedReviewer <urn:one> , <urn:two> ; nic:warrantLevel <scheme/warrant/replicated> .""",
        "no evidence is cited",
    ),
    ("cq20-raises-that-break-the-rule", "one reviewer devised it"): (
        """<urn:j> a nic:Adjudication ; nic:reviews <id/assessment/z1il-as1> ;
            nic:namedReviewer <urn:one> , <urn:two> ; nic:warrantLevel <scheme/warrant/replicated> ;
            cito:citesAsEvidence <id/evidence/z1il-e1> . <urn:two> nic:isOriginator true .""",
        "too few reviewers",
    ),
    ("cq20-raises-that-break-the-rule", "two steps"): (
        """<urn:j> a nic:Adjudication ; nic:reviews <id/assessment/z1il-as1> ;
            nic:namedReviewer <urn:one> , <urn:two> ; nic:warrantLevel <scheme/warrant/dependable> ;
            cito:citesAsEvidence <id/evidence/z1il-e1> .""",
        "more than one step",
    ),
    ("cq24-between-two-versions-of-a-package", "another version of an idea"): (
        """<urn:k> dcat:previousVersion <id/package/z1il-p1> ; nic:hasEntry <urn:e> .
        <urn:e> nic:entrySpecification <id/specification/z1il-c1v2> .""",
        "Exit ticket, version 2: four minutes, one question",
    ),
    ("cq24-between-two-versions-of-a-package", "another level"): (
        """<urn:k> dcat:previousVersion <id/package/z1il-p1> ; nic:hasEntry <urn:e> .
        <urn:e> nic:entrySpecification <id/specification/z1il-c1v3> ;
            nic:entryAssessment <id/assessment/z1il-as5> .""",
        "Replicated",
    ),
}


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_a_question_with_no_answer_would_find_one(name: str, broken: str) -> None:
    (question,) = [q for q in ALL if q.key == name]
    assert question.none_is_good
    turtle, told = BROKEN[name, broken]
    _, rows = questions.answer(question, oxigraph(HEAD + turtle))
    assert [told in row for row in rows] == [True]


def test_every_question_without_an_answer_is_tried_on_broken_data() -> None:
    assert {q.key for q in ALL if q.none_is_good} == {name for name, _ in BROKEN}


GOOD = "# Who?\n# Asked by: A reader.\nSELECT ?a WHERE { VALUES ?a { UNDEF } }\n"


@pytest.mark.parametrize(
    ("query", "expected", "told"),
    [
        (GOOD.replace("?\n", "\n", 1), "a\n", "cq99.rq begins with no question"),
        (GOOD.replace("# Asked by: A reader.\n", ""), "a\n", "Add a line '# Asked by: …'"),
        ("# Who?\n# Example: ?a = x\n" + GOOD, "a\n", "cq99.rq has an example that cannot be read"),
        ('# Who?\n# Example: ?b = "x"\n' + GOOD, "a\n", "Add 'VALUES \\?b { UNDEF }'"),
        (GOOD, None, "cq99.csv is missing"),
        (GOOD, "", "cq99.csv has no header"),
        (GOOD, "a\nid/x,1\n", "Give the row that begins 'id/x' 1 values"),
    ],
)
def test_a_faulty_file_is_named_and_the_repair_told(
    query: str, expected: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "questions"
    folder.mkdir()
    (folder / "cq99.rq").write_text(query, encoding="utf-8")
    if expected is not None:
        (folder / "cq99.csv").write_text(expected, encoding="utf-8")
    monkeypatch.setattr(resources, "ontology", lambda: tmp_path)
    with pytest.raises(StoreUnavailable, match=told):
        questions.questions.__wrapped__()
