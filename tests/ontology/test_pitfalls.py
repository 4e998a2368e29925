"""No pitfall in the ontology that ships; each rule finds the one it is for, and says the repair."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import ontology_check, resources

HEAD = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix nics: <https://w3id.org/warranted/scheme/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
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
    "datatype-outside-owl": (
        "",
        "nic:year a owl:DatatypeProperty ; rdfs:range xsd:gYear .",
        "nic:year",
    ),
    "class-and-datatype": ("", "nic:Site a rdfs:Datatype .", "nic:Site"),
    "class-expression": (
        "",
        "nic:Site rdfs:subClassOf [ a owl:Class ; owl:unionOf ( nic:Hub ) ] .",
        "nic:Site",
    ),
    "reserved-vocabulary": ("", "nic:Site rdfs:subClassOf rdfs:Resource .", "rdfs:Resource"),
    "annotation-in-logic": ("", "nic:cleared a owl:FunctionalProperty .", "nic:cleared"),
    "imports": (
        "",
        "<https://w3id.org/warranted/ns> owl:imports <urn:other> .",
        "<https://w3id.org/warranted/ns>",
    ),
}

MORE: list[tuple[str, str, str, str]] = [
    # Other ways to have a pitfall: rule, triples taken away, triples added, the term it must name.
    (
        "transitive-and-counted",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:influences ; owl:maxCardinality 1 ] .",
        "nic:influences",
    ),
    (
        "transitive-and-counted",
        "",
        "nic:influencedBy a owl:ObjectProperty , owl:FunctionalProperty ; owl:inverseOf nic:influences .",
        "nic:influencedBy",
    ),
    (
        "transitive-and-counted",
        "",
        "nic:influences owl:propertyDisjointWith nic:hasHub .",
        "nic:influences",
    ),
    (
        "transitive-and-counted",
        "",
        "nic:chained a owl:ObjectProperty , owl:FunctionalProperty ; owl:propertyChainAxiom ( nic:hasHub nic:hasAim ) .",
        "nic:chained",
    ),
    ("class-expression", "", "nic:Site rdfs:subClassOf [ a owl:Class ] .", "nic:Site"),
    (
        "class-expression",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:hasHub ] .",
        "nic:Site",
    ),
    (
        "class-expression",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Class ; owl:unionOf [ rdf:first nic:Hub ; rdf:rest [ rdf:first nic:Aim ] ] ] .",
        "nic:Site",
    ),
    (
        "class-expression",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Class ; owl:unionOf ( nic:Hub nic:Aim ) ; owl:complementOf nic:Aim ] .",
        "nic:Site",
    ),
    ("class-not-declared", "", "<urn:x> a <urn:c> .", "<urn:c>"),
    (
        "class-not-declared",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:hasHub ; owl:someValuesFrom <urn:c> ] .",
        "<urn:c>",
    ),
    ("reserved-vocabulary", "", "rdf:Thing a owl:Class .", "rdf:Thing"),
    ("reserved-vocabulary", "", "nic:Site rdf:value 1 .", "rdf:value"),
    ("reserved-vocabulary", "", "nic:New a rdfs:Class .", "rdfs:Class"),
    (
        "annotation-in-logic",
        "",
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty skos:definition ; owl:minCardinality 1 ] .",
        "skos:definition",
    ),
    ("inverse-functional-data", "", "nic:dose a owl:IrreflexiveProperty .", "nic:dose"),
    (
        "inverse-mismatch",
        "",
        "nic:ofAim a owl:ObjectProperty ; owl:inverseOf nic:hasAim .",
        "nic:ofAim",
    ),
    (
        "inverse-mismatch",
        "",
        "nic:isAlignedWith owl:inverseOf nic:trackedBy ; rdfs:domain nic:Measure ; rdfs:range nic:Aim .",
        "nic:isAlignedWith",
    ),
    ("same-label", "", NEW.replace('"new"', '"Aim"'), "nic:New"),
    ("undeclared-term", "", 'nics:stage skos:scopeNote "3"^^nic:colour .', "nic:colour"),
    ("unused-term", "", NEW, "nic:New"),
    (
        "object-property-without-range",
        "nic:forGroup rdfs:range nic:AffinityGroup .",
        "nic:near a owl:ObjectProperty . <urn:shape> sh:path nic:near ; sh:nodeKind sh:IRI .",
        "nic:near",
    ),
    (
        "deprecated-in-use",
        "",
        "nic:old a owl:ObjectProperty ; owl:deprecated true . <urn:shape> sh:path ( [ sh:inversePath nic:old ] nic:hasAim ) .",
        "nic:old",
    ),
    (
        "concept-loop",
        "",
        "<urn:a> skos:narrower <urn:b> . <urn:b> skos:narrower <urn:a> .",
        "<urn:a>",
    ),
    (
        "metadata-missing",
        "<https://w3id.org/warranted/ns> a owl:Ontology .",
        "",
        "<https://w3id.org/warranted/ns>",
    ),
]

FINE = [
    # Triples that look like a pitfall and are none: the rule, the triples, the term it must not name.
    (
        "object-property-without-range",
        "nic:near a owl:ObjectProperty ; rdfs:range owl:Thing .",
        "nic:near",
    ),
    (
        "inverse-mismatch",
        """nic:tracks owl:inverseOf nic:trackedBy ; rdfs:domain nic:Measure ;
            rdfs:range [ a owl:Class ; owl:unionOf ( nic:ChangeIdea nic:Driver nic:Aim ) ] .""",
        "nic:tracks",
    ),
    (
        "datatype-outside-owl",
        """xsd:gYear a rdfs:Datatype ; rdfs:comment "Sources give years."@en .
            nic:year a owl:DatatypeProperty ; rdfs:range xsd:gYear .""",
        "nic:year",
    ),
    (
        "class-expression",
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:hasContext ; owl:maxCardinality 1 ] .",
        "nic:Site",
    ),
    ("transitive-and-counted", "nic:revises a owl:FunctionalProperty .", "nic:revises"),
]


@cache
def shipped() -> tuple[ox.Triple, ...]:
    return tuple(ontology_check.shipped_triples())


@cache
def found_as_shipped() -> tuple[ontology_check.Finding, ...]:
    return tuple(ontology_check.check(shipped()))


def triples(text: str) -> list[ox.Triple]:
    return [q.triple for q in ox.parse((HEAD + text).encode(), format=ox.RdfFormat.TURTLE)]


def test_the_ontology_that_ships_has_no_pitfall() -> None:
    assert not found_as_shipped(), "\n".join(map(str, found_as_shipped()))


def test_every_rule_has_a_case() -> None:
    assert {p.name for p in ontology_check.pitfalls()} == set(CASES)


def named(term: str) -> str:
    """The IRI of a term written in short."""
    (triple,) = triples(f"<urn:s> <urn:p> {term} .")
    assert isinstance(triple.object, ox.NamedNode)
    return triple.object.value


@pytest.mark.parametrize(
    ("rule", "taken", "added", "term"),
    [*((rule, *case) for rule, case in CASES.items()), *MORE],
    ids=[*CASES, *(f"{case[0]}-{number}" for number, case in enumerate(MORE, 2))],
)
def test_rule_finds_its_pitfall(rule: str, taken: str, added: str, term: str) -> None:
    less = set(triples(taken))
    assert less <= set(shipped())
    wanted = named(term)
    assert (rule, wanted) not in {(f.rule, f.term) for f in found_as_shipped()}, (
        f"{rule} finds <{wanted}> without the pitfall"
    )
    found = ontology_check.check([*(t for t in shipped() if t not in less), *triples(added)])
    hits = [f for f in found if f.rule == rule and f.term == wanted]
    assert hits, f"{rule} does not find <{wanted}>"
    assert hits[0].repair
    assert wanted in str(hits[0])
    assert hits[0].repair in str(hits[0])


@pytest.mark.parametrize(("rule", "added", "term"), FINE, ids=[case[0] for case in FINE])
def test_rule_lets_pass_what_is_no_pitfall(rule: str, added: str, term: str) -> None:
    found = ontology_check.check([*shipped(), *triples(added)])
    assert not [f for f in found if f.rule == rule and f.term == named(term)]


@cache
def in_packages() -> tuple[ox.Triple, ...]:
    return tuple(
        quad.triple
        for file in sorted(resources.packages().glob("*.ttl"))
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    )


USE = ("undeclared-term", "property-not-declared", "class-not-declared")
"""The rules that also hold for what is said with the ontology, not only for the ontology."""


def test_packages_use_only_declared_terms() -> None:
    found = ontology_check.check([*shipped(), *in_packages()])
    assert not [str(f) for f in found if f.rule in USE]


def test_an_undeclared_term_in_a_package_would_be_found() -> None:
    told = triples("<urn:record> a nic:Sight ; nic:colour 3 .")
    found = ontology_check.check([*shipped(), *in_packages(), *told])
    assert {f.term for f in found if f.rule == "undeclared-term"} == {
        named("nic:Sight"),
        named("nic:colour"),
    }


def test_queries_use_only_declared_terms() -> None:
    known = {t.subject.value for t in shipped() if isinstance(t.subject, ox.NamedNode)}
    root = Path(ontology_check.__file__).parent
    files = [*resources.ontology().glob("*/*.rq"), *resources.shapes().rglob("*.rq")]
    files += root.rglob("*.rq")
    texts = {f.name: f.read_text(encoding="utf-8") for f in files if f.parent.name != "migrations"}
    # The queries inside shapes are text to the rules above.
    texts |= {
        f.name: f.read_text(encoding="utf-8") for f in sorted(resources.shapes().rglob("*.ttl"))
    }
    assert len(texts) > len(CASES)
    wrong = {
        f"{name}: nic:{term}"
        for name, text in texts.items()
        for term in re.findall(r"(?<![\w-])nic:([A-Za-z]\w*)", text)
        if named(f"nic:{term}") not in known
    }
    assert not wrong, "\n".join(sorted(wrong))
