"""RDF in and out of bytes, with every lexical form kept as it was written.

Parsing is pyoxigraph's, which keeps lexical forms (its store does not); JSON-LD is `jsonld_io`'s.
What a stranger sends is measured before a parser sees it: nesting is bounded, because deep nesting
was seen to crash parsers written in C and Rust.

Language tags are the one thing pyoxigraph writes anew (all in lower case, which means the same);
what leaves here has them in the form BCP 47 recommends: en-GB, zh-Hant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import jsonld_io
from warranted.errors import InputError, ParseError
from warranted.namespaces import PREFIXES

MAX_DEPTH = 64
"""Deepest nesting of brackets in Turtle that is parsed at all."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(
    r"\\."  # an escape in a name, which may hide a quote or a #
    r'|"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<<|>>|<[^<>\s]*>|#[^\n]*|[\[\](){}]',
    re.DOTALL,
)


_TAGGED = re.compile(r'("(?:[^"\\\n]|\\.)*")(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)+))?')
_PLACE = re.compile(r"^Parser error( (at|between|and|line|columns?|to|\d+))*: ")
_FIRST = {f"<{PREFIXES['rdf']}type>": 0, f"<{PREFIXES['rdfs']}label>": 1}
"""Predicates that come first, and their order."""
_ABOUT_TRIPLES = "it holds triples about triples, which records do not have"


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
        at = data[: error.start].count(b"\n") + 1
        raise ParseError(name, "it is not UTF-8 text", line=at) from error
    if found := _CONTROL.search(text):
        at = text.count("\n", 0, found.start()) + 1
        raise ParseError(name, "a control character stands in it; take it out", line=at)
    if fmt is Format.JSONLD:
        quads = jsonld_io.to_quads(text, name=name, base=base)
    else:
        _measure(text, name)
        quads = _read(text, fmt, name, base)
    for quad in quads:
        _refuse(quad, name)
    return quads


def _read(text: str, fmt: Format, name: str, base: str | None) -> list[ox.Quad]:
    try:
        return list(ox.parse(text.encode(), format=_OX[fmt], base_iri=base))
    except SyntaxError as error:
        reason = _plain(str(error.msg))
        raise ParseError(name, reason, line=error.lineno, column=error.offset) from error
    except ValueError as error:
        raise ParseError(name, _plain(str(error))) from error


def _refuse(quad: ox.Quad, name: str) -> None:
    """What parses, but no record may hold."""
    if isinstance(quad.object, ox.Triple):
        raise ParseError(name, _ABOUT_TRIPLES)
    if isinstance(quad.object, ox.Literal):
        if _CONTROL.search(quad.object.value):
            raise ParseError(
                name, f"a control character stands in the text of {quad.predicate}; take it out"
            )
        if quad.object.direction is not None:
            raise ParseError(
                name, f"the text of {quad.predicate} has a writing direction; take it out"
            )


def canonical(quads: Iterable[ox.Quad]) -> str:
    """Sorted N-Quads, a line each: the form records are stored, compared and digested in."""
    return "".join(sorted({line(quad) for quad in quads}))


def line(quad: ox.Quad | ox.Triple) -> str:
    """One line of N-Quads, or of N-Triples."""
    written = f"{quad} .\n"
    return _tagged(written) if '"@' in written else written


def serialise(triples: Iterable[ox.Triple], fmt: Format, *, root: str | None = None) -> bytes:
    """Triples as a document; with `root`, JSON-LD is one tree that hangs from that IRI."""
    ordered = _ordered(triples, root)
    if fmt is Format.JSONLD:
        return jsonld_io.document(ordered.values(), root)
    namespaces = _namespaces(ordered)
    used = {k: v for k, v in PREFIXES.items() if v in namespaces}
    return _written(ordered.values(), fmt, used)


def turtle_head() -> bytes:
    """The prefixes of a document made of `turtle_body`s."""
    lines = (f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    return "".join(lines).encode()


def turtle_body(triples: Iterable[ox.Triple], *, root: str | None = None) -> bytes:
    """Triples as the part of a Turtle document that follows `turtle_head`."""
    written = _written(_ordered(triples, root).values(), Format.TURTLE, PREFIXES)
    lines = written.split(b"\n")
    start = next(i for i, text in enumerate(lines) if not text.startswith(b"@prefix "))
    return b"\n" + b"\n".join(lines[start:]).lstrip(b"\n")


def _written(ordered: Iterable[ox.Triple], fmt: Format, prefixes: dict[str, str]) -> bytes:
    written = ox.serialize(ordered, format=_OX[fmt], prefixes=prefixes)
    assert written is not None  # None only when it writes to a file
    if b'"@' in written:
        written = _tagged(written.decode()).encode()
    if fmt is Format.TURTLE:  # text is written without raw line ends, so these end statements
        written = written.replace(b" .\n<", b" .\n\n<")
    return written


def _tagged(text: str) -> str:
    """`text` (RDF as pyoxigraph writes it) with its language tags as BCP 47 recommends."""
    return _TAGGED.sub(lambda m: m[1] + "@" + jsonld_io.tag(m[2]) if m[2] else m[0], text)


def _ordered(triples: Iterable[ox.Triple], root: str | None) -> dict[str, ox.Triple]:
    """The triples in order, each once, by its text: to ask one for its terms takes five times as long."""
    top = f"<{root}>" if root else ""

    def key(text: str) -> tuple[Any, ...]:
        subject, predicate, object_ = text.split(" ", 2)
        return (subject != top, subject, _FIRST.get(predicate, 2), predicate[1:-1], object_)

    told = {str(triple): triple for triple in triples}
    return {text: told[text] for text in sorted(told, key=key)}


def _namespaces(texts: Iterable[str]) -> set[str]:
    """Namespaces of `PREFIXES` in which a term of the triples lies, its datatype included."""
    text = "\n".join(texts) + "\n"
    found = {namespace for namespace in PREFIXES.values() if f"<{namespace}" in text}
    if '"\n' in text:  # a plain text
        found.add(PREFIXES["xsd"])
    if '"@' in text:  # a text in a language
        found.add(PREFIXES["rdf"])
    return found


def _plain(message: str) -> str:
    """pyoxigraph's reason without the place, which the error says by itself."""
    return _PLACE.sub("", message)


def _measure(text: str, name: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "<<":
            at = text.count("\n", 0, match.start()) + 1
            raise ParseError(name, _ABOUT_TRIPLES, line=at)
        if token in "[({":
            depth += 1
            if depth > MAX_DEPTH:
                at = text.count("\n", 0, match.start()) + 1
                raise ParseError(name, f"brackets are nested deeper than {MAX_DEPTH}", line=at)
        elif token in "])}":
            depth -= 1
