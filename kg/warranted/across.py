"""Rules that look across records, as queries: a shape sees one record and its neighbours only.

Each `shapes/across/*.rq` selects the records it has something to say about as ?record, and says what
in its comment lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pyoxigraph as ox

from warranted import resources
from warranted.errors import StoreUnavailable
from warranted.namespaces import SHAPES
from warranted.records import Record
from warranted.validation import Result, sort

_TOLD = ("Field", "Path", "Severity", "Group", "Message")


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, dict[str, str], str], ...]:
    found = []
    for file in sorted((resources.shapes() / "across").glob("*.rq")):
        text = file.read_text(encoding="utf-8")
        told = {}
        for line in text.splitlines():
            name, colon, rest = line.removeprefix("# ").partition(": ")
            if line.startswith("#") and colon and name in _TOLD:
                told[name] = rest
        if missing := [name for name in _TOLD if name not in told]:
            raise StoreUnavailable(f"{file.name} does not say its {missing[0]}.")
        found.append((file.stem, told, text))
    return tuple(found)


def check(records: Iterable[Record]) -> list[Result]:
    """What the rules across records say of `records`, taken together; as the shapes' results are.

    The shape a result names is `nsh:across-{rule}`; a reviewer clears a privacy warning by it.
    """
    store = ox.Store()
    for record in records:
        store.bulk_extend(record.quads())
    results = []
    for name, told, text in _rules():
        found = store.query(text, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            record_ = row["record"]
            assert isinstance(record_, ox.NamedNode)
            results.append(
                Result(
                    record=record_.value,
                    focus=record_.value,
                    field=told["Field"],
                    path=told["Path"],
                    value=None,
                    severity=told["Severity"],
                    message=told["Message"],
                    shape=f"{SHAPES}across-{name}",
                    constraint="SPARQLConstraintComponent",
                    order=(0, 0),
                    group=told["Group"],
                )
            )
    return sort(results)
