"""JSON-LD in and out: PyLD does the work, and is given nothing to fetch.

Numbers are read as they are written, so that 2.040 does not become 2.04; what PyLD would leave out
without a word (a field no context knows, an address that is none, a key given twice) is refused by
name. Terms go to and from PyLD as values: its own N-Quads reader stumbles over some line ends.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox
from pyld import ContextResolver, jsonld

from warranted import context, jsonld_compact
from warranted.errors import InputError, ParseError
from warranted.namespaces import RDF, XSD

MAX_DEPTH: Final = 64
"""Deepest nesting of objects and lists that is parsed at all."""

_EMBEDDED: Final = 20
"""Parts within parts that one tree holds; what lies deeper stands beside it."""

_UNKNOWN: Final = "urn:x-unknown-field:"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
"""A string or a bracket; a string without an end goes on to the end, so each is read but once."""
_TYPE: Final = f"{RDF}type"


def to_quads(text: str, *, name: str, base: str | None) -> list[ox.Quad]:
    """The quads of a JSON-LD document.

    Args:
        text: the document; it may name our own context and hold contexts of its own. An object
            without any has ours.
        name: what an error calls the input.
        base: IRI that relative IRIs are resolved against.

    Raises:
        ParseError: it is not valid, or names another context. InputError: a field is not known.
    """
    loaded = _loaded(text, name)
    if isinstance(loaded, dict) and "@context" not in loaded:
        loaded = {"@context": context.CONTEXT_IRI, **loaded}
    # Fields that no context knows get an IRI under _UNKNOWN, and are found by it.
    options = {
        "documentLoader": loader,
        "expandContext": {"@vocab": _UNKNOWN},
        "base": base or "urn:x-relative:/",
    }
    try:
        expanded = jsonld.expand(loaded, options)
        _check(expanded, name)
        return _Quads().read(expanded)
    except jsonld.JsonLdError as error:
        raise ParseError(name, _reason(error)) from error
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ParseError(name, "it is JSON, but not JSON-LD") from error
    except ValueError as error:  # a term that RDF does not allow
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
    nodes = {node["@id"]: node for node in _expanded(triples)}
    whole = _embedded(nodes, root)
    options = {"documentLoader": loader, "contextResolver": _RESOLVER}
    made: dict[str, Any] = jsonld_compact.compact(whole) or jsonld.compact(
        whole, context.CONTEXT_IRI, options
    )
    if nodes:  # what is left hangs from nothing
        made["@included"] = _listed(list(nodes.values()))["@graph"]
    _recommend(made)
    return made


def _embedded(nodes: dict[str, dict[str, Any]], root: str) -> dict[str, Any]:
    """The node `root` with the nodes it points to in it, each once; they are taken from `nodes`.

    (PyLD's framing does this too, in a time that grows with the square of their number.)
    """
    whole = nodes.pop(root, {"@id": root})
    ahead = deque([(whole, 0)])
    while ahead:
        node, depth = ahead.popleft()
        for key, values in node.items():
            if key[0] != "@" and depth < _EMBEDDED:
                for place, value in enumerate(values):
                    if inner := nodes.pop(value.get("@id", ""), None):
                        values[place] = inner
                        ahead.append((inner, depth + 1))
    return whole


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


_RESOLVER: Final = ContextResolver({}, loader)
"""Holds our context as PyLD has understood it: it takes longer than a record does."""


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
    for match in _JSON_TOKEN.finditer(text):
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


class _Quads:
    """The quads of expanded JSON-LD. (PyLD's own way takes the square of a list's length.)"""

    def __init__(self) -> None:
        self._found: list[ox.Quad] = []
        self._blank: dict[str, ox.BlankNode] = {}

    def read(self, expanded: list[dict[str, Any]]) -> list[ox.Quad]:
        for at in expanded:
            self._node(at, ox.DefaultGraph())
        return self._found

    def _node(self, at: dict[str, Any], graph: Any) -> Any:
        subject = self._resource(at["@id"]) if "@id" in at else ox.BlankNode()
        for key, given in at.items():
            if key == "@type":
                for iri in given:
                    self._say(subject, _TYPE, self._resource(iri), graph)
            elif key in ("@graph", "@included"):
                for node in given:
                    self._node(node, subject if key == "@graph" else graph)
            elif key == "@reverse":
                for predicate, nodes in given.items():
                    for node in nodes:
                        self._say(self._node(node, graph), predicate, subject, graph)
            elif not key.startswith("@"):
                for value in given:
                    self._say(subject, key, self._value(value, graph), graph)
        return subject

    def _value(self, at: dict[str, Any], graph: Any) -> Any:
        if "@list" in at:
            rest: Any = ox.NamedNode(f"{RDF}nil")
            for value in reversed(at["@list"]):
                cell = ox.BlankNode()
                self._say(cell, f"{RDF}first", self._value(value, graph), graph)
                self._say(cell, f"{RDF}rest", rest, graph)
                rest = cell
            return rest
        if "@value" not in at:
            return self._node(at, graph)
        value = at["@value"]
        if isinstance(value, bool):
            datatype = at.get("@type", f"{XSD}boolean")
            return ox.Literal("true" if value else "false", datatype=ox.NamedNode(datatype))
        if language := at.get("@language"):
            return ox.Literal(value, language=language)
        return ox.Literal(value, datatype=ox.NamedNode(at.get("@type") or f"{XSD}string"))

    def _resource(self, iri: str) -> ox.NamedNode | ox.BlankNode:
        if iri.startswith("_:"):
            return self._blank.setdefault(iri, ox.BlankNode())
        return ox.NamedNode(iri)

    def _say(self, subject: Any, predicate: str, obj: Any, graph: Any) -> None:
        self._found.append(ox.Quad(subject, ox.NamedNode(predicate), obj, graph))


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
