"""Judges the records of a file by the shapes, without a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warranted import rdfio, records, validation
from warranted.neighbourhood import Index, Lookup, neighbourhood


@dataclass(frozen=True, slots=True)
class FileReport:
    """What the shapes say of a file's records; `results` has violations first."""

    path: Path
    records: list[records.Record]
    results: list[validation.Result]


def read_file(path: Path, *, base: str) -> list[records.Record]:
    """The records in an RDF file; relative IRIs are resolved against `{base}/id/`.

    Raises:
        ParseError: it is not valid RDF. InputError: a subject in it is no record.
    """
    fmt = rdfio.Format.of_path(path)
    quads = rdfio.parse(path.read_bytes(), fmt, name=str(path), base=f"{base}/id/")
    return records.split(quads, base=base)


def check(found: list[records.Record], *lookups: Lookup) -> list[validation.Result]:
    """Every result for `found`, each judged with its neighbours among them and in `lookups`."""
    near = Index(triple for record in found for triple in record.triples)
    results: list[validation.Result] = []
    for record in found:
        results += validation.validate(record, neighbourhood(record, near, *lookups))
    return validation.sort(results)


def check_file(path: Path, *, base: str) -> FileReport:
    """Judge the records in a file by the shapes, alone and with no store."""
    found = read_file(path, base=base)
    return FileReport(path, found, check(found))
