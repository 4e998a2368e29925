"""RDF in and out of bytes, with every lexical form kept as it was written.

Parsing is pyoxigraph's, which keeps lexical forms (its store does not); JSON-LD is PyLD's, with a
loader that knows our own context only. What a stranger sends is measured before a parser sees it:
nesting is bounded, because deep nesting was seen to crash parsers written in C and Rust.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from pyld import jsonld

from warranted import context
from warranted.errors import InputError, ParseError
from warranted.namespaces import PREFIXES

MAX_DEPTH = 64
"""Deepest nesting of brackets in Turtle or of objects in JSON-LD that is parsed at all."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<<|>>|<[^<>\s]*>|#[^\n]*|[\[\](){}]',
    re.DOTALL,
)


class Format(Enum):
    """An RDF format: (media type, file ending)."""

    TURTLE = ("text/turtle", "ttl")
    TRIG = ("application/trig", "trig")
    NQUADS = ("application/n-quads", "nq")
    NTRIPLES = ("application/n-triples", "nt")
    JSONLD = ("application/ld+json", "jsonld")

    @property
    def media_type(self) -> str:
        """The format's media type."""
        return self.value[0]

    @property
    def extension(self) -> str:
        """The ending of its files, without the dot."""
        return self.value[1]

    @classmethod
    def of_path(cls, path: Path) -> Format:
        """The format of a file by its ending.

        Raises:
            InputError: the ending is not that of a format we read.
        """
        for fmt in cls:
            if path.suffix.lower() == f".{fmt.extension}":
                return fmt
        endings = ", ".join(f".{fmt.extension}" for fmt in cls)
        raise InputError(
            f"{path.name} is not a file we can read.", fix=f"Its name should end in {endings}."
        )

    @classmethod
    def of_media_type(cls, media_type: str) -> Format | None:
        """The format with that media type (parameters are ignored), or None."""
        plain = media_type.partition(";")[0].strip().lower()
        return next((fmt for fmt in cls if fmt.media_type == plain), None)


_OX = {
    Format.TURTLE: ox.RdfFormat.TURTLE,
    Format.TRIG: ox.RdfFormat.TRIG,
    Format.NQUADS: ox.RdfFormat.N_QUADS,
    Format.NTRIPLES: ox.RdfFormat.N_TRIPLES,
}


def parse(
    data: bytes, fmt: Format, *, name: str = "input", base: str | None = None
) -> list[ox.Quad]:
    """The quads in `data`, lexical forms exactly as written.

    Args:
        data: UTF-8 text in `fmt`.
        name: what an error calls the input, such as a file's name.
        base: IRI that relative IRIs are resolved against.

    Raises:
        ParseError: it is not valid; with file, line and reason.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ParseError(name, "it is not UTF-8 text", line=line) from error
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ParseError(name, "a control character stands in it; take it out", line=line)
    if fmt is Format.JSONLD:
        text, fmt = _from_jsonld(text, name, base), Format.NQUADS
    else:
        _measure(text, name)
    try:
        quads = list(ox.parse(text.encode(), format=_OX[fmt], base_iri=base))
    except SyntaxError as error:
        reason = _plain(str(error.msg))
        raise ParseError(name, reason, line=error.lineno, column=error.offset) from error
    except ValueError as error:
        raise ParseError(name, _plain(str(error))) from error
    if any(isinstance(term, ox.Triple) for q in quads for term in (q.subject, q.object)):
        raise ParseError(name, "it holds triples about triples, which records do not have")
    return quads


def canonical(quads: Iterable[ox.Quad]) -> str:
    """Sorted N-Quads, a line each: the form records are stored, compared and digested in."""
    return "".join(sorted({f"{quad} .\n" for quad in quads}))


def serialise(triples: Iterable[ox.Triple], fmt: Format, *, root: str | None = None) -> bytes:
    """Triples as a document; with `root`, JSON-LD is one tree that hangs from that IRI."""
    ordered = _ordered(triples, root)
    if fmt is Format.JSONLD:
        return _to_jsonld(ordered, root)
    used = {k: v for k, v in PREFIXES.items() if any(_uses(t, v) for t in ordered)}
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in ordered]
    written = ox.serialize(quads, format=_OX[fmt], prefixes=used)
    assert written is not None  # None only when it writes to a file
    return written


def _ordered(triples: Iterable[ox.Triple], root: str | None) -> list[ox.Triple]:
    rdf_type = PREFIXES["rdf"] + "type"
    label = PREFIXES["rdfs"] + "label"
    first = {rdf_type: 0, label: 1}

    def key(t: ox.Triple) -> tuple[Any, ...]:
        subject, predicate = str(t.subject), t.predicate.value
        at_root = t.subject == ox.NamedNode(root) if root else False
        return (not at_root, subject, first.get(predicate, 2), predicate, str(t.object))

    return sorted(set(triples), key=key)


def _uses(triple: ox.Triple, namespace: str) -> bool:
    terms = (triple.subject, triple.predicate, triple.object)
    if any(isinstance(t, ox.NamedNode) and t.value.startswith(namespace) for t in terms):
        return True
    obj = triple.object
    return isinstance(obj, ox.Literal) and obj.datatype.value.startswith(namespace)


def _plain(message: str) -> str:
    return re.sub(
        r"^Parser error( at)? (line \d+ column \d+( to \d+)?|between.*?)?:?\s*", "", message
    )


def _measure(text: str, name: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "<<":
            line = text.count("\n", 0, match.start()) + 1
            raise ParseError(
                name, "it holds triples about triples, which records do not have", line=line
            )
        if token in "[({":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, match.start()) + 1
                raise ParseError(name, f"brackets are nested deeper than {MAX_DEPTH}", line=line)
        elif token in "])}":
            depth -= 1


def _from_jsonld(text: str, name: str, base: str | None) -> str:
    _measure_json(text, name)
    try:
        # Numbers stay text, so that 2.040 is not read as 2.04; the context gives their datatype.
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ParseError(name, error.msg, line=error.lineno, column=error.colno) from error
    except ValueError as error:
        raise ParseError(name, str(error)) from error
    options = {"format": "application/n-quads", "documentLoader": _loader}
    if base:
        options["base"] = base
    try:
        return str(jsonld.to_rdf(document, options))
    except jsonld.JsonLdError as error:
        cause: BaseException = error
        while isinstance(cause.__cause__, jsonld.JsonLdError):
            cause = cause.__cause__
        reason = str(cause.args[0]) if cause.args else "it is not JSON-LD"
        raise ParseError(name, reason.rstrip(".")) from error


def _measure_json(text: str, name: str) -> None:
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if match.group() in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, match.start()) + 1
                raise ParseError(name, f"objects are nested deeper than {MAX_DEPTH}", line=line)
        elif match.group() in "]}":
            depth -= 1


def _no_constant(name: str) -> str:
    raise ValueError(f"{name} is not a JSON number")


def _loader(url: str, _options: dict[str, Any]) -> dict[str, Any]:
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


def _to_jsonld(triples: list[ox.Triple], root: str | None) -> bytes:
    nquads = "".join(f"{t} .\n" for t in triples)
    expanded = jsonld.from_rdf(nquads, {"useNativeTypes": False})
    options = {"documentLoader": _loader}
    if root is None:
        document = jsonld.compact(expanded, context.CONTEXT_IRI, {**options, "graph": True})
    else:
        frame = {"@context": context.CONTEXT_IRI, "@id": root, "@embed": "@once"}
        document = jsonld.frame(expanded, frame, {**options, "omitGraph": True})
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
