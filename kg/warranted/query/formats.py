"""Result formats of queries, by media type, and the choice among them by an Accept header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from warranted.namespaces import PREFIXES


@dataclass(frozen=True, slots=True)
class SolutionsFormat:
    """A format for SELECT; `booleans`: it can say yes or no, for ASK.

    `row`: what each row has at least one of. `notice`: what is replaced, and by what, to say that an answer was cut off after `{rows}`; None
    if the format has no place for it, and such an answer is refused.
    """

    ox: ox.QueryResultsFormat
    booleans: bool
    row: bytes
    notice: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A format for CONSTRUCT and DESCRIBE."""

    ox: ox.RdfFormat
    prefixes: dict[str, str] | None = None
    comment: str | None = None
    """A comment, with its text as `{}`; None if the format has none."""


_LONG = 500
"""Characters of a header from which it is no common one."""
_JSON = SolutionsFormat(
    ox.QueryResultsFormat.JSON,
    True,
    b"{",
    (b'{"head":{', b'{"head":{"link":["urn:warranted:cut-off-after:{rows}"],'),
)
_XML = SolutionsFormat(
    ox.QueryResultsFormat.XML,
    True,
    b"<result>",
    (b"</head>", b'<link href="urn:warranted:cut-off-after:{rows}"/></head>'),
)
SOLUTIONS: dict[str, SolutionsFormat] = {
    "application/sparql-results+json": _JSON,
    "application/json": _JSON,
    "application/sparql-results+xml": _XML,
    "application/xml": _XML,
    "text/csv": SolutionsFormat(ox.QueryResultsFormat.CSV, False, b"\n"),
    "text/tab-separated-values": SolutionsFormat(ox.QueryResultsFormat.TSV, False, b"\n"),
}
GRAPHS: dict[str, GraphFormat] = {
    "text/turtle": GraphFormat(ox.RdfFormat.TURTLE, PREFIXES, "\n# {}\n"),
    "application/n-triples": GraphFormat(ox.RdfFormat.N_TRIPLES, None, "# {}\n"),
    "application/ld+json": GraphFormat(ox.RdfFormat.JSON_LD),
    "application/rdf+xml": GraphFormat(ox.RdfFormat.RDF_XML, None, "\n<!-- {} -->\n"),
    "application/n-quads": GraphFormat(ox.RdfFormat.N_QUADS, None, "# {}\n"),
    "application/trig": GraphFormat(ox.RdfFormat.TRIG, PREFIXES, "\n# {}\n"),
}


ENDINGS: dict[str, str] = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
"""Short name of a format for SELECT and ASK → its media type."""
GRAPH_ENDINGS: dict[str, str] = {
    "ttl": "text/turtle",
    "turtle": "text/turtle",
    "n3": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "json-ld": "application/ld+json",
    "json": "application/ld+json",
    "rdf": "application/rdf+xml",
    "rdf+xml": "application/rdf+xml",
    "xml": "application/rdf+xml",
    "nq": "application/n-quads",
    "trig": "application/trig",
}
"""Short names of formats for CONSTRUCT and DESCRIBE, those that clients use among them."""


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type of `offered` that an Accept header likes best (RFC 9110, 12.5.1).

    The first offered wins a tie; no header accepts anything; None if nothing offered is accepted.
    """
    if not accept or not accept.strip():
        return offered[0]
    return _chosen(accept, tuple(offered)) if len(accept) < _LONG else _liked(accept, offered)


@lru_cache(maxsize=256)
def _chosen(accept: str, offered: tuple[str, ...]) -> str | None:
    return _liked(accept, offered)


def _liked(accept: str, offered: Sequence[str]) -> str | None:
    ranges = list(_ranges(accept))
    best, best_q = None, 0.0
    for media in offered:
        q = _quality(media, ranges)
        if q > best_q:
            best, best_q = media, q
    return best


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for item in accept.split(","):
        media, *parameters = (part.strip() for part in item.split(";"))
        q = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                try:
                    q = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    q = 0.0
        if media:
            yield media.lower(), q


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    found, rank = 0.0, -1
    for pattern, q in ranges:
        exact = pattern == media
        family = pattern.endswith("/*") and media.startswith(pattern[:-1])
        here = 2 if exact else 1 if family else 0 if pattern == "*/*" else -1
        if here > rank:  # the most specific range decides
            found, rank = q, here
    return found
