"""What strangers send over HTTP: received, kept to its network, decided, published, counted."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import engines
import httpx
import pyoxigraph as ox
import pytest
from hub import PREFIXES, Member, path
from hypothesis import given
from hypothesis import strategies as st

from warranted import rdfio, records
from warranted.curation import outside
from warranted.errors import Busy, StoreUnavailable
from warranted.ledger import Ledger, arrivals, tables
from warranted.namespaces import NIC, ROOT
from warranted.operations.upgrade import upgrade
from warranted.records import Record
from warranted_api.inbox import Rate

BASE = f"{ROOT}/id"
IDEA = f"{BASE}/idea/z1il-c8"
VERSION = f"{BASE}/specification/z1il-c8v1"
PACKAGE = f"{BASE}/package/z1il-p1"
NETWORK = f"{BASE}/network/z1il-n1"
TOKEN = "a-token-for-tests"
TURTLE = {"Content-Type": "text/turtle"}
NUMBERS = itertools.count(1)


def today(after: int = 0) -> str:
    return (datetime.now(UTC).date() + timedelta(days=after)).isoformat()


@dataclass(frozen=True)
class Place:
    """A hub over the demo, and who asks: its curator, one of another network, a stranger."""

    url: str
    curator: Member
    contributor: Member
    outsider: Member
    administrator: Member
    stranger: httpx.Client

    def send(self, body: str, **more: Any) -> httpx.Response:
        return self.stranger.post(
            "/api/v1/inbox", content=(PREFIXES + body).encode(), headers=TURTLE, **more
        )

    def sent(self, body: str) -> tuple[str, str]:
        """What a stranger sends: the address of the receipt, and its id for moderators."""
        answer = self.send(body)
        assert answer.status_code == 202, answer.text
        known = self.curator.get("/api/v1/inbox?limit=1000")["items"]
        return answer.json()["receipt"], known[-1]["id"]

    def publish(self, made: list[str]) -> None:
        """A release with these records, too, by the way of all records."""
        for iri in made:
            self.curator.through(iri, "submit", "accept")
        everything = self.curator.get(path(PACKAGE), headers={"Accept": "application/ld+json"})
        ideas = [i for i in everything["hasPart"] if "/idea/" in i]
        self.administrator.post(f"{path(PACKAGE)}/assemble", {"ideas": ideas})
        self.administrator.through(PACKAGE, "submit", "accept", "publish")
        released = self.administrator("POST", "/api/v1/releases")
        assert released.status_code == 201, released.text


@pytest.fixture
def place(hub_of_demo: Place) -> Iterator[Place]:
    """A stranger at an address of its own in each test, as the rate is by address."""
    address = f"127.0.1.{next(NUMBERS) % 250 + 1}"
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=hub_of_demo.url, timeout=60, transport=transport) as stranger:
        yield replace(hub_of_demo, stranger=stranger)


ENGINES = ("sqlite and embedded oxigraph", "postgresql and oxigraph")


@contextmanager
def store_of_demo(
    engine: str, demo: Any, folder: Path, run: Callable[..., Any]
) -> Iterator[dict[str, str]]:
    """The demo's store in a folder; yields the settings that find it."""
    if engine == ENGINES[0]:
        shutil.copytree(demo.folder / "var", folder / "var", symlinks=True)
        yield {}
        return
    kept = folder / "demo.tar.gz"
    with engines.postgresql() as ledger, engines.oxigraph(folder / "engine") as env:
        env["WARRANTED_LEDGER"] = ledger
        for command, cwd, settings in (("backup", demo.folder, {}), ("restore", folder, env)):
            done = run(command, str(kept), cwd=cwd, **settings)
            assert done.returncode == 0, done.stderr
        yield env


@pytest.fixture(scope="module", params=ENGINES)
def hub_of_demo(
    request: pytest.FixtureRequest,
    demo: Any,
    tmp_path_factory: pytest.TempPathFactory,
    serving: Any,
    run: Callable[..., Any],
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("inbox")
    with (
        store_of_demo(request.param, demo, folder, run) as env,
        serving(folder, WARRANTED_WRITE_TOKEN=TOKEN, **env) as server,
    ):
        clients = [httpx.Client(base_url=server.url, timeout=60) for _ in range(5)]
        first = Member(clients[0], TOKEN)
        other = first.create("network", '<> a nic:Network ; rdfs:label "Another"@en .')

        def member(n: int, role: str, network: str) -> Member:
            made = run(
                "token", "create", "--label", f"a {role}", "--network", network, "--role", role,
                cwd=folder, **env,
            )  # fmt: skip
            assert made.returncode == 0, made.stderr
            return Member(clients[n], made.stdout.strip())

        yield Place(
            server.url,
            member(1, "curator", NETWORK),
            member(2, "contributor", NETWORK),
            member(3, "curator", other),
            first,
            clients[4],
        )
        for client in clients:
            client.close()


def report(
    *,
    n: int | None = None,
    name: str = "A school outside",
    start: str | None = None,
    stated: str | None = None,
    done: bool = True,
    more: str = "",
    learned: str = "Ask the colleague which lesson suits, and watch only ten minutes.",
    tests: str = VERSION,
) -> str:
    """A report as the page makes it. `n` is in the IRIs: the same again is the same thing."""
    n = next(NUMBERS) if n is None else n
    start = start or today()
    result = f"""<test/t{n}> nic:endDate "{start}"^^xsd:date ; nic:asPlanned true ;
        nic:decision <https://w3id.org/warranted/scheme/decision/adapt> ;
        nic:hasFinding <test/t{n}#finding> .
        <test/t{n}#finding> a nic:TestFinding ;
        nic:predictionOutcome <https://w3id.org/warranted/scheme/prediction/met> ;
        nic:basis <https://w3id.org/warranted/scheme/basis/data> ; nic:harmAsked true ;
        nic:harmSeen false ; nic:whatHappened "Five of six colleagues went to see a lesson." ;
        nic:learned "{learned}" ."""
    return f"""@base <{BASE}/> .
        <site/s{n}> a nic:Site ; rdfs:label "{name}"@en ; nic:illustrative true ;
        nic:hasContext <site/s{n}#context> .
        <site/s{n}#context> a nic:ContextProfile ;
        nic:facetValue <https://w3id.org/warranted/scheme/locality/city> .
        <test/t{n}> a nic:PDSACycle ; rdfs:label "Watching a lesson at {name}"@en ;
        nic:illustrative true ; nic:tests <{tests}> ; nic:atSite <site/s{n}> ;
        nic:startDate "{start}"^^xsd:date ;
        nic:scale <https://w3id.org/warranted/scheme/scale/small> ;
        nic:stage <https://w3id.org/warranted/scheme/stage/{"complete" if done else "planned"}> ;
        nic:byOriginator false ; nic:hasPrediction <test/t{n}#prediction> .
        <test/t{n}#prediction> a nic:Prediction ;
        nic:statedOn "{stated or start}"^^xsd:date ;
        nic:ofMeasure <measure/z1il-m1> ;
        nic:predictionText "Half of the colleagues will watch a lesson." .
        {result if done else ""} {more}"""


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


WRONG: dict[str, tuple[Callable[[], str], int, str]] = {
    "an e-mail address": (
        lambda: report(learned="Write to anna.example@school.example for the slips."),
        422,
        "What a stranger should know",
    ),
    "no scale": (
        lambda: report().replace("nic:scale <https://w3id.org/warranted/scheme/scale/small> ;", ""),
        422,
        "Scale of test",
    ),
    "a status": (
        lambda: report(n=7001, more="<test/t7001> nic:lifecycle l:published ."),
        400,
        "Status",
    ),
    "a network": (
        lambda: report(n=7002, more=f"<test/t7002> nic:ofNetwork <{NETWORK}> ."),
        400,
        "Network",
    ),
    "nothing published": (lambda: report(tests=f"{BASE}/specification/not-there"), 400, "id"),
    "two sites": (
        lambda: report(more='<site/x> a nic:Site ; rdfs:label "Two"@en .'),
        400,
        "site",
    ),
    "a package": (
        lambda: report(more='<package/x> a nic:ChangePackage ; rdfs:label "P"@en .'),
        400,
        "type",
    ),
    "a published record": (
        lambda: report(more=f'<{VERSION}> a nic:ChangeSpecification ; rdfs:label "V"@en .'),
        400,
        "id",
    ),
    "another site": (
        lambda: report(n=7003).replace(
            "nic:atSite <site/s7003>", f"nic:atSite <{BASE}/site/z1il-a>"
        ),
        400,
        "Site",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_taken_is_refused_by_field_and_nothing_is_kept(
    place: Place, what: str
) -> None:
    body, status, field = WRONG[what]
    before = len(place.curator.get("/api/v1/inbox?limit=1000")["items"])
    answer = place.send(body())
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    named = said.get("field") or next(e["field"] for e in said["errors"])
    assert named == field
    assert len(place.curator.get("/api/v1/inbox?limit=1000")["items"]) == before


def test_a_draft_is_told_from_nothing_by_no_answer(place: Place) -> None:
    draft = place.curator.create(
        "specification",
        f'<> a nic:ChangeSpecification ; rdfs:label "Draft"@en ; nic:specificationOf <{IDEA}> .',
    )
    missing = f"{BASE}/specification/zzzzzzzzzzzz"
    answers = [place.send(report(n=7100, tests=iri)) for iri in (draft, missing)]
    said = [
        a.json()["detail"].replace(iri, "")
        for a, iri in zip(answers, (draft, missing), strict=True)
    ]
    assert said[0] == said[1]
    assert [a.status_code for a in answers] == [400, 400]


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


def test_pages_of_other_sites_may_send_and_no_cookie_is_looked_at(place: Place) -> None:
    asked = place.stranger.options("/api/v1/inbox", headers={"Origin": "https://else.example"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "Content-Type" in asked.headers["access-control-allow-headers"]
    refused = place.stranger.post("/api/v1/inbox", content=b"{}", headers={
        "Content-Type": "text/plain", "Origin": "null", "Cookie": "warranted_session=x",
        "Sec-Fetch-Site": "cross-site",
    })  # fmt: skip
    assert refused.status_code == 415
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in refused.headers
    listed = place.curator("GET", "/api/v1/inbox", headers={"Origin": "https://else.example"})
    assert "access-control-allow-origin" not in listed.headers


def test_what_is_too_large_or_cannot_be_read_is_refused(place: Place) -> None:
    large = place.stranger.post("/api/v1/inbox", content=b"#" * 400_000, headers=TURTLE)
    assert large.status_code == 413
    deep = place.stranger.post(
        "/api/v1/inbox",
        content=b"[" * 5_000,
        headers={"Content-Type": "application/ld+json"},
    )
    assert deep.status_code == 400


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


def test_who_sends_too_much_waits(demo: Any, tmp_path: Path, serving: Any) -> None:
    shutil.copytree(demo.folder / "var", tmp_path / "var", symlinks=True)
    with serving(tmp_path) as server, httpx.Client(base_url=server.url) as client:
        answers = [
            client.post("/api/v1/inbox", content=b"", headers={"Content-Type": "text/plain"})
            for _ in range(30)
        ]
    assert {a.status_code for a in answers} == {415, 429}
    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    assert last.headers["access-control-allow-origin"] == "*"
    assert last.headers["content-type"] == "application/problem+json"


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60), st.integers(1, 5))
def test_no_address_ever_sends_more_than_the_rate(waits: list[float], at_once: int) -> None:
    rate, now, taken = Rate(at_once, 10.0), 0.0, 0
    for wait in waits:
        now += wait
        with suppress(Busy):
            rate.take("192.0.2.1", now)
            taken += 1
    assert taken <= at_once + now / 10
    rate.take("192.0.2.2", now)  # others are not kept waiting


def test_an_address_of_ipv6_is_known_by_the_part_that_belongs_to_one_place() -> None:
    rate = Rate(1, 10.0)
    rate.take("2001:db8::1", 0.0)
    with pytest.raises(Busy):
        rate.take("2001:db8::2", 0.0)
    rate.take("2001:db8:1::1", 0.0)


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
