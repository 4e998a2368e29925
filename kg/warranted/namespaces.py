"""Namespaces, and the paths of record types below `{base}/id/`."""

from __future__ import annotations

import re
from typing import Final

ROOT: Final = "https://w3id.org/warranted"
"""Where the ontology, the schemes and, unless a setting says otherwise, the records live."""

NIC: Final = f"{ROOT}/ns#"
SCHEME: Final = f"{ROOT}/scheme/"
SHAPES: Final = f"{ROOT}/shapes#"

CITO: Final = "http://purl.org/spar/cito/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DQV: Final = "http://www.w3.org/ns/dqv#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
PAV: Final = "http://purl.org/pav/"
PROV: Final = "http://www.w3.org/ns/prov#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
VOID: Final = "http://rdfs.org/ns/void#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

PREFIXES: Final[dict[str, str]] = {
    "nic": NIC,
    "nics": SCHEME,
    "cito": CITO,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "dqv": DQV,
    "owl": OWL,
    "pav": PAV,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}

RECORD_CLASSES: Final[dict[str, tuple[str, ...]]] = {
    "package": ("ChangePackage",),
    "network": ("Network",),
    "hub": ("Hub",),
    "site": ("Site",),
    "facet": ("ContextFacet",),
    "group": ("AffinityGroup",),
    "participation": ("ParticipationStructure",),
    "problem": ("ProblemOfPractice",),
    "aim": ("Aim",),
    "theory": ("TheoryOfImprovement",),
    "driver": ("Driver", "PrimaryDriver", "SecondaryDriver"),
    "concept": ("ChangeConcept",),
    "idea": ("ChangeIdea",),
    "specification": ("ChangeSpecification",),
    "uptake": ("Uptake",),
    "test": ("PDSACycle", "ReportedTest"),
    "ramp": ("TestRamp",),
    "measure": ("Measure",),
    "instrument": ("Instrument",),
    "series": ("MeasureSeries",),
    "evidence": ("ExternalEvidence",),
    "claim": ("EffectivenessClaim",),
    "assessment": ("ComputedAssessment",),
    "judgement": ("Adjudication",),
    "policy": ("WarrantPolicy",),
    "source": ("Source",),
}
"""Path segment → the ontology's classes (local names) whose instances are records of that type."""

TYPE_OF_CLASS: Final[dict[str, str]] = {
    NIC + name: segment for segment, names in RECORD_CLASSES.items() for name in names
}

ID_PATTERN: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
"""The last segment of a record's IRI: opaque, lower case, safe as a file name."""
