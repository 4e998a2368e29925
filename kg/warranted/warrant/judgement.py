"""The hub's judgement on top of the computed level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warranted.warrant.model import Judgement, Level, Policy


class Standing(Enum):
    """How the shown level came about."""

    COMPUTED = "computed"
    AGREED = "hub agreed"
    LOWERED = "hub lowered"
    RAISED = "hub raised"
    REFUSED = "raise refused"
    LAPSED = "judgement lapsed"


@dataclass(frozen=True, slots=True)
class Shown:
    """The level a reader sees, why, and the judgement concerned, if there is one."""

    level: Level
    standing: Standing
    reason: str
    judgement: Judgement | None = None


def latest(judgements: Iterable[Judgement]) -> Judgement | None:
    """The judgement that counts: the latest; of several on one day, the lowest."""
    return min(
        judgements,
        key=lambda j: (-(j.assessed_on or date.min).toordinal(), j.level.rank, j.iri),
        default=None,
    )


def shown_level(
    computed: Level, judgements: Iterable[Judgement], policy: Policy, as_of: date
) -> Shown:
    """The computed level, unless a judgement is in force.

    Lowering always holds. Raising holds only by as many steps as the policy allows, with enough
    reviewers who are not the originator, a rationale long enough, cited external evidence and a
    review date. After its review date a judgement has lapsed, and the computed level is shown.
    """
    judgement = latest(judgements)
    if judgement is None:
        return Shown(
            computed, Standing.COMPUTED, "Computed from the tests; no judgement is in force."
        )
    if judgement.review_by is not None and judgement.review_by < as_of:
        return Shown(
            computed,
            Standing.LAPSED,
            f"The hub's judgement ({judgement.level.label}) lapsed on "
            f"{judgement.review_by.isoformat()}; the computed level is shown.",
            judgement,
        )
    until = "" if judgement.review_by is None else f", until {judgement.review_by.isoformat()}"
    if judgement.level.rank == computed.rank:
        return Shown(
            judgement.level,
            Standing.AGREED,
            f"The hub agreed with the computed level{until}.",
            judgement,
        )
    if judgement.level.rank < computed.rank:
        return Shown(
            judgement.level,
            Standing.LOWERED,
            f"The hub lowered it from {computed.label} to {judgement.level.label}{until}.",
            judgement,
        )
    lacking = _lacking(judgement, computed, policy)
    if lacking:
        return Shown(
            computed,
            Standing.REFUSED,
            f"The hub's raise to {judgement.level.label} does not hold: "
            + "; ".join(lacking)
            + ".",
            judgement,
        )
    return Shown(
        judgement.level,
        Standing.RAISED,
        f"The hub raised it from {computed.label} to {judgement.level.label}{until}.",
        judgement,
    )


def _lacking(judgement: Judgement, computed: Level, policy: Policy) -> list[str]:
    """What a raise lacks, in plain words."""
    lacking = []
    steps = judgement.level.rank - computed.rank
    if steps > policy.max_raise:
        lacking.append(f"it goes up {steps} steps, and {policy.max_raise} is the most")
    if judgement.originators:
        lacking.append("a reviewer is the originator of the idea")
    if len(judgement.reviewers) < policy.min_reviewers_to_raise:
        lacking.append(
            f"it has {len(judgement.reviewers)} of the {policy.min_reviewers_to_raise} reviewers "
            "needed"
        )
    if len(judgement.rationale) < policy.min_rationale:
        lacking.append(
            f"its rationale has {len(judgement.rationale)} of the {policy.min_rationale} "
            "characters needed"
        )
    if not judgement.evidence:
        lacking.append("it cites no external evidence")
    if judgement.review_by is None:
        lacking.append("it has no review date")
    return lacking
