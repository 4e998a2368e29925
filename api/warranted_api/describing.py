"""The SPARQL endpoint described: SPARQL 1.1 Service Description."""

from __future__ import annotations

import pyoxigraph as ox

from warranted.namespaces import DCTERMS, RDF, VOID, XSD
from warranted.query import formats
from warranted.query.datasets import Dataset

OFFERED = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/n-quads": "N-Quads",
    "application/trig": "TriG",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
}


def description(url: str, dataset: Dataset, media: str) -> bytes:
    """What the endpoint at `url` can do and what it holds, as the media type `media`."""
    endpoint = ox.NamedNode(url)
    service, described, default = (
        ox.NamedNode(f"{url}#{name}") for name in ("service", "dataset", "default")
    )

    def say(s: ox.NamedNode, p: str, o: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(s, ox.NamedNode(p if p.startswith("http") else _SD + p), o)

    number = ox.Literal(str(dataset.triples), datatype=ox.NamedNode(f"{XSD}integer"))
    quads = [
        say(service, f"{RDF}type", ox.NamedNode(f"{_SD}Service")),
        say(service, "endpoint", endpoint),
        say(service, "supportedLanguage", ox.NamedNode(f"{_SD}SPARQL11Query")),
        say(service, "feature", ox.NamedNode(f"{_SD}UnionDefaultGraph")),
        say(service, "defaultDataset", described),
        say(described, f"{RDF}type", ox.NamedNode(f"{_SD}Dataset")),
        say(described, f"{DCTERMS}source", ox.NamedNode(dataset.iri)),
        say(described, "defaultGraph", default),
        say(default, f"{RDF}type", ox.NamedNode(f"{_SD}Graph")),
        say(default, f"{VOID}triples", number),
        *(
            say(service, "resultFormat", ox.NamedNode(f"http://www.w3.org/ns/formats/{name}"))
            for name in _FORMATS.values()
        ),
    ]
    prefixes = {"sd": _SD, "void": VOID, "dcterms": DCTERMS}
    written = ox.serialize(quads, format=formats.GRAPHS[media].ox, prefixes=prefixes)
    assert written is not None  # None only when it writes to a file
    return written
