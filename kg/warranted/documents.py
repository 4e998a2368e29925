"""Many records as one document, written a record at a time so that memory stays small."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from warranted import context, rdfio
from warranted.rdfio import Format
from warranted.records import Record

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


__all__ = ["pack", "write", "zstd"]

ZSTD_LEVEL = 12


def write(records: Iterable[Record], fmt: Format, file: IO[bytes]) -> int:
    """Write the records in their order; returns how many there were.

    N-Quads and TriG keep each record in its own named graph; Turtle, N-Triples and JSON-LD have no
    graphs. JSON-LD is a list with one tree a record.
    """
    count = 0
    if fmt is Format.TURTLE or fmt is Format.TRIG:
        file.write(rdfio.turtle_head())
    elif fmt is Format.JSONLD:
        file.write(f'{{"@context": "{context.CONTEXT_IRI}", "@graph": ['.encode())
    for count, record in enumerate(records, 1):
        if fmt is Format.JSONLD:
            file.write(b",\n" if count > 1 else b"\n")
        file.write(_one(record, fmt))
    if fmt is Format.JSONLD:
        file.write(b"\n]}\n")
    return count


def pack(path: Path) -> None:
    """Pack a file beside itself, with gzip and with Zstandard; no time is in it, so the same content
    gives the same bytes.
    """
    packed = path.with_name(path.name + ".gz")
    with (
        path.open("rb") as source,
        packed.open("wb") as target,
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=target, mtime=0) as archive,
    ):
        shutil.copyfileobj(source, archive)
    with (
        path.open("rb") as source,
        zstd.open(path.with_name(path.name + ".zst"), "wb", level=ZSTD_LEVEL) as archive,
    ):
        shutil.copyfileobj(source, archive)


def _one(record: Record, fmt: Format) -> bytes:
    if fmt is Format.NQUADS:
        return record.nquads.encode()
    if fmt is Format.NTRIPLES:
        return "".join(map(rdfio.line, record.triples)).encode()
    if fmt is Format.JSONLD:
        tree = {
            key: value for key, value in record.jsonld.items() if key != "@context"
        }  # said once
        return json.dumps(tree, indent=1, ensure_ascii=False).encode()
    body = rdfio.turtle_body(record.triples, root=record.iri)
    if fmt is Format.TRIG:
        return f"\n<{record.iri}> {{".encode() + body + b"}\n"
    return body
