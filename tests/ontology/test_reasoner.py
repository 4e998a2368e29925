"""In the OWL 2 DL profile, and a reasoner finds no contradiction; each check would find what it is for.

The profile is judged by the OWL API, the reasoners are HermiT (OWL 2 DL) and the OWL 2 RL closure.
HermiT knows no xsd:date; dates become xsd:dateTime in the copy it is given. The OWL API's version
that comes with it lets every XML Schema datatype pass; `checks/datatype-outside-owl.rq` does not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
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

OWL_API = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
PROFILE = """
import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.*;

public class Profile {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            OWLOntology read = OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(file));
            System.out.println(file + "\\taxioms " + read.getAxiomCount());
            for (OWLProfileViolation found : new OWL2DLProfile().checkOntology(read).getViolations())
                System.out.println(file + "\\t" + found.toString().replaceAll("\\\\s+", " "));
        }
    }
}
"""
HEAD = """
@prefix nic: <https://w3id.org/warranted/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
AGAINST_THE_PROFILE = {
    "two kinds of property": ("nic:dose a owl:ObjectProperty .", "pun between properties"),
    "class and datatype": ("nic:Site a rdfs:Datatype .", "also used as Class"),
    "transitive and functional": ("nic:influences a owl:FunctionalProperty .", "non-simple"),
    "transitive and counted": (
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:influences ; owl:maxCardinality 1 ] .",
        "non-simple",
    ),
    "transitive and disjoint": (
        "nic:influences owl:propertyDisjointWith nic:hasHub .",
        "non-simple",
    ),
    "chain in a circle": (
        "nic:hasHub owl:propertyChainAxiom ( nic:hasAim nic:hasHub nic:hasAim ) .",
        "causes cycle",
    ),
    "reserved vocabulary": ("nic:Site rdfs:subClassOf rdfs:Resource .", "reserved vocabulary"),
    "class not declared": ("nic:Site rdfs:subClassOf nic:Nowhere .", "undeclared class"),
    "property not declared": ("nic:one nic:nowhere nic:two .", "undeclared"),
    "inverse functional data": ("nic:dose a owl:InverseFunctionalProperty .", "pun between"),
    "range of the wrong kind": ("nic:dose rdfs:range nic:Site .", "undeclared object property"),
    "union of one": (
        "nic:Site rdfs:subClassOf [ a owl:Class ; owl:unionOf ( nic:Hub ) ] .",
        "Not enough operands",
    ),
    "restriction without a condition": (
        "nic:Site rdfs:subClassOf [ a owl:Restriction ; owl:onProperty nic:hasHub ] .",
        "undeclared class",
    ),
}
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


def java(program: str, package: str) -> str:
    """The program of Java; without it these tests fail in CI and are skipped elsewhere."""
    if shutil.which(program) is None:
        said = f"{program} is not installed: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return program


def with_dates_it_knows(graph: Graph) -> Graph:
    made = Graph()
    for s, p, o in graph:
        if s == XSD.date:
            continue
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
    java("java", "default-jre-headless")
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


@pytest.fixture(scope="module")
def violations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the OWL API says is against OWL 2 DL, in the shipped graph and in each broken copy."""
    java("javac", "default-jdk-headless")
    folder = tmp_path_factory.mktemp("profile")
    (folder / "Profile.java").write_text(PROFILE, encoding="utf-8")
    names = {"shipped": folder / "shipped.rdf"}
    shipped().serialize(names["shipped"], format="xml", encoding="utf-8")
    for number, (name, (added, _)) in enumerate(AGAINST_THE_PROFILE.items()):
        names[name] = folder / f"{number}.rdf"
        graph = Graph().parse(resources.ontology() / "warranted.ttl")
        graph.parse(data=HEAD + added, format="turtle")
        graph.serialize(names[name], format="xml", encoding="utf-8")
    done = subprocess.run(
        ["java", "-cp", str(OWL_API), "Profile.java", *map(str, names.values())],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t", 1) for line in done.stdout.splitlines()]
    found = {n: [said for name, said in lines if name == str(f)] for n, f in names.items()}
    assert all(said and said[0].startswith("axioms ") for said in found.values())
    assert int(found["shipped"][0].removeprefix("axioms ")) > 2000, "it read but a part"
    return {name: said[1:] for name, said in found.items()}


def test_the_ontology_and_a_whole_package_are_in_owl_2_dl(
    violations: dict[str, list[str]],
) -> None:
    assert not violations["shipped"], "\n".join(violations["shipped"])


@pytest.mark.parametrize("name", AGAINST_THE_PROFILE)
def test_the_profile_check_would_find(name: str, violations: dict[str, list[str]]) -> None:
    _, said = AGAINST_THE_PROFILE[name]
    assert any(said in line for line in violations[name]), violations[name]


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
