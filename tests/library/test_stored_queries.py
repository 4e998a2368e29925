"""Stored queries run as they are, and with values bound as terms."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import queries, resources
from warranted.errors import InputError, NotFound

TEXT = """# Which ideas say this?
SELECT ?idea WHERE {
  VALUES ?label { UNDEF }  # VALUES ?label { UNDEF } in a comment stays
  ?idea <urn:label> ?label .
  FILTER(?label != "VALUES ?label { UNDEF }")
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ideas-that-say.rq").write_text(TEXT, encoding="utf-8")
    return tmp_path


def store(*labels: str) -> ox.Store:
    made = ox.Store()
    for i, label in enumerate(labels):
        made.add(ox.Quad(ox.NamedNode(f"urn:i{i}"), ox.NamedNode("urn:label"), ox.Literal(label)))
    return made


def ideas(store: ox.Store, text: str) -> list[str]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(row["idea"].value for row in found)


def test_a_query_has_a_question_and_slots(folder: Path) -> None:
    query = queries.load(folder, "ideas-that-say")
    assert query.question == "Which ideas say this?"
    assert query.slots == ("label",)
    assert queries.names(folder) == ["ideas-that-say"]


def test_it_runs_as_it_is_and_with_values(folder: Path) -> None:
    query, kept = queries.load(folder, "ideas-that-say"), store("a", "b", "c")
    assert ideas(kept, query.text) == ["urn:i0", "urn:i1", "urn:i2"]
    assert ideas(kept, query.bind()) == ["urn:i0", "urn:i1", "urn:i2"]
    assert ideas(kept, query.bind(label=ox.Literal("b"))) == ["urn:i1"]
    both = (ox.Literal("a"), ox.Literal("c"))
    assert ideas(kept, query.bind(label=both)) == ["urn:i0", "urn:i2"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_value_can_change_the_query(value: str) -> None:
    query = queries.Query("q", "", TEXT, ("label",))
    kept = store(value, "another" + value)
    for label in (value, value + '" } UNION { ?idea ?p ?label } #'):
        found = ideas(kept, query.bind(label=ox.Literal(label)))
        assert found == (["urn:i0"] if label == value else [])


def test_what_is_no_slot_or_no_term_is_refused(folder: Path) -> None:
    query = queries.load(folder, "ideas-that-say")
    with pytest.raises(InputError, match="It has: label"):
        query.bind(colour=ox.Literal("red"))
    with pytest.raises(TypeError):
        query.bind(label="text")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["missing", "../queries", "", "a/b", "ideas-that-say.rq"])
def test_a_name_that_is_none_is_not_found(folder: Path, name: str) -> None:
    with pytest.raises(NotFound):
        queries.load(folder, name)


def test_each_shipped_question_begins_with_its_question() -> None:
    folder = resources.ontology() / "questions"
    for name in queries.names(folder):
        assert queries.load(folder, name).question.endswith("?"), name
