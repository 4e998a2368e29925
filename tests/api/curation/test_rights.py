"""Who may do what: drafts, steps, tokens, accounts, the audit log."""

from __future__ import annotations

import json

import httpx
import pytest
from hub import PATCH, PREFIXES, TURTLE, Hub, Member, driver, path, problem


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
