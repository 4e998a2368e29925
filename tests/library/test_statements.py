"""Statements in memory: read from N-Quads they are what a parser finds, and layers are one graph."""

from __future__ import annotations

import pickle

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted.namespaces import NIC, XSD
from warranted.records import Record
from warranted.statements import Graph, Statements

IRI = "https://example.org/id/idea/one"
PART = f"{IRI}#part"


def said(value: str | ox.Literal, name: str = "summary", subject: str = IRI) -> ox.Triple:
    text = ox.Literal(value) if isinstance(value, str) else value
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(NIC + name), text)


def named(other: str, name: str = "reference", subject: str = IRI) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(NIC + name), ox.NamedNode(other))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_of_a_record_are_what_a_parser_finds(texts: list[str]) -> None:
    triples = [
        *map(said, texts),
        *(said(ox.Literal(text, language="zh-Hant"), "label", PART) for text in texts),
        said(ox.Literal("2.040", datatype=ox.NamedNode(f"{XSD}decimal")), "value"),
        named(PART),
        named("https://example.org/a", subject=PART),
        named("https://example.org/b", subject=PART),
    ]
    record = Record.from_nquads(IRI, "idea", Record(IRI, "idea", tuple(triples)).nquads)
    read, parsed = Statements.of_records([record]), Statements.of(record.triples)
    assert (read.said, read.naming) == (parsed.said, parsed.naming)
    assert read.said[IRI][f"{NIC}value"] == [("2.040", "")]


def test_what_two_layers_say_counts_once() -> None:
    graph = Graph(Statements.of([said("a"), named(PART)]), Statements.of([said("a"), said("b")]))
    assert graph.about(IRI)[f"{NIC}summary"] == [("a", ""), ("b", "")]
    assert graph.naming(PART, f"{NIC}reference") == [IRI]


def test_a_record_that_was_never_parsed_is_the_record_it_was() -> None:
    whole = Record(IRI, "idea", (said("a"),))
    read = pickle.loads(pickle.dumps(Record.from_nquads(IRI, "idea", whole.nquads)))  # noqa: S301
    assert read == whole
    with pytest.raises(AttributeError):
        read.title  # noqa: B018
