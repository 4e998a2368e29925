"""The day a prediction came is the day that counts, and it is kept for good."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pyoxigraph as ox
import pytest
from hub import PREFIXES, path
from hypothesis import given
from hypothesis import strategies as st
from senders import BASE, IDEA, TURTLE, Place, report, today

from warranted import rdfio, records
from warranted.curation import outside
from warranted.errors import StoreUnavailable
from warranted.ledger import Ledger, arrivals, tables
from warranted.namespaces import NIC, ROOT
from warranted.operations.upgrade import upgrade
from warranted.records import Record


def test_a_prediction_that_comes_after_the_fact_counts_as_late(place: Place) -> None:
    start = today(-20)
    _, id_ = place.sent(report(start=start, stated=today(-21), name="A late school"))
    made = [r["id"] for r in place.curator.post(f"/api/v1/inbox/{id_}/accept")["records"]]
    test = next(i for i in made if "/test/" in i)
    kept = place.curator.get(path(test), headers={"Accept": "application/ld+json"})
    prediction = kept["hasPrediction"]
    assert prediction["statedOn"] > start
    assert today(-21) in prediction["curatorNote"], "what the sender says is kept"
    found = place.curator.get(f"{path(IDEA)}/warrant?workspace")
    assert found["directions"][test] == "partly"


STAMPS = f"""SELECT ?test ?recorded ?edited {{ ?reading <{NIC}ofTest> ?test ;
    <{NIC}predictionRecorded> ?recorded ; <{NIC}predictionEdited> ?edited }}"""


def test_a_prediction_from_outside_is_recorded_when_it_was_received_not_when_accepted(
    place: Place,
) -> None:
    def second() -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def later() -> None:
        now = second()
        while second() == now:
            sleep(0.05)

    def sent(n: int, **more: Any) -> tuple[str, str, str]:
        receipt, id_ = place.sent(report(n=n, done=False, **more))
        came = place.curator.get(f"/api/v1/inbox/{id_}")["predicted"]
        return receipt, id_, came[:19] + "Z"

    def accepted(id_: str) -> list[str]:
        later()
        made = place.curator.post(f"/api/v1/inbox/{id_}/accept")["records"]
        return [r["id"] for r in made]

    def test_of(made: list[str]) -> str:
        return next(iri for iri in made if "/test/" in iri)

    # One stays as it came, and its result comes later; the hub changes the words of the second; the
    # third is sent again in other words, after it was accepted.
    kept, edited, renewed = (sent(n, name=f"A school {n}") for n in (9301, 9302, 9303))
    records = [accepted(id_) for _, id_, _ in (kept, edited, renewed)]
    for receipt, text in (
        (kept[0], report(n=9301, name="A school 9301")),
        (renewed[0], report(n=9303, name="A school 9303").replace("Half of", "Most of")),
    ):
        body = (PREFIXES + text).encode()
        assert place.stranger.put(receipt, content=body, headers=TURTLE).status_code == 202
    again = place.curator.get(f"/api/v1/inbox/{renewed[1]}")["predicted"][:19] + "Z"
    assert accepted(kept[1]) == records[0]
    assert accepted(renewed[1]) == records[2]
    node = place.curator.get(path(test_of(records[1])), headers={"Accept": "application/ld+json"})
    said = node["hasPrediction"] | {"predictionText": "A third of the colleagues will."}
    before = second()
    place.curator.patch(test_of(records[1]), {"hasPrediction": said})
    assert place.curator.get(f"/api/v1/inbox/{kept[1]}")["records"] == [], "what was sent is gone"

    place.publish([iri for made in records for iri in made])
    found = place.stranger.get("/sparql", params={"query": STAMPS}).json()["results"]["bindings"]
    stamps = {b["test"]["value"]: (b["recorded"]["value"], b["edited"]["value"]) for b in found}
    assert stamps[test_of(records[0])] == (kept[2], "false")
    assert stamps[test_of(records[2])] == (again, "true")
    changed, was_edited = stamps[test_of(records[1])]
    assert (changed >= before, was_edited) == (True, "true")
    page = place.stranger.get(f"/ideas/{IDEA.rpartition('/')[2]}/").text
    assert "recorded here on" in page


def a_test(start: date, stated: date | None) -> Record:
    said = f'; nic:statedOn "{stated}"^^xsd:date' if stated else ""
    text = f"""{PREFIXES} @base <{BASE}/> . <test/x> a nic:PDSACycle ;
    nic:startDate "{start}"^^xsd:date ; nic:hasPrediction <test/x#p> .
    <test/x#p> a nic:Prediction ; nic:predictionText "It will work." {said} ."""
    quads = rdfio.parse(text.encode(), rdfio.Format.TURTLE, name="text", base=BASE)
    return records.split(quads, base=ROOT)[0]


def stated_on(record: Record) -> list[str]:
    return [
        t.object.value
        for t in record.triples
        if t.predicate.value == f"{NIC}statedOn" and isinstance(t.object, ox.Literal)
    ]


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(DAYS, st.none() | DAYS, DAYS, st.times())
def test_a_prediction_counts_in_time_only_if_it_came_in_time(
    start: date, stated: date | None, on: date, at: time
) -> None:
    came = datetime.combine(on, at, UTC)
    (kept,) = stated_on(outside.arrived(a_test(start, stated), came))
    day = (came - timedelta(hours=12)).date()
    in_time = date.fromisoformat(kept) <= start
    assert in_time == (day <= start and (stated is None or stated <= start))


def test_a_ledger_of_the_version_before_gets_the_inbox_and_keeps_the_rest(tmp_path: Path) -> None:
    where = tmp_path / "ledger.sqlite"
    ledger = Ledger(where)
    ledger.append([a_test(date(2026, 1, 2), None)], role="curator", reason="made")
    ledger.close()
    with sqlite3.connect(where) as connection:
        connection.execute("DROP TABLE inbox")
        connection.execute("DROP TABLE arrival")
        connection.execute("UPDATE meta SET value = '2' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(StoreUnavailable, match="warranted migrate"):
        Ledger(where)
    assert upgrade(where) == (2, tables.SCHEMA_VERSION)
    ledger = Ledger(where)
    assert ledger.counts() == {"test": 1}
    assert arrivals.every(ledger) == {}
    ledger.close()
