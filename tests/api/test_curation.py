"""Records through the API: preconditions, retries, versions, rights, deletion, audit; each error told."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hub import PATCH, PREFIXES, TURTLE, Hub, Member, path

JSONLD = {"Content-Type": "application/ld+json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    return said


def driver(name: str, more: str = "") -> str:
    if "contributesTo" not in more:
        more += "; nic:notStated nic:contributesTo"
    return f'<> a nic:PrimaryDriver ; rdfs:label "{name}"@en {more} .'


@pytest.fixture
def record(hub: Hub) -> str:
    """A driver that the curator made."""
    return hub.curator.create("driver", driver("Classroom talk"))


# ---- what is sent and what comes back ----


def test_a_new_record_is_a_draft_of_its_authors_network(hub: Hub) -> None:
    answer = hub.curator(
        "POST", "/api/v1/driver", content=PREFIXES + driver("Talk"), headers=TURTLE
    )
    assert answer.status_code == 201
    told = answer.json()
    assert answer.headers["location"] == path(told["id"])
    assert (told["status"], told["version"]) == ("draft", 1)
    assert told["documentation"]["rung"] in ("recorded", "reusable", "publishable")
    read = hub.curator.get(path(told["id"]), headers={"Accept": "application/ld+json"})
    assert read["ofNetwork"] == hub.network
    # the tag it came with can be sent back
    tag = hub.curator("GET", path(told["id"])).headers["etag"]
    assert tag.startswith(answer.headers["etag"][:-1])


def test_digits_and_languages_come_back_as_they_were_sent(hub: Hub) -> None:
    iri = hub.curator.create(
        "aim",
        '<> a nic:Aim ; rdfs:label "Más razones"@es-MX , "More reasons"@en ; nic:baselineValue 2.040 .',
    )
    text = hub.curator("GET", path(iri), headers={"Accept": "text/turtle"}).text
    assert "2.040" in text
    assert "@es-MX" in text
    hub.curator.patch(iri, {"unit": "percent", "targetValue": 5.10})
    text = hub.curator("GET", path(iri), headers={"Accept": "application/n-quads"}).text
    assert '"2.040"' in text
    assert '"5.1"' in text or '"5.10"' in text


def test_a_patch_changes_what_it_names_and_null_takes_out(hub: Hub, record: str) -> None:
    hub.curator.patch(record, {"summary": {"@language": "en", "@value": "What they say."}})
    read = hub.curator.get(path(record), headers={"Accept": "application/ld+json"})
    assert read["summary"]["@value"] == "What they say."
    told = hub.curator.patch(record, {"summary": None})
    assert told["version"] == 3
    read = hub.curator.get(path(record), headers={"Accept": "application/ld+json"})
    assert "summary" not in read
    assert read["label"]["@value"] == "Classroom talk"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[1]", None),
        (b"{", None),
        (b'{"nonsense": 1}', None),
        (b'{"id": "x"}', "id"),
        (b'{"label": "\\ud800"}', None),
        (b'{"label": ' + b"[" * 5000 + b"]" * 5000 + b"}", None),
        (b'{"sequence": 1e999}', None),
    ],
)
def test_a_patch_that_is_none_is_told_so(
    hub: Hub, record: str, body: bytes, field: str | None
) -> None:
    tag = hub.curator("GET", path(record)).headers["etag"]
    answer = hub.curator("PATCH", path(record), content=body, headers=PATCH | {"If-Match": tag})
    assert answer.status_code in (400, 422), answer.text
    said = problem(answer, answer.status_code)
    if field:
        assert said["field"] == field


# ---- lost updates and retries ----


def test_a_change_says_which_version_it_means(hub: Hub, record: str) -> None:
    change = {"content": PREFIXES + driver("Other").replace("<>", f"<{record}>")}
    said = problem(hub.curator("PUT", path(record), headers=TURTLE, **change), 428)
    assert "If-Match" in said["detail"]
    wrong = TURTLE | {"If-Match": '"0000"'}
    problem(hub.curator("PUT", path(record), headers=wrong, **change), 412)
    problem(hub.curator("PATCH", path(record), json={}, headers=PATCH), 428)
    problem(hub.curator("DELETE", path(record), json={"reason": "x"}), 428)
    tag = hub.curator("GET", path(record)).headers["etag"]
    right = TURTLE | {"If-Match": tag}
    assert hub.curator("PUT", path(record), headers=right, **change).status_code == 200
    problem(hub.curator("PUT", path(record), headers=right, **change), 412)


def test_what_was_read_is_not_sent_again(hub: Hub, record: str) -> None:
    first = hub.curator("GET", path(record))
    again = hub.curator("GET", path(record), headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert "private" in first.headers["cache-control"]


def test_of_many_editors_none_overwrites_another(hub: Hub, record: str) -> None:
    def edit(n: int) -> bool:
        with httpx.Client(base_url=hub.url, timeout=60) as client:
            editor = Member(client, hub.curator.token)
            for _ in range(60):
                read = editor("GET", path(record), headers={"Accept": "application/ld+json"})
                notes = read.json().get("curatorNote", [])
                held = notes if isinstance(notes, list) else [notes]
                answer = editor(
                    "PATCH",
                    path(record),
                    json={"curatorNote": [*held, f"edit {n}"]},
                    headers=PATCH | {"If-Match": read.headers["etag"]},
                )
                if answer.status_code == 200:
                    return True
                assert answer.status_code == 412, answer.text
        return False

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(edit, range(12)))
    read = hub.curator.get(path(record), headers={"Accept": "application/ld+json"})
    assert sorted(read["curatorNote"]) == sorted(f"edit {n}" for n in range(12))


def test_a_request_sent_twice_is_done_once(hub: Hub) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = PREFIXES + driver("Sent twice")

    def send(_: int) -> httpx.Response:
        with httpx.Client(base_url=hub.url, timeout=60) as client:
            member = Member(client, hub.curator.token)
            return member("POST", "/api/v1/driver", content=body, headers=TURTLE | key)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert len({a.headers["location"] for a in answers}) == 1
    other = hub.curator(
        "POST", "/api/v1/driver", content=body.replace("twice", "thrice"), headers=TURTLE | key
    )
    assert problem(other, 422)["field"] == "Idempotency-Key"
    # another member's key is another key
    mine = hub.reviewer("POST", "/api/v1/driver", content=body, headers=TURTLE | key)
    assert problem(mine, 403)


# ---- validation ----


def test_every_fault_is_told_at_once_by_field(hub: Hub) -> None:
    body = PREFIXES + '<> a nic:PDSACycle ; rdfs:label "A test"@en ; nic:peopleReached "many" .'
    said = problem(hub.contributor("POST", "/api/v1/test", content=body, headers=TURTLE), 422)
    fields = {e["field"] for e in said["errors"] if e["severity"] == "Violation"}
    assert {"Site", "People reached"} <= fields
    assert all(e["next"] and e["shape"] for e in said["errors"])


@pytest.mark.parametrize("media", ["text/turtle", "application/ld+json"])
def test_the_shacl_report_is_had_by_accept(hub: Hub, media: str) -> None:
    body = PREFIXES + '<> a nic:PDSACycle ; rdfs:label "A test"@en .'
    answer = hub.contributor(
        "POST", "/api/v1/test", content=body, headers=TURTLE | {"Accept": media}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith(media)
    assert "ValidationReport" in answer.text
    assert "choose one that is recorded" in answer.text


def test_a_dry_run_says_the_same_and_stores_nothing(hub: Hub) -> None:
    before = hub.curator.get("/health")["ledger"]
    good = PREFIXES + driver("Only tried")
    answer = hub.curator("POST", "/api/v1/driver?dry-run", content=good, headers=TURTLE)
    assert answer.status_code == 200
    assert answer.json()["dry-run"] is True
    assert "id" not in answer.json()
    bad = PREFIXES + "<> a nic:PrimaryDriver ."
    dry = hub.curator("POST", "/api/v1/driver?dry-run", content=bad, headers=TURTLE)
    real = hub.curator("POST", "/api/v1/driver", content=bad, headers=TURTLE)

    def told(answer: httpx.Response) -> list[tuple[str, str]]:
        return [(e["field"], e["message"]) for e in problem(answer, 422)["errors"]]

    assert told(dry) == told(real)
    judged = hub.curator("POST", "/api/v1/validate?type=driver", content=bad, headers=TURTLE)
    assert judged.json()["conforms"] is False
    assert [(e["field"], e["message"]) for e in judged.json()["results"]] == told(real)
    assert hub.curator.get("/health")["ledger"] == before


def test_a_driver_that_comes_back_to_itself_is_refused(hub: Hub) -> None:
    one = hub.curator.create("driver", driver("One"))
    two = hub.curator.create("driver", driver("Two", f"; nic:contributesTo <{one}>"))
    tag = hub.curator("GET", path(one)).headers["etag"]
    answer = hub.curator(
        "PATCH",
        path(one),
        json={"contributesTo": two},
        headers=PATCH | {"If-Match": tag},
    )
    said = problem(answer, 422)
    (circle,) = [e for e in said["errors"] if e["constraint"] == "AcyclicConstraint"]
    assert "comes back to itself" in circle["message"]
    assert two in circle["message"]


def test_a_name_of_nothing_is_refused(hub: Hub) -> None:
    nothing = f"{hub.network.rpartition('/network/')[0]}/aim/nothing-here"
    body = PREFIXES + driver("Astray", f"; nic:contributesTo <{nothing}>")
    said = problem(hub.curator("POST", "/api/v1/driver", content=body, headers=TURTLE), 422)
    assert any(e["value"] == nothing for e in said["errors"])


def test_text_that_is_too_long_is_refused_by_field(hub: Hub) -> None:
    body = PREFIXES + driver("x" * 30_000)
    said = problem(hub.curator("POST", "/api/v1/driver", content=body, headers=TURTLE), 422)
    assert any("longer than" in e["message"] for e in said["errors"])


# ---- versions ----


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


# ---- deletion ----


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


# ---- lists ----


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


# ---- who may what ----


def test_a_draft_is_not_there_for_others(hub: Hub, record: str) -> None:
    nothing = path(record)[:-3] + "zzz"
    for suffix in ("", "/versions", "/compare", "/comments", "/may"):
        theirs = hub.outsider("GET", path(record) + suffix)
        missing = hub.outsider("GET", nothing + suffix)
        assert theirs.status_code == missing.status_code == 404
        assert theirs.json()["detail"] == missing.json()["detail"]
    tag = {"If-Match": '"x"'}
    for method in ("PUT", "PATCH", "DELETE"):
        theirs = hub.outsider(method, path(record), json={}, headers=tag)
        missing = hub.outsider(method, nothing, json={}, headers=tag)
        assert (theirs.status_code, theirs.json()["detail"]) == (
            missing.status_code,
            missing.json()["detail"],
        ), method


def test_a_contributor_changes_only_what_is_its_own(hub: Hub) -> None:
    theirs = hub.curator.create(
        "idea", '<> a nic:ChangeIdea ; rdfs:label "Theirs"@en ; nic:notStated nic:addressesDriver .'
    )
    mine = hub.contributor.create(
        "idea", '<> a nic:ChangeIdea ; rdfs:label "Mine"@en ; nic:notStated nic:addressesDriver .'
    )
    hub.contributor.patch(mine, {"label": {"@language": "en", "@value": "Still mine"}})
    tag = hub.contributor("GET", path(theirs)).headers["etag"]
    answer = hub.contributor(
        "PATCH", path(theirs), json={"sequence": 1}, headers=PATCH | {"If-Match": tag}
    )
    said = problem(answer, 403)
    assert "only what you wrote" in said["detail"]
    assert "curator" in said["needs"]
    may = hub.contributor.get(f"{path(theirs)}/may")
    assert may["edit"]["reason"] == said["detail"].split(" It takes")[0]
    answer = hub.contributor(
        "POST", "/api/v1/package", content=PREFIXES + "<> a nic:ChangePackage .", headers=TURTLE
    )
    assert "You may not create it" in problem(answer, 403)["detail"]


def test_the_status_changes_by_steps_alone(hub: Hub, record: str) -> None:
    tag = hub.curator("GET", path(record)).headers["etag"]
    published = {"lifecycle": "https://w3id.org/warranted/scheme/lifecycle/published"}
    answer = hub.curator("PATCH", path(record), json=published, headers=PATCH | {"If-Match": tag})
    assert problem(answer, 400)["field"] == "lifecycle"
    body = PREFIXES + driver("Born published", "; nic:lifecycle l:published")
    answer = hub.curator("POST", "/api/v1/driver", content=body, headers=TURTLE)
    assert problem(answer, 400)["field"] == "lifecycle"
    hub.curator.step(record, "accept", status=403)
    hub.curator.step(record, "submit")
    hub.curator.step(record, "accept")
    hub.curator.step(record, "submit", status=403)
    problem(hub.curator("POST", f"{path(record)}/steps/nonsense"), 404)
    hub.curator.step(record, "withdraw", "Not ours.")
    hub.curator.step(record, "reopen", "Ours after all.")


def test_a_judgement_changed_after_approval_waits_for_it_again(hub: Hub) -> None:
    idea = hub.curator.create(
        "idea", '<> a nic:ChangeIdea ; rdfs:label "Judged"@en ; nic:notStated nic:addressesDriver .'
    )
    assessment = hub.curator.post(f"{path(idea)}/assessments", status=201)["id"]
    judgement = hub.reviewer.create(
        "judgement",
        f"""<> a nic:Adjudication ; rdfs:label "As computed"@en ;
        nic:aboutIdea <{idea}> ; nic:reviews <{assessment}> ;
        nic:warrantLevel <https://w3id.org/warranted/scheme/warrant/untested> ;
        nic:assessedOn "2026-06-10"^^xsd:date ; nic:reviewBy "2027-06-10"^^xsd:date ;
        nic:rationale "Nobody has tried it yet, so there is nothing to weigh for or against it." ;
        nic:namedReviewer <#lead> .
        <#lead> a prov:Agent ; rdfs:label "Hub improvement lead"@en ; nic:isOriginator false .""",
    )
    hub.reviewer.step(judgement, "submit")
    hub.administrator.step(judgement, "accept")
    told = hub.reviewer.patch(judgement, {"reviewBy": "2027-01-10"})
    assert told["status"] == "draft"
    body = PREFIXES + "<> a nic:ComputedAssessment ."
    problem(hub.administrator("POST", "/api/v1/assessment", content=body, headers=TURTLE), 403)


def test_a_reviewer_alone_clears_a_privacy_warning(hub: Hub, record: str) -> None:
    shape = "https://w3id.org/warranted/shapes#privacy-names"
    tag = hub.curator("GET", path(record)).headers["etag"]
    answer = hub.curator(
        "PATCH", path(record), json={"cleared": shape}, headers=PATCH | {"If-Match": tag}
    )
    assert problem(answer, 403)["needs"] == ["reviewer", "administrator"]


# ---- tokens, accounts, audit ----


def test_a_token_ends_is_revoked_and_allows_no_more_than_it_says(hub: Hub) -> None:
    me = hub.curator.get("/api/v1/me")
    assert me["roles"] == {hub.network: ["curator"]}
    made = hub.curator.post("/api/v1/tokens", {"scopes": ["read"], "days": 1}, 201)
    assert made["token"].startswith("wrt_")
    with httpx.Client(base_url=hub.url, timeout=60) as client:
        reader = Member(client, made["token"])
        assert reader.get("/api/v1/me")["scopes"] == ["read"]
        body = PREFIXES + driver("Not allowed")
        said = problem(reader("POST", "/api/v1/driver", content=body, headers=TURTLE), 403)
        assert "scope 'write'" in said["detail"]
        more = reader("POST", "/api/v1/tokens", json={"scopes": ["write"]})
        assert problem(more, 403)["field"] == "scopes"
        short = hub.curator.post("/api/v1/tokens", {"days": 0.00001}, 201)
        late = Member(client, short["token"])
        answer = late("GET", "/api/v1/me")
        while answer.status_code == 200:
            answer = late("GET", "/api/v1/me")
        assert "expired" in problem(answer, 401)["detail"]
        assert hub.curator("DELETE", f"/api/v1/tokens/{made['id']}").status_code == 200
        answer = reader("GET", "/api/v1/me")
        assert "revoked" in problem(answer, 401)["detail"]
        assert "invalid_token" in answer.headers["www-authenticate"]
    listed = hub.curator("GET", "/api/v1/tokens").text
    assert made["token"] not in listed
    assert made["token"].rpartition("_")[2] not in listed
    for file in (hub.folder / "var").glob("ledger.sqlite*"):
        assert made["token"].rpartition("_")[2].encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic eDp5", "Bearer wrt_a_b", "Bearer wrt_é_b", "nonsense"]
)
def test_a_token_that_is_none(hub: Hub, header: str) -> None:
    answer = hub.stranger.get("/api/v1/me", headers={"Authorization": header.encode()})
    problem(answer, 401)


def test_accounts_are_an_administrators(hub: Hub) -> None:
    new = {"label": "Team at Site A", "network": hub.network, "roles": ["contributor"]}
    problem(hub.curator("POST", "/api/v1/accounts", json=new), 403)
    account = hub.administrator.post("/api/v1/accounts", new, 201)["id"]
    token = hub.administrator.post("/api/v1/tokens", {"account": account}, 201)["token"]
    with httpx.Client(base_url=hub.url, timeout=60) as client:
        member = Member(client, token)
        assert member.get("/api/v1/me")["label"] == "Team at Site A"
        none = {"network": hub.network, "roles": []}
        changed = hub.administrator("PUT", f"/api/v1/accounts/{account}/roles", json=none)
        assert changed.status_code == 200
        body = PREFIXES + '<> a nic:ChangeIdea ; rdfs:label "Out"@en .'
        answer = member("POST", "/api/v1/idea", content=body, headers=TURTLE)
        assert problem(answer, 400)["detail"].startswith("You are in no network")
    wrong = hub.administrator("POST", "/api/v1/accounts", json=new | {"roles": ["king"]})
    assert problem(wrong, 400)["field"] == "roles"


def test_the_audit_log_says_who_did_what_to_administrators_alone(hub: Hub, record: str) -> None:
    problem(hub.curator("GET", "/api/v1/audit"), 403)
    lines = hub.administrator("GET", "/api/v1/audit", params={"record": record}).text.splitlines()
    (entry,) = map(json.loads, lines)
    assert (entry["action"], entry["role"], entry["network"]) == ("create", "curator", hub.network)
    assert entry["account"] == hub.curator.get("/api/v1/me")["account"]
    every = hub.administrator("GET", "/api/v1/audit").text.splitlines()
    ids = [json.loads(line)["id"] for line in every]
    assert ids == sorted(ids)
    after = hub.administrator("GET", f"/api/v1/audit?after={ids[-2]}").text.splitlines()
    assert [json.loads(line)["id"] for line in after] == [ids[-1]]


def test_a_review_is_assigned_to_a_member(hub: Hub, record: str) -> None:
    reviewer = hub.reviewer.get("/api/v1/me")["account"]
    outsider = hub.outsider.get("/api/v1/me")["account"]
    answer = hub.curator("PUT", f"{path(record)}/assignee", json={"account": reviewer})
    problem(answer, 409)
    hub.curator.step(record, "submit")
    answer = hub.curator("PUT", f"{path(record)}/assignee", json={"account": outsider})
    assert problem(answer, 400)["field"] == "account"
    answer = hub.curator("PUT", f"{path(record)}/assignee", json={"account": reviewer})
    assert answer.status_code == 200
    (mine,) = [r for r in hub.reviewer.get("/api/v1/reviews")["items"] if r["id"] == record]
    assert mine["mine"]
    (theirs,) = [r for r in hub.curator.get("/api/v1/reviews")["items"] if r["id"] == record]
    assert (theirs["assigned"], theirs["mine"]) == (True, False)
