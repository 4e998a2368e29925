"""A worker: answers one job at a time over its standard input and output, and can be killed.

A message is a 4-byte length, a JSON header of that length, and `size` bytes of body. Jobs:

    query   text, default, named, solutions, graph, bytes   → media, and the answer as body
    parse   format, name, base; the document as body        → canonical N-Quads as body

The answer is serialised here and held back until it is whole: a cut-off result is never sent.
"""

from __future__ import annotations

import io
import json
import struct
import sys
from typing import IO, Any

import pyoxigraph as ox

from warranted import rdfio, records
from warranted.errors import InputError, ParseError
from warranted.query import sandbox
from warranted.query.formats import GRAPHS, SOLUTIONS


def send(out: IO[bytes], header: dict[str, Any], body: bytes = b"") -> None:
    """Write one message."""
    packed = json.dumps(header | {"size": len(body)}).encode()
    out.write(struct.pack(">I", len(packed)) + packed + body)
    out.flush()


def receive(source: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None at the end."""
    length = source.read(4)
    if len(length) < 4:
        return None
    header: dict[str, Any] = json.loads(source.read(struct.unpack(">I", length)[0]))
    return header, source.read(header["size"])


class _Full(Exception):
    """The answer is larger than it may be."""


class _Capped(io.BytesIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._most:
            raise _Full
        return super().write(data)


def query(store: ox.Store, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Run a query job."""
    default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
        ox.NamedNode(iri) for iri in job["default"]
    ]
    named: list[ox.NamedNode | ox.BlankNode] = [ox.NamedNode(iri) for iri in job["named"]]
    # A dataset named by the protocol replaces the whole one, as the SPARQL 1.1 Protocol says (2.1.4).
    stated = bool(default or named)
    found = store.query(
        job["text"],
        base_iri=job["base"],
        use_default_graph_as_union=not stated,
        default_graph=default if stated else None,
        named_graphs=named if stated else None,
    )
    out = _Capped(job["bytes"])
    if isinstance(found, ox.QueryTriples):
        fmt = GRAPHS[job["graph"]]
        ox.serialize(found, out, format=fmt.ox, prefixes=fmt.prefixes)
        return {"ok": True, "media": job["graph"]}, out.getvalue()
    media = job["solutions"]
    if isinstance(found, ox.QueryBoolean) and not SOLUTIONS[media].booleans:
        media = "application/sparql-results+json"
    found.serialize(out, format=SOLUTIONS[media].ox)
    return {"ok": True, "media": media}, out.getvalue()


def parse(job: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Run a parse job."""
    quads = rdfio.parse(body, rdfio.Format[job["format"]], name=job["name"], base=job["base"])
    named = records.without_blank_nodes(q.triple for q in quads)
    return {"ok": True}, "".join(f"{t} .\n" for t in named).encode()


def answer(
    store: ox.Store | None, job: dict[str, Any], body: bytes
) -> tuple[dict[str, Any], bytes]:
    """The answer to any job; errors are answers too."""
    try:
        if job["kind"] == "parse":
            return parse(job, body)
        if store is None:
            return {"ok": False, "error": "StoreUnavailable", "message": "No store is open."}, b""
        return query(store, job)
    except _Full:
        return {"ok": False, "error": "ResultTooLarge"}, b""
    except ParseError as error:
        said = {"error": "ParseError", "name": error.name, "reason": error.reason}
        return {"ok": False, "line": error.line, "column": error.column} | said, b""
    except InputError as error:
        said = {"error": "InputError", "message": error.message, "field": error.field or ""}
        return {"ok": False, "fix": error.fix} | said, b""
    except SyntaxError as error:
        return {"ok": False, "error": "MalformedQuery", "message": str(error.msg or error)}, b""
    except (ValueError, RuntimeError, OSError, RecursionError) as error:
        return {"ok": False, "error": "QueryError", "message": str(error)}, b""


def main() -> None:
    """Serve jobs until standard input ends. Arguments: bytes of memory, folder of the store or '-'."""
    memory, folder = int(sys.argv[1]), sys.argv[2]
    sandbox.limit(memory)
    sealed = sandbox.forbid_network()
    source, out = sys.stdin.buffer, sys.stdout.buffer
    store = None if folder == "-" else ox.Store.read_only(folder)
    send(out, {"ok": True, "sealed": sealed})
    while (message := receive(source)) is not None:
        send(out, *answer(store, *message))


if __name__ == "__main__":
    main()
