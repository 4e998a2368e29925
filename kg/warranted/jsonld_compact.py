"""Compacts with our own context, for records that need nothing but its terms.

JSON-LD 1.1 API, section 5, as far as our context goes: terms with a type or none, prefixes, no default
language, no containers. Whatever else a record holds (a property without a term, a value of another
type than its term's) is left to PyLD, which takes forty times as long. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from warranted import context

Node = dict[str, Any]
_GENERAL: Final = tuple(":/?#[]@")
"""Characters one of which ends the IRI of a prefix (RFC 3986, gen-delims)."""


class _Other(Exception):
    """The record needs more than is done here."""


def compact(whole: Mapping[str, Any]) -> Node | None:
    """A tree of expanded nodes, compacted; None where PyLD has to do it."""
    if len(whole) < 2:
        return None  # of a node that nothing is said of, PyLD leaves nothing
    try:
        return {"@context": context.CONTEXT_IRI, **_node(whole)}
    except _Other:
        return None


def _node(node: Mapping[str, Any]) -> Node:
    made: Node = {}
    for key in sorted(node):
        given = node[key]
        if key == "@id":
            made["id"] = _iri(given)
        elif key == "@type":
            made["type"] = _one([_class(iri) for iri in given])
        else:
            term, type_ = _term(key)
            made[term] = _one([_value(value, type_) for value in given])
    return made


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _value(value: Mapping[str, Any], type_: str | None) -> Any:
    if "@value" not in value:
        if type_ not in ("@id", None) or value["@id"].startswith("_:"):
            raise _Other
        if len(value) > 1:
            return _node(value)
        return _iri(value["@id"]) if type_ else {"id": _iri(value["@id"])}
    if type_ is None:
        if "@language" in value:
            # A tag is written in lower case here, and as BCP 47 recommends in the end.
            return {"@language": value["@language"].lower(), "@value": value["@value"]}
        if "@type" in value:
            return {"type": _class(value["@type"]), "@value": value["@value"]}
        return value["@value"]
    if value.get("@type") != type_:
        raise _Other
    return value["@value"]


@lru_cache(maxsize=4096)
def _term(iri: str) -> tuple[str, str | None]:
    """The term of a property, and the type it gives its values."""
    found = _terms().get(iri)
    if found is None or len(found) > 1:
        raise _Other
    return found[0]


@lru_cache(maxsize=1)
def _terms() -> dict[str, list[tuple[str, str | None]]]:
    told: dict[str, list[tuple[str, str | None]]] = {}
    for term, meaning in context.context()["@context"].items():
        if isinstance(meaning, dict):
            told.setdefault(meaning["@id"], []).append((term, meaning.get("@type")))
        elif isinstance(meaning, str):
            told.setdefault(meaning, []).append((term, None))
    return told


@lru_cache(maxsize=4096)
def _class(iri: str) -> str:
    found = sorted((len(term), term) for term, _ in _terms().get(iri, ()))
    return found[0][1] if found else _iri(iri)


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, tuple[str, ...]]:
    """Beginnings of IRIs, and the terms that may stand for each."""
    return {
        whole: tuple(term for term, _ in found)
        for whole, found in _terms().items()
        if whole.endswith(_GENERAL)
    }


@lru_cache(maxsize=1)
def _beginnings() -> tuple[str, ...]:
    return tuple(_prefixes())


@lru_cache(maxsize=65536)
def _iri(iri: str) -> str:
    """The IRI with the prefix that makes it shortest, if one does."""
    if iri.startswith("_:"):
        raise _Other
    if not iri.startswith(_beginnings()):
        return iri
    short = [
        f"{term}:{iri.removeprefix(whole)}"
        for whole, terms in _prefixes().items()
        if iri.startswith(whole) and iri != whole
        for term in terms
    ]
    return min(short, key=lambda s: (len(s), s)) if short else iri
