"""Records through the API: what is sent and comes back, preconditions, retries, validation; each error told."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hub import PATCH, PREFIXES, TURTLE, Hub, Member, driver, path, problem


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
