"""What the ontology's terms, the schemes' concepts and the shapes' fields are called in a language.

Their English stands with them in the ontology; another language has a file, `ontology/languages/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from warranted import resources
from warranted.namespaces import RDFS, SKOS

SH: Final = "http://www.w3.org/ns/shacl#"

LABELS: Final = (f"{SKOS}prefLabel", f"{RDFS}label", f"{SH}name")
"""Properties that name a concept, a term, a field."""

DEFINITIONS: Final = (f"{SKOS}definition", f"{SH}description")
"""Properties that say what it is."""


@dataclass(frozen=True, slots=True)
class Words:
    """Labels and definitions in one language, by IRI."""

    labels: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)

    def label(self, iri: str) -> str:
        """The label; empty where the language has none."""
        return self.labels.get(iri, "")

    def definition(self, iri: str) -> str:
        """The definition; empty where the language has none."""
        return self.definitions.get(iri, "")


def file(code: str) -> Path:
    """The file of a language; English has none."""
    return resources.ontology() / "languages" / f"{code}.ttl"


@lru_cache(maxsize=8)
def triples(code: str) -> tuple[ox.Triple, ...]:
    """Every text of a language; none where it has no file."""
    path = file(code)
    if not path.is_file():
        return ()
    return tuple(q.triple for q in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))


@lru_cache(maxsize=8)
def words(code: str) -> Words:
    """The labels and definitions of a language; none where it has no file."""
    found: tuple[dict[str, str], dict[str, str]] = {}, {}
    for triple in triples(code):
        for place, properties in zip(found, (LABELS, DEFINITIONS), strict=True):
            if triple.predicate.value in properties:
                assert isinstance(triple.subject, ox.NamedNode)
                assert isinstance(triple.object, ox.Literal)
                place[triple.subject.value] = triple.object.value
    return Words(*found)
