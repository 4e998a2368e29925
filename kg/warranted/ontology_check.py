"""Checks the ontology as ontology engineers do: one query a pitfall, in `ontology/checks/`.

A query selects the terms that have the pitfall as ?term, and may say more in ?why. Its comment lines
ask the question and tell the repair. (Pitfalls after OOPS!, metadata after FOOPS!, OWL 2 DL after
section 3 of the structural specification, as far as it concerns what an ontology like this one uses.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from warranted import resources
from warranted.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Pitfall:
    """One rule: its name, the question it asks, the repair, its query."""

    name: str
    question: str
    repair: str
    query: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A term that has a pitfall."""

    rule: str
    term: str
    why: str
    repair: str

    def __str__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"<{self.term}>{why}: {self.rule}; {self.repair}"


@lru_cache(maxsize=1)
def pitfalls() -> tuple[Pitfall, ...]:
    """Every rule, by name."""
    found = []
    for file in sorted((resources.ontology() / "checks").glob("*.rq")):
        text = file.read_text(encoding="utf-8")
        first, second = text.splitlines()[:2]
        if not second.startswith("# Repair: "):
            raise StoreUnavailable(f"{file.name} does not tell the repair in its second line.")
        repair = second.removeprefix("# Repair: ").rstrip(".")
        found.append(Pitfall(file.stem, first.removeprefix("# "), repair, text))
    return tuple(found)


def check(triples: Iterable[ox.Triple]) -> list[Finding]:
    """Every pitfall in the triples of an ontology, its schemes and its shapes, by rule and term."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    found = []
    for pitfall in pitfalls():
        rows = store.query(pitfall.query)
        assert isinstance(rows, ox.QuerySolutions)
        says_why = any(v.value == "why" for v in rows.variables)
        for row in rows:
            term, why = row["term"], row["why"] if says_why else None
            assert isinstance(term, ox.NamedNode | ox.BlankNode)
            text = why.value if isinstance(why, ox.Literal) else ""
            found.append(Finding(pitfall.name, term.value, text, pitfall.repair))
    return sorted(set(found))


def shipped_triples(folder: Path | None = None) -> list[ox.Triple]:
    """The ontology, the schemes, the policies and the shapes that ship with the project."""
    root = folder or resources.ontology()
    files = [root / "warranted.ttl"]
    files += [f for name in ("schemes", "policies") for f in sorted((root / name).glob("*.ttl"))]
    files += sorted(resources.shapes().glob("*.ttl"))
    # Blank nodes of two files must not meet.
    return [
        q.triple
        for f in files
        for q in ox.parse(path=str(f), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    ]
