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
    terms: dict[str, Any] = _fixed()
    kinds: dict[str, set[str | None]] = {}
    for field in model.paths():
        plain = None if field.datatype == f"{XSD}string" else field.datatype
        kinds.setdefault(field.path, set()).add("@id" if field.is_iri else plain)
    for path, term in terms_of(model).items():
        kind = kinds[path].pop() if len(kinds[path]) == 1 else None
        terms[term] = {"@id": path, "@type": kind} if kind else {"@id": path}
    for cls in sorted(set(model.types) | {child for child, _ in shape_model.subclasses()}):
        name = cls.rpartition("#")[2].rpartition("/")[2]
        terms.setdefault(name, cls)
    return {"@context": terms}


def terms_of(model: shape_model.ShapeModel) -> dict[str, str]:
    """IRI of each property in `model` → the term it has in a record's JSON."""
    taken = set(_fixed())
    terms: dict[str, str] = {}
    paths = {field.path for field in model.paths()}
    for path in sorted(paths, key=lambda p: (not p.startswith(NIC), p)):
        key = path.rpartition("#")[2].rpartition("/")[2]
        terms[path] = key if key not in taken else curie(path)
        taken.add(terms[path])
    return terms


def _fixed() -> dict[str, Any]:
    """The terms that are there whatever the shapes say."""
    terms: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
    terms |= {prefix: iri for prefix, iri in sorted(PREFIXES.items()) if prefix != "xsd"}
    return terms | {"xsd": XSD}


@lru_cache(maxsize=1)
def context() -> dict[str, Any]:
    """The context of the shapes that ship with the project."""
    return context_of(shape_model.shipped())


def curie(iri: str) -> str:
    """`iri` with a prefix for its namespace, or as it is if there is none."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
