"""How the sites of a network learn from one another: measures they share, ideas they take up."""

from __future__ import annotations

from dataclasses import dataclass

from warranted_site.things import Thing


@dataclass(frozen=True, slots=True)
class JointWork:
    """How many tests a network has, and how many used a measure that another site used, too."""

    tests: int
    shared: int


def joint_work(network: Thing) -> JointWork:
    """How far a network's tests share measures or instruments across its sites."""
    used: dict[str, set[str]] = {}
    tests = [t for t in network.back("ofNetwork") if "PDSACycle" in t.classes()]
    by_test: dict[str, set[str]] = {}
    for test in tests:
        site = test.one("atSite")
        measures = [m for p in test.all("hasPrediction") for m in p.all("ofMeasure")]
        measures += [m for s in test.all("hasSeries") for m in s.all("ofMeasure")]
        shared = {m.iri for m in measures}
        shared |= {i.iri for m in measures for i in m.all("usesInstrument")}
        by_test[test.iri] = shared
        for iri in shared:
            used.setdefault(iri, set()).add(site.iri if site else "")
    common = {iri for iri, sites in used.items() if len(sites - {""}) > 1}
    return JointWork(len(tests), sum(bool(found & common) for found in by_test.values()))


def bridging(uptakes: list[Thing]) -> list[Thing]:
    """Uptakes that carried an idea from one site to another: bridging ties."""
    pairs = [(u, u.one("fromSite"), u.one("atSite")) for u in uptakes]
    return [u for u, source, target in pairs if source and target and source.iri != target.iri]


def ties(uptakes: list[Thing]) -> int:
    """How many pairs of sites are tied by them."""
    found = set()
    for uptake in uptakes:
        source, target = uptake.one("fromSite"), uptake.one("atSite")
        if source and target:
            found.add(frozenset((source.iri, target.iri)))
    return len(found)
