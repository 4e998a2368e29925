"""The rules as SPARQL: `ontology/rules/*.rq`, run by Oxigraph or by rdflib, without the rules in Python.

A researcher can run every file on a release: what the rules read from the tests stands in the computed
assessments there. Here the same is made from the tests alone, in three steps: the direction of each
test (`direction.rq`) becomes a reading, what each site says (`verdict.rq`) a standing, and the
indicators are counted from these. Between the two, `latest.rq` and `counts.rq` find the tests that count. Chart signals are the one thing that comes from Python: a run chart
is no query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pyoxigraph as ox
from rdflib import Graph
from rdflib.query import ResultRow
from rdflib.term import Identifier

from warranted import queries, resources
from warranted.errors import NotFound
from warranted.namespaces import DQV, NIC, RDF, SCHEME, XSD
from warranted.warrant.model import Indicators, Policy
from warranted.warrant.policy import policies, policy_for
from warranted.warrant.read import evidence_of
from warranted.warrant.rows import store_of

ENGINES: Final = ("oxigraph", "rdflib")

Row = dict[str, str]
Ask = Callable[[str], list[Row]]


def rule_names() -> list[str]:
    """The names of the rules' files."""
    return queries.names(_folder())


def rule(name: str) -> queries.Query:
    """The rule of that name: its question and its text."""
    return queries.load(_folder(), name)


def _folder() -> Any:
    return resources.ontology() / "rules"


class Derived:
    """A graph with what the rules derive from it, in one engine."""

    def __init__(
        self, triples: Iterable[ox.Triple], policy: Policy, as_of: date, engine: str = "oxigraph"
    ) -> None:
        """Read `triples` (of records and schemes) by the rules.

        Args:
            policy: whose days of grace and months count.
            as_of: the day of the assessment.
            engine: one of `ENGINES`.
        """
        self.policy, self.as_of = policy, as_of
        self._triples = list(triples)
        self._engine: _Oxigraph | _Rdflib = (
            _Oxigraph(self._triples) if engine == "oxigraph" else _Rdflib(self._triples)
        )
        self._counted: dict[str, dict[str, str | None]] | None = None
        self._derive()

    def indicators(self) -> dict[str, dict[str, Any]]:
        """Idea → every indicator by its name, as the queries count it."""
        return {
            idea: {name: _value(text) for name, text in found.items()}
            for idea, found in self._exact().items()
        }

    def levels(self) -> dict[str, int]:
        """Idea → rank of its level; -1 is set aside."""
        self._write_indicators()
        ranks = {row["idea"]: int(row["levelRank"]) for row in self.ask("level")}
        for row in self.ask("set-aside"):
            ranks[row["idea"]] = self.policy.set_aside.rank
        return ranks

    def ask(self, name: str) -> list[Row]:
        """The rows of a rule's query; its slots hold the policy's and the day's values."""
        query = rule(name)
        grace = self.as_of - timedelta(days=self.policy.grace_days)
        every: dict[str, queries.Term] = {
            "asOf": _day(self.as_of),
            "overdueBefore": _day(grace),
            "staleMonths": ox.Literal(self.policy.stale_months),
            "policy": ox.NamedNode(self.policy.iri),
        }
        return self._engine.ask(query.bind(**{k: v for k, v in every.items() if k in query.slots}))

    def _derive(self) -> None:
        store = store_of(self._triples)
        evidence = evidence_of(store, {})
        shown = {t.iri for e in evidence.values() for t in e.tests if t.signal}
        told: list[ox.Triple] = []
        nodes: dict[str, str] = {}
        for number, (idea, found) in enumerate(sorted(evidence.items())):
            node = nodes[idea] = f"urn:x-assessment:{number}"
            told += [
                _say(node, f"{RDF}type", f"{NIC}ComputedAssessment"),
                _say(node, f"{NIC}aboutIdea", idea),
                _say(node, f"{NIC}graphDigest", ox.Literal("0")),
            ]
            for test in found.tests:
                reading = _reading(node, test.iri)
                told += [
                    _say(node, f"{NIC}hasReading", reading),
                    _say(reading, f"{NIC}ofTest", test.iri),
                ]
                if test.iri in shown:
                    told.append(_say(reading, f"{NIC}showsSignal", ox.Literal(True)))
        self._engine.add(told)
        self._engine.add(
            _say(_reading(nodes[r["idea"]], r["test"]), f"{NIC}direction", r["direction"])
            for r in self.ask("direction")
        )
        self._nodes = nodes
        # Each rule reads what those before it derived.
        for name, predicate in (
            ("latest", "latestVersion"),
            ("speaks", "conclusiveVersion"),
            ("counts", "restsOn"),
            ("verdict", "verdict"),
        ):
            self._engine.add(self._standings(name, predicate))
        self._engine.add(
            _say(self._standing(row), f"{NIC}isExplained", ox.Literal(True))
            for row in self.ask("explained")
        )

    def _standings(self, name: str, predicate: str) -> list[ox.Triple]:
        told: list[ox.Triple] = []
        for row in self.ask(name):
            standing = self._standing(row)
            value = row.get("version") or row.get("test") or row["verdict"]
            told += [
                _say(self._nodes[row["idea"]], f"{NIC}hasStanding", standing),
                _say(standing, f"{NIC}atSite", row["site"]),
                _say(standing, f"{NIC}{predicate}", value),
            ]
        return told

    def _standing(self, row: Row) -> str:
        return f"{self._nodes[row['idea']]}#place-{row['site']}"

    def _exact(self) -> dict[str, dict[str, str | None]]:
        if self._counted is None:
            self._counted = {}
            for name in Indicators.names():
                for row in self.ask(f"indicator-{name}"):
                    self._counted.setdefault(row["idea"], {})[name] = row.get("value")
        return self._counted

    def _write_indicators(self) -> None:
        # unrounded: 2/3 rounded to .6667 would meet a threshold of .6667 that it does not reach
        told: list[ox.Triple] = []
        for idea, values in self._exact().items():
            for name, text in values.items():
                if text is None or text in ("true", "false"):
                    continue
                value = format(Decimal(text), "f")
                node = f"{self._nodes[idea]}#{name}"
                told += [
                    _say(self._nodes[idea], f"{NIC}hasIndicator", node),
                    _say(node, f"{DQV}isMeasurementOf", f"{SCHEME}indicator/{name}"),
                    _say(
                        node,
                        f"{DQV}value",
                        ox.Literal(value, datatype=ox.NamedNode(f"{XSD}decimal")),
                    ),
                ]
        self._engine.add(told)


def indicators_by_query(
    quads: Iterable[ox.Quad | ox.Triple],
    as_of: date,
    policy_iri: str | None = None,
    *,
    engine: str = "oxigraph",
) -> dict[str, dict[str, Any]]:
    """Idea → every indicator by its name, as the queries count it; graphs are read as one.

    Args:
        policy_iri: the policy, out of those in `quads` and the default; None: the one policy of no
            network in `quads` beside the default, else the default. A network's own is not looked up.
        engine: one of `ENGINES`.

    Raises:
        NotFound: there is no policy of that name. ValueError: there is no engine of that name.
        InputError: a policy is incomplete.
    """
    return _derived(quads, as_of, policy_iri, engine).indicators()


def levels_by_query(
    quads: Iterable[ox.Quad | ox.Triple],
    as_of: date,
    policy_iri: str | None = None,
    *,
    engine: str = "oxigraph",
) -> dict[str, int]:
    """Idea → rank of its level by the queries; -1 is set aside. See `indicators_by_query`."""
    return _derived(quads, as_of, policy_iri, engine).levels()


def _derived(
    quads: Iterable[ox.Quad | ox.Triple], as_of: date, policy_iri: str | None, engine: str
) -> Derived:
    if engine not in ENGINES:
        raise ValueError(f"{engine!r} is none of {', '.join(ENGINES)}")
    default = resources.ontology() / "policies" / "default-1.ttl"
    store = store_of(quads)
    store.bulk_extend(ox.parse(path=str(default), format=ox.RdfFormat.TURTLE))
    held = policies(store)
    if policy_iri is not None and policy_iri not in held:
        raise NotFound(f"There is no policy <{policy_iri}>.", field="policy")
    policy = held[policy_iri] if policy_iri is not None else policy_for(None, held)
    return Derived((quad.triple for quad in store), policy, as_of, engine)


class _Oxigraph:
    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.store = ox.Store()
        self.add(triples)

    def add(self, triples: Iterable[ox.Triple]) -> None:
        self.store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)

    def ask(self, text: str) -> list[Row]:
        found = self.store.query(text)
        assert isinstance(found, ox.QuerySolutions)
        names = [v.value for v in found.variables]
        return [{n: row[n].value for n in names if row[n] is not None} for row in found]


class _Rdflib:
    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.graph = Graph(bind_namespaces="none")
        self.add(triples)

    def add(self, triples: Iterable[ox.Triple]) -> None:
        self.graph.parse(data="".join(f"{t} .\n" for t in triples), format="nt")

    def ask(self, text: str) -> list[Row]:
        rows: list[Row] = []
        for row in self.graph.query(text):
            assert isinstance(row, ResultRow)
            held: dict[Any, Identifier] = row.asdict()
            rows.append({str(name): str(value) for name, value in held.items()})
        return rows


def _reading(node: str, test: str) -> str:
    return f"{node}#reading-{test}"


def _say(subject: str, predicate: str, value: str | ox.Literal) -> ox.Triple:
    term = value if isinstance(value, ox.Literal) else ox.NamedNode(value)
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), term)


def _day(day: date) -> ox.Literal:
    return ox.Literal(day.isoformat(), datatype=ox.NamedNode(f"{XSD}date"))


def _value(text: str | None) -> Any:
    if text is None:
        return None
    if text in ("true", "false"):
        return text == "true"
    number = round(float(text), 4)
    return int(number) if number == int(number) else number
