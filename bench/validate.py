"""Validating one record beside a graph of 10k, 100k and 1M triples; pyshacl on the whole of 100k.

The graphs are copies of the illustrative package under other addresses, in the store on disk that
the server uses. A record is read, its neighbourhood fetched from the store and judged, nothing
remembered from before. The sizes take turns, so that a busy moment meets all of them. The peer is
pyshacl with the same shapes on the same 100k triples in rdflib: what one change would cost if the
whole graph were judged.

    python bench/validate.py [--no-peer]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib

from warranted import checking, resources, shape_model, validation
from warranted.graph import EmbeddedGraph
from warranted.neighbourhood import neighbourhood
from warranted.records import Record
from warranted.validation import NEIGHBOUR_PROPERTIES

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 9
BASE = "https://w3id.org/warranted"
CODE = "z1il"


def package() -> list[Record]:
    """The records that are copied."""
    return checking.read_file(resources.packages() / "illustrative-algebra-talk.ttl", base=BASE)


def copies(records: list[Record], size: int) -> list[str]:
    """N-Quads of as many copies as make `size` triples or a little more."""
    text = "".join(record.nquads for record in records)
    number = -(-size // sum(len(record.triples) for record in records))
    return [text.replace(f"/{CODE}-", f"/{CODE[0]}{n}x-") for n in range(number)]


def filled(folder: Path, texts: list[str]) -> EmbeddedGraph:
    """A workspace graph that holds the copies, and the records themselves."""
    (folder / "graph").mkdir(parents=True)
    store = ox.Store(str(folder / "graph" / "1"))
    for text in texts:
        store.bulk_load(text.encode(), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    del store
    return EmbeddedGraph(folder / "graph")


def one_each(graph: EmbeddedGraph, sample: list[Record]) -> float:
    """Median seconds to judge one record of the sample."""

    def about(iri: str) -> list[ox.Triple]:
        node, store = ox.NamedNode(iri), graph.store
        return [
            quad.triple
            for name in NEIGHBOUR_PROPERTIES
            for quad in store.quads_for_pattern(node, ox.NamedNode(name), None, None)
        ]

    taken = []
    for record in sample:
        validation.forget()
        began = time.perf_counter()
        validation.validate(record, neighbourhood(record, about))
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def whole(texts: list[str]) -> float:
    """Seconds pyshacl takes over all of it."""
    graph = rdflib.Graph()
    for text in texts:
        quads = ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)
        graph.parse(data="".join(f"{q.triple} .\n" for q in quads), format="nt")
    for file in resources.ontology().rglob("*.ttl"):
        graph.parse(data=file.read_text(encoding="utf-8"), format="turtle")
    began = time.perf_counter()
    pyshacl.validate(graph, shacl_graph=shape_model.shipped().graph, inplace=True)
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    validation.shipped_judge()
    records = package()
    named = ox.NamedNode(f"{BASE}/id/network/{CODE}-n1")
    sample = [r for r in records if any(t.object == named for t in r.triples)][::3]
    medians: dict[int, list[float]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory() as scratch:
        graphs = {}
        for size in SIZES:
            texts = ["".join(r.nquads for r in records), *copies(records, size)]
            graphs[size] = filled(Path(scratch) / str(size), texts)
        for _ in range(ROUNDS):
            for size in SIZES:
                medians[size].append(one_each(graphs[size], sample))
        for graph in graphs.values():
            graph.close()
    took = {size: statistics.median(found) for size, found in medians.items()}
    print(f"{'triples':>10}{'one record, ms':>16}{'to 10k':>10}")
    for size in SIZES:
        print(f"{size:>10,}{took[size] * 1000:>16.2f}{took[size] / took[SIZES[0]]:>10.2f}")
    if "--no-peer" not in sys.argv:
        peer = whole(copies(records, 100_000))
        ratio = peer / took[100_000]
        print(f"pyshacl on the whole of 100k: {peer:.1f} s, {ratio:,.0f} times as long")


if __name__ == "__main__":
    main()
