"""Sheets that are filled in, and what is read of them: what the tests of tables share."""

from __future__ import annotations

import csv
import hashlib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyoxigraph as ox

from warranted import checking, resources, template, validation
from warranted.imports.tables import Row, read_table
from warranted.namespaces import DCTERMS, RDFS, ROOT
from warranted.neighbourhood import Index
from warranted.template import sheets_of

PACKAGE = checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=ROOT)
NEAR = Index(t for r in PACKAGE for t in r.triples)
CALLED: dict[str, set[str]] = {}
for known in PACKAGE:
    CALLED.setdefault(known.iri, set()).add(known.iri)
    for triple in known.triples:
        if triple.predicate.value not in (f"{DCTERMS}identifier", f"{RDFS}label"):
            continue
        if triple.subject == ox.NamedNode(known.iri) and isinstance(triple.object, ox.Literal):
            CALLED[triple.object.value] = CALLED.get(triple.object.value, set()) | {known.iri}

TEST: dict[str, Any] = {
    "identifier": "T90",
    "label": "Exit ticket again",
    "summary": "Will it work a second time?",
    "tests": f"{ROOT}/id/specification/z1il-c1v1",
    "atSite": f"{ROOT}/id/site/z1il-a",
    "startDate": date(2026, 3, 2),
    "endDate": "2026-03-06",
    "scale": "small",
    "stage": "COMPLETE",
    "hasPrediction.predictionText": "Half of the group will write a reason.",
    "hasPrediction.statedOn": datetime.combine(date(2026, 2, 27), time()),
    "hasPrediction.expectedValue": "50.0",
    "byOriginator": "no",
    "asPlanned": True,
    "peopleReached": 24,
    "hasFinding.predictionOutcome": "Partly as predicted",
    "hasFinding.basis": "data",
    "hasFinding.whatHappened": "'=five of ten; and more",
    "hasFinding.harmAsked": "sí",
    "decision": f"{ROOT}/scheme/decision/adapt",
    "asNamedInSource": "trial; test ;",
}


def name(type_: str, key: str) -> str:
    return f"{ROOT}/id/{type_}/x{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def find(types: tuple[str, ...], text: str) -> list[str]:
    return [i for i in sorted(CALLED.get(text, ())) if i.split("/")[-2] in types]


def rows(path: Path, type_: str = "test", **more: Any) -> list[Row]:
    return list(read_table(path, type_, base=ROOT, name=name, find=find, **more))


def xlsx(path: Path, type_: str, *given_: dict[str, Any], **parts: list[dict[str, Any]]) -> Path:
    """A template of that type, filled in: a dict a row, by the keys of its columns."""
    template.write(type_, path)
    book = openpyxl.load_workbook(path)
    pages = {page["A2"].value: page for page in reversed(book.worksheets)}
    first = book.worksheets[0]
    for page, wanted in [(first, list(given_)), *((pages[k], v) for k, v in parts.items())]:
        keys = [cell.value for cell in page[2]]
        for row in wanted:
            assert set(row) <= set(keys), set(row) - set(keys)
            page.append([row.get(str(key)) for key in keys])
    book.save(path)
    return path


def csv_file(path: Path, type_: str, *given_: dict[str, Any], between: str = ",") -> Path:
    """The CSV template of that type, filled in."""
    columns = sheets_of(type_)[0].columns
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=between)
        writer.writerow([c.title for c in columns])
        writer.writerows([row.get(c.key, "") for c in columns] for row in given_)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def violations(found: list[Row]) -> list[validation.Result]:
    made = [r.record for r in found if r.record]
    assert len(made) == len(found), [r.messages for r in found]
    return validation.violations(checking.check(made, NEAR))


def values(row: Row, predicate: str, part: str = "") -> list[str]:
    assert row.record
    subject = ox.NamedNode(row.record.iri + part)
    return [
        t.object.value
        for t in row.record.triples
        if t.predicate.value == predicate
        and t.subject == subject
        and not isinstance(t.object, ox.BlankNode | ox.Triple)
    ]


FILLED: dict[str, tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]] = {
    "test": (TEST, {}),
    "idea": (
        {
            "identifier": "C9",
            "label": "Ask for a reason",
            "summary": "A line on the slip asks.",
            "addressesDriver": "D1; D2",
        },
        {"hasKnowHow": [{"hasKnowHow": "C9", "label": "Slips", "comment": "Cut them before."}]},
    ),
    "site": (
        {
            "identifier": "S9",
            "label": "Site Q",
            "hasContext.facetValue": "rural",
        },
        {},
    ),
    "measure": (
        {
            "identifier": "M9",
            "label": "Reasons given",
            "operationalDefinition": "Slips with a reason that follows, of all slips handed in.",
            "measureType": "Outcome",
            "betterIs": "Higher",
            "unit": "percent of slips",
        },
        {},
    ),
}
