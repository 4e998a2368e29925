"""A look at a query tells where its LIMIT stands, which graphs it names, and what it is like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warranted.errors import WarrantedError
from warranted.query import guard

STORE = ox.Store()
STORE.extend(
    ox.Quad(ox.NamedNode(f"urn:s{n}"), ox.NamedNode("urn:p"), ox.Literal(str(n % 4)))
    for n in range(12)
)

ENDS = st.sampled_from(
    [
        "",
        " LIMIT 3",
        " limit 5 OFFSET 2",
        " OFFSET 4 LIMIT 20",
        " ORDER BY ?s",
        " ORDER BY ?o LIMIT 7 # LIMIT 1",
        " # a comment without an end",
        ' VALUES ?o { "1" "2" }',
        " GROUP BY ?s ?o HAVING (COUNT(*) > 0)",
        ' LIMIT 2 VALUES ?o { "1" }',
        " ORDER BY ?s # LIMIT 9\n\n",
    ]
)
BODIES = st.sampled_from(
    [
        "{ ?s <urn:p> ?o }",
        "{ { SELECT * { ?s <urn:p> ?o } LIMIT 6 } }",
        '{ ?s <urn:p> ?o FILTER(?o != "LIMIT 1") }',
        '{ ?s <urn:p> ?o { VALUES ?o { "1" "3" } } }',
        "WHERE { ?s <urn:p> ?o OPTIONAL { ?s <urn:q> ?limit } }",
        "{ { SELECT ?s ?o { ?s <urn:p> ?o } ORDER BY ?s LIMIT 4 } UNION { ?s <urn:p> ?o } }",
    ]
)


def count(text: str) -> int:
    found: Any = STORE.query(text)
    return sum(1 for _ in found)


@settings(deadline=None)
@given(BODIES, ENDS, st.integers(0, 30))
def test_a_limit_is_put_where_it_belongs(body: str, end: str, most: int) -> None:
    query = f"SELECT ?s ?o {body}{end}"
    assert count(guard.look(query).limited_to(most)) == min(most, count(query))


@pytest.mark.parametrize(
    ("query", "graphs"),
    [
        ("SELECT * { ?s ?p ?o }", ()),
        ("SELECT * FROM <urn:a> { ?s ?p ?o }", ("urn:a",)),
        ("ASK FROM <urn:a> FROM NAMED <urn:b> {}", ("urn:a", "urn:b")),
        ("PREFIX x: <http://x.org/> SELECT * FROM x:y { }", ("http://x.org/y",)),
        ("BASE <http://x.org/> SELECT * FROM <y> { }", ("http://x.org/y",)),
        ("SELECT * FROM <y> { }", ("http://here/y",)),
        ('SELECT * { ?s ?p "FROM <urn:a>" } # FROM <urn:b>', ()),
    ],
)
def test_the_graphs_it_names_are_known(query: str, graphs: tuple[str, ...]) -> None:
    assert guard.look(query, "http://here/sparql").sources == graphs


def test_queries_that_cost_the_same_are_of_one_shape() -> None:
    one = guard.look("SELECT ?a { <urn:x> x:p ?a ; x:q 12 } # why").shape
    assert one == guard.look("SELECT   ?b {<urn:y> x:p ?b;x:q 7}").shape
    assert one != guard.look("SELECT ?a { ?b x:p ?a ; x:q 12 }").shape
    assert one != guard.look("SELECT ?a { <urn:x> x:p ?a ; x:r 12 }").shape


@pytest.mark.parametrize(
    ("query", "changing"),
    [
        ("SELECT ?s { ?s ?p ?o }", False),
        ("SELECT (NOW() AS ?n) {}", True),
        ("SELECT (rand() AS ?n) {}", True),
        ('SELECT ?s { ?s ?p "NOW" }', False),
    ],
)
def test_it_is_known_whether_it_answers_the_same_again(query: str, changing: bool) -> None:
    assert guard.look(query).changing is changing


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [*"{}<>#\n.;()'\" \\", "SELECT ", "ASK", "?x", " $y ", "<a:b>", "<http://x#y> ", "<<", "<=",
             " LIMIT ", "VALUES", "FROM ", "NAMED ", "5", "w:", "a:b", " PREFIX x: ", "BASE ", "NOW "]
        ),
        max_size=25,
    ).map("".join)
)  # fmt: skip
def test_an_outline_tells_what_the_query_itself_does(text: str) -> None:
    def told(look: Callable[[str, str], guard.Looked]) -> object:
        try:
            return look(text, "http://here/")
        except WarrantedError as error:
            return str(error)

    assert told(guard.look) == told(guard._look.__wrapped__)
