"""The hub's judgement on top of the computed level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warranted.language import Language
from warranted.warrant.model import Judgement, Level, Policy
from warranted.warrant.vocabulary import Vocabulary


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
    computed: Level,
    judgements: Iterable[Judgement],
    policy: Policy,
    as_of: date,
    vocabulary: Vocabulary | None = None,
) -> Shown:
    """The computed level, unless a judgement is in force.

    Lowering always holds. Raising holds only by as many steps as the policy allows, with enough
    reviewers who are not the originator, a rationale long enough, cited external evidence and a
    review date. After its review date a judgement has lapsed, and the computed level is shown.
    """
    words = vocabulary or Vocabulary()
    say = words.language.say
    judgement = latest(judgements)
    if judgement is None:
        reason = say("Computed from the tests; no judgement is in force.")
        return Shown(computed, Standing.COMPUTED, reason)
    given = {"before": words.level(computed), "level": words.level(judgement.level)}
    if judgement.review_by is not None and judgement.review_by < as_of:
        reason = say(
            "The hub's judgement (%(level)s) lapsed on %(day)s; the computed level is shown.",
            day=judgement.review_by.isoformat(),
            **given,
        )
        return Shown(computed, Standing.LAPSED, reason, judgement)
    lacking = _lacking(judgement, computed, policy, words.language)
    if judgement.level.rank > computed.rank and lacking:
        reason = say(
            "The hub's raise to %(level)s does not hold: %(lacking)s.",
            lacking="; ".join(lacking),
            **given,
        )
        return Shown(computed, Standing.REFUSED, reason, judgement)
    if judgement.level.rank == computed.rank:
        standing, reason = Standing.AGREED, say("The hub agreed with the computed level")
    elif judgement.level.rank < computed.rank:
        standing = Standing.LOWERED
        reason = say("The hub lowered it from %(before)s to %(level)s", **given)
    else:
        standing = Standing.RAISED
        reason = say("The hub raised it from %(before)s to %(level)s", **given)
    if judgement.review_by is not None:
        reason += say(", until %(day)s", day=judgement.review_by.isoformat())
    return Shown(judgement.level, standing, f"{reason}.", judgement)


def _lacking(
    judgement: Judgement, computed: Level, policy: Policy, language: Language
) -> list[str]:
    """What a raise lacks, in plain words."""
    say = language.say
    lacking = []
    steps = judgement.level.rank - computed.rank
    if steps > policy.max_raise:
        lacking.append(
            say("it goes up %(n)s steps, and %(most)s is the most", n=steps, most=policy.max_raise)
        )
    if judgement.originators:
        lacking.append(say("a reviewer is the originator of the idea"))
    if len(judgement.reviewers) < policy.min_reviewers_to_raise:
        lacking.append(
            say(
                "it has %(n)s of the %(needed)s reviewers needed",
                n=len(judgement.reviewers),
                needed=policy.min_reviewers_to_raise,
            )
        )
    if len(judgement.rationale) < policy.min_rationale:
        lacking.append(
            say(
                "its rationale has %(n)s of the %(needed)s characters needed",
                n=len(judgement.rationale),
                needed=policy.min_rationale,
            )
        )
    if not judgement.evidence:
        lacking.append(say("it cites no external evidence"))
    if judgement.review_by is None:
        lacking.append(say("it has no review date"))
    return lacking
