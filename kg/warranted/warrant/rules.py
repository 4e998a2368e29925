"""The rules of warrant: direction of a test, verdict of a site, indicators, level.

Every number they compare with comes from the `Policy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from warranted.warrant.model import (
    CHART_SIGNAL,
    DATA_OVER_TIME,
    Direction,
    Evidence,
    Indicators,
    Level,
    LevelRule,
    Policy,
    Stage,
    Test,
    Threshold,
)


def direction(test: Test) -> Direction | None:
    """What one test says of the claim: the first rule that applies.

    | condition | direction |
    |---|---|
    | not complete | none |
    | an unwanted effect was seen | contradicts |
    | not carried out as planned, or impression only, or could not tell | inconclusive |
    | prediction not met | contradicts |
    | prediction partly met | partly |
    | prediction met, dated on or before the start | supports |
    | prediction met, late or undated | partly |
    """
    return test.direction


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """What one site says of the idea.

    Attributes:
        verdict: None where no test that counts was conclusive.
        counted: the tests the verdict rests on.
        explained: label of the boundary condition that explains a contradiction, if one does.
        latest: the versions last tested there; conclusive: those with a conclusive test there.
    """

    site: str
    verdict: Direction | None
    counted: tuple[Test, ...]
    explained: str | None = None
    latest: frozenset[str] = frozenset()
    conclusive: frozenset[str] = frozenset()


def site_standing(
    site: str,
    tests: Sequence[Test],
    inherits: Mapping[str, frozenset[str]],
    explained: Mapping[str, str],
) -> SiteStanding:
    """The verdict of one site from its completed tests (one at least).

    Only tests of the specification last tested at the site count (several, if they share the last
    date): an adaptation starts afresh, so the early failures of a ramp do not count against the
    adapted version. One direction among the conclusive tests is the verdict; several are "partly".

    Earlier versions count only along `nic:inheritsEvidenceFrom`, which says that no core component
    changed, and only where they are needed: if no test of the last version was conclusive there,
    the version it inherits from speaks, then the one before that, until one has a conclusive test.
    So a version with a result of its own, good or bad, stands on that result, and one without any
    keeps what its forerunners found, good or bad. Without the link nothing is carried over.
    """
    last = max(_day(test) for test in tests)
    specifications = {test.specification for test in tests if _day(test) == last}
    latest = frozenset(specifications)
    conclusive = frozenset(
        test.specification
        for test in tests
        if direction(test) not in (None, Direction.INCONCLUSIVE)
    )
    counted = newest = _of(tests, specifications)
    seen: set[str] = set()
    while specifications:
        found = {direction(test) for test in counted} - {None, Direction.INCONCLUSIVE}
        if found:
            verdict = found.pop() if len(found) == 1 else Direction.PARTLY
            why = _explanation(counted, explained) if verdict is Direction.CONTRADICTS else None
            return SiteStanding(site, verdict, counted, why, latest, conclusive)
        seen |= specifications
        specifications = {
            earlier for later in specifications for earlier in inherits.get(later, ())
        } - seen
        counted = _of(tests, specifications)
    return SiteStanding(site, None, newest, None, latest, conclusive)


def _day(test: Test) -> date:
    return test.start or date.min


def _of(tests: Iterable[Test], specifications: set[str]) -> tuple[Test, ...]:
    return tuple(test for test in tests if test.specification in specifications)


def _explanation(tests: Iterable[Test], explained: Mapping[str, str]) -> str | None:
    for test in tests:
        if direction(test) is Direction.CONTRADICTS and test.finding is not None:
            why = explained.get(test.finding)
            if why is not None:
                return why
    return None


def standings(evidence: Evidence) -> tuple[SiteStanding, ...]:
    """What each site with a completed test says, in order of the sites' IRIs."""
    by_site: dict[str, list[Test]] = {}
    for test in sorted(evidence.tests, key=lambda t: t.iri):
        if test.complete and test.site is not None:
            by_site.setdefault(test.site, []).append(test)
    return tuple(
        site_standing(site, by_site[site], evidence.inherits, evidence.explained)
        for site in sorted(by_site)
    )


def is_overdue(test: Test, policy: Policy, as_of: date) -> bool:
    """Planned or under way, and the days of grace after its start have passed."""
    return (
        test.stage in (Stage.PLANNED, Stage.UNDER_WAY)
        and test.start is not None
        and test.start + timedelta(days=policy.grace_days) < as_of
    )


def indicators(
    evidence: Evidence, places: Sequence[SiteStanding], policy: Policy, as_of: date
) -> Indicators:
    """All indicators of one idea (see `Indicators` for the formulas).

    Tests of every version at a supporting site count towards the indicators of supporting tests;
    which version counts decides only the verdict of the site.
    """
    by_verdict = {
        verdict: {place.site for place in places if place.verdict is verdict}
        for verdict in (Direction.SUPPORTS, Direction.PARTLY, Direction.CONTRADICTS)
    }
    support, mixed = by_verdict[Direction.SUPPORTS], by_verdict[Direction.PARTLY]
    contra = by_verdict[Direction.CONTRADICTS]
    explained = min(sum(place.explained is not None for place in places), len(support))
    conclusive = len(support) + len(mixed) + len(contra) - explained

    done = [test for test in evidence.tests if test.complete]
    helping = [test for test in done if test.site in support | mixed]
    supporting = [
        test for test in done if test.site in support and direction(test) is Direction.SUPPORTS
    ]
    # a record that contradicts can lift neither share: only sites that help the claim count
    based = [test for test in helping if test.basis > 0]
    overdue = sum(is_overdue(test, policy, as_of) for test in evidence.tests)
    days = [max(test.start, test.end or test.start) for test in done if test.start]
    last = max(days, default=None)

    def sites_with(rank: int) -> int:
        return len({test.site for test in supporting if test.data_rank >= rank})

    return Indicators(
        T=len(done),
        supporting_tests=len(supporting),
        R_s=len(support),
        R_m=len(mixed),
        R_c=len(contra),
        explained=explained,
        C=_share(Fraction(2 * len(support) + len(mixed), 2), conclusive),
        S=max((test.scale for test in supporting), default=0),
        V=len(varied_facets(evidence, support)),
        D=sites_with(DATA_OVER_TIME),
        G=sites_with(CHART_SIGNAL),
        P=_share(Fraction(sum(test.in_time for test in based)), len(based)),
        I=len({test.site for test in supporting if not test.by_originator}),
        U=_share(Fraction(overdue), overdue + len(helping)),
        N=sum(test.people for test in supporting),
        sustained=sum(test.sustained for test in supporting),
        harm=sum(test.harm and not test.harm_resolved for test in done),
        age=None if last is None else months_between(last, as_of),
        contested=bool(support) and len(contra) > explained,
        stale=last is not None and is_stale(last, as_of, policy.stale_months),
    )


def _share(part: Fraction, whole: int) -> Fraction:
    return part / whole if whole else Fraction(0)


def varied_facets(evidence: Evidence, sites: Iterable[str]) -> dict[str, set[str]]:
    """Context facets on which `sites` hold two values or more, with these values."""
    values: dict[str, set[str]] = {}
    for site in sites:
        if site in evidence.sites:
            for facet, value in evidence.sites[site].context:
                values.setdefault(facet, set()).add(value)
    return {facet: held for facet, held in values.items() if len(held) > 1}


def months_between(start: date, end: date) -> int:
    """Whole months from `start` to `end`; 0 if `end` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(months, 0)


def is_stale(last: date, as_of: date, months: int) -> bool:
    """Whether more than `months` months lie between `last` and `as_of`."""
    whole = months_between(last, as_of)
    return whole > months or (whole == months and last.day != as_of.day)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One threshold of one level, and whether the evidence keeps to it."""

    level: Level
    threshold: Threshold
    value: Fraction | None
    met: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """The level computed, and why.

    Attributes:
        criteria: every criterion of every level, in ascending order.
        next: the next level up, None at the top.
        unmet: the criteria that stand between the level and the next.
        held_by_harm: an unresolved unwanted effect holds the level down.
    """

    level: Level
    criteria: tuple[Criterion, ...]
    next: Level | None
    unmet: tuple[Criterion, ...]
    held_by_harm: bool = False


def computed_level(found: Indicators, policy: Policy) -> Computed:
    """The highest level all of whose criteria, and those of every level below, hold.

    "Tested and set aside" comes first: enough conclusive sites, none that supports, and little
    consistency. An unresolved unwanted effect caps the level.
    """
    judged = [(rule, _criteria(rule, found)) for rule in policy.rules]
    every = tuple(criterion for _, criteria in judged for criterion in criteria)
    level = policy.untested
    following: Level | None = None
    unmet: tuple[Criterion, ...] = ()
    for rule, criteria in judged:
        failing = tuple(criterion for criterion in criteria if not criterion.met)
        if failing:
            following, unmet = rule.level, failing
            break
        level = rule.level
    conclusive = found.R_s + found.R_m + found.R_c
    if (
        found.T
        and not found.R_s
        and conclusive >= policy.set_aside_min_sites
        and policy.set_aside_max_c >= found.C
    ):
        return Computed(policy.set_aside, every, following, unmet)
    if found.harm:
        capped = [policy.untested, *(rule.level for rule, _ in judged)]
        allowed = max(
            (step for step in capped if step.rank <= min(level.rank, policy.harm_cap_rank)),
            key=lambda step: step.rank,
        )
        if allowed != level:
            above = min(
                (step for step in capped if step.rank > allowed.rank), key=lambda step: step.rank
            )
            return Computed(allowed, every, above, (), held_by_harm=True)
        held = following is not None and following.rank > policy.harm_cap_rank
        return Computed(level, every, following, unmet, held_by_harm=held)
    return Computed(level, every, following, unmet)


def _criteria(rule: LevelRule, found: Indicators) -> tuple[Criterion, ...]:
    criteria = []
    for threshold in rule.thresholds:
        value = found.value(threshold.indicator)
        met = value is not None and threshold.holds(value)
        criteria.append(Criterion(rule.level, threshold, value, met))
    return tuple(criteria)


def flags(found: Indicators) -> tuple[str, ...]:
    """Marks beside the level, by the names of the scheme flag."""
    marks = {
        "contested": found.contested,
        "unwanted-effect": found.harm > 0,
        "stale": found.stale,
    }
    return tuple(name for name, shown in marks.items() if shown)
