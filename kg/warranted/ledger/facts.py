"""What the ledger keeps beside a version's text, so that records can be found: read off the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from warranted.namespaces import DCTERMS, NIC, RDF, RDFS
from warranted.records import Record

_NETWORK: Final = f"{NIC}ofNetwork"
_STATUS: Final = f"{NIC}lifecycle"
_KEY: Final = f"{DCTERMS}identifier"
_NAMES: Final = (f"{RDFS}label", f"{DCTERMS}title")
_TYPE: Final = f"{RDF}type"


@dataclass(frozen=True, slots=True)
class Facts:
    """Network (IRI, or empty), status (last part of its concept's IRI, or empty), name, key, the IRIs it
    names as (property, IRI), and every text in it."""

    network: str
    status: str
    label: str
    key: str
    links: frozenset[tuple[str, str]]
    words: str


def facts_of(record: Record) -> Facts:
    """The facts of a record. A network is kept by itself."""
    network, status = record.iri if record.type == "network" else "", ""
    label = key = ""
    links: set[tuple[str, str]] = set()
    texts: list[str] = []
    for t in record.triples:
        own = isinstance(t.subject, ox.NamedNode) and t.subject.value == record.iri
        name = t.predicate.value
        if isinstance(t.object, ox.Literal):
            texts.append(t.object.value)
            # an English name, if there is one, stands for the others
            if own and name in _NAMES and (not label or t.object.language == "en"):
                label = t.object.value
            elif own and name == _KEY:
                key = t.object.value
        elif isinstance(t.object, ox.NamedNode) and name != _TYPE:
            value = t.object.value
            if own and name == _NETWORK:
                network = value
            elif own and name == _STATUS:
                status = value.rpartition("/")[2]
            if not value.startswith(f"{record.iri}#"):
                links.add((name, value))
    return Facts(network, status, label, key, frozenset(links), "\n".join(texts))
