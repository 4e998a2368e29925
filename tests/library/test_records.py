"""Files are cut into records the same way each time, and what is no record is refused."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranted import dumps, records
from warranted.errors import InputError, UnknownType
from warranted.namespaces import ID_PATTERN, NIC, ROOT
from warranted.rdfio import Format, parse
from warranted.records import Record

HEAD = f"@prefix nic: <{NIC}> . @base <{ROOT}/id/> . "
IDEA = "<idea/i1> a nic:ChangeIdea ; nic:x [ nic:y 2.040 ; nic:z [ nic:y 1 ] ] , [ nic:y 1 ] ."


def split(written: str) -> list[Record]:
    return records.split(parse((HEAD + written).encode(), Format.TURTLE), base=ROOT)


def test_a_record_is_its_iri_with_all_its_parts() -> None:
    found = split(
        "<idea/i1> a nic:ChangeIdea ; nic:x <idea/i1#a> . <idea/i1#a> nic:y <aim/a1> . <aim/a1> a nic:Aim ."
    )
    assert [(r.iri.removeprefix(ROOT), r.type, len(r.triples)) for r in found] == [
        ("/id/aim/a1", "aim", 1),
        ("/id/idea/i1", "idea", 3),
    ]


def test_no_blank_node_is_left() -> None:
    (record,) = split(IDEA)
    assert "_:" not in record.nquads
    parts = {str(t.subject) for t in record.triples}
    assert len(parts) == 4


def test_names_given_to_parts_do_not_depend_on_the_rest_of_the_file() -> None:
    (alone,) = split(IDEA)
    with_more = split("<aim/a1> a nic:Aim ; nic:x [ nic:y 2.040 ] . " + IDEA)
    assert with_more[1] == alone


def test_the_same_thing_said_twice_stays_twice() -> None:
    (record,) = split("<idea/i1> a nic:ChangeIdea ; nic:x [ nic:y 1 ] , [ nic:y 1 ] .")
    assert sum(t.predicate.value == NIC + "y" for t in record.triples) == 2


def test_a_part_shared_within_a_record_is_one_part() -> None:
    (record,) = split(
        "<idea/i1> a nic:ChangeIdea ; nic:x _:a ; nic:z [ nic:x _:a ] . _:a nic:y 1 ."
    )
    assert sum(t.predicate.value == NIC + "y" for t in record.triples) == 1


@given(st.permutations(range(6)), st.booleans())
def test_order_and_names_in_the_file_are_irrelevant(order: list[int], rename: bool) -> None:
    lines = [
        "<idea/i1> a nic:ChangeIdea .",
        "<idea/i1> nic:x _:a .",
        "<idea/i1> nic:x _:b .",
        "_:a nic:y 1 .",
        "_:b nic:y _:c .",
        "_:c nic:y 1.50 .",
    ]
    written = " ".join(lines[i] for i in order)
    if rename:
        written = written.replace("_:a", "_:k9").replace("_:c", "_:a").replace("_:b", "_:zz")
    assert split(written) == split(" ".join(lines))


values = st.one_of(
    st.integers(-5, 5).map(str), st.sampled_from(["2.040", '"a"', '"a"@en-GB', "true"])
)
parts = st.recursive(
    values,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(
        lambda several: "[ " + " ; ".join(f"nic:y {v}" for v in several) + " ]"
    ),
    max_leaves=10,
)


@given(st.lists(parts, min_size=1, max_size=4))
def test_a_record_read_from_its_canonical_form_is_the_same_record(said: list[str]) -> None:
    (record,) = split("<idea/i1> a nic:ChangeIdea ; nic:x " + " , ".join(said) + " .")
    again = Record.from_nquads(record.iri, record.type, record.nquads)
    assert again == record
    assert again.digest == record.digest
    (once_more,) = records.split(parse(record.nquads.encode(), Format.NQUADS), base=ROOT)
    assert once_more == record


objects = st.one_of(
    st.integers(1, 4).map(lambda n: ox.NamedNode(f"{ROOT}/id/aim/a{n}")),
    st.integers(1, 4).map(lambda n: ox.NamedNode(f"{ROOT}/id/idea/i1#p{n}")),
    st.integers(1, 4).map(lambda n: ox.NamedNode(f"{ROOT}/id/test/t{n}#finding")),
    st.text('a <>".\n\\#', max_size=12).map(ox.Literal),
    st.just(ox.Literal(f'" <{NIC}aboutIdea> <{ROOT}/id/aim/a9> .\n<x> <y> <{ROOT}/id/aim/a9> .')),
    st.just(ox.Literal("1", datatype=ox.NamedNode(f"{ROOT}/id/aim/a9"))),
)


@given(st.lists(objects, min_size=1, max_size=6))
def test_what_a_record_names_is_what_its_triples_point_to(objects: list[ox.Term]) -> None:
    subject, about = ox.NamedNode(f"{ROOT}/id/idea/i1"), ox.NamedNode(f"{NIC}aboutIdea")
    triples = tuple(ox.Triple(subject, about, one) for one in objects)  # type: ignore[arg-type]
    record = Record.from_nquads(
        subject.value, "idea", Record(subject.value, "idea", triples).nquads
    )
    pointed = {one.value.partition("#")[0] for one in objects if isinstance(one, ox.NamedNode)}
    assert set(record.named) == pointed - {record.iri}
    ideas = {one.value for one in objects if isinstance(one, ox.NamedNode)}
    assert set(dumps.by_idea([record])) == ideas


def test_a_long_chain_of_parts_is_cut_at_once() -> None:
    chain = " ".join(f"_:n{i} nic:x _:n{i + 1} ." for i in range(5000))
    (record,) = split(f"<idea/i1> a nic:ChangeIdea ; nic:x _:n0 . {chain} _:n5000 nic:y 1 .")
    assert len(record.triples) == 5003


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("<https://example.org/x> a nic:Aim .", "is not the IRI of a record here"),
        ("<thing/t1> a nic:Aim .", "is not the IRI of a record here"),
        ("<aim/A1> a nic:Aim .", "is not the IRI of a record here"),
        ("<aim/a1/b> a nic:Aim .", "is not the IRI of a record here"),
        ("<aim/a1?x> a nic:Aim .", "is not the IRI of a record here"),
        ("<aim/a1> nic:x 1 .", "should be a nic:Aim, and says it is nothing"),
        ("<aim/a1> a nic:ChangeIdea .", "should be a nic:Aim"),
        ("<aim/a1> a nic:Aim . <aim/a1#a:b> nic:x 1 .", "is not a name for a part"),
        ("<aim/a1> a nic:Aim . [] nic:x 1 .", "hangs from no record"),
        ("<aim/a1> a nic:Aim ; nic:x _:a . _:a nic:x _:b . _:b nic:x _:a .", "in a circle"),
        (
            "<aim/a1> a nic:Aim ; nic:x _:a . <aim/a2> a nic:Aim ; nic:x _:a . _:a nic:y 1 .",
            "belongs to two records",
        ),
    ],
)
def test_what_is_no_record_is_refused_with_what_to_do(written: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as refused:
        split(written)
    assert refused.value.fix


def test_ids_are_opaque_and_new() -> None:
    made = {records.mint("idea", ROOT) for _ in range(100)}
    assert len(made) == 100
    for iri in made:
        assert ID_PATTERN.fullmatch(iri.removeprefix(f"{ROOT}/id/idea/"))
        assert records.type_of(iri, ROOT) == "idea"
    with pytest.raises(UnknownType, match="The types are: package, network"):
        records.mint("thing", ROOT)


def test_a_record_knows_its_own_graph() -> None:
    (record,) = split(IDEA)
    assert {q.graph_name for q in record.quads()} == {ox.NamedNode(record.iri)}
