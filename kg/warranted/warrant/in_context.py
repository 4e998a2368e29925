"""In my context: the same rules on the tests of places like the reader's own, and on no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, combinations
from typing import Any, Final

from warranted.warrant.assessment import Assessment, assess_idea
from warranted.warrant.model import Direction, Evidence, Policy, Site
from warranted.warrant.rules import standings
from warranted.warrant.words import Vocabulary

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
    tested = sorted({t.site for t in evidence.tests if t.complete and t.site})
    matching: list[str] = []
    others: list[str] = []
    unknown: list[str] = []
    for iri in tested:
        found = _match(evidence.sites.get(iri), chosen)
        (unknown if found is None else matching if found else others).append(iri)
    kept = replace(
        evidence,
        # a test that is overdue at a place like that counts against it, too
        tests=tuple(
            t for t in evidence.tests if t.site and _match(evidence.sites.get(t.site), chosen)
        ),
        judgements=(),
    )
    elsewhere = [t for t in evidence.tests if t.complete and t.harm and t.site not in matching]
    harm = len([t for t in elsewhere if not t.harm_resolved])
    assessment = assess_idea(kept, policy, as_of, vocabulary) if matching else None
    counts = (len(matching), len(others), len(unknown), harm)
    words = vocabulary or Vocabulary()
    said = _words(kept, assessment, any(chosen.values()), counts, words)
    return InContext(tuple(matching), tuple(others), tuple(unknown), assessment, harm, said)


def _match(site: Site | None, chosen: Chosen) -> bool | None:
    """Whether a site matches; None if it holds no value on a chosen facet."""
    held: dict[str, set[str]] = {}
    for facet, value in site.context if site else ():
        held.setdefault(facet, set()).add(value)
    if any(values and facet not in held for facet, values in chosen.items()):
        return None
    return all(not values or held[facet] & values for facet, values in chosen.items())


def _words(
    kept: Evidence,
    assessment: Assessment | None,
    narrowed: bool,
    counts: tuple[int, int, int, int],
    vocabulary: Vocabulary,
) -> str:
    """The sentences.

    Args:
        narrowed: whether any facet was chosen.
        counts: sites that match, that do not, of unknown context; unwanted effects elsewhere.
    """
    say, count = vocabulary.language.say, vocabulary.language.count
    matching, others, unknown, harm = counts
    if assessment is None:
        told = [say("No completed test comes from a place like that.")]
    else:
        verdicts = [p.verdict for p in standings(kept)]
        good = verdicts.count(Direction.SUPPORTS)
        bad = verdicts.count(Direction.CONTRADICTS)
        given = {"level": vocabulary.level(assessment.level), "n": good, "total": matching}
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


def table(
    evidence: Evidence, policy: Policy, as_of: date, vocabulary: Vocabulary | None = None
) -> dict[str, InContext]:
    """Every choice that some tested site answers → the result; for pages that cannot compute.

    The key is the chosen values, sorted and joined by spaces; "" is no choice. A choice that is not in
    the table has no test. Where two sites differ on facets neither of them holds, both are counted as
    unknown, as `in_context` does.
    """
    keys: set[tuple[tuple[str, str], ...]] = {()}
    for iri in {t.site for t in evidence.tests if t.complete and t.site}:
        site = evidence.sites.get(iri)
        pairs = sorted(site.context)[:MOST_FACETS] if site else []
        keys |= set(chain.from_iterable(combinations(pairs, n) for n in range(len(pairs) + 1)))
    found = {}
    for key in sorted(keys):
        chosen: dict[str, set[str]] = {}
        for facet, value in key:
            chosen.setdefault(facet, set()).add(value)
        frozen = {facet: frozenset(values) for facet, values in chosen.items()}
        name = " ".join(sorted(value for _, value in key))
        found[name] = in_context(evidence, frozen, policy, as_of, vocabulary)
    return found
