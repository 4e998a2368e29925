"""A worker: answers one job at a time over its standard input and output, and can be killed.

A message is a 4-byte length, a JSON header of that length, and `size` bytes of body. Jobs:

    query   text, capped, base    the query with a LIMIT of a row more than may be, and with one of
                                  just as many, or None if it should not be cut off, but refused;
                                  what its relative IRIs are resolved against
            default, named, sources    graphs the request names, and those the query names
            solutions, graph      media types; bytes, rows: the most of an answer; gzip
            → media, cut (rows after which it was cut off, if it was), and the answer as body
    parse   format, name, base; the document as body → canonical N-Quads as body

The answer is serialised here and held back until it is whole: a cut-off result is never sent.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import struct
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

import pyoxigraph as ox

from warranted.errors import InputError, ParseError
from warranted.query import sandbox
from warranted.query.formats import GRAPHS, SOLUTIONS, SolutionsFormat

WORTH_ZIPPING: Final = 1000
"""Bytes from which an answer is compressed, where the asker takes it so."""


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
    default: list[Any] = [ox.NamedNode(iri) for iri in job["default"]]
    named: list[Any] = [ox.NamedNode(iri) for iri in job["named"]]
    # A dataset named by the protocol replaces any other, as the SPARQL 1.1 Protocol says (2.1.4).
    stated = bool(default or named)
    # A graph that only the request names and that is not here is empty: so the W3C's cases have it.
    for iri in () if stated else job["sources"]:
        if not store.contains_named_graph(ox.NamedNode(iri)):
            said = f"There is no graph <{iri[:200]}> here, and none is fetched from elsewhere."
            return {"ok": False, "error": "QueryRefused", "message": said}, b""

    def run(text: str) -> Any:
        return store.query(
            text,
            base_iri=job["base"],
            use_default_graph_as_union=not stated and not job["sources"],
            default_graph=default if stated else None,
            named_graphs=named if stated else None,
        )

    return answered(run, job)


def answered(run: Callable[[str], Any], job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What `run` finds for the job's query, written, and cut off where it is too long."""
    found, rows, most = run(job["text"]), job["rows"], job["bytes"]
    if not isinstance(found, ox.QuerySolutions | ox.QueryBoolean):
        return _graph(found, job["graph"], rows, most)
    out, media = _Capped(most), job["solutions"]
    fmt = SOLUTIONS[media]
    found.serialize(out, format=fmt.ox)
    if isinstance(found, ox.QueryBoolean) or not _more(out.getvalue(), fmt, rows):
        return {"ok": True, "media": media}, out.getvalue()
    if fmt.notice is None or job["capped"] is None:
        return {"ok": False, "error": "TooManyRows"}, b""
    out = _Capped(most)
    run(job["capped"]).serialize(out, format=fmt.ox)
    before, after = fmt.notice
    body = out.getvalue().replace(before, after.replace(b"{rows}", str(rows).encode()), 1)
    return {"ok": True, "media": media, "cut": rows}, body


def _graph(
    found: Iterator[ox.Triple], media: str, rows: int, most: int
) -> tuple[dict[str, Any], bytes]:
    out, fmt = _Capped(most), GRAPHS[media]
    ox.serialize(itertools.islice(found, rows), out, format=fmt.ox, prefixes=fmt.prefixes)
    if next(found, None) is None:
        return {"ok": True, "media": media}, out.getvalue()
    if fmt.comment is None:
        return {"ok": False, "error": "TooManyRows"}, b""
    notice = fmt.comment.format(f"Cut off after {rows} triples: there are more.")
    return {"ok": True, "media": media, "cut": rows}, out.getvalue() + notice.encode()


def _more(body: bytes, fmt: SolutionsFormat, rows: int) -> bool:
    """Whether an answer has more rows than it may. Most cannot have as many."""
    if body.count(fmt.row) <= rows:
        return False
    if fmt.ox == ox.QueryResultsFormat.CSV:
        count = sum(1 for _ in csv.reader(io.StringIO(body.decode(), newline=""))) - 1
    elif fmt.ox == ox.QueryResultsFormat.TSV:
        count = body.count(b"\n") - 1
    else:
        found: Any = ox.parse_query_results(body, format=fmt.ox)
        count = sum(1 for _ in itertools.islice(found, rows + 1))
    return count > rows


def parse(job: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Run a parse job."""
    from warranted import rdfio, records  # a worker for queries starts sooner without them

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
        header, found = query(store, job)
        if job["gzip"] and len(found) > WORTH_ZIPPING:
            return header | {"gzip": True}, gzip.compress(found, 4, mtime=0)
        return header, found
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
