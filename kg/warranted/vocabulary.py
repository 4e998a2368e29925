"""The schemes: the words a field's value may be chosen from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rdflib import DCTERMS, RDF, SKOS, Graph, URIRef

from warranted import resources
from warranted.namespaces import NIC

_RANK = URIRef(f"{NIC}rank")
_FACET = URIRef(f"{NIC}ContextFacet")


@dataclass(frozen=True, slots=True)
class Concept:
    """One value of a scheme."""

    iri: str
    label: str
    definition: str
    rank: int | None = None

    @property
    def key(self) -> str:
        """The last part of the IRI, such as `lower-secondary`."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme and its concepts: by rank where they have one, else in the order of their file.

    `field`: of a context facet, the field of practice whose places it describes, by its key; empty where it
    describes any place.
    """

    iri: str
    label: str
    definition: str
    is_facet: bool
    concepts: tuple[Concept, ...]
    field: str = ""

    @property
    def key(self) -> str:
        """The last part of the IRI, such as `level`."""
        return self.iri.rpartition("/")[2]

    def of(self, iri: str) -> Concept | None:
        """The concept with that IRI, or None."""
        return next((c for c in self.concepts if c.iri == iri), None)


def read(files: Iterable[Path]) -> dict[str, Scheme]:
    """IRI → scheme, for each `skos:ConceptScheme` in the Turtle `files`."""
    found: dict[str, Scheme] = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        graph = Graph().parse(data=text, format="turtle")
        for scheme in graph.subjects(RDF.type, SKOS.ConceptScheme):
            concepts = [
                Concept(
                    iri=str(c),
                    label=str(graph.value(c, SKOS.prefLabel)),
                    definition=str(graph.value(c, SKOS.definition)),
                    rank=None if (rank := graph.value(c, _RANK)) is None else int(str(rank)),
                )
                for c in graph.subjects(SKOS.inScheme, scheme)
            ]
            concepts.sort(key=lambda c: (c.rank is None, c.rank, text.find(f"\nc:{c.key} ")))
            found[str(scheme)] = Scheme(
                iri=str(scheme),
                label=str(graph.value(scheme, SKOS.prefLabel)),
                definition=str(graph.value(scheme, SKOS.definition)),
                is_facet=(scheme, RDF.type, _FACET) in graph,
                concepts=tuple(concepts),
                field=str(graph.value(scheme, DCTERMS.subject) or "").rpartition("/")[2],
            )
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def shipped() -> dict[str, Scheme]:
    """IRI → scheme, for the schemes that ship with the ontology."""
    return read(sorted((resources.ontology() / "schemes").glob("*.ttl")))
