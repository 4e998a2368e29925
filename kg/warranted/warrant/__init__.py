"""Warrant: how far the evidence in a graph supports the claim that an idea leads to improvement.

`assess` judges every idea of a graph; `assessment_triples` writes one assessment as RDF. The rules
are in `rules`, the hub's judgement in `judgement`, the words in `words`; every threshold is data
(`nic:WarrantPolicy`), read by `policy`. The queries the evidence is read with are in `queries/`.
"""

from warranted import queries
from warranted.warrant.assessment import Assessment, assess, assess_file, assess_idea
from warranted.warrant.body import Body, chosen_of
from warranted.warrant.by_query import rule
from warranted.warrant.evidence import evidence_quads, ideas_touched
from warranted.warrant.honesty import Honesty, honesty
from warranted.warrant.in_context import InContext
from warranted.warrant.model import Direction, Evidence, Indicators, Judgement, Policy, Site, Test
from warranted.warrant.policy import default_policy, policies
from warranted.warrant.triples import assessment_iri, assessment_records, assessment_triples
from warranted.warrant.wanted import Wanted, board, wanted
from warranted.warrant.words import Answers

__all__ = [
    "Answers",
    "Assessment",
    "Body",
    "Direction",
    "Evidence",
    "Honesty",
    "InContext",
    "Indicators",
    "Judgement",
    "Policy",
    "Site",
    "Test",
    "Wanted",
    "assess",
    "assess_file",
    "assess_idea",
    "assessment_iri",
    "assessment_records",
    "assessment_triples",
    "board",
    "chosen_of",
    "default_policy",
    "evidence_quads",
    "honesty",
    "ideas_touched",
    "indicator_rules",
    "policies",
    "sentence",
    "wanted",
]


def sentence(assessment: Assessment) -> str:
    """The reader's sentence: what was seen where, on what basis, and what is missing."""
    return assessment.sentence


def indicator_rules() -> dict[str, queries.Query]:
    """Indicator → the query that counts it (`ontology/rules/indicator-….rq`)."""
    return {name: rule(f"indicator-{name}") for name in Indicators.names()}
