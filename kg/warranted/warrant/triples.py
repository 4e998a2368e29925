"""A computed assessment as RDF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from warranted.namespaces import DQV, NIC, RDF, RDFS, SCHEME, XSD
from warranted.records import Record
from warranted.stamps import Stamp
from warranted.stamps import triples as stamp_triples
from warranted.warrant.assessment import Assessment, assess

DISCLOSURE_MINIMUM: Final = 10
"""A number of people below this is not shown (NCES 2011-603)."""


_READ_ON: Final = ("test", "specification", "series")
_NAMES: Final = frozenset(
    NamedNode(NIC + name)
    for name in ("tests", "atSite", "hasSeries", "inheritsEvidenceFrom", "ofMeasure")
)


def assessment_iri(assessment: Assessment, base: str) -> str:
    """{base}/id/assessment/{id}, where id is the last part of the idea's IRI."""
    return f"{base.rstrip('/')}/id/assessment/{_last(assessment.idea)}"


def assessment_triples(
    assessment: Assessment, base: str, *, graph_digest: str | None = None
) -> list[Triple]:
    """The record of a `nic:ComputedAssessment`: level, policy, findings weighed, indicators.

    Each indicator is a `dqv:QualityMeasurement`, a fragment of the record named by the indicator.
    "contested" and "stale" are flags and appear as `nic:flag`. What each test was read as is a
    `nic:TestReading`, what each site says a `nic:PlaceStanding`.

    Args:
        graph_digest: SHA-256 of what the rules read, in hexadecimal, if it is known.
    """
    iri = assessment_iri(assessment, base)
    record = NamedNode(iri)
    found = [
        Triple(record, NamedNode(RDF + "type"), NamedNode(NIC + "ComputedAssessment")),
        Triple(
            record,
            NamedNode(RDFS + "label"),
            Literal(f"Warrant of: {assessment.label}", language="en"),
        ),
        Triple(record, NamedNode(NIC + "aboutIdea"), NamedNode(assessment.idea)),
        Triple(record, NamedNode(NIC + "warrantLevel"), NamedNode(assessment.level.iri)),
        Triple(record, NamedNode(NIC + "underPolicy"), NamedNode(assessment.policy.iri)),
        Triple(
            record,
            NamedNode(NIC + "assessedOn"),
            Literal(assessment.as_of.isoformat(), datatype=NamedNode(XSD + "date")),
        ),
    ]
    for name, targets in (("assesses", assessment.claims), ("weighs", assessment.weighed)):
        found += [Triple(record, NamedNode(NIC + name), NamedNode(t)) for t in targets]
    for mark in assessment.flags:
        found.append(Triple(record, NamedNode(NIC + "flag"), NamedNode(f"{SCHEME}flag/{mark}")))
    for name in assessment.indicators.names():
        value = getattr(assessment.indicators, name)
        if value is None or isinstance(value, bool):
            continue
        if name == "N" and 0 < value < DISCLOSURE_MINIMUM:
            continue
        node = NamedNode(f"{iri}#{name}")
        found += [
            Triple(record, NamedNode(NIC + "hasIndicator"), node),
            Triple(node, NamedNode(RDF + "type"), NamedNode(DQV + "QualityMeasurement")),
            Triple(
                node,
                NamedNode(DQV + "isMeasurementOf"),
                NamedNode(f"{SCHEME}indicator/{name}"),
            ),
            Triple(node, NamedNode(DQV + "value"), _literal(value)),
        ]
    if graph_digest:
        found.append(Triple(record, NamedNode(NIC + "graphDigest"), Literal(graph_digest)))
    return found + _readings(assessment, record) + _standings(assessment, record)


def _readings(assessment: Assessment, record: NamedNode) -> list[Triple]:
    found = []
    for test, read in sorted(assessment.directions.items()):
        node = NamedNode(f"{record.value}#reading-{_last(test)}")
        found += [
            Triple(record, NamedNode(NIC + "hasReading"), node),
            Triple(node, NamedNode(RDF + "type"), NamedNode(NIC + "TestReading")),
            Triple(node, NamedNode(NIC + "ofTest"), NamedNode(test)),
        ]
        if test in assessment.signals:
            found.append(Triple(node, NamedNode(NIC + "showsSignal"), Literal(True)))
        if read:
            named = NamedNode(f"{SCHEME}direction/{read.value}")
            found.append(Triple(node, NamedNode(NIC + "direction"), named))
    return found


def _standings(assessment: Assessment, record: NamedNode) -> list[Triple]:
    found = []
    for place in assessment.places:
        node = NamedNode(f"{record.value}#place-{_last(place.site)}")
        found += [
            Triple(record, NamedNode(NIC + "hasStanding"), node),
            Triple(node, NamedNode(RDF + "type"), NamedNode(NIC + "PlaceStanding")),
            Triple(node, NamedNode(NIC + "atSite"), NamedNode(place.site)),
        ]
        if place.verdict:
            named = NamedNode(f"{SCHEME}direction/{place.verdict.value}")
            explained = Literal(place.explained is not None)
            found += [
                Triple(node, NamedNode(NIC + "verdict"), named),
                Triple(node, NamedNode(NIC + "isExplained"), explained),
            ]
        found += [
            Triple(node, NamedNode(NIC + "restsOn"), NamedNode(test.iri)) for test in place.counted
        ]
        found += [
            Triple(node, NamedNode(NIC + name), NamedNode(version))
            for name, versions in (
                ("latestVersion", place.latest),
                ("conclusiveVersion", place.conclusive),
            )
            for version in sorted(versions)
        ]
    return found


def _last(iri: str) -> str:
    return iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]


def _literal(value: int | Fraction) -> Literal:
    if isinstance(value, Fraction):
        share = Decimal(f"{float(value):.4f}")
        text = format(share.normalize(), "f")
        return Literal(text if "." in text else f"{text}.0", datatype=NamedNode(XSD + "decimal"))
    return Literal(str(value), datatype=NamedNode(XSD + "decimal"))


def assessment_records(
    records: Iterable[Record],
    *,
    as_of: date,
    base: str,
    stamps: Mapping[str, Stamp] | None = None,
) -> list[Record]:
    """A computed assessment, as a record, of every idea among `records`.

    Args:
        stamps: test → when its prediction was recorded, where a ledger knows it.
    """
    by_iri = {record.iri: record for record in records}
    triples = [triple for record in by_iri.values() for triple in record.triples]
    made = []
    for _, found in sorted(assess(triples, as_of).items()):
        digest = evidence_digest(found, by_iri)
        written = assessment_triples(found, base, graph_digest=digest)
        iri = assessment_iri(found, base)
        for test in found.directions:
            if stamps and test in stamps:
                written += stamp_triples(f"{iri}#reading-{_last(test)}", stamps[test])
        made.append(Record(assessment_iri(found, base), "assessment", tuple(written)))
    return made


def evidence_digest(assessment: Assessment, records: Mapping[str, Record]) -> str:
    """SHA-256, in hexadecimal, over the IRIs and digests of the records the rules read.

    These are the idea, its tests and what they name (versions, sites, series), the claims with their
    boundary conditions, and the policy. It changes when one of them does, and only then.
    """
    seen: set[str] = set()
    ahead = [assessment.idea, *assessment.directions, *assessment.claims, assessment.policy.iri]
    while ahead:
        record = records.get(ahead.pop())
        if record is None or record.iri in seen:
            continue
        seen.add(record.iri)
        if record.type in _READ_ON:
            ahead += [t.object.value for t in record.triples if t.predicate in _NAMES]  # type: ignore[union-attr]
    lines = sorted(f"{iri} {records[iri].digest}\n" for iri in seen)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
