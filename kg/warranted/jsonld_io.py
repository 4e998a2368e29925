"""JSON-LD in and out: PyLD does the work, and is given nothing to fetch.

Numbers are read as they are written, so that 2.040 does not become 2.04; what PyLD would leave out
without a word (a field no context knows, an address that is none, a key given twice) is refused by
name. Terms go to and from PyLD as values: its own N-Quads reader stumbles over some line ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox
from pyld import jsonld

from warranted import context
from warranted.errors import InputError, ParseError
from warranted.namespaces import RDF, XSD

MAX_DEPTH: Final = 64
"""Deepest nesting of objects and lists that is parsed at all."""

_UNKNOWN: Final = "urn:x-unknown-field:"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TYPE: Final = f"{RDF}type"


def to_quads(text: str, *, name: str, base: str | None) -> list[ox.Quad]:
    """The quads of a JSON-LD document.

    Args:
        text: the document; it may name our own context and hold contexts of its own.
        name: what an error calls the input.
        base: IRI that relative IRIs are resolved against.

    Raises:
        ParseError: it is not valid, or names another context. InputError: a field is not known.
    """
    loaded = _loaded(text, name)
    # Fields that no context knows get an IRI under _UNKNOWN, and are found by it.
    options = {
        "documentLoader": loader,
        "expandContext": {"@vocab": _UNKNOWN},
        "base": base or "urn:x-relative:/",
    }
    try:
        expanded = jsonld.expand(loaded, options)
        _check(expanded, name)
        dataset = jsonld.to_rdf(expanded, {"documentLoader": loader})
    except jsonld.JsonLdError as error:
        raise ParseError(name, _reason(error)) from error
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ParseError(name, "it is JSON, but not JSON-LD") from error
    try:
        return [
            ox.Quad(_term(t["subject"]), _term(t["predicate"]), _term(t["object"]), _graph(graph))
            for graph, triples in dataset.items()
            for t in triples
        ]
    except ValueError as error:
        raise ParseError(name, str(error)) from error


def document(triples: Iterable[ox.Triple], root: str | None) -> bytes:
    """A JSON-LD document of these triples, in UTF-8.

    With `root`, it is one tree that hangs from that IRI; what does not hang from it is added under
    "@included", so that nothing is lost. Without, it is a list of things.
    """
    whole = tree(triples, root) if root else _listed(_expanded(triples))
    return json.dumps(whole, indent=2, ensure_ascii=False).encode() + b"\n"


def tree(triples: Iterable[ox.Triple], root: str) -> dict[str, Any]:
    """The tree of `document`, as plain values."""
    expanded = _expanded(triples)
    frame = {"@context": context.CONTEXT_IRI, "@id": root, "@embed": "@once"}
    framed: dict[str, Any] = jsonld.frame(
        expanded, frame, {"documentLoader": loader, "omitGraph": True}
    )
    inside = _ids(framed)
    if apart := [node for node in expanded if node["@id"] not in inside]:
        framed["@included"] = _listed(apart)["@graph"]
    _recommend(framed)
    return framed


def loader(url: str, _options: dict[str, Any]) -> dict[str, Any]:
    """The PyLD document loader that knows our own context and nothing else."""
    if url != context.CONTEXT_IRI:
        raise jsonld.JsonLdError(
            f"The only context that may be named is {context.CONTEXT_IRI}.",
            "jsonld.LoadDocumentError",
            code="loading document failed",
        )
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": context.context(),
    }


def tag(language: str) -> str:
    """A language tag in the form BCP 47 (2.1.1) recommends: `en-GB`, `zh-Hant`."""
    first, *rest = language.lower().split("-")
    parts, single = [first], False
    for part in rest:
        if not single and len(part) == 2:
            part = part.upper()
        elif not single and len(part) == 4 and part.isalpha():
            part = part.title()
        single = len(part) == 1
        parts.append(part)
    return "-".join(parts)


def _loaded(text: str, name: str) -> Any:
    _measure(text, name)
    try:
        loaded = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        raise ParseError(name, error.msg, line=error.lineno, column=error.colno) from error
    except ValueError as error:
        raise ParseError(name, str(error)) from error
    if not isinstance(loaded, (dict, list)):
        raise ParseError(name, "it is JSON, but neither an object nor a list")
    return loaded


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key '{key[:80]}' stands twice in one object")
        if _SURROGATE.search(key) or (isinstance(value, str) and _SURROGATE.search(value)):
            raise ValueError(f"{key[:80]!a} holds half a character (a lone surrogate)")
        # The one number that JSON-LD itself reads; all others stay as they are written.
        found[key] = 1.1 if key == "@version" and value == "1.1" else value
    for value in found.values():
        if isinstance(value, list) and any(
            isinstance(v, str) and _SURROGATE.search(v) for v in value
        ):
            raise ValueError("a list holds half a character (a lone surrogate)")
    return found


def _measure(text: str, name: str) -> None:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        if match.group() in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                at = text.count("\n", 0, match.start()) + 1
                raise ParseError(name, f"objects are nested deeper than {MAX_DEPTH}", line=at)
        elif match.group() in "]}":
            depth -= 1


def _no_constant(name: str) -> str:
    raise ValueError(f"{name} is not a JSON number")


def _reason(error: jsonld.JsonLdError) -> str:
    """The innermost reason, which is the one that names what is wrong."""
    cause: BaseException = error
    while isinstance(cause.__cause__, jsonld.JsonLdError):
        cause = cause.__cause__
    return (str(cause.args[0]) if cause.args else "it is not JSON-LD").rstrip(".")


def _check(value: Any, name: str) -> None:
    """Refuse what an expanded document holds and RDF would not."""
    ahead = [value]
    while ahead:
        at = ahead.pop()
        if isinstance(at, list):
            ahead += at
        elif isinstance(at, dict):
            if at.get("@type") == "@json" or "@direction" in at:
                raise ParseError(name, "it holds JSON or a writing direction as a value; use text")
            listed = at.get("@type", [])
            for iri in (*at, at.get("@id"), *(listed if isinstance(listed, list) else [listed])):
                _check_iri(iri, name)
            ahead += at.values()


def _check_iri(iri: str | None, name: str) -> None:
    if iri is None or iri.startswith(("@", "_:")):
        return
    if iri.startswith(_UNKNOWN):
        field = iri.removeprefix(_UNKNOWN)[:80]
        raise InputError(
            f"{name}: '{field}' is not a field or class that is known here.",
            field=field,
            fix=f'See that "@context" is "{context.CONTEXT_IRI}" and that the name is spelt right.',
        )
    if not _IRI.fullmatch(iri):
        raise ParseError(name, f"'{iri[:80]}' is not an IRI")


def _term(term: dict[str, Any]) -> Any:
    value: str = term["value"]
    if term["type"] == "IRI":
        return ox.NamedNode(value)
    if term["type"] == "blank node":
        return ox.BlankNode(value.removeprefix("_:"))
    if language := term.get("language"):
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(term["datatype"]))


def _graph(name: str) -> ox.NamedNode | ox.BlankNode | ox.DefaultGraph:
    if name == "@default":
        return ox.DefaultGraph()
    return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)


def _expanded(triples: Iterable[ox.Triple]) -> list[dict[str, Any]]:
    """The triples as expanded JSON-LD, a node a subject."""
    nodes: dict[str, dict[str, Any]] = {}
    for t in triples:
        node = nodes.setdefault(_id(t.subject), {"@id": _id(t.subject)})
        if t.predicate.value == _TYPE and not isinstance(t.object, ox.Literal):
            node.setdefault("@type", []).append(_id(t.object))
        else:
            node.setdefault(t.predicate.value, []).append(_value(t.object))
    return list(nodes.values())


def _id(term: Any) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else str(term.value)


def _value(term: Any) -> dict[str, str]:
    if not isinstance(term, ox.Literal):
        return {"@id": _id(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == f"{XSD}string":
        return {"@value": term.value}
    return {"@value": term.value, "@type": term.datatype.value}


def _listed(expanded: list[dict[str, Any]]) -> dict[str, Any]:
    options = {"documentLoader": loader, "graph": True}
    listed: dict[str, Any] = jsonld.compact(expanded, context.CONTEXT_IRI, options)
    _recommend(listed)
    return listed


def _recommend(document: dict[str, Any]) -> None:
    """Write its language tags as BCP 47 recommends; PyLD writes them in lower case."""
    ahead: list[Any] = [document]
    while ahead:
        at = ahead.pop()
        if isinstance(at, dict):
            if "@language" in at:
                at["@language"] = tag(at["@language"])
            ahead += at.values()
        elif isinstance(at, list):
            ahead += at


def _ids(value: Any) -> set[str]:
    """Identifiers of the objects in a framed document that say more than their identifier."""
    found: set[str] = set()
    ahead = [value]
    while ahead:
        at = ahead.pop()
        if isinstance(at, list):
            ahead += at
        elif isinstance(at, dict):
            if "id" in at and len(at) > 1:
                found.add(at["id"])
            ahead += at.values()
    return found
