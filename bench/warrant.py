"""Warrant of every idea in one pass over 250,000 tests, beside the rules as queries in rdflib; and of
one idea after one of its tests changed, in graphs of 10,000 and of 250,000 tests.

The graphs are copies of the illustrative package's tests under other addresses. rdflib runs the same
indicators from `ontology/rules/`, on as many tests as it can do in reasonable time; what is compared
is the time for one test.

    python -m bench.warrant [--no-peer]
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import pyoxigraph as ox

from bench.validate import CODE, package
from warranted import resources, warrant
from warranted.namespaces import NIC
from warranted.warrant.by_query import Derived

DAY = date(2026, 11, 23)
SIZES = (10_000, 250_000)
ROUNDS = 15
KEPT = ("idea", "specification", "test", "site")
TEXT = frozenset(
    (
        "label",
        "comment",
        "summary",
        "identifier",
        "whatHappened",
        "learned",
        "predictionText",
        "modifications",
        "hasSeries",
        "ofMeasure",
        "ofNetwork",
        "illustrative",
        "lifecycle",
    )
)
"""What the rules do not read, and the series: charts are timed elsewhere."""


def graph(tests: int) -> tuple[Callable[[], Iterator[ox.Quad]], int]:
    """The quads of that many tests or a few more, as often as asked, and how many tests they hold."""
    records = [r for r in package() if r.type in KEPT]
    each = sum(r.type == "test" for r in records)
    number = -(-tests // each)
    lines = "".join(
        f"{q} .\n"
        for record in records
        for q in record.quads()
        if q.predicate.value.rpartition("#")[2].rpartition("/")[2] not in TEXT
    )

    def quads() -> Iterator[ox.Quad]:
        for n in range(number):
            text = lines.replace(f"/{CODE}-", f"/{CODE[0]}{n}x-")
            yield from ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)

    return quads, each * number


def shipped() -> list[ox.Quad]:
    """The schemes and the policies."""
    return [
        q
        for name in ("schemes", "policies")
        for f in (resources.ontology() / name).glob("*.ttl")
        for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE)
    ]


def whole(quads: Iterable[ox.Quad]) -> tuple[float, int]:
    """Seconds to assess every idea, and how many there are."""
    began = time.perf_counter()
    found = warrant.assess(quads, DAY)
    return time.perf_counter() - began, len(found)


def one_idea(quads: Iterable[ox.Quad]) -> float:
    """Median seconds from a changed test to the new assessment of the ideas it touches."""
    store = ox.Store()
    store.bulk_extend(quads)
    named = store.quads_for_pattern(None, ox.NamedNode(f"{NIC}tests"), None, None)
    tests = sorted({q.subject.value for q in named})  # type: ignore[union-attr]
    more = shipped()
    taken = []
    for n in range(ROUNDS):
        test = tests[n * len(tests) // ROUNDS]
        began = time.perf_counter()
        for idea in warrant.ideas_touched(store, test):
            warrant.assess([*warrant.evidence_quads(store, idea), *more], DAY)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    policy = warrant.default_policy()
    took: dict[int, float] = {}
    per_test = 0.0
    for size in SIZES:
        quads, tests = graph(size)
        seconds, ideas = whole(quads())
        per_test = seconds / tests
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        took[size] = one_idea(quads())
        print(
            f"{tests:>9,} tests, {ideas:>7,} ideas: all in {seconds:8.2f} s "
            f"({per_test * 1e6:6.1f} µs a test, peak {peak:,.0f} MB); "
            f"one idea anew in {took[size] * 1000:6.2f} ms"
        )
    ratio = took[SIZES[1]] / took[SIZES[0]]
    print(f"one idea, {SIZES[1]:,} tests to {SIZES[0]:,}: {ratio:.2f} times")
    if "--no-peer" not in sys.argv:
        quads, tests = graph(34)
        triples = [q.triple for q in (*quads(), *shipped())]
        began = time.perf_counter()
        Derived(triples, policy, DAY, "rdflib").levels()
        peer = (time.perf_counter() - began) / tests
        print(
            f"rdflib, the same indicators by queries, {tests} tests: {peer * 1e3:.1f} ms a test, "
            f"{peer / per_test:,.0f} times as long (and more on larger graphs)"
        )


if __name__ == "__main__":
    main()
