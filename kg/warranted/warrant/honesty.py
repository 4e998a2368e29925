"""How a network's documentation stands: what was never reported, what failed, and the review of 2019.

Knudsen et al. 2019 (BMC Health Services Research 19:683) read 120 published PDSA projects: 98% claimed
improvement, 72 documented their cycles well enough to be analysed, 3 of these met all four key features.
Here a project is one idea at one site with a completed test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from warranted.warrant.model import DATA_OVER_TIME, Direction, Evidence, Policy, Stage, Test
from warranted.warrant.rules import direction, is_overdue

SMALL: Final = 2
"""Largest rank of scale at which a first test is a small one."""

REVIEW: Final = (3, 72)
"""Projects of the review that met all four features, of those that could be analysed."""


@dataclass(frozen=True, slots=True)
class Honesty:
    """Counts for one network; a share is a part over a whole, never a percentage of nothing.

    Attributes:
        completed, overdue, under_way, given_up: tests by what became of them.
        supported, partly, contradicted, inconclusive: the completed ones by their direction.
        late: completed tests whose prediction is undated or after the start.
        projects: ideas at a site with a completed test.
        iterative: projects of two completed tests or more. over_time: with data over time.
        small_first: whose first test was a small one. predicted: every prediction in time.
        all_four: projects with all four.
    """

    completed: int
    overdue: int
    under_way: int
    given_up: int
    supported: int
    partly: int
    contradicted: int
    inconclusive: int
    late: int
    projects: int
    iterative: int
    over_time: int
    small_first: int
    predicted: int
    all_four: int

    def to_json(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def honesty(found: Iterable[Evidence], policies: dict[str, Policy], as_of: date) -> Honesty:
    """The counts over the ideas of one network.

    Args:
        policies: idea → the policy that judges it, whose days of grace count.
    """
    tests: list[Test] = []
    overdue = 0
    projects: list[list[Test]] = []
    for one in found:
        tests += one.tests
        overdue += sum(is_overdue(t, policies[one.idea], as_of) for t in one.tests)
        by_site: dict[str, list[Test]] = {}
        for test in one.tests:
            if test.complete and test.site:
                by_site.setdefault(test.site, []).append(test)
        projects += by_site.values()
    done = [t for t in tests if t.complete]
    said = [direction(t) for t in done]
    features = [_features(project) for project in projects]
    open_ = [t for t in tests if t.stage in (Stage.PLANNED, Stage.UNDER_WAY)]
    return Honesty(
        completed=len(done),
        overdue=overdue,
        under_way=len(open_) - overdue,
        given_up=sum(t.stage is Stage.NOT_DONE for t in tests),
        supported=said.count(Direction.SUPPORTS),
        partly=said.count(Direction.PARTLY),
        contradicted=said.count(Direction.CONTRADICTS),
        inconclusive=said.count(Direction.INCONCLUSIVE),
        late=sum(not t.in_time for t in done),
        projects=len(projects),
        iterative=sum(f[0] for f in features),
        over_time=sum(f[1] for f in features),
        small_first=sum(f[2] for f in features),
        predicted=sum(f[3] for f in features),
        all_four=sum(all(f) for f in features),
    )


def _features(project: list[Test]) -> tuple[bool, bool, bool, bool]:
    """Iterative, data over time, small first, predicted (the review's theoretical rationale)."""
    first = min(project, key=lambda t: (t.start or date.min, t.iri))
    return (
        len(project) > 1,
        any(t.data_rank >= DATA_OVER_TIME for t in project),
        0 < first.scale <= SMALL,
        all(t.in_time for t in project),
    )
