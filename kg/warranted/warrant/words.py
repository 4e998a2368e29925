"""What a reader is told: what is missing, the sentence, the answers to Carnegie's questions.

The words for levels, scales and places come from the schemes and the graph (see `vocabulary`), the
sentences from the catalogue of the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from warranted.language import ENGLISH, Language
from warranted.warrant.model import Direction, Evidence, Indicators, Policy
from warranted.warrant.rules import Computed, Criterion, SiteStanding, varied_facets
from warranted.warrant.vocabulary import Vocabulary


def missing(computed: Computed, policy: Policy, words: Vocabulary) -> tuple[str, ...]:
    """What stands between the level and the next, each in plain words; () at the top."""
    say = words.language.say
    if computed.level == policy.set_aside:
        return (say("a supporting test of a new version"),)
    lacking = [_lacking(criterion, words) for criterion in computed.unmet]
    if computed.held_by_harm:
        lacking.append(say("the unwanted effect resolved"))
    return tuple(lacking)


def _lacking(criterion: Criterion, words: Vocabulary) -> str:
    threshold, value = criterion.threshold, criterion.value
    # Planned tests without a report must go down to a bound, all else up to one.
    if threshold.at_least == (threshold.indicator != "U") and (told := _told(criterion, words)):
        return told
    say = words.language.say
    given = {
        "indicator": threshold.indicator,
        "bound": f"{float(threshold.bound):g}",
        "now": say("not known") if value is None else f"{float(value):g}",
    }
    if threshold.at_least:
        return say("%(indicator)s at least %(bound)s (now %(now)s)", **given)
    return say("%(indicator)s at most %(bound)s (now %(now)s)", **given)


def _told(criterion: Criterion, words: Vocabulary) -> str | None:
    """What a criterion lacks, in words; None for an indicator no policy asks more of so far."""
    bound, have = criterion.threshold.bound, criterion.value or Fraction(0)
    more = max(-((have - bound) // 1), 0)  # whole steps still to go, rounded up
    n = words.number(more)
    say, count, percent = words.language.say, words.language.count, words.language.percent
    share = {"now": percent(have), "bound": percent(bound)}
    match criterion.threshold.indicator:
        case "T":
            return count("%(n)s completed test", "%(n)s completed tests", more, n=n)
        case "supporting_tests":
            return count("%(n)s more supporting test", "%(n)s more supporting tests", more, n=n)
        case "R_s":
            return count(
                "%(n)s more site where it goes as predicted",
                "%(n)s more sites where it goes as predicted",
                more,
                n=n,
            )
        case "I":
            return count(
                "%(n)s more supporting site that did not invent it",
                "%(n)s more supporting sites that did not invent it",
                more,
                n=n,
            )
        case "D":
            return count(
                "%(n)s more supporting site with data over time",
                "%(n)s more supporting sites with data over time",
                more,
                n=n,
            )
        case "G":
            return count(
                "%(n)s more supporting site with a chart signal",
                "%(n)s more supporting sites with a chart signal",
                more,
                n=n,
            )
        case "V":
            return count(
                "support in differing settings on %(n)s more context facet",
                "support in differing settings on %(n)s more context facets",
                more,
                n=n,
            )
        case "sustained":
            return count(
                "%(n)s more follow-up that finds the improvement still there",
                "%(n)s more follow-ups that find the improvement still there",
                more,
                n=n,
            )
        case "N":  # how many were reached so far may be too few to show
            return say("at least %(n)s people reached by supporting tests", n=bound)
        case "S":
            scale = _scale(int(bound), words)
            return say("a supporting test at a larger scale (%(scale)s or more)", scale=scale)
        case "C":
            return say(
                "results that agree (consistency now %(now)s, needs at least %(bound)s)", **share
            )
        case "P":
            return say(
                "predictions written before the test (now %(now)s, needs at least %(bound)s of "
                "data-based tests)",
                **share,
            )
        case "U":
            return say(
                "fewer planned tests left without a report (now %(now)s, needs at most %(bound)s)",
                **share,
            )
    return None


def _scale(rank: int, words: Vocabulary) -> str:
    if rank in words.scales:
        return words.scales[rank][0].lower()
    return words.language.say("rank %(rank)s", rank=rank)


def _scale_in_words(rank: int, words: Vocabulary) -> str:
    """The definition up to its first colon, for a sentence: "several testers at one site"."""
    definition = words.scales.get(rank, ("", ""))[1]
    text = definition.split(":")[0].rstrip(".")
    return text[:1].lower() + text[1:] if text else _scale(rank, words)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the sentences are made from."""

    evidence: Evidence
    places: Sequence[SiteStanding]
    found: Indicators
    computed: Computed
    missing: tuple[str, ...]
    overdue: int
    words: Vocabulary

    @property
    def language(self) -> Language:
        """The language of the sentences."""
        return self.words.language

    @property
    def conclusive(self) -> int:
        """Sites with a clear result."""
        return self.found.R_s + self.found.R_m + self.found.R_c

    @property
    def last(self) -> date | None:
        """Start of the last completed test."""
        return max((t.start for t in self.evidence.tests if t.complete and t.start), default=None)

    def sites_that(self, verdict: Direction) -> list[SiteStanding]:
        """The sites with that verdict."""
        return [place for place in self.places if place.verdict is verdict]


def sentence(r: Reading) -> str:
    """The reader's sentence: counts with their base, joined by middle dots."""
    found, say = r.found, r.language.say
    if not found.T:
        parts = [say("No completed test is recorded")]
    elif not r.conclusive:
        tried = {"tests": _tests(found.T, r), "places": _places(len(r.places), r)}
        parts = [say("%(tests)s at %(places)s, none with a clear result", **tried)]
    else:
        places = _places(r.conclusive, r)
        parts = [say("Went as predicted at %(n)s of %(places)s", n=found.R_s, places=places)]
        if found.R_m:
            parts.append(say("mixed at %(n)s", n=found.R_m))
    if found.S:
        parts.append(say("largest test: %(scale)s", scale=_scale_in_words(found.S, r.words)))
    if found.R_s:
        parts.append(say("data over time at %(n)s", n=found.D))
    if where := _where_not(r):
        parts.append(say("did not work at: %(places)s", places=where))
    if found.harm:
        parts.append(say("unwanted effect in %(tests)s, not resolved", tests=_tests(found.harm, r)))
    if r.evidence.reported:
        parts.append(_reported(r))
    if r.last:
        parts.append(say("last tested %(month)s", month=r.language.month(r.last)))
    if r.missing:
        target, lacking = r.computed.next, ", ".join(r.missing)
        if r.computed.level.rank < 0 or target is None:
            parts.append(say("to be taken up again: %(missing)s", missing=lacking))
        else:
            level = r.words.level(target)
            parts.append(say("to reach %(level)s: %(missing)s", level=level, missing=lacking))
    return " · ".join(parts)


def _where_not(r: Reading) -> str:
    """The sites that contradict; empty if none does."""
    contra = r.sites_that(Direction.CONTRADICTS)
    return "; ".join(dict.fromkeys(_where(place, r) for place in contra))


def _where(place: SiteStanding, r: Reading) -> str:
    """What sets a site apart: context values no supporting site has, else its label."""
    shared = {
        pair
        for other in r.sites_that(Direction.SUPPORTS)
        for pair in (r.evidence.sites[other.site].context if other.site in r.evidence.sites else ())
    }
    site = r.evidence.sites.get(place.site)
    apart = sorted(site.context - shared) if site and shared else []
    if apart:
        return ", ".join(r.words.label(value).lower() for _, value in apart)
    return (r.words.site(site) if site else "") or r.language.say("a site without a name")


def _places(count: int, r: Reading) -> str:
    return r.language.count("%(n)s place", "%(n)s places", count)


def _supporting(count: int, r: Reading) -> str:
    return r.language.count("%(n)s supporting site", "%(n)s supporting sites", count)


def _tests(count: int, r: Reading) -> str:
    return r.language.count("%(n)s test", "%(n)s tests", count)


def _reported(r: Reading) -> str:
    return r.language.count(
        "%(n)s test is known only from a publication and is not weighed",
        "%(n)s tests are known only from a publication and are not weighed",
        r.evidence.reported,
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """Carnegie's three questions, answered from the indicators in one sentence each."""

    tested_elsewhere: str
    track_record: str
    in_contexts_like_mine: str
    language: Language = ENGLISH

    @property
    def questions(self) -> tuple[str, str, str]:
        """The questions, in order."""
        say = self.language.say
        return (
            say("Has it been tested elsewhere?"),
            say("What is the track record?"),
            say("Does that hold in contexts like mine?"),
        )

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Question and answer, in order."""
        answers = (self.tested_elsewhere, self.track_record, self.in_contexts_like_mine)
        return tuple(zip(self.questions, answers, strict=True))


def answers(r: Reading) -> Answers:
    """Short answers, each number with its base."""
    return Answers(_tested_elsewhere(r), _track_record(r), _like_mine(r), r.language)


def _tested_elsewhere(r: Reading) -> str:
    found, say, count = r.found, r.language.say, r.language.count
    told = []
    if not found.T:
        told.append(say("Not here: no completed test is recorded."))
        if r.overdue:
            told.append(
                count(
                    "%(n)s test overdue without a report.",
                    "%(n)s tests overdue without a report.",
                    r.overdue,
                )
            )
    else:
        tried = {"tests": _tests(found.T, r), "places": _places(len(r.places), r)}
        parts = [say("%(tests)s completed at %(places)s", **tried)]
        if found.R_s:
            sites = _supporting(found.R_s, r)
            parts.append(say("%(n)s of %(sites)s did not invent it", n=found.I, sites=sites))
        if r.overdue:
            parts.append(
                count(
                    "%(n)s more overdue without a report",
                    "%(n)s more overdue without a report",
                    r.overdue,
                )
            )
        told.append("; ".join(parts) + ".")
    if r.evidence.reported:
        told.append(f"{_reported(r)}.")
    return " ".join(told)


def _track_record(r: Reading) -> str:
    found, say = r.found, r.language.say
    if not found.T:
        return say("None yet.")
    if not r.conclusive:
        return say("No test gave a clear result.")
    parts = [
        say(
            "Of %(places)s with a clear result, it went as predicted at %(supported)s, was mixed at "
            "%(mixed)s and did not work at %(contradicted)s",
            places=_places(r.conclusive, r),
            supported=found.R_s,
            mixed=found.R_m,
            contradicted=found.R_c,
        )
    ]
    if found.R_s:
        parts.append(
            say(
                "data over time at %(data)s and a chart signal at %(signal)s of %(sites)s",
                data=found.D,
                signal=found.G,
                sites=_supporting(found.R_s, r),
            )
        )
    if found.harm:
        tests = _tests(found.harm, r)
        parts.append(say("an unwanted effect is not resolved in %(tests)s", tests=tests))
    return "; ".join(parts) + "."


def _like_mine(r: Reading) -> str:
    told = _settings(r)
    if where := _where_not(r):
        told += " " + r.language.say("It did not work at: %(places)s.", places=where)
    return told


def _settings(r: Reading) -> str:
    """In how many kinds of setting it went as predicted."""
    say = r.language.say
    support = [place.site for place in r.sites_that(Direction.SUPPORTS)]
    if not support:
        return say("Not known: no site supports it so far.")
    facets = varied_facets(r.evidence, support)
    if not facets:
        known = any(r.evidence.sites[s].context for s in support if s in r.evidence.sites)
        if not known:
            return say("Not known: the contexts of the supporting sites are not recorded.")
        if len(support) == 1:
            return say("Known from one supporting site only.")
        return say("Known from one kind of setting only: the supporting sites are alike.")
    named = "; ".join(
        f"{r.words.label(facet).split(' (')[0].lower()}: {_listed(values, r.words)}"
        for facet, values in sorted(facets.items())
    )
    return r.language.count(
        "The supporting sites differ in %(n)s respect (%(facets)s).",
        "The supporting sites differ in %(n)s respects (%(facets)s).",
        len(facets),
        n=r.words.number(len(facets)),
        facets=named,
    )


def _listed(values: Iterable[str], words: Vocabulary) -> str:
    return ", ".join(sorted(words.label(value).lower() for value in values))
