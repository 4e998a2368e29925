"""Finds ideas that say the same, and says why, for a hub to decide.

The score of two ideas is between 0 and 1:

    0.55 × likeness of their texts     cosine of TF-IDF vectors of words (Salton and Buckley 1988)
    0.25 × likeness of their names     share of letter trigrams in common (Dice 1945)
    0.15 × drivers in common           share of drivers that are the same or are named the same (Jaccard)
    0.05 × change concepts in common   Jaccard

Where neither has drivers (concepts), that part is left out and the others weigh the more. Only ideas
that share a word which few others use are compared, so the time grows with the ideas and not with
their pairs.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from warranted.namespaces import NIC, RDFS
from warranted.records import Record

COMMON: Final = 400
"""A word that more ideas than this use brings no two of them together."""

_TOKEN: Final = re.compile(r"[^\W\d_]{3,}")
_STOP: Final = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "that",
        "this",
        "from",
        "are",
        "was",
        "were",
        "will",
        "has",
        "have",
        "had",
        "not",
        "but",
        "they",
        "them",
        "their",
        "its",
        "into",
        "each",
        "who",
        "what",
        "when",
        "how",
        "why",
        "can",
        "may",
        "one",
        "two",
        "all",
        "any",
        "our",
        "you",
        "your",
        "out",
        "off",
        "than",
        "then",
        "there",
        "about",
        "more",
        "most",
        "other",
        "some",
        "such",
        "only",
        "own",
        "same",
        "too",
        "very",
        "just",
        "over",
        "under",
        "again",
        "once",
        "also",
        "use",
        "used",
        "using",
        "los",
        "las",
        "una",
        "uno",
        "del",
        "con",
        "por",
        "para",
        "que",
        "como",
        "más",
        "sus",
        "pero",
        "este",
        "esta",
        "son",
        "fue",
        "han",
        "sin",
        "sobre",
        "entre",
        "cada",
        "también",
        "muy",
        "ser",
        "está",
        "cuando",
        "donde",
        "quien",
    ]
)


@dataclass(frozen=True, slots=True)
class IdeaFacts:
    """What an idea is compared by. `drivers` and `concepts` are IRIs; `driver_names` their names."""

    iri: str
    label: str
    text: str
    drivers: frozenset[str]
    driver_names: frozenset[str]
    concepts: frozenset[str]
    network: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two ideas that may say the same; `reasons` are sentences for who decides."""

    idea: str
    other: str
    score: float
    reasons: tuple[str, ...]


def facts_of(ideas: Iterable[Record], related: Iterable[Record]) -> list[IdeaFacts]:
    """The facts of ideas; versions of them and their drivers are looked for among `related`."""
    others = {r.iri: r for r in related}
    versions: dict[str, list[Record]] = {}
    for record in others.values():
        for iri in _named(record, f"{NIC}specificationOf"):
            versions.setdefault(iri, []).append(record)
    return [_facts(idea, versions.get(idea.iri, []), others) for idea in ideas]


def _facts(idea: Record, versions: list[Record], others: dict[str, Record]) -> IdeaFacts:
    texts = [
        t.object.value
        for record in (idea, *versions)
        for t in record.triples
        if isinstance(t.object, ox.Literal)
        and t.predicate.value.startswith((NIC, RDFS))
        and len(t.object.value) > 3
    ]
    drivers = _named(idea, f"{NIC}addressesDriver")
    names = frozenset(_label(others[d]).casefold() for d in drivers if d in others)
    return IdeaFacts(
        idea.iri,
        _label(idea),
        "\n".join(texts),
        drivers,
        names - {""},
        _named(idea, f"{NIC}appliesConcept"),
        next(iter(sorted(_named(idea, f"{NIC}ofNetwork"))), ""),
    )


class Finder:
    """Ideas made ready to be compared.

    Args:
        distinct: pairs that were said to be two, which are not suggested.
    """

    def __init__(
        self, ideas: Iterable[IdeaFacts], *, distinct: frozenset[frozenset[str]] = frozenset()
    ) -> None:
        self.ideas = {idea.iri: idea for idea in sorted(ideas, key=lambda i: i.iri)}
        self._distinct = distinct
        counts = {iri: Counter(tokens(i.text)) for iri, i in self.ideas.items()}
        found = Counter(word for count in counts.values() for word in count)
        every = len(self.ideas)
        self._weight = {word: math.log((1 + every) / (1 + n)) + 1 for word, n in found.items()}
        self._vectors = {iri: self._vector(count) for iri, count in counts.items()}
        self._having: dict[str, list[str]] = {}
        for iri, vector in self._vectors.items():
            for word in vector:
                if 1 < found[word] <= COMMON:
                    self._having.setdefault(word, []).append(iri)
        self._trigrams = {iri: _trigrams(i.label) for iri, i in self.ideas.items()}

    def like(self, iri: str, *, most: int = 10, least: float = 0.3) -> list[Suggestion]:
        """Ideas like this one with a score of at least `least`, the likest first.

        Raises:
            KeyError: there is no such idea.
        """
        scored = [(self.score(iri, other), other) for other in self._near(iri)]
        best = sorted(((s, o) for s, o in scored if s >= least), key=lambda x: (-x[0], x[1]))
        return [Suggestion(iri, o, s, self.reasons(iri, o)) for s, o in best[:most]]

    def pairs(self, *, most: int = 100, least: float = 0.4) -> list[Suggestion]:
        """Pairs with a score of at least `least`, the likest first; each pair once."""
        scored = [
            (score, iri, other)
            for iri in self.ideas
            for other in self._near(iri)
            if iri < other and (score := self.score(iri, other)) >= least
        ]
        best = sorted(scored, key=lambda x: (-x[0], x[1], x[2]))[:most]
        return [Suggestion(a, b, s, self.reasons(a, b)) for s, a, b in best]

    def score(self, one: str, other: str) -> float:
        """The score of two ideas, 0 to 1; the same whichever comes first."""
        a, b = self.ideas[one], self.ideas[other]
        parts = [
            (0.55, self._cosine(one, other)),
            (0.25, _dice(self._trigrams[one], self._trigrams[other])),
        ]
        if a.drivers or b.drivers:
            same = max(_jaccard(a.drivers, b.drivers), _jaccard(a.driver_names, b.driver_names))
            parts.append((0.15, same))
        if a.concepts or b.concepts:
            parts.append((0.05, _jaccard(a.concepts, b.concepts)))
        return min(1.0, sum(w * v for w, v in parts) / sum(w for w, _ in parts))

    def reasons(self, one: str, other: str) -> tuple[str, ...]:
        """Why two ideas may say the same, in sentences; the weightiest first."""
        a, b = self.ideas[one], self.ideas[other]
        found = []
        if _dice(self._trigrams[one], self._trigrams[other]) >= 0.7:
            found.append("Their names are nearly the same.")
        shared = self._vectors[one].keys() & self._vectors[other].keys()
        telling = sorted(
            shared, key=lambda w: (-self._vectors[one][w] * self._vectors[other][w], w)
        )[:4]
        if telling:
            found.append("Both speak of " + ", ".join(f"‘{w}’" for w in telling) + ".")
        if a.drivers & b.drivers:
            found.append("Both act on the same driver.")
        elif names := sorted(a.driver_names & b.driver_names):
            found.append(f"Both act on a driver called ‘{names[0]}’.")
        if a.concepts & b.concepts:
            found.append("Both apply the same change concept.")
        if a.network != b.network:
            found.append("They come from different networks.")
        return tuple(found)

    def _near(self, iri: str) -> list[str]:
        near = {o for word in self._vectors[iri] for o in self._having.get(word, ())} - {iri}
        return sorted(o for o in near if frozenset((iri, o)) not in self._distinct)

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        raw = {word: (1 + math.log(n)) * self._weight[word] for word, n in count.items()}
        length = math.sqrt(sum(v * v for v in raw.values())) or 1.0
        return {word: value / length for word, value in sorted(raw.items())}

    def _cosine(self, one: str, other: str) -> float:
        a, b = sorted((self._vectors[one], self._vectors[other]), key=len)
        # fsum: the same to the last digit in whichever order
        return math.fsum(value * b[word] for word, value in a.items() if word in b)


def tokens(text: str) -> list[str]:
    """The words of a text that say what it is about: lower case, without plural endings."""
    return [_stem(w) for w in _TOKEN.findall(text.casefold()) if w not in _STOP]


def _stem(word: str) -> str:
    for ending, instead in (("ies", "y"), ("ses", "s"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: len(word) - len(ending)] + instead
    return word


def _trigrams(label: str) -> frozenset[str]:
    text = f"  {' '.join(tokens(label)) or label.casefold()} "
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def _named(record: Record, predicate: str) -> frozenset[str]:
    return frozenset(
        t.object.value
        for t in record.triples
        if t.predicate.value == predicate
        and isinstance(t.object, ox.NamedNode)
        and t.subject == ox.NamedNode(record.iri)
    )


def _label(record: Record) -> str:
    names = sorted(
        (t.object.language != "en", t.object.value)
        for t in record.triples
        if t.predicate.value == f"{RDFS}label"
        and t.subject == ox.NamedNode(record.iri)
        and isinstance(t.object, ox.Literal)
    )
    return names[0][1] if names else ""
