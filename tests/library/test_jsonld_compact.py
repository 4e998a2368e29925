"""Compacting with our own context gives what PyLD gives."""

from __future__ import annotations

import copy
import json
from datetime import date
from functools import cache
from typing import Any

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from warranted import checking, context, jsonld_compact, jsonld_io, resources, warrant
from warranted.namespaces import NIC, RDF, RDFS, ROOT, SCHEME, XSD
from warranted.records import Record

IRI = f"{ROOT}/id/idea/x1"


@cache
def shipped() -> list[Record]:
    found = []
    for file in sorted(resources.packages().glob("*.ttl")):
        records = checking.read_file(file, base=ROOT)
        found += records
        found += warrant.assessment_records(records, as_of=date(2026, 3, 2), base=ROOT)
    return found


def by_pyld(whole: dict[str, Any]) -> dict[str, Any]:
    options = {"documentLoader": jsonld_io.loader}
    made: dict[str, Any] = jsonld.compact(copy.deepcopy(whole), context.CONTEXT_IRI, options)
    return made


def whole_of(triples: list[ox.Triple], root: str) -> dict[str, Any]:
    nodes = {node["@id"]: node for node in jsonld_io._expanded(triples)}
    return jsonld_io._embedded(nodes, root)


def test_every_shipped_record_needs_no_more_and_comes_out_the_same_key_by_key() -> None:
    for record in shipped():
        whole = whole_of(list(record.triples), record.iri)
        made = jsonld_compact.compact(whole)
        assert made is not None, record.iri
        assert json.dumps(made) == json.dumps(by_pyld(whole)), record.iri


PROPERTIES = [
    *(f"{NIC}{n}" for n in ("summary", "addressesDriver", "startDate", "isCore", "rank", "value")),
    *(f"{NIC}{n}" for n in ("hasComponent", "scale", "notATerm", "field")),
    f"{RDFS}label",
    "http://purl.org/dc/terms/title",
    "http://example.org/of-nobody",
]
OBJECTS = st.one_of(
    st.sampled_from(
        [IRI, f"{IRI}#a", f"{SCHEME}scale/small", NIC, f"{NIC}Aim", "urn:x:y", "http://a.example/"]
    ).map(ox.NamedNode),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(ox.Literal),
    st.tuples(
        st.sampled_from(["1", "true", "2026-03-02", "x"]),
        st.sampled_from([f"{XSD}{n}" for n in ("integer", "boolean", "date", "decimal", "string")]),
    ).map(lambda pair: ox.Literal(pair[0], datatype=ox.NamedNode(pair[1]))),
    st.sampled_from(["en", "es-MX", "zh-Hant"]).map(lambda tag: ox.Literal("word", language=tag)),
)
SUBJECTS = st.sampled_from([IRI, f"{IRI}#a", f"{IRI}#b"]).map(ox.NamedNode)
TRIPLES = st.lists(
    st.builds(
        ox.Triple, SUBJECTS, st.sampled_from([*PROPERTIES, f"{RDF}type"]).map(ox.NamedNode), OBJECTS
    ),
    max_size=8,
    unique=True,
)


@given(TRIPLES)
def test_whatever_a_record_holds_its_tree_is_pylds(triples: list[ox.Triple]) -> None:
    whole = whole_of(triples, IRI)
    made = jsonld_compact.compact(whole)
    if made is not None:
        assert json.dumps(made) == json.dumps(by_pyld(whole))
