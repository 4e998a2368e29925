"""What is refused before an engine sees it, and what is not mistaken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import resources
from warranted.errors import InputError, MalformedQuery, QueryRefused
from warranted.query import guard


@pytest.mark.parametrize(
    "file", sorted((resources.ontology() / "questions").glob("*.rq")), ids=lambda f: f.stem
)
def test_the_competency_questions_pass(file: object) -> None:
    assert guard.check(file.read_text(encoding="utf-8")) == "SELECT"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ?s { ?s ?p "SERVICE <http://x/> {" }',
        "SELECT ?s { ?s <http://x/SERVICE#insert> ?o } # SERVICE <http://x/>",
        "SELECT ?service { ?service ?insert '''LOAD <x>''' }",
        "PREFIX load: <http://x/> SELECT ?s { ?s load:delete ?o }",
    ],
)
def test_words_in_strings_iris_and_comments_are_no_words_of_the_query(query: str) -> None:
    assert guard.check(query) == "SELECT"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://x/> { ?s ?p ?o } }",
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "PREFIX a: <a:> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://x/>",
        "DROP ALL",
    ],
)
def test_what_is_never_done_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        guard.check(query)


def test_a_query_has_a_form() -> None:
    with pytest.raises(MalformedQuery):
        guard.check("WHERE { ?s ?p ?o }")


@given(st.text(max_size=300))
def test_any_text_is_judged_without_a_fault(text: str) -> None:
    try:
        assert guard.check(text) in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
    except InputError:
        return
