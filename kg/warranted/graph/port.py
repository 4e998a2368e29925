"""The port to the workspace graph: what any engine must do to be one.

The graph is a projection of the ledger's current records, one named graph a record (its name is the
record's IRI), and a mark in a graph of its own: the number and digest of the last change applied. It
is never the system of record; whatever it holds can be made again from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import pyoxigraph as ox

from warranted.ledger import Version

META: Final = ox.NamedNode("urn:warranted:meta")
"""The graph that holds the mark, and its subject."""

APPLIED: Final = ox.NamedNode("urn:warranted:applied")
DIGEST: Final = ox.NamedNode("urn:warranted:digest")

Found = ox.QuerySolutions | ox.QueryBoolean | Iterable[ox.Triple]
"""What a query gives: rows, yes or no, or triples."""


class GraphPort(Protocol):
    """One engine. Every method raises `StoreUnavailable` if the engine cannot do it now."""

    def applied(self) -> tuple[int, str]:
        """Number and digest of the last change that is in the graph; (0, "") if it is empty."""

    def apply(self, changes: Sequence[Version]) -> None:
        """Bring in changes, in their order, and set the mark to the last: all of it or nothing.

        Of several versions of one record the last counts. A version without a body (a tombstone)
        takes the record's graph away.
        """

    def rebuild(self, current: Iterable[Version], last: int, digest: str) -> None:
        """Make the graph anew from every current version; readers are served meanwhile.

        Afterwards it holds these records and no others, and the mark is (`last`, `digest`).
        """

    def query(self, text: str, *, graphs: Sequence[str] | None = None) -> Found:
        """Run a query that was checked before. Its default graph is the union of `graphs`, or of all.

        With `graphs`, nothing of other graphs can be read, by GRAPH neither.

        Raises:
            SyntaxError: it does not parse.
        """

    def close(self) -> None:
        """Let go of the engine."""


def triples_of(body: str) -> str:
    """A version's N-Quads as triples to stand inside GRAPH { … } of an update."""
    return " ".join(f"{q.triple} ." for q in ox.parse(body.encode(), format=ox.RdfFormat.N_QUADS))


def update_of(changes: Sequence[Version]) -> str:
    """One SPARQL update that brings in the changes and sets the mark, as `GraphPort.apply` wants it."""
    latest = {change.record: change for change in changes}
    steps = [f"DROP SILENT GRAPH <{record}>" for record in latest]
    data = "".join(
        f"GRAPH <{change.record}> {{ {triples_of(change.body)} }}\n"
        for change in latest.values()
        if change.body
    )
    steps += [f"INSERT DATA {{ {data} }}"] if data else []
    mark = marked(changes[-1].seq, changes[-1].digest)
    steps += [f"DROP SILENT GRAPH {META}", f"INSERT DATA {{ {mark} }}"]
    return " ;\n".join(steps)


def marked(seq: int, digest: str) -> str:
    """The mark, to stand inside INSERT DATA { … }."""
    return f"GRAPH {META} {{ {META} {APPLIED} {ox.Literal(seq)} ; {DIGEST} {ox.Literal(digest)} }}"
