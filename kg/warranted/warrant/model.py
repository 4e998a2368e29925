"""The things the warrant rules are about: tests, sites, policies, indicators, judgements.

Plain values without RDF: `warranted.warrant.read` makes them from a graph, and
`warranted.warrant.rules` judges them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Final

DATA_OVER_TIME: Final = 2
"""Rank of the basis "data over time" (scheme basis)."""

CHART_SIGNAL: Final = 3
"""Rank of the basis "data over time with a signal" (scheme basis)."""


class Stage(Enum):
    """How far a test has come (scheme stage)."""

    PLANNED = "planned"
    UNDER_WAY = "under-way"
    COMPLETE = "complete"
    NOT_DONE = "not-done"


class Outcome(Enum):
    """How the result compares with the prediction (scheme prediction)."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not-met"
    CANNOT_TELL = "cannot-tell"


class Direction(Enum):
    """What a test, or a site, says of the claim (scheme direction)."""

    SUPPORTS = "supports"
    PARTLY = "partly"
    CONTRADICTS = "contradicts"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Test:
    """One test of change, as far as the rules care.

    Attributes:
        specification: the version of the idea that was tried.
        site: None for a test that names no site; it then counts towards no replication.
        stage: None where none is stated; the test then counts as not complete.
        in_time: every prediction is dated, on or before the start.
        outcome: None where none is stated; it then could not tell.
        scale: rank 1 to 5; 0 where none is stated.
        basis: rank 0 (impression only, or not stated) to 4.
        signal: a chart of the test's own series shows a signal towards better.
        as_planned: carried out as planned; true where nothing is stated.
        finding: IRI of the finding, where there is one.
        chart: what the rules say of the chart of its series, where one was drawn.
        key: what its network calls it, such as T10; empty where it has no key.
    """

    __test__ = False  # a test of change, not one of pytest's

    iri: str
    specification: str
    site: str | None
    start: date | None
    stage: Stage | None
    end: date | None = None
    in_time: bool = False
    outcome: Outcome | None = None
    scale: int = 0
    basis: int = 0
    signal: bool = False
    as_planned: bool = True
    by_originator: bool = False
    harm: bool = False
    harm_resolved: bool = False
    sustained: bool = False
    people: int = 0
    finding: str | None = None
    chart: str | None = None
    key: str = ""

    @property
    def complete(self) -> bool:
        """Whether the test is finished and reported."""
        return self.stage is Stage.COMPLETE

    @cached_property
    def direction(self) -> Direction | None:
        """What it says of the claim; see `warranted.warrant.rules.direction`."""
        if not self.complete:
            return None
        if self.harm:
            return Direction.CONTRADICTS
        if not self.as_planned or not self.basis or self.outcome in (None, Outcome.CANNOT_TELL):
            return Direction.INCONCLUSIVE
        if self.outcome is Outcome.NOT_MET:
            return Direction.CONTRADICTS
        if self.outcome is Outcome.PARTLY or not self.in_time:
            return Direction.PARTLY
        return Direction.SUPPORTS

    @property
    def data_rank(self) -> int:
        """The stated basis, raised to "signal" where the test has data and its chart shows one."""
        return max(self.basis, CHART_SIGNAL) if self.basis and self.signal else self.basis


@dataclass(frozen=True, slots=True)
class Site:
    """A place of testing.

    Attributes:
        context: pairs of a facet and a value on it, as IRIs.
    """

    iri: str
    label: str
    context: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Level:
    """A rung of the ladder (scheme warrant)."""

    iri: str
    rank: int
    label: str

    @property
    def slug(self) -> str:
        """The local name, such as "promising"."""
        return self.iri.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least or the most an indicator may be. `source` says where the number comes from."""

    indicator: str
    bound: Fraction
    at_least: bool
    source: str = ""

    def holds(self, value: Fraction) -> bool:
        """Whether `value` keeps to the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class LevelRule:
    """The criteria of one level; all must hold."""

    level: Level
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number the rules use (`nic:WarrantPolicy`). Rules are in ascending order of rank.

    Attributes:
        untested, set_aside: the two levels that have no rule of their own.
        grace_days: days after its start from which a test without a report is overdue.
        stale_months: months since the last test after which the evidence is stale.
        harm_cap_rank: highest rank while an unwanted effect is unresolved.
        min_rationale: characters a rationale needs to raise a level.
        network: the network whose policy it is; None: anybody's.
    """

    iri: str
    label: str
    rules: tuple[LevelRule, ...]
    untested: Level
    set_aside: Level
    grace_days: int
    stale_months: int
    set_aside_min_sites: int
    set_aside_max_c: Fraction
    harm_cap_rank: int
    max_raise: int
    min_reviewers_to_raise: int
    min_rationale: int
    network: str | None = None

    @property
    def levels(self) -> dict[str, Level]:
        """Every level, by IRI."""
        every = [self.untested, self.set_aside, *(rule.level for rule in self.rules)]
        return {level.iri: level for level in every}


@dataclass(frozen=True, slots=True)
class Indicators:
    """What is counted before a level is given; names and formulas are those of the policy.

    Attributes:
        T: completed tests. supporting_tests: supporting ones among them, at supporting sites.
        R_s, R_m, R_c: distinct sites that support, are mixed, contradict.
        explained: contradicting sites that a boundary condition accounts for, at most R_s.
        C: (R_s + R_m/2) / (conclusive sites less explained contradictions); 0 without any.
        S: largest scale rank of a supporting test.
        V: context facets on which the supporting sites hold two values or more.
        D, G: supporting sites with data over time; with a chart signal.
        P: share of the data-based tests at supporting or mixed sites whose prediction was in time.
        I: supporting sites with a supporting test not run by the originator.
        U: overdue unreported tests over these and the tests reported at supporting or mixed sites.
        N: people reached by supporting tests.
        sustained: supporting tests whose follow-up found the improvement still there.
        harm: completed tests with an unwanted effect that is not resolved.
        age: whole months since the last completed test; None without a dated one.
        contested: an unexplained contradiction stands beside support.
        stale: the last test is longer ago than the policy allows.
    """

    T: int
    supporting_tests: int
    R_s: int
    R_m: int
    R_c: int
    explained: int
    C: Fraction
    S: int
    V: int
    D: int
    G: int
    P: Fraction
    I: int  # noqa: E741 (the policy's own name)
    U: Fraction
    N: int
    sustained: int
    harm: int
    age: int | None
    contested: bool
    stale: bool

    def value(self, name: str) -> Fraction | None:
        """The indicator of that name as an exact number; None for an age that is not known."""
        found = getattr(self, name)
        return _exact(found) if isinstance(found, int) else found

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Every indicator's name, in the order of the policy."""
        return tuple(f.name for f in fields(cls))

    def to_json(self) -> dict[str, int | float | bool | None]:
        """Every indicator by name; shares are rounded to four digits."""
        return {
            name: round(float(value), 4) if isinstance(value, Fraction) else value
            for name in self.names()
            for value in [getattr(self, name)]
        }


@lru_cache(maxsize=1024)
def _exact(count: int) -> Fraction:
    return Fraction(count)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A hub's judgement (`nic:Adjudication`).

    Attributes:
        reviewers: IRIs of the reviewers who are not the originator.
        originators: IRIs of reviewers who are.
        evidence: IRIs of the external evidence cited.
    """

    iri: str
    level: Level
    assessed_on: date | None
    review_by: date | None
    rationale: str
    reviewers: frozenset[str]
    originators: frozenset[str] = frozenset()
    evidence: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one idea.

    Attributes:
        tests: tests of change; tests known only from a publication are not among them.
        inherits: specification → those it inherits evidence from, one step.
        explained: finding → the label of a boundary condition that explains it.
        reported: how many tests are known only from a publication.
        network: the network the idea belongs to, where it is stated.
    """

    idea: str
    label: str = ""
    tests: tuple[Test, ...] = ()
    sites: Mapping[str, Site] = field(default_factory=dict)
    inherits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    reported: int = 0
    network: str | None = None
