"""A reasoner finds no contradiction: HermiT (OWL 2 DL) and the OWL 2 RL closure; and would find one.

HermiT knows no xsd:date; dates become xsd:dateTime in the copy it is given.
"""

from __future__ import annotations

import os
import shutil
import warnings
from functools import cache
from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef

from warranted import resources
from warranted.namespaces import NIC, SCHEME

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # owlready2 warns when its optional C part is not built
    import owlready2

BASE = "https://w3id.org/warranted/id/"
THING = URIRef(f"{BASE}test/contradiction")


def nic(name: str) -> URIRef:
    return URIRef(NIC + name)


@cache
def shipped() -> Graph:
    graph = Graph()
    files = [resources.ontology() / "warranted.ttl"]
    files += [f for n in ("schemes", "policies") for f in (resources.ontology() / n).glob("*.ttl")]
    for file in (*files, resources.packages() / "illustrative-algebra-talk.ttl"):
        graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return graph


def with_dates_it_knows(graph: Graph) -> Graph:
    made = Graph()
    for s, p, o in graph:
        if o == XSD.date:
            o = XSD.dateTime
        if isinstance(o, Literal) and o.datatype == XSD.date:
            o = Literal(f"{o}T00:00:00", datatype=XSD.dateTime)
        made.add((s, p, o))
    return made


def hermit(graph: Graph, folder: Path) -> list[str]:
    """Classes that can have no member.

    Raises:
        OwlReadyInconsistentOntologyError: the graph contradicts itself.
    """
    if shutil.which("java") is None:
        if os.environ.get("CI"):
            pytest.fail("HermiT needs Java; install openjdk-17-jre-headless.")
        pytest.skip("HermiT needs Java, which is not installed.")
    file = folder / "graph.nt"
    with_dates_it_knows(graph).serialize(file, format="nt", encoding="utf-8")
    world = owlready2.World()
    ontology = world.get_ontology(f"file://{file}").load()
    with ontology:
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    return sorted(c.iri for c in world.inconsistent_classes() if c.iri != str(OWL.Nothing))


def test_hermit_finds_the_ontology_and_a_whole_package_consistent(tmp_path: Path) -> None:
    assert hermit(shipped(), tmp_path) == []


def test_hermit_would_find_a_thing_of_two_disjoint_classes(tmp_path: Path) -> None:
    graph = Graph() + shipped()
    graph.add((THING, RDF.type, nic("PDSACycle")))
    graph.add((THING, RDF.type, nic("ReportedTest")))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        hermit(graph, tmp_path)


def test_hermit_would_find_a_text_where_a_number_belongs(tmp_path: Path) -> None:
    graph = Graph() + shipped()
    graph.add((THING, nic("targetValue"), Literal("much")))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        hermit(graph, tmp_path)


def test_hermit_would_find_a_class_without_a_possible_member(tmp_path: Path) -> None:
    graph = Graph() + shipped()
    impossible = nic("Impossible")
    graph.add((impossible, RDF.type, OWL.Class))
    for parent in ("PrimaryDriver", "SecondaryDriver"):
        graph.add((impossible, RDFS.subClassOf, nic(parent)))
    assert hermit(graph, tmp_path) == [str(impossible)]


def contradictions(graph: Graph) -> list[str]:
    """What the OWL 2 RL closure of the graph says is wrong."""
    closed = Graph() + graph
    closure = owlrl.OWLRL_Semantics(closed, axioms=False, daxioms=False, rdfs=False)
    closure.closure()
    return list(closure.error_messages)


def test_the_rl_closure_has_no_contradiction() -> None:
    assert contradictions(shipped()) == []


def test_the_rl_closure_would_find_one() -> None:
    graph = Graph() + shipped()
    graph.add((THING, RDF.type, nic("PrimaryDriver")))
    graph.add((THING, RDF.type, nic("SecondaryDriver")))
    found = contradictions(graph)
    assert any(str(THING) in message for message in found)


def test_the_closure_says_what_the_ontology_means() -> None:
    graph = Graph() + shipped()
    aim, driver, idea = (URIRef(f"{BASE}{x}/zz") for x in ("aim", "driver", "idea"))
    graph.add((driver, nic("contributesTo"), aim))
    graph.add((idea, nic("addressesDriver"), driver))
    owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False).closure()
    assert (idea, nic("influences"), aim) in graph
    assert (idea, RDF.type, nic("ChangeIdea")) in graph
    assert URIRef(f"{SCHEME}stage") in set(graph.subjects())
