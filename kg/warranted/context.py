"""The JSON-LD context of records, made from the shapes: a term for each field and class."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from warranted import shape_model
from warranted.namespaces import NIC, PREFIXES, ROOT, XSD

CONTEXT_IRI = f"{ROOT}/context.jsonld"
"""The only context a document may name; it is answered from here, never fetched."""


def context_of(model: shape_model.ShapeModel) -> dict[str, Any]:
    """The context for `model`: `{"@context": {...}}`.

    A field is a term of its property's short name, with the datatype its shape gives. Where two
    properties share a short name, the ontology's own has it and the other goes by its prefix.
    """
    terms: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
    terms |= {prefix: iri for prefix, iri in sorted(PREFIXES.items()) if prefix != "xsd"}
    terms["xsd"] = XSD
    kinds: dict[str, set[str | None]] = {}
    for field in model.paths():
        kinds.setdefault(field.path, set()).add("@id" if field.is_iri else field.datatype)
    for path in sorted(kinds, key=lambda p: (not p.startswith(NIC), p)):
        key = path.rpartition("#")[2].rpartition("/")[2]
        term = key if key not in terms else _curie(path)
        kind = kinds[path].pop() if len(kinds[path]) == 1 else None
        terms[term] = {"@id": path, "@type": kind} if kind else {"@id": path}
    for cls in sorted(set(model.types) | {child for child, _ in shape_model.subclasses()}):
        name = cls.rpartition("#")[2].rpartition("/")[2]
        terms.setdefault(name, cls)
    return {"@context": terms}


@lru_cache(maxsize=1)
def context() -> dict[str, Any]:
    """The context of the shapes that ship with the project."""
    return context_of(shape_model.shipped())


def _curie(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
