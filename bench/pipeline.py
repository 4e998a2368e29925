"""Load, publish and ten queries on the shipped packages, beside rdflib in memory.

Loading: ours judges each record with its neighbourhood and is on disk when it ends; the peer parses
into memory and judges the whole graph with pyshacl by the same shapes. Publishing has no peer but
serialising the graph, which the table says. Queries are the same text on the same triples.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib

import warranted_site
from warranted import release, resources, shape_model, validation, warrant
from warranted.release import Release
from warranted.repository import Repository
from warranted.settings import Settings

ROUNDS = 5


def files() -> list[Path]:
    """The shipped policies and packages."""
    policies = sorted((resources.ontology() / "policies").glob("*.ttl"))
    return [*policies, *sorted(resources.packages().glob("*.ttl"))]


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median seconds of several runs."""
    return statistics.median(timed(work) for _ in range(rounds))


def load(folder: Path) -> None:
    """Load every file into a new store."""
    validation.forget()
    with Repository(replace(Settings(), data=folder)) as repository:
        for file in files():
            repository.load(file)


def publish(folder: Path) -> Release:
    """Publish the store in `folder`; each record is judged again."""
    validation.forget()
    settings = replace(Settings(), data=folder, html=folder / "html")
    now = datetime.now(UTC)
    with Repository(settings) as repository:
        return release.publish(
            repository,
            settings,
            compute=lambda records: warrant.assessment_records(
                records, as_of=now.date(), base=settings.base
            ),
            build_site=warranted_site.build_site,
            now=now,
        )


def parse_with_rdflib() -> rdflib.Graph:
    """Parse every file into one graph in memory."""
    graph = rdflib.Graph()
    for file in files():
        graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return graph


def load_with_rdflib() -> None:
    """Parse every file, and judge the whole graph by the same shapes."""
    graph = parse_with_rdflib()
    for folder in ("schemes", "."):
        for file in (resources.ontology() / folder).glob("*.ttl"):
            graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    pyshacl.validate(graph, shacl_graph=shape_model.shipped().graph, inplace=True)


def main() -> None:
    """Print the table."""
    validation.shipped_judge()
    rows: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        ours = statistics.median(timed(lambda i=i: load(root / f"load-{i}")) for i in range(3))
        peer = median(load_with_rdflib, 1)
        rows.append(("load and judge (ours: on disk; rdflib and pyshacl: in memory)", ours, peer))
        graph = parse_with_rdflib()
        made: list[Release] = []
        seconds = timed(lambda: made.append(publish(root / "load-0")))
        as_text = median(lambda: graph.serialize(format="turtle"), 3)
        rows.append(
            ("publish (ours: judged, dumped, 260 pages; rdflib: serialised)", seconds, as_text)
        )
        store = ox.Store.read_only(str(made[0].dataset))
        lines = "".join(f"{quad.triple} .\n" for quad in store)
        theirs = rdflib.Graph().parse(data=lines, format="nt")
        for file in sorted((resources.ontology() / "questions").glob("*.rq"))[:10]:
            text = file.read_text(encoding="utf-8")
            fast = median(lambda t=text: list(store.query(t, use_default_graph_as_union=True)))
            slow = median(lambda t=text: list(theirs.query(t)), 3)
            rows.append((f"query {file.stem}", fast, slow))
    print(f"{'what':<64}{'ours, ms':>12}{'rdflib, ms':>12}{'ours / rdflib':>16}")
    for what, fast, slow in rows:
        print(f"{what:<64}{fast * 1000:>12.2f}{slow * 1000:>12.2f}{fast / slow:>16.3f}")
