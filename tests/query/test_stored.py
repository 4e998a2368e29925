"""Values of stored queries are of their type, and are bound, never written into a query."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted.errors import InputError, NotFound
from warranted.namespaces import ROOT
from warranted.query import guard, stored


def test_a_question_is_found_by_its_name_or_number() -> None:
    assert stored.stored("cq05").key == "cq05-ideas-by-warrant"
    assert stored.stored("cq05-ideas-by-warrant").key == "cq05-ideas-by-warrant"
    for name in ("cq", "cq99", "../cq05", ""):
        with pytest.raises(NotFound):
            stored.stored(name)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("cq04", {"idea": ["id/idea/z1il-c2"]}),
        ("cq04", {"idea": [f"{ROOT}/id/idea/z1il-c2", "urn:x"]}),
        ("cq18", {"one": ["scheme/locality/rural"], "least": ["2"]}),
        ("cq21", {"day": ["2026-09-24"]}),
        ("cq40", {"word": ['exit" ticket\\ {']}),
    ],
)
def test_values_are_bound_as_terms(name: str, values: dict[str, list[str]]) -> None:
    text = stored.bound(stored.stored(name), values, ROOT)
    assert guard.check(text) == "SELECT"
    ox.Store().query(text)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("cq04", {"idea": ["not an iri"]}, "'idea' should be an IRI"),
        ("cq04", {"idea": ["id/idea/x> } INSERT"]}, "'idea' should be an IRI"),
        ("cq18", {"least": ["two"]}, "'least' should be a whole number"),
        ("cq21", {"day": ["2026-13-01"]}, "'day' should be a date"),
        ("cq40", {"word": ["a\x00b"]}, "without control characters"),
        ("cq04", {"nothing": ["x"]}, "no parameter 'nothing'"),
        ("cq04", {"idea": ["urn:x"] * 101}, "more than 100"),
    ],
)
def test_a_value_of_another_type_is_refused(
    name: str, values: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        stored.bound(stored.stored(name), values, ROOT)
    assert refused.value.field == next(iter(values))


@given(st.text(max_size=60))
def test_no_text_becomes_a_part_of_the_query(text: str) -> None:
    question = stored.stored("cq40")
    try:
        bound = stored.bound(question, {"word": [text]}, ROOT)
    except InputError:
        return
    ox.Store().query(bound)
    # Whatever the value holds, the query is of the shape it has with any other value.
    assert guard.look(bound).shape == guard.look(question.example_text).shape
