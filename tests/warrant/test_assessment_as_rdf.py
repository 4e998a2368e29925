"""A computed assessment written as RDF."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from warranted.namespaces import DQV, NIC, RDF, SCHEME
from warranted.warrant import Assessment, assess, assessment_triples

DATA = Path(__file__).parent / "data"
BASE = "https://w3id.org/warranted"


def example() -> list[Quad]:
    return list(parse(path=DATA / "algebra-talk.ttl", format=RdfFormat.TURTLE))


def idea(name: str, quads: list[Quad] | None = None) -> Assessment:
    return assess(quads or example(), date(2025, 6, 15))[f"{BASE}/id/idea/{name}"]


def test_an_assessment_as_rdf() -> None:
    found = idea("exit-ticket")
    triples = assessment_triples(found, BASE)
    record = NamedNode(f"{BASE}/id/assessment/exit-ticket")

    def objects(name: str) -> set[str]:
        return {
            t.object.value for t in triples if t.subject == record and t.predicate.value == name
        }

    assert objects(RDF + "type") == {NIC + "ComputedAssessment"}
    assert objects(NIC + "assesses") == {f"{BASE}/id/claim/1"}
    assert objects(NIC + "aboutIdea") == {found.idea}
    assert objects(NIC + "warrantLevel") == {f"{SCHEME}warrant/promising"}
    assert objects(NIC + "underPolicy") == {f"{BASE}/id/policy/default-1"}
    assert objects(NIC + "assessedOn") == {"2025-06-15"}
    assert objects(NIC + "weighs") == {f"{BASE}/id/test/{i}#f" for i in (2, 3, 4, 5)}
    values = {
        t.subject.value: t.object
        for t in triples
        if t.predicate.value == DQV + "value" and isinstance(t.subject, NamedNode)
    }
    assert set(values) == objects(NIC + "hasIndicator")
    assert len(values) == 18
    share = values[f"{record.value}#C"]
    assert isinstance(share, Literal)
    assert (share.value, share.datatype.value[-7:]) == ("0.8333", "decimal")
    assert (
        Triple(
            NamedNode(f"{record.value}#R_s"),
            NamedNode(DQV + "isMeasurementOf"),
            NamedNode(f"{SCHEME}indicator/R_s"),
        )
        in triples
    )
    assert serialize(triples, format=RdfFormat.TURTLE)


def test_flags_are_stated_and_an_unknown_age_is_left_out() -> None:
    quads = [q for q in example() if q.predicate.value != NIC + "explains"]
    flagged = assessment_triples(idea("exit-ticket", quads), BASE)
    assert any(
        t.predicate.value == NIC + "flag" and t.object.value == f"{SCHEME}flag/contested"
        for t in flagged
    )
    untested = assessment_triples(idea("peer-marking"), BASE)
    assert not any(t.subject.value.endswith("#age") for t in untested)
