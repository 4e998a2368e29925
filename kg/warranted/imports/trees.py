"""Trees: a row's values as the record's JSON-LD, its parts with names of their own, its triples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from warranted import context
from warranted.imports.cells import Wrong, is_address
from warranted.namespaces import PREFIXES, RDF, XSD
from warranted.records import Record


@lru_cache(maxsize=1)
def terms() -> dict[str, tuple[ox.NamedNode, str | None]]:
    """Each field's key → its property, and `@id` or the datatype its values have."""
    return {
        key: (ox.NamedNode(said["@id"]), said.get("@type"))
        for key, said in context.context()["@context"].items()
        if isinstance(said, dict)
    }


def whole(iri: str) -> str:
    """An IRI without a prefix of ours."""
    prefix, colon, rest = iri.partition(":")
    return PREFIXES[prefix] + rest if colon and prefix in PREFIXES else iri


def named(node: Mapping[str, Any], iri: str, part: str = "") -> dict[str, Any]:
    """The tree with an IRI for the record and each part: `#finding`, `#material-2`.

    Parts of one kind go by their `sequence` if each has another, else by their place.
    """
    made: dict[str, Any] = {"id": f"{iri}#{part}" if part else iri}
    for key, value in node.items():
        if isinstance(value, dict) and "type" in value:
            made[key] = named(value, iri, _fragment(part, key))
        elif isinstance(value, list) and isinstance(value[0], dict) and "type" in value[0]:
            own = [str(v.get("sequence", "")) for v in value]
            plain = all(n.isascii() and n.isdigit() for n in own)
            numbers = {int(n) for n in own} if plain else set()
            counted = own if len(numbers) == len(own) else [str(n + 1) for n in range(len(own))]
            made[key] = [
                named(v, iri, f"{_fragment(part, key)}-{int(n)}")
                for v, n in zip(value, counted, strict=True)
            ]
        else:
            made[key] = value
    return made


def _fragment(above: str, key: str) -> str:
    plain = re.sub(r"^(?:has|needs)(?=[A-Z])", "", key.rpartition(":")[2])
    return f"{above}-{_kebab(plain)}".strip("-")


@lru_cache(maxsize=1000)
def _kebab(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", key).lower()


def record_of(tree: Mapping[str, Any], type_: str) -> Record:
    """The record that a tree with IRIs stands for: the same as its JSON-LD, read, but faster.

    Raises:
        ValueError: an IRI is none.
    """
    return Record(tree["id"], type_, tuple(sorted(set(_triples(tree)), key=str)))


def _triples(node: Mapping[str, Any]) -> Iterator[ox.Triple]:
    subject = _node(node["id"])
    for key, value in node.items():
        if key == "type":
            cls = context.context()["@context"][value]
            yield ox.Triple(subject, _node(f"{RDF}type"), _node(cls))
        elif key != "id":
            predicate, kind = terms()[key]
            for one in value if isinstance(value, list) else (value,):
                if isinstance(one, dict) and "id" in one:
                    yield ox.Triple(subject, predicate, _node(one["id"]))
                    yield from _triples(one)
                else:
                    yield ox.Triple(subject, predicate, _term(one, kind))


def _term(value: Any, kind: str | None) -> ox.NamedNode | ox.Literal:
    if isinstance(value, dict):
        return ox.Literal(value["@value"], language=value["@language"])
    if kind == "@id":
        return _node(whole(value))
    if isinstance(value, bool):
        return ox.Literal("true" if value else "false", datatype=_node(f"{XSD}boolean"))
    return ox.Literal(value, datatype=_node(kind)) if kind else ox.Literal(value)


@lru_cache(maxsize=10_000)
def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def put(node: dict[str, Any], key: str, values: list[Any], *, several: bool) -> None:
    """Add values to those of a field.

    Raises:
        Wrong: the field has another value already, and takes one only.
    """
    if key in node:
        old = node[key] if isinstance(node[key], list) else [node[key]]
        values = old + [v for v in values if v not in old]
        if len(values) > 1 and not several:
            raise Wrong("another column gives it another value; leave one of them empty.")
    node[key] = values[0] if len(values) == 1 else values


def within(
    tree: dict[str, Any], key: str, classes: Mapping[str, str]
) -> tuple[dict[str, Any], str]:
    """The part that a key with dots leads to, made if it is not there, and the key within it."""
    *above, last = key.split(".")
    at = ""
    for step in above:
        at = f"{at}.{step}" if at else step
        tree = tree.setdefault(step, {"type": classes[at]})
    return tree, last


def default(tree: dict[str, Any], key: str, values: list[Any]) -> None:
    """Give a field values if it has none; not in a part that is not there."""
    *above, last = key.split(".")
    for step in above:
        if step not in tree:
            return
        tree = tree[step]
    if last not in tree:
        put(tree, last, values, several=True)


def tagged(values: list[Any], language: str | None) -> list[Any]:
    """Texts with the tag of their language, if they have one."""
    return [{"@value": v, "@language": language} for v in values] if language else values


def iri_in(text: str) -> str | None:
    """`text` as an IRI, if it is one beyond doubt: `C:1` may be a key."""
    made = whole(text)
    sure = made != text or "://" in text or text.startswith("urn:")
    return made if sure and is_address(made) else None
