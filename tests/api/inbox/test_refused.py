"""What strangers send and cannot be taken, and how much of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from senders import BASE, IDEA, NETWORK, TURTLE, VERSION, Place, report

from warranted.errors import Busy
from warranted_api.inbox import Rate

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
