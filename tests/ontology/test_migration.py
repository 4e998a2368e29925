"""Data of an earlier ontology is brought up; what a source printed stays digit for digit."""

from __future__ import annotations

import pyoxigraph as ox

from warranted import checking, migration, resources
from warranted.namespaces import NIC, PROV, RDF, RDFS, ROOT
from warranted.records import Record

RAMP, TEST = f"{ROOT}/id/ramp/x1", f"{ROOT}/id/test/x2"


def record(iri: str, type_: str, turtle: str) -> Record:
    quads = ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE)
    return Record(iri, type_, tuple(q.triple for q in quads))


def test_a_ramp_of_the_old_kind_is_named_by_its_tests() -> None:
    old = [
        record(RAMP, "ramp", f"<{RAMP}> a <{NIC}TestRamp> ; <{PROV}hadMember> <{TEST}> ."),
        record(TEST, "test", f'<{TEST}> <{RDF}type> <{NIC}PDSACycle> ; <{RDFS}label> "T" .'),
    ]
    new = {r.iri: r for r in migration.migrate(old, base=ROOT)}
    assert TEST not in new[RAMP].nquads
    assert f"<{TEST}> <{NIC}inRamp> <{RAMP}>" in new[TEST].nquads


def test_numbers_stay_as_they_were_printed() -> None:
    """A store writes 2.04 for 2.040, and would make every record with such a figure a changed one."""
    figure = f'<{TEST}> a <{NIC}PDSACycle> ; <{NIC}value> 2.040 ; <{NIC}peopleReached> "007"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    ramp = f"<{RAMP}> a <{NIC}TestRamp> ; <{PROV}hadMember> <{TEST}> ."
    old = [record(TEST, "test", figure), record(RAMP, "ramp", ramp)]
    new = {r.iri: r for r in migration.migrate(old, base=ROOT)}
    assert '"2.040"' in new[TEST].nquads
    assert '"007"' in new[TEST].nquads
    assert f"<{NIC}inRamp>" in new[TEST].nquads


def test_shipped_packages_are_up_to_date_and_come_out_as_they_were() -> None:
    records = [
        record
        for file in sorted(resources.packages().glob("*.ttl"))
        for record in checking.read_file(file, base=ROOT)
    ]
    digests = {record.iri: record.digest for record in records}
    assert {r.iri: r.digest for r in migration.migrate(records, base=ROOT)} == digests
