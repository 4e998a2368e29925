"""Versions of records, what is left of a deleted one, and lists of those there are."""

from __future__ import annotations

import json
import uuid

import pytest
from hub import Hub, driver, path, problem


def test_versions_are_read_compared_and_restored(hub: Hub, record: str) -> None:
    hub.curator.patch(record, {"label": {"@language": "en", "@value": "Talk in class"}})
    versions = hub.curator.get(f"{path(record)}/versions")["items"]
    assert [(v["version"], v["action"], v["role"]) for v in versions] == [
        (1, "create", "curator"),
        (2, "patch", "curator"),
    ]
    assert all(set(v) & {"author", "account"} == set() for v in versions)
    first = hub.curator("GET", versions[0]["url"], headers={"Accept": "text/turtle"})
    assert "Classroom talk" in first.text
    at = hub.curator(
        "GET",
        f"{path(record)}/versions/at",
        params={"time": versions[0]["time"]},
        headers={"Accept": "text/turtle"},
    )
    assert at.text == first.text
    (change,) = hub.curator.get(f"{path(record)}/compare")["changes"]
    assert change["sentence"] == "Name: from ‘Classroom talk’ to ‘Talk in class’"
    tag = hub.curator("GET", path(record)).headers["etag"]
    restore = f"{path(record)}/versions/1/restore"
    problem(hub.curator("POST", restore), 428)
    told = hub.curator("POST", restore, headers={"If-Match": tag}).json()
    assert told["version"] == 3
    read = hub.curator.get(path(record), headers={"Accept": "application/ld+json"})
    assert read["label"]["@value"] == "Classroom talk"


@pytest.mark.parametrize("n", ["0", "99", "x", "-1", "1e3", "٣", "99999999999999999999"])
def test_a_version_there_is_not(hub: Hub, record: str, n: str) -> None:
    problem(hub.curator("GET", f"{path(record)}/versions/{n}"), 404)


@pytest.mark.parametrize("time", ["", "yesterday", "2026-13-01", "0001-01-01T00:00:00+23:59"])
def test_a_time_that_is_none(hub: Hub, record: str, time: str) -> None:
    answer = hub.curator("GET", f"{path(record)}/versions/at", params={"time": time})
    assert problem(answer, 400)["field"] == "time"


def test_a_deleted_record_leaves_a_tombstone_without_content(hub: Hub, record: str) -> None:
    tag = hub.curator("GET", path(record)).headers["etag"]
    gone = hub.curator("DELETE", path(record), json={"reason": "twice"}, headers={"If-Match": tag})
    assert gone.status_code == 200
    problem(hub.curator("GET", path(record)), 410)
    problem(hub.outsider("GET", path(record)), 404)
    versions = hub.curator.get(f"{path(record)}/versions")["items"]
    assert [(v["action"], v["removed"]) for v in versions] == [("create", False), ("delete", True)]
    assert record not in [i["id"] for i in hub.curator.get("/api/v1/driver?limit=1000")["items"]]


def test_what_others_name_is_not_deleted(hub: Hub) -> None:
    one = hub.curator.create("driver", driver("Named"))
    two = hub.curator.create("driver", driver("Names it", f"; nic:contributesTo <{one}>"))
    tag = hub.curator("GET", path(one)).headers["etag"]
    answer = hub.curator("DELETE", path(one), json={"reason": "x"}, headers={"If-Match": tag})
    assert two in problem(answer, 409)["detail"]


def test_removal_for_privacy_takes_the_history_along(hub: Hub) -> None:
    secret = f"Quetzalcoatl{uuid.uuid4().hex}"
    iri = hub.curator.create("driver", driver(secret))
    hub.curator.patch(iri, {"label": {"@language": "en", "@value": "Harmless"}})
    hub.curator.post(f"{path(iri)}/comments", {"text": f"About {secret}"}, 201)
    body = {"reason": "A parent asked", "purge": True}
    said = problem(hub.curator("DELETE", path(iri), json=body), 403)
    assert said["needs"] == ["administrator"]
    assert hub.administrator("DELETE", path(iri), json=body).status_code == 200
    versions = hub.administrator.get(f"{path(iri)}/versions")["items"]
    assert all(v["removed"] for v in versions)
    problem(hub.administrator("GET", f"{path(iri)}/versions/1"), 410)
    everything = json.dumps(versions) + hub.administrator("GET", "/api/v1/audit").text
    assert secret not in everything
    found = hub.administrator.get("/api/v1/driver", params={"q": secret})["items"]
    assert found == []
    for file in (hub.folder / "var").glob("ledger.sqlite*"):
        assert secret.encode() not in file.read_bytes(), file


def test_a_deprecated_record_says_what_stands_in_its_place(hub: Hub, record: str) -> None:
    other = hub.curator.create("driver", driver("The better word"))
    body = {"replacedBy": other, "reason": "One word for it."}
    told = hub.curator.post(f"{path(record)}/deprecate", body)
    read = hub.curator.get(path(record), headers={"Accept": "application/ld+json"})
    assert read["isReplacedBy"] == other
    assert str(read["deprecated"]).lower() == "true"
    assert told["status"] == "draft"
    back = {"replacedBy": record, "reason": "No, the other."}
    answer = hub.curator("POST", f"{path(other)}/deprecate", json=back)
    assert any(e["constraint"] == "AcyclicConstraint" for e in problem(answer, 422)["errors"])
    wrong = {"replacedBy": hub.network, "reason": "x"}
    answer = hub.curator("POST", f"{path(record)}/deprecate", json=wrong)
    assert problem(answer, 400)["field"] == "replacedBy"


def test_lists_are_narrowed_and_come_in_pages(hub: Hub) -> None:
    word = f"Zyzzyva{uuid.uuid4().hex[:8]}"
    by_name = {n: hub.curator.create("driver", driver(f"{word} n{n}é")) for n in range(7)}
    made = sorted(by_name.values())
    hub.curator.step(made[0], "submit")
    seen: list[str] = []
    link = f"/api/v1/driver?limit=3&q={word.lower()}"
    while link:
        answer = hub.curator("GET", link)
        seen += [i["id"] for i in answer.json()["items"]]
        link = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == made

    def found(**params: str) -> list[str]:
        return [i["id"] for i in hub.curator.get("/api/v1/driver", params=params)["items"]]

    assert found(q=word, status="submitted") == [made[0]]
    assert found(q=f"{word} n3e") == [by_name[3]]
    assert found(q=word, network=hub.elsewhere) == []
    assert hub.outsider.get("/api/v1/driver", params={"q": word})["items"] == []
    problem(hub.stranger.get("/api/v1/driver", params={"q": word}), 401)
    for words in ("", "!!", '"', "* OR 1", "a " * 40):
        answer = hub.curator("GET", "/api/v1/driver", params={"q": words})
        assert answer.status_code in (200, 400), answer.text


def test_ideas_and_what_was_tested_are_found_by_driver_and_facet(hub: Hub, record: str) -> None:
    idea = hub.contributor.create(
        "idea",
        f'<> a nic:ChangeIdea ; rdfs:label "By driver"@en ; nic:addressesDriver <{record}> .',
    )
    found = hub.curator.get("/api/v1/idea", params={"driver": record})["items"]
    assert [i["id"] for i in found] == [idea]
    facet = "https://w3id.org/warranted/scheme/locality/suburb"
    site = hub.curator.create(
        "site",
        f"""<> a nic:Site ; rdfs:label "A site"@en ; nic:hasContext <#c> .
        <#c> a nic:ContextProfile ; nic:facetValue <{facet}> .""",
    )
    found = hub.curator.get("/api/v1/site", params={"facet": facet})["items"]
    assert site in [i["id"] for i in found]
