"""Dumps hold every digit, every graph, and the same bytes each time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted import documents, dumps, rdfio, records
from warranted.namespaces import ROOT
from warranted.rdfio import Format
from warranted.records import Record
from warranted.release import Release
from warranted.repository import Repository

Publish = Callable[..., Release]
Change = Callable[..., None]


def read(path: Path) -> list[ox.Quad]:
    return rdfio.parse(path.read_bytes(), Format.of_path(path), name=path.name)


def of_records(quads: list[ox.Quad]) -> list[Record]:
    prefix = f"{ROOT}/id/"
    return records.split(
        [q for q in quads if str(q.subject.value).startswith(prefix)],  # type: ignore[union-attr]
        base=ROOT,
    )


@pytest.mark.parametrize("fmt", dumps.FORMATS)
def test_what_was_submitted_is_in_every_dump_to_the_last_digit(
    repository: Repository, publish: Publish, change: Change, fmt: Format
) -> None:
    change()
    made = publish()
    stored = {v.record: v.digest for v in repository.ledger.all_current()}
    for name in ("all", "reasons-in-algebra"):
        dumped = {r.iri: r.digest for r in of_records(read(made.dumps / f"{name}.{fmt.extension}"))}
        assert dumped.items() >= stored.items()
        assert dumped.keys() - stored.keys() == {f"{ROOT}/id/assessment/i1"}
    text = (made.dumps / f"all.{fmt.extension}").read_text(encoding="utf-8")
    for form in ("2.040", "1.50", "en-GB"):
        assert form in text


def test_the_whole_dump_is_the_dataset(publish: Publish, change: Change) -> None:
    change()
    made = publish()
    dumped = ox.Store()
    dumped.extend(read(made.dumps / "all.nq"))
    dataset = ox.Store.read_only(str(made.dataset))
    assert set(dumped.named_graphs()) == set(dataset.named_graphs())
    assert set(dumped) == set(dataset)


def test_packed_dumps_hold_the_same_and_no_time(publish: Publish, change: Change) -> None:
    change()
    made = publish()
    for fmt in dumps.FORMATS:
        for name in ("all", "reasons-in-algebra"):
            plain = (made.dumps / f"{name}.{fmt.extension}").read_bytes()
            packed = (made.dumps / f"{name}.{fmt.extension}.gz").read_bytes()
            assert gzip.decompress(packed) == plain
            assert packed[4:8] == b"\0\0\0\0"
            again = (made.dumps / f"{name}.{fmt.extension}.zst").read_bytes()
            assert documents.zstd.decompress(again) == plain


def test_json_ld_is_a_tree_for_each_record(publish: Publish, change: Change) -> None:
    change()
    document = json.loads((publish().dumps / "all.jsonld").read_bytes())
    assert document["@context"] == f"{ROOT}/context.jsonld"
    series = next(node for node in document["@graph"] if node["type"] == "MeasureSeries")
    assert sorted(o["value"] for o in series["hasObservation"]) == ["1.50", "2.040"]


def test_the_vocabulary_is_the_same_each_time_it_is_read() -> None:
    assert rdfio.canonical(dumps.vocabulary()) == rdfio.canonical(dumps.vocabulary())


def test_a_name_that_leads_out_of_the_folder_is_refused(
    repository: Repository, publish: Publish, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The shapes refuse such a name; this is the second line of defence.
    change()
    stored = repository.get(f"{ROOT}/id/package/k1")
    assert stored is not None
    text = stored.as_record().nquads.replace('"reasons-in-algebra"', '"../../escaped"')
    monkeypatch.setattr("warranted.gate.judge", lambda _: None)
    repository.ledger.append(
        [Record.from_nquads(stored.record, "package", text)], role="r", reason=""
    )
    from warranted.errors import GateFailed

    with pytest.raises(GateFailed, match="no file name"):
        publish()
    assert not list(repository.settings.data.rglob("escaped*"))
