"""What a reader is told: what is missing, the sentence, the answers to Carnegie's questions.

The words for levels, scales and places come from the schemes and the graph (`Vocabulary`).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from warranted.warrant.model import Direction, Evidence, Indicators, Policy
from warranted.warrant.rules import Computed, Criterion, SiteStanding, varied_facets


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of the schemes.

    Attributes:
        scales: rank → label and definition of a scale of test.
        labels: IRI → label of a facet or of a value on it.
    """

    scales: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, iri: str) -> str:
        """The label, or the last part of the IRI where there is none."""
        return self.labels.get(iri) or iri.rstrip("/").rsplit("/", 1)[-1].replace("-", " ")


_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MONTHS: Final = tuple(calendar.month_name)


def missing(computed: Computed, policy: Policy, words: Vocabulary) -> tuple[str, ...]:
    """What stands between the level and the next, each in plain words; () at the top."""
    if computed.level == policy.set_aside:
        return ("a supporting test of a new version",)
    lacking = [_lacking(criterion, words) for criterion in computed.unmet]
    if computed.held_by_harm:
        lacking.append("the unwanted effect resolved")
    return tuple(lacking)


def _lacking(criterion: Criterion, words: Vocabulary) -> str:
    threshold, value = criterion.threshold, criterion.value
    bound, have = threshold.bound, value if value is not None else Fraction(0)
    more = max(-((have - bound) // 1), 0)  # whole steps still to go, rounded up
    a_share = f"now {_percent(have)}, needs at least {_percent(bound)}"
    count, place = _count(more), "site" if more == 1 else "sites"
    texts = {
        "T": f"{_count(more)} completed {'test' if more == 1 else 'tests'}",
        "supporting_tests": f"{count} more supporting {'test' if more == 1 else 'tests'}",
        "R_s": f"{count} more {place} where it goes as predicted",
        "I": f"{count} more supporting {place} that did not invent it",
        "D": f"{count} more supporting {place} with data over time",
        "G": f"{count} more supporting {place} with a chart signal",
        "V": f"support in differing settings on {count} more context "
        + ("facet" if more == 1 else "facets"),
        "sustained": f"{count} more "
        + ("follow-up that finds" if more == 1 else "follow-ups that find")
        + " the improvement still there",
        # how many were reached so far may be too few to show
        "N": f"at least {bound} people reached by supporting tests",
        "S": f"a supporting test at a larger scale ({_scale(int(bound), words)} or more)",
        "C": f"results that agree (consistency {a_share})",
        "P": f"predictions written before the test ({a_share} of data-based tests)",
        "U": "fewer planned tests left without a report "
        f"(now {_percent(have)}, needs at most {_percent(bound)})",
    }
    if threshold.at_least == (threshold.indicator != "U") and threshold.indicator in texts:
        return texts[threshold.indicator]
    now = "not known" if value is None else f"{float(have):g}"
    way = "at least" if threshold.at_least else "at most"
    return f"{threshold.indicator} {way} {float(bound):g} (now {now})"


def _count(number: int) -> str:
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.0f}%"


def _scale(rank: int, words: Vocabulary) -> str:
    return words.scales[rank][0].lower() if rank in words.scales else f"rank {rank}"


def _scale_in_words(rank: int, words: Vocabulary) -> str:
    """The definition up to its first colon, for a sentence: "several testers at one site"."""
    definition = words.scales.get(rank, ("", ""))[1]
    text = definition.split(":")[0].rstrip(".")
    return text[:1].lower() + text[1:] if text else _scale(rank, words)


def _month(day: date) -> str:
    return f"{_MONTHS[day.month]} {day.year}"


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
    found = r.found
    if not found.T:
        parts = ["No completed test is recorded"]
    elif not r.conclusive:
        parts = [f"{_tests(found.T)} at {_places(len(r.places))}, none with a clear result"]
    else:
        parts = [f"Went as predicted at {found.R_s} of {_places(r.conclusive)}"]
        if found.R_m:
            parts.append(f"mixed at {found.R_m}")
    if found.S:
        parts.append(f"largest test: {_scale_in_words(found.S, r.words)}")
    if found.R_s:
        parts.append(f"data over time at {found.D}")
    parts += _did_not_work(r)
    if found.harm:
        parts.append(f"unwanted effect in {_tests(found.harm)}, not resolved")
    if r.evidence.reported:
        parts.append(_reported(r.evidence.reported))
    if r.last:
        parts.append(f"last tested {_month(r.last)}")
    if r.missing:
        target = r.computed.next
        if r.computed.level.rank < 0 or target is None:
            parts.append("to be taken up again: " + ", ".join(r.missing))
        else:
            parts.append(f"to reach {target.label}: " + ", ".join(r.missing))
    return " · ".join(parts)


def _did_not_work(r: Reading) -> list[str]:
    contra = r.sites_that(Direction.CONTRADICTS)
    if not contra:
        return []
    return ["did not work at: " + "; ".join(dict.fromkeys(_where(place, r) for place in contra))]


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
    return site.label if site and site.label else "a site without a name"


def _places(count: int) -> str:
    return f"{count} place" if count == 1 else f"{count} places"


def _supporting(count: int) -> str:
    return f"{count} supporting site" if count == 1 else f"{count} supporting sites"


def _tests(count: int) -> str:
    return f"{count} test" if count == 1 else f"{count} tests"


def _reported(count: int) -> str:
    verb = "is" if count == 1 else "are"
    return f"{_tests(count)} {verb} known only from a publication and {verb} not weighed"


@dataclass(frozen=True, slots=True)
class Answers:
    """Carnegie's three questions, answered from the indicators in one sentence each."""

    tested_elsewhere: str
    track_record: str
    in_contexts_like_mine: str

    QUESTIONS = (
        "Has it been tested elsewhere?",
        "What is the track record?",
        "Does that hold in contexts like mine?",
    )

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Question and answer, in order."""
        answers = (self.tested_elsewhere, self.track_record, self.in_contexts_like_mine)
        return tuple(zip(self.QUESTIONS, answers, strict=True))


def answers(r: Reading) -> Answers:
    """Short answers, each number with its base."""
    return Answers(_tested_elsewhere(r), _track_record(r), _like_mine(r))


def _tested_elsewhere(r: Reading) -> str:
    found = r.found
    reported = f" {_reported(r.evidence.reported)}." if r.evidence.reported else ""
    if not found.T:
        waiting = f" {_tests(r.overdue)} overdue without a report." if r.overdue else ""
        return f"Not here: no completed test is recorded.{waiting}{reported}"
    text = f"{_tests(found.T)} completed at {_places(len(r.places))}"
    if found.R_s:
        text += f"; {found.I} of {_supporting(found.R_s)} did not invent it"
    if r.overdue:
        text += f"; {r.overdue} more overdue without a report"
    return f"{text}.{reported}"


def _track_record(r: Reading) -> str:
    found = r.found
    if not found.T:
        return "None yet."
    if not r.conclusive:
        return "No test gave a clear result."
    text = (
        f"Of {_places(r.conclusive)} with a clear result, it went as predicted at {found.R_s}, was "
        f"mixed at {found.R_m} and did not work at {found.R_c}"
    )
    if found.R_s:
        text += (
            f"; data over time at {found.D} and a chart signal at {found.G} of "
            f"{_supporting(found.R_s)}"
        )
    if found.harm:
        text += f"; an unwanted effect is not resolved in {_tests(found.harm)}"
    return text + "."


def _like_mine(r: Reading) -> str:
    support = [place.site for place in r.sites_that(Direction.SUPPORTS)]
    if not support:
        return "Not known: no site supports it so far." + _limits(r)
    facets = varied_facets(r.evidence, support)
    if not facets:
        known = any(r.evidence.sites[s].context for s in support if s in r.evidence.sites)
        if not known:
            return "Not known: the contexts of the supporting sites are not recorded." + _limits(r)
        if len(support) == 1:
            return "Known from one supporting site only." + _limits(r)
        return "Known from one kind of setting only: the supporting sites are alike." + _limits(r)
    named = "; ".join(
        f"{r.words.label(facet).split(' (')[0].lower()}: {_listed(values, r.words)}"
        for facet, values in sorted(facets.items())
    )
    return f"The supporting sites differ in {_listed_facets(len(facets))} ({named})." + _limits(r)


def _limits(r: Reading) -> str:
    return "".join(f" It {text}." for text in _did_not_work(r))


def _listed(values: Iterable[str], words: Vocabulary) -> str:
    return ", ".join(sorted(words.label(value).lower() for value in values))


def _listed_facets(count: int) -> str:
    return "one respect" if count == 1 else f"{_count(count)} respects"
