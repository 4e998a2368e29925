"""A release says of itself, for machines, what is true; and what changed, for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
from made import dataset

from warranted import description
from warranted.namespaces import ROOT
from warranted.release import Release
from warranted.repository import Repository

Publish = Callable[..., Release]
Change = Callable[..., None]


def rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    prefixes = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in description.PREFIXES.items())
    found: Any = store.query(prefixes + query, use_default_graph_as_union=True)
    return [{v.value: row[v].value for v in found.variables if row[v]} for row in found]


def test_every_dump_is_named_where_it_is_with_its_sum(publish: Publish, change: Change) -> None:
    change()
    made = publish()
    manifest = made.manifest()
    store = ox.Store()
    store.extend(description.describe(manifest, ROOT, sums=manifest["files"]))
    told = rows(
        store,
        """SELECT ?file ?sum ?packing {
             ?of dcat:distribution ?copy . ?copy dcat:downloadURL ?file ; spdx:checksum/spdx:checksumValue ?sum
             OPTIONAL { ?copy dcat:compressFormat ?packing } }""",
    )
    where = f"{ROOT}/releases/{made.id}/dumps/"
    assert {row["file"].removeprefix(where): row["sum"] for row in told} == manifest["files"]
    endings = {row["file"].rpartition(".")[2]: row.get("packing", "") for row in told}
    assert endings["gz"].endswith("application/gzip")
    assert endings["zst"].endswith("application/zstd")


def test_what_describes_the_release_is_in_its_own_dataset(publish: Publish, change: Change) -> None:
    change()
    publish()
    change(("One school only.", "Two schools only."))
    made = publish()
    (told,) = rows(
        dataset(made),
        """SELECT ?version ?before ?agent ?publisher ?ontology {
             ?release dcat:version ?version ; dcterms:publisher/foaf:name ?publisher ;
                      prov:wasGeneratedBy ?making .
             ?making prov:wasAssociatedWith/rdfs:label ?agent ; prov:used ?ontology
             OPTIONAL { ?release prov:wasRevisionOf ?before ; dcat:previousVersion ?before }
           } ORDER BY DESC(?version)""",
    )
    assert told["before"] == f"{ROOT}/release/2026-03-02"
    assert told["agent"] == f"Warranted {made.manifest()['software']}"
    assert told["publisher"] == "Warranted"
    assert told["ontology"] == made.manifest()["ontology"]


def test_a_package_is_a_dataset_of_its_own_with_true_counts(
    publish: Publish, change: Change
) -> None:
    change()
    made = publish()
    (told,) = rows(
        dataset(made),
        """SELECT ?package ?records ?points { ?release void:subset ?part .
             ?part foaf:primaryTopic ?package ; void:entities ?records ; void:classPartition ?points_of .
             ?points_of void:class nic:Observation ; void:entities ?points }""",
    )
    assert told["package"] == f"{ROOT}/id/package/k1"
    assert told["records"] == "9"
    assert told["points"] == "2"


def changed(made: Release) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made.folder / "changes.json").read_bytes())
    return found


def test_the_first_release_is_all_new(publish: Publish, change: Change) -> None:
    change()
    told = changed(publish())
    assert told["from"] is None
    (package,) = told["packages"]
    assert (package["slug"], package["change"]) == ("reasons-in-algebra", "new")
    assert {r["change"] for r in package["records"]} == {"new"}


def test_what_was_removed_for_privacy_is_named_in_no_difference(
    publish: Publish, change: Change, repository: Repository
) -> None:
    parts, secret = "<measure/m1> , <series/x1>", "Rooms of a pupil"
    change(
        (parts, f"{parts} , <measure/m2>"),
        more=f"""<measure/m2> a nic:Measure ; nic:harvested true ; rdfs:label "{secret}"@en ;
            nic:unit "tickets" ; nic:reference <measure/m2#r> .
            <measure/m2#r> a nic:SourceReference ; nic:source <source/s1> ; nic:locator "p. 3" .""",
    )
    assert secret in json.dumps(changed(publish()))
    change()
    iri = f"{ROOT}/id/measure/m2"
    repository.ledger.remove(iri, role="administrator", reason="asked for", purge=True)
    told = changed(publish())
    assert secret not in json.dumps(told)
    (package,) = told["packages"]
    (record,) = package["records"]
    assert record["type"] == "package"
    assert iri in record["said"][0]


def test_what_changed_is_told_in_the_words_of_the_form(publish: Publish, change: Change) -> None:
    change()
    first = publish()
    parts = "<measure/m1> , <series/x1>"
    change(
        ("Exit ticket with a reason line", "Exit ticket with two lines"),
        (parts, f"{parts} , <measure/m2>"),
        more="""<measure/m2> a nic:Measure ; nic:harvested true ; rdfs:label "Tickets handed in"@en ;
            nic:unit "tickets" ; nic:reference <measure/m2#r> .
            <measure/m2#r> a nic:SourceReference ; nic:source <source/s1> ; nic:locator "p. 3" .""",
    )
    second = publish()
    told = changed(second)
    assert (told["from"], told["to"]) == (first.id, second.id)
    (package,) = told["packages"]
    assert package["change"] == "changed"
    by_type = {(r["type"], r["change"]): r for r in package["records"]}
    assert by_type.keys() == {("package", "changed"), ("idea", "changed"), ("measure", "new")}
    (said,) = by_type["idea", "changed"]["said"]
    assert said == "Name: from ‘Exit ticket with a reason line’ to ‘Exit ticket with two lines’"
    assert by_type["measure", "new"]["label"] == "Tickets handed in"
    assert package["levels"] == []


def test_a_level_that_came_to_be_is_told(publish: Publish, change: Change) -> None:
    change()
    (package,) = changed(publish())["packages"]
    (level,) = package["levels"]
    assert level["label"] == "Exit ticket with a reason line"
    assert level["before"] is None
    assert level["after"]
