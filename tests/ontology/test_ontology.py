"""The ontology and its schemes read as a reference: every term is explained, none dangles."""

from __future__ import annotations

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, URIRef

from warranted import resources
from warranted.namespaces import NIC, SCHEME

ONTOLOGY_IRI = URIRef(NIC.rstrip("#"))
FOLDER = resources.ontology()


def read(*patterns: str) -> Graph:
    graph = Graph()
    for pattern in patterns:
        for file in sorted(FOLDER.glob(pattern)):
            graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return graph


TERMS = read("warranted.ttl")
SCHEMES = read("schemes/*.ttl")
OWN = sorted(
    {
        s
        for kind in (
            OWL.Class,
            OWL.ObjectProperty,
            OWL.DatatypeProperty,
            OWL.AnnotationProperty,
        )
        for s in TERMS.subjects(RDF.type, kind)
        if str(s).startswith(NIC)
    }
)
CONCEPTS = sorted(SCHEMES.subjects(RDF.type, SKOS.Concept))


@pytest.mark.parametrize("term", OWN, ids=lambda t: str(t).removeprefix(NIC))
def test_term_is_explained(term: URIRef) -> None:
    for needed in (RDFS.label, SKOS.definition, DCTERMS.source):
        assert TERMS.value(term, needed) is not None, f"{term} has no {needed}"
    assert TERMS.value(term, RDFS.isDefinedBy) == ONTOLOGY_IRI
    definition = str(TERMS.value(term, SKOS.definition))
    assert definition.endswith("."), f"{term}: end the definition with a full stop"


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda c: str(c).removeprefix(SCHEME))
def test_concept_has_words_and_a_scheme(concept: URIRef) -> None:
    scheme = SCHEMES.value(concept, SKOS.inScheme)
    assert (scheme, RDF.type, SKOS.ConceptScheme) in SCHEMES
    assert str(concept).startswith(f"{scheme}/")
    assert SCHEMES.value(concept, SKOS.prefLabel) is not None
    assert SCHEMES.value(concept, SKOS.definition) is not None


def test_ontology_has_version_and_licence() -> None:
    version = str(TERMS.value(ONTOLOGY_IRI, OWL.versionInfo))
    assert TERMS.value(ONTOLOGY_IRI, OWL.versionIRI) == URIRef(f"{ONTOLOGY_IRI}/{version}")
    assert TERMS.value(ONTOLOGY_IRI, DCTERMS.license) is not None
    assert not list(TERMS.objects(ONTOLOGY_IRI, OWL.imports)), "borrowed terms are declared"


def test_no_term_is_used_without_being_declared() -> None:
    declared = set(TERMS.subjects(RDF.type, None))
    for predicate in (RDFS.domain, RDFS.range, RDFS.subClassOf, RDFS.subPropertyOf):
        for used in TERMS.objects(None, predicate):
            if (
                isinstance(used, URIRef)
                and "XMLSchema" not in used
                and used not in (RDFS.Literal, OWL.Thing)
            ):
                assert used in declared, f"{used} is not declared"


def test_ranks_order_the_warrant_ladder() -> None:
    ladder = {
        int(str(SCHEMES.value(c, URIRef(f"{NIC}rank")))): str(SCHEMES.value(c, SKOS.prefLabel))
        for c in SCHEMES.subjects(SKOS.inScheme, URIRef(f"{SCHEME}warrant"))
    }
    assert [ladder[r] for r in sorted(ladder)] == [
        "Tested and set aside",
        "Untested here",
        "Tried",
        "Promising",
        "Replicated",
        "Dependable across settings",
    ]
