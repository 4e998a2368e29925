"""A prediction is stamped when it is first recorded; an edit shows, a change of anything else does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import checking, stamps, warrant
from warranted.namespaces import NIC, ROOT
from warranted.neighbourhood import Index
from warranted.records import Record
from warranted.repository import Repository
from warranted.settings import Settings

TEST = f"{ROOT}/id/test/t"
WORLD = """@base <https://w3id.org/warranted/id/> .
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<site/s> a nic:Site ; rdfs:label "S" .
<aim/a> a nic:Aim ; rdfs:label "A" .
<driver/d> a nic:PrimaryDriver ; rdfs:label "D" ; nic:contributesTo <aim/a> .
<idea/i> a nic:ChangeIdea ; rdfs:label "I" ; nic:addressesDriver <driver/d> .
<specification/v> a nic:ChangeSpecification ; rdfs:label "V" ; nic:specificationOf <idea/i> .
<test/t> a nic:PDSACycle ; rdfs:label "T" ; nic:tests <specification/v> ; nic:atSite <site/s> ;
    nic:startDate "2026-01-12"^^xsd:date ;
    nic:scale <https://w3id.org/warranted/scheme/scale/small> ;
    nic:stage <https://w3id.org/warranted/scheme/stage/planned> ;
    nic:hasPrediction <test/t#p> .
<test/t#p> a nic:Prediction ; nic:predictionText "It will rise." ;
    nic:statedOn "2026-01-10"^^xsd:date .
"""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    (tmp_path / "world.ttl").write_text(WORLD, encoding="utf-8")
    with Repository(Settings(data=tmp_path / "var")) as made:
        made.load(tmp_path / "world.ttl")
        yield made


def record_of(repository: Repository) -> Record:
    version = repository.get(TEST)
    assert version is not None
    return version.as_record()


def put(repository: Repository, name: str, value: ox.Literal) -> None:
    record = record_of(repository)
    predicate = ox.NamedNode(NIC + name)
    triples = tuple(
        ox.Triple(t.subject, predicate, value) if t.predicate == predicate else t
        for t in record.triples
    )
    repository.put(Record(record.iri, record.type, triples), role="member", reason="changed")


def test_a_prediction_is_stamped_when_it_is_first_recorded(repository: Repository) -> None:
    first = repository.prediction_stamps()[TEST]
    assert not first.edited
    assert len(first.digest) == 64
    record = record_of(repository)
    more = ox.Triple(ox.NamedNode(TEST), ox.NamedNode(f"{NIC}peopleReached"), ox.Literal(24))
    repository.put(
        Record(record.iri, record.type, (*record.triples, more)), role="member", reason="done"
    )
    assert repository.prediction_stamps()[TEST] == first


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("predictionText", ox.Literal("It will fall.")),
        (
            "statedOn",
            ox.Literal(
                "2026-01-02", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
            ),
        ),
    ],
)
def test_an_edit_shows_and_is_stamped_anew(
    repository: Repository, name: str, value: ox.Literal
) -> None:
    first = repository.prediction_stamps()[TEST]
    put(repository, name, value)
    second = repository.prediction_stamps()[TEST]
    assert second.edited
    assert second.digest != first.digest
    assert second.recorded >= first.recorded


def test_putting_the_old_words_back_does_not_hide_the_edit(repository: Repository) -> None:
    first = repository.prediction_stamps()[TEST]
    put(repository, "predictionText", ox.Literal("It will fall."))
    put(repository, "predictionText", ox.Literal("It will rise."))
    last = repository.prediction_stamps()[TEST]
    assert last.digest == first.digest
    assert last.edited


def test_the_stamp_is_part_of_the_assessment_and_valid(repository: Repository) -> None:
    records = repository.records()
    (made,) = warrant.assessment_records(
        records,
        as_of=date(2026, 2, 1),
        base=ROOT,
        stamps=repository.prediction_stamps(),
    )
    said = {t.predicate.value.removeprefix(NIC) for t in made.triples}
    assert {"predictionRecorded", "predictionDigest", "predictionEdited"} <= said
    near = Index(t for record in records for t in record.triples)
    results = checking.check([made], near)
    assert not [r for r in results if r.severity == "Violation"], results


def test_a_test_without_words_has_no_stamp() -> None:
    assert stamps.stamp([]) is None
