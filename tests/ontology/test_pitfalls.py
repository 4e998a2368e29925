"""No pitfall in the ontology that ships; each rule finds the one it is for, and says the repair."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
import pytest

from warranted import ontology_check

HEAD = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix nics: <https://w3id.org/warranted/scheme/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NEW = """nic:New a owl:Class ; rdfs:label "new"@en ; skos:definition "New."@en ; rdfs:subClassOf nic:Site ;
    dcterms:source "This ontology"@en ; rdfs:isDefinedBy <https://w3id.org/warranted/ns> . """

CASES: dict[str, tuple[str, str, str]] = {
    # rule: (triples taken away, triples added, the term it must name)
    "missing-label": ("", NEW.replace('rdfs:label "new"@en ; ', ""), "nic:New"),
    "missing-definition": ("", NEW.replace('skos:definition "New."@en ; ', ""), "nic:New"),
    "missing-source": ("", NEW.replace('dcterms:source "This ontology"@en ; ', ""), "nic:New"),
    "missing-defined-by": (
        "",
        NEW.replace(" ; rdfs:isDefinedBy <https://w3id.org/warranted/ns>", ""),
        "nic:New",
    ),
    "text-without-language": ("", NEW.replace('"new"@en', '"new"'), "nic:New"),
    "same-label": ("", NEW.replace('"new"', '"aim"'), "nic:New"),
    "class-cycle": ("", "nic:Driver rdfs:subClassOf nic:PrimaryDriver .", "nic:Driver"),
    "property-cycle": (
        "",
        "nic:revises rdfs:subPropertyOf nic:inheritsEvidenceFrom .",
        "nic:revises",
    ),
    "inverse-mismatch": ("", "nic:hasHub owl:inverseOf nic:hasAim .", "nic:hasHub"),
    "inverse-of-itself": ("", "nic:revises owl:inverseOf nic:revises .", "nic:revises"),
    "several-domains": ("", "nic:hasHub rdfs:domain nic:Site .", "nic:hasHub"),
    "several-ranges": ("", "nic:hasHub rdfs:range nic:Site .", "nic:hasHub"),
    "datatype-property-without-range": (
        "nic:dose rdfs:range rdfs:Literal .",
        "",
        "nic:dose",
    ),
    "object-property-without-range": (
        "",
        "nic:near a owl:ObjectProperty .",
        "nic:near",
    ),
    "unused-term": ("", NEW.replace("rdfs:subClassOf nic:Site ;", ""), "nic:New"),
    "undeclared-term": ("", "nics:stage nic:colour 3 .", "nic:colour"),
    "deprecated-without-replacement": ("", "nic:dose owl:deprecated true .", "nic:dose"),
    "deprecated-in-use": (
        "",
        "nic:dose owl:deprecated true ; dcterms:isReplacedBy nic:cost .",
        "nic:dose",
    ),
    "concept-without-words": (
        "",
        '<urn:c> a skos:Concept ; skos:prefLabel "c"@en ; skos:inScheme nics:stage .',
        "<urn:c>",
    ),
    "scheme-without-words": (
        "",
        '<urn:s> a skos:ConceptScheme ; skos:prefLabel "s"@en ; skos:definition "S."@en .',
        "<urn:s>",
    ),
    "concept-loop": (
        "",
        "<urn:a> skos:broader <urn:b> . <urn:b> skos:broader <urn:a> .",
        "<urn:a>",
    ),
    "facet-values-not-listed": ("", "<urn:v> skos:inScheme nics:locality .", "<urn:v>"),
    "property-of-two-kinds": ("", "nic:dose a owl:ObjectProperty .", "nic:dose"),
    "property-not-declared": ("", "nics:stage <urn:p> 1 .", "<urn:p>"),
    "class-not-declared": ("", "nic:Site rdfs:subClassOf <urn:c> .", "<urn:c>"),
    "range-of-the-wrong-kind": (
        "nic:dose rdfs:range rdfs:Literal .",
        "nic:dose rdfs:range nic:Site .",
        "nic:dose",
    ),
    "kinds-not-kept-apart": ("", "nic:dose rdfs:subPropertyOf nic:hasHub .", "nic:dose"),
    "transitive-and-counted": ("", "nic:influences a owl:FunctionalProperty .", "nic:influences"),
    "inverse-functional-data": ("", "nic:dose a owl:InverseFunctionalProperty .", "nic:dose"),
    "metadata-missing": (
        '<https://w3id.org/warranted/ns> dcterms:publisher "Warranted" .',
        "",
        "<https://w3id.org/warranted/ns>",
    ),
    "imports": (
        "",
        "<https://w3id.org/warranted/ns> owl:imports <urn:other> .",
        "<https://w3id.org/warranted/ns>",
    ),
}


@cache
def shipped() -> tuple[ox.Triple, ...]:
    return tuple(ontology_check.shipped_triples())


def triples(text: str) -> list[ox.Triple]:
    return [q.triple for q in ox.parse((HEAD + text).encode(), format=ox.RdfFormat.TURTLE)]


def test_the_ontology_that_ships_has_no_pitfall() -> None:
    found = ontology_check.check(shipped())
    assert not found, "\n".join(map(str, found))


def test_every_rule_has_a_case() -> None:
    assert {p.name for p in ontology_check.pitfalls()} == set(CASES)


@pytest.mark.parametrize("rule", CASES)
def test_rule_finds_its_pitfall(rule: str) -> None:
    taken, added, term = CASES[rule]
    less = set(triples(taken))
    assert less <= set(shipped())
    found = ontology_check.check([*(t for t in shipped() if t not in less), *triples(added)])
    wanted = (
        term.strip("<>")
        if term[0] == "<"
        else term.replace("nic:", "https://w3id.org/warranted/ns#")
    )
    named = [f for f in found if f.rule == rule and f.term == wanted]
    assert named, f"{rule} does not find <{wanted}>"
    assert named[0].repair
    assert wanted in str(named[0])
