"""A hub over the demo, and what strangers send to it: what the tests of the inbox share."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import engines
import httpx
from hub import PREFIXES, Member, path

from warranted.namespaces import ROOT

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
