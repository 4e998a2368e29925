"""A computed assessment as RDF."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from warranted.namespaces import DQV, NIC, RDF, RDFS, SCHEME, XSD
from warranted.records import Record
from warranted.warrant.assessment import Assessment, assess

DISCLOSURE_MINIMUM: Final = 10
"""A number of people below this is not shown (NCES 2011-603)."""


def assessment_iri(assessment: Assessment, base: str) -> str:
    """{base}/id/assessment/{id}, where id is the last part of the idea's IRI."""
    name = assessment.idea.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
    return f"{base.rstrip('/')}/id/assessment/{name}"


def assessment_triples(assessment: Assessment, base: str) -> list[Triple]:
    """The record of a `nic:ComputedAssessment`: level, policy, findings weighed, indicators.

    Each indicator is a `dqv:QualityMeasurement`, a fragment of the record named by the indicator.
    "contested" and "stale" are flags and appear as `nic:flag`.
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
    return found


def _literal(value: int | Fraction) -> Literal:
    if isinstance(value, Fraction):
        share = Decimal(f"{float(value):.4f}")
        text = format(share.normalize(), "f")
        return Literal(text if "." in text else f"{text}.0", datatype=NamedNode(XSD + "decimal"))
    return Literal(str(value), datatype=NamedNode(XSD + "decimal"))


def assessment_records(records: Iterable[Record], *, as_of: date, base: str) -> list[Record]:
    """A computed assessment, as a record, of every idea among `records`."""
    triples = [triple for record in records for triple in record.triples]
    return [
        Record(assessment_iri(found, base), "assessment", tuple(assessment_triples(found, base)))
        for _, found in sorted(assess(triples, as_of).items())
    ]
