"""What strangers send over HTTP: received, kept to its network, decided, published, counted."""

from __future__ import annotations

import json

from hub import PREFIXES, path
from senders import IDEA, NETWORK, TURTLE, VERSION, Place, report, today

from warranted.namespaces import NIC


def test_a_report_waits_is_accepted_published_and_counts_as_one_more_place(place: Place) -> None:
    before = place.stranger.get(f"{path(IDEA)}/warrant").json()
    seen = place.stranger.get("/sparql", params={"query": f"ASK {{ ?t <{NIC}tests> <{VERSION}> }}"})

    # The plan comes before the test begins, so that its prediction counts.
    answer = place.send(report(n=9001, done=False))
    assert answer.status_code == 202
    told = answer.json()
    assert told["state"] == "waiting"
    assert answer.headers["location"] == told["receipt"]
    assert place.send(report(n=9001, done=False)).json()["receipt"] == told["receipt"]

    # The result takes its place; nobody but the network's curators can see it.
    body = (PREFIXES + report(n=9001)).encode()
    again = place.stranger.put(told["receipt"], content=body, headers=TURTLE)
    assert (again.status_code, again.json()["receipt"]) == (202, told["receipt"])
    (item,) = [
        i
        for i in place.curator.get("/api/v1/inbox")["items"]
        if i["label"].endswith("A school outside")
    ]
    where = f"/api/v1/inbox/{item['id']}"
    assert place.stranger.get(where).status_code == 401
    missing = place.outsider("GET", "/api/v1/inbox/nothing")
    hidden = place.outsider("GET", where)
    assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"])
    assert place.outsider.get("/api/v1/inbox")["items"] == []
    refused = place.contributor("POST", f"{where}/accept", json={})
    assert (refused.status_code, "curator" in refused.json()["needs"]) == (403, True)
    words = {"query": 'ASK { ?s ?p ?o FILTER(CONTAINS(STR(?o), "Five of six colleagues")) }'}
    assert place.stranger.get("/sparql", params=words).json()["boolean"] is False
    assert place.curator("GET", "/api/v1/sparql", params=words).json()["boolean"] is False

    # The curator reads it and accepts it: drafts, which a stranger does not see either.
    whole = place.curator.get(where)
    assert {r["type"] for r in whole["records"]} == {"Site", "PDSACycle"}
    assert all(r["ofNetwork"] == NETWORK for r in whole["records"])
    made = [r["id"] for r in place.curator.post(f"{where}/accept")["records"]]
    assert place.curator("POST", f"{where}/accept", json={}).status_code == 409
    test, site = next(i for i in made if "/test/" in i), next(i for i in made if "/site/" in i)
    assert place.stranger.get(path(test)).status_code == 404
    kept = place.curator.get(path(test), headers={"Accept": "application/ld+json"})
    assert kept["lifecycle"].endswith("/draft")
    assert kept["hasPrediction"]["statedOn"] == today()
    receipt = place.stranger.get(told["receipt"]).json()
    assert (receipt["state"], set(receipt["records"])) == ("accepted", set(made))
    log = place.administrator("GET", "/api/v1/audit").text.splitlines()
    about = [e for e in map(json.loads, log) if e["record"] == f"inbox/{item['id']}"]
    assert [(e["action"], e["role"]) for e in about] == [
        ("inbox-receive", "stranger"),
        ("inbox-renew", "stranger"),
        ("inbox-accept", "curator"),
    ]

    # Published the way of all records, the idea stands at one more place.
    place.publish(made)
    after = place.stranger.get(f"{path(IDEA)}/warrant").json()
    assert seen.json()["boolean"] is True, "the idea had tests before, which were not complete"
    assert (before["R_s"], after["R_s"]) == (0, 1)
    assert (before["I"], after["I"]) == (0, 1)
    assert (before["level"], after["level"]) == ("untested", "tried")
    assert site in [s["site"] for s in after["sites"]]
    page = place.stranger.get(f"/ideas/{IDEA.rpartition('/')[2]}/").text
    assert "A school outside" in page
    shown = place.stranger.get(told["receipt"], headers={"Accept": "text/html"})
    assert "href" in shown.text
    assert test in shown.text


def test_a_refusal_and_its_reason_are_seen_at_the_receipt(place: Place) -> None:
    receipt, id_ = place.sent(report(n=9100, name="A school to be refused"))
    where = f"/api/v1/inbox/{id_}"
    assert place.curator("POST", f"{where}/refuse", json={}).json()["field"] == "reason"
    place.curator.post(f"{where}/refuse", {"reason": "Say <b>which</b> lesson was watched."})
    told = place.stranger.get(receipt).json()
    assert (told["state"], told["reason"]) == ("refused", "Say <b>which</b> lesson was watched.")
    page = place.stranger.get(receipt, headers={"Accept": "text/html"})
    assert "Say &lt;b&gt;which&lt;/b&gt; lesson" in page.text
    assert page.headers["cache-control"] == "no-store"
    decided = place.curator.get(where)
    assert (decided["records"], decided["label"]) == ([], ""), "what was refused is dropped"

    # Put right and sent again, it waits again.
    more = '<test/t9100> nic:testQuestion "Will they come?" .'
    body = PREFIXES + report(n=9100, name="A school to be refused", more=more)
    again = place.stranger.put(receipt, content=body.encode(), headers=TURTLE)
    assert again.json()["state"] == "waiting"
    assert (
        place.stranger.put(f"{receipt}0", content=body.encode(), headers=TURTLE).status_code == 404
    )


def test_a_result_sent_after_its_plan_was_accepted_changes_the_same_record(place: Place) -> None:
    receipt, id_ = place.sent(report(n=9200, done=False, name="A school in two steps"))
    first = place.curator.post(f"/api/v1/inbox/{id_}/accept")["records"]
    body = PREFIXES + report(n=9200, name="A school in two steps")
    assert place.stranger.put(receipt, content=body.encode(), headers=TURTLE).status_code == 202
    second = place.curator.post(f"/api/v1/inbox/{id_}/accept")["records"]
    assert first == second
    test = next(r["id"] for r in second if "/test/" in r["id"])
    versions = place.curator.get(f"{path(test)}/versions")["items"]
    assert [v["action"] for v in versions] == ["create", "replace"]
    site = next(r["id"] for r in second if "/site/" in r["id"])
    assert len(place.curator.get(f"{path(site)}/versions")["items"]) == 1


def test_a_place_that_is_recorded_is_not_counted_twice(place: Place) -> None:
    _, id_ = place.sent(report(name="A school known here", start=today(-3)))
    made = place.curator.post(f"/api/v1/inbox/{id_}/accept")["records"]
    known = next(r["id"] for r in made if "/site/" in r["id"])
    _, id_ = place.sent(report(name="a school known  here".replace("  ", " "), start=today(-2)))
    item = place.curator.get(f"/api/v1/inbox/{id_}")
    assert [s["id"] for s in item["sites"]] == [known]
    wrong = place.curator("POST", f"/api/v1/inbox/{id_}/accept", json={"site": VERSION})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "site")
    made = place.curator.post(f"/api/v1/inbox/{id_}/accept", {"site": known})["records"]
    assert [r["id"] for r in made if "/site/" in r["id"]] == []
    test = place.curator.get(path(made[0]["id"]), headers={"Accept": "application/ld+json"})
    assert test["atSite"] == known


def test_what_waits_is_listed_a_page_at_a_time_the_first_sent_first(place: Place) -> None:
    ids = [place.sent(report(name=f"A school in a row {n}"))[1] for n in range(3)]
    every = [i["id"] for i in place.curator.get("/api/v1/inbox?limit=1000")["items"]]
    paged: list[str] = []
    while rest := place.curator.get(f"/api/v1/inbox?limit=2&after={paged[-1] if paged else ''}")[
        "items"
    ]:
        paged += [i["id"] for i in rest]
    assert paged == every
    assert paged[-3:] == ids
    wrong = place.curator("GET", "/api/v1/inbox", params={"state": "lost"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "state")


def test_the_pages_of_the_hub_show_and_decide(place: Place) -> None:
    _, id_ = place.sent(report(name="A school on a page"))
    page = place.curator("GET", "/hub/inbox").text
    assert "Watching a lesson at A school on a page" in page
    whole = place.curator("GET", f"/hub/inbox/{id_}").text
    assert "Five of six colleagues went to see a lesson." in whole
    assert place.outsider("GET", f"/hub/inbox/{id_}").status_code == 404
    own = {"Sec-Fetch-Site": "same-origin"}
    again = place.curator("POST", f"/hub/inbox/{id_}/refuse", data={"reason": ""}, headers=own)
    assert (again.status_code, "Say it in a sentence" in again.text) == (400, True)
    from_afar = {"Sec-Fetch-Site": "cross-site"}
    assert place.curator("POST", f"/hub/inbox/{id_}/accept", headers=from_afar).status_code == 403
    done = place.curator("POST", f"/hub/inbox/{id_}/accept", data={"site": ""}, headers=own)
    assert done.status_code == 303
    assert "Made of it" in place.curator("GET", f"/hub/inbox/{id_}").text
