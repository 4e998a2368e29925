"""A validation report as RDF, in the words of SHACL (section 3.6), for programs that read it."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from warranted.namespaces import RDF, SH, SHAPES, XSD
from warranted.rdfio import Format
from warranted.validation import Result, violations


def report(results: Sequence[Result], fmt: Format) -> bytes:
    """The report on `results` in Turtle or JSON-LD. A constraint of our own has an IRI of ours."""
    triples: list[ox.Triple] = []
    whole = ox.BlankNode("report")

    def say(
        subject: ox.BlankNode, name: str, value: ox.NamedNode | ox.Literal | ox.BlankNode
    ) -> None:
        triples.append(ox.Triple(subject, ox.NamedNode(name), value))

    say(whole, f"{RDF}type", ox.NamedNode(f"{SH}ValidationReport"))
    conforms = "false" if violations(results) else "true"
    say(whole, f"{SH}conforms", ox.Literal(conforms, datatype=ox.NamedNode(f"{XSD}boolean")))
    for number, result in enumerate(results):
        node = ox.BlankNode(f"r{number}")
        say(whole, f"{SH}result", node)
        say(node, f"{RDF}type", ox.NamedNode(f"{SH}ValidationResult"))
        say(node, f"{SH}focusNode", ox.NamedNode(result.focus))
        say(node, f"{SH}resultSeverity", ox.NamedNode(f"{SH}{result.severity}"))
        say(node, f"{SH}resultMessage", ox.Literal(result.message))
        say(node, f"{SH}sourceShape", ox.NamedNode(result.shape))
        ours = result.constraint == "AcyclicConstraint"
        component = f"{SHAPES if ours else SH}{result.constraint}"
        say(node, f"{SH}sourceConstraintComponent", ox.NamedNode(component))
        if result.path:
            say(node, f"{SH}resultPath", ox.NamedNode(result.path))
        if result.value is not None:
            say(node, f"{SH}value", ox.Literal(result.value))
    kind = ox.RdfFormat.JSON_LD if fmt is Format.JSONLD else ox.RdfFormat.TURTLE
    written = ox.serialize(triples, format=kind, prefixes={"sh": SH, "xsd": XSD})
    assert written is not None  # None only when it writes to a file
    return written
