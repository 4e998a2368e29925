"""In my context: the same rules on the tests of places like the reader's own, and on no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, combinations
from typing import Any, Final

from warranted.warrant.assessment import Assessment, Judged, assess_idea, judge
from warranted.warrant.model import Direction, Evidence, Policy
from warranted.warrant.vocabulary import Vocabulary

MOST_FACETS: Final = 6
"""Facets of one site whose combinations are worked out beforehand; 2 to the power of these."""

Chosen = Mapping[str, frozenset[str]]
"""Facet → the values a reader takes; several on one facet are alternatives."""


@dataclass(frozen=True, slots=True)
class InContext:
    """What the evidence from matching places says of an idea.

    Attributes:
        matching, others, unknown: sites with a completed test that match, that do not, and that hold
            no value on a chosen facet, which are never guessed.
        assessment: from the tests at matching sites; None where there is none.
        harm_elsewhere: unwanted effects seen at other places, which concern every reader.
        words: the result in a sentence.
    """

    matching: tuple[str, ...]
    others: tuple[str, ...]
    unknown: tuple[str, ...]
    assessment: Assessment | None
    harm_elsewhere: int
    words: str

    def to_json(self) -> dict[str, Any]:
        """The result as plain values."""
        found = self.assessment
        return {
            "matching": list(self.matching),
            "others": list(self.others),
            "unknown": list(self.unknown),
            "level": found.level.slug if found else None,
            "level_label": found.level.label if found else None,
            "rank": found.level.rank if found else None,
            "indicators": found.indicators.to_json() if found else None,
            "missing": list(found.missing) if found else [],
            "harm_elsewhere": self.harm_elsewhere,
            "words": self.words,
        }


def in_context(
    evidence: Evidence,
    chosen: Chosen,
    policy: Policy,
    as_of: date,
    vocabulary: Vocabulary | None = None,
) -> InContext:
    """Judge an idea by its tests at sites that hold a chosen value on every chosen facet.

    The hub's judgement is about all the evidence and is left out. With nothing chosen every site
    matches, those without a context too.
    """
    kept = _Sites(evidence).kept(chosen)
    words = vocabulary or Vocabulary()
    there = _there(evidence, kept)
    judged = judge(there, policy, as_of) if kept.matching else None
    assessment = assess_idea(there, policy, as_of, words, judged) if judged else None
    told = _words(kept, judged, any(chosen.values()), words)
    return InContext(kept.matching, kept.others, kept.unknown, assessment, kept.harm, told)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The tested sites by whether they match, all sites that do, harm elsewhere."""

    matching: tuple[str, ...]
    others: tuple[str, ...]
    unknown: tuple[str, ...]
    sites: tuple[str, ...]
    harm: int


class _Sites:
    """The sites of an idea's tests, with what is looked at again for each choice."""

    def __init__(self, evidence: Evidence) -> None:
        done = [t for t in evidence.tests if t.complete]
        self._tested = {t.site for t in done if t.site}
        self._harmed = [t.site for t in done if t.harm and not t.harm_resolved]
        self._held: dict[str, dict[str, set[str]]] = {}
        for iri in sorted({t.site for t in evidence.tests if t.site}):
            site, held = evidence.sites.get(iri), self._held.setdefault(iri, {})
            for facet, value in site.context if site else ():
                held.setdefault(facet, set()).add(value)

    def kept(self, chosen: Chosen) -> _Kept:
        """Which match."""
        found = {site: _match(held, chosen) for site, held in self._held.items()}
        tested = [(site, match) for site, match in found.items() if site in self._tested]
        matching = tuple(site for site, match in tested if match)
        return _Kept(
            matching,
            tuple(site for site, match in tested if match is False),
            tuple(site for site, match in tested if match is None),
            tuple(site for site, match in found.items() if match),
            sum(site not in matching for site in self._harmed),
        )


def _there(evidence: Evidence, kept: _Kept) -> Evidence:
    """The evidence from the sites that match; the hub's judgement is about all of it."""
    # a test that is overdue at a place like that counts against it, too
    tests = tuple(t for t in evidence.tests if t.site in kept.sites)
    return replace(evidence, tests=tests, judgements=())


def _match(held: Mapping[str, set[str]], chosen: Chosen) -> bool | None:
    """Whether a site matches; None if it holds no value on a chosen facet."""
    if any(values and facet not in held for facet, values in chosen.items()):
        return None
    return all(not values or held[facet] & values for facet, values in chosen.items())


def _words(kept: _Kept, judged: Judged | None, narrowed: bool, vocabulary: Vocabulary) -> str:
    """The sentences.

    Args:
        narrowed: whether any facet was chosen.
    """
    say, count = vocabulary.language.say, vocabulary.language.count
    others, unknown, harm = len(kept.others), len(kept.unknown), kept.harm
    if judged is None:
        told = [say("No completed test comes from a place like that.")]
    else:
        verdicts = [p.verdict for p in judged.places]
        good = verdicts.count(Direction.SUPPORTS)
        bad = verdicts.count(Direction.CONTRADICTS)
        level = vocabulary.level(judged.computed.level)
        given = {"level": level, "n": good, "total": len(kept.matching)}
        if narrowed:
            seen = say(
                "%(level)s at places like that: went as predicted at %(n)s of %(total)s", **given
            )
        else:
            seen = say("%(level)s at every place: went as predicted at %(n)s of %(total)s", **given)
        told = [seen + (say(", not at %(n)s.", n=bad) if bad else ".")]
    if others:
        told.append(
            count("%(n)s other place was left out.", "%(n)s other places were left out.", others)
        )
    if unknown:
        told.append(say("Of %(n)s more the context is not known.", n=unknown))
    if harm:
        told.append(say("An unwanted effect was seen elsewhere; read those tests too."))
    return " ".join(told)


@dataclass(frozen=True, slots=True)
class Choice:
    """One facet that can be chosen from: its values, each with how many tested sites hold it."""

    facet: str
    label: str
    values: tuple[tuple[str, str, int], ...]


def choices(evidence: Iterable[Evidence], vocabulary: Vocabulary) -> tuple[Choice, ...]:
    """The facets on which the sites of completed tests hold a value, by their labels."""
    held: dict[str, dict[str, set[str]]] = {}
    for one in evidence:
        for test in one.tests:
            site = one.sites.get(test.site or "")
            if test.complete and site:
                for facet, value in site.context:
                    held.setdefault(facet, {}).setdefault(value, set()).add(site.iri)
    made = []
    for facet, values in held.items():
        listed = sorted((vocabulary.label(v), v, len(sites)) for v, sites in values.items())
        told = tuple((value, label, count) for label, value, count in listed)
        made.append(Choice(facet, vocabulary.label(facet), told))
    return tuple(sorted(made, key=lambda c: c.label))


class Table:
    """Every choice that some tested site answers, judged; for pages that cannot compute.

    A choice is named by its values, sorted and joined by spaces; "" is no choice. One that is not in
    the table has no test. Where two sites differ on facets neither of them holds, both are counted as
    unknown, as `in_context` does.
    """

    def __init__(self, evidence: Evidence, policy: Policy, as_of: date) -> None:
        self._rows: dict[str, tuple[_Kept, Judged | None]] = {}
        known: dict[tuple[str, ...], Judged] = {}
        sites = _Sites(evidence)
        for key in _keys(evidence):
            chosen: dict[str, frozenset[str]] = {}
            for facet, value in key:
                chosen[facet] = chosen.get(facet, frozenset()) | {value}
            kept = sites.kept(chosen)
            if kept.matching and kept.sites not in known:  # many choices lead to the same places
                known[kept.sites] = judge(_there(evidence, kept), policy, as_of)
            name = " ".join(sorted(value for _, value in key))
            self._rows[name] = kept, known[kept.sites] if kept.matching else None

    def told(self, vocabulary: Vocabulary) -> dict[str, str]:
        """Choice → the result in a sentence, as `in_context` tells it."""
        return {
            name: _words(kept, judged, bool(name), vocabulary)
            for name, (kept, judged) in self._rows.items()
        }


def _keys(evidence: Evidence) -> list[tuple[tuple[str, str], ...]]:
    keys: set[tuple[tuple[str, str], ...]] = {()}
    for iri in {t.site for t in evidence.tests if t.complete and t.site}:
        site = evidence.sites.get(iri)
        pairs = sorted(site.context)[:MOST_FACETS] if site else []
        keys |= set(chain.from_iterable(combinations(pairs, n) for n in range(len(pairs) + 1)))
    return sorted(keys)
