"""Finds ideas that say the same, and says why, for a hub to decide.

Only ideas that share a rare word are compared, so the time grows with the ideas and not with their
pairs. The score is in `Finder.score`.
"""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from warranted.namespaces import DCTERMS, NIC, RDF, RDFS
from warranted.records import Record

TEXT, NAME, DRIVERS, CONCEPTS = 0.55, 0.25, 0.15, 0.05  # what each part of the score weighs
COMMON: Final = 200  # a word that more ideas than this use is not rare
LEAST: Final = 0.03  # what rare words must add to the likeness of texts that share no driver

_WORD: Final = re.compile(r"[^\W_]+")
_BREAK: Final = re.compile(r"[.;:!?¿¡()\n]+")
_STOP: Final = frozenset(
    _WORD.findall(
        """a about after again all also an and any are as at be been both but by can each for from
        had has have he her his how if in into is it its just may more most no not of off on once
        one only or other our out over own same she so some such than that the their them then there
        these they this those to too under up use used using very was we were what when where which
        who whose why will with you your
        al como con cuando cada de del donde e el ella ellas ellos en entre es esta este están está
        fue ha han la las le les lo los más me muy ni no o para pero por que qué quien se ser si sin
        sobre son su sus también te tu un una uno unos unas y ya"""
    )
)
_SAYS: Final = (f"{RDFS}label", f"{RDFS}comment", f"{NIC}summary")
_PARTS: Final = ("ChangeIdea", "KnowHow", "ChangeComponent", "Material")
_TOLD: Final = {f"{NIC}{name}": _SAYS for name in _PARTS} | {
    f"{NIC}ChangeSpecification": (f"{NIC}summary", f"{NIC}dose", f"{NIC}deliveryMode")
}
"""Class → properties that say what an idea is; notes and locators of its curators do not."""


@dataclass(frozen=True, slots=True)
class IdeaFacts:
    """What an idea is compared by; `drivers`, `concepts` and `replaced_by` are IRIs."""

    iri: str
    label: str
    text: str
    drivers: frozenset[str] = frozenset()
    driver_texts: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    network: str = ""
    replaced_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two ideas that may say the same; `reasons` are sentences for who decides."""

    idea: str
    other: str
    score: float
    reasons: tuple[str, ...]


def facts_of(
    ideas: Iterable[Record], related: Callable[[str], Record | None] | Iterable[Record]
) -> list[IdeaFacts]:
    """The facts of ideas.

    Args:
        related: where their versions and drivers are: the records, or how to get one by its IRI. Of
            the records, those that say they are a version of an idea count too.
    """
    others = {} if callable(related) else {r.iri: r for r in related}
    versions: dict[str, set[str]] = {}
    for record in others.values():
        for iri in _named(record, f"{NIC}specificationOf"):
            versions.setdefault(iri, set()).add(record.iri)
    find = related if callable(related) else others.get
    return [_facts(idea, versions.get(idea.iri, set()), find) for idea in ideas]


def _facts(idea: Record, versions: set[str], find: Callable[[str], Record | None]) -> IdeaFacts:
    versions = versions | _named(idea, f"{NIC}hasSpecification")
    drivers = _named(idea, f"{NIC}addressesDriver")
    said = [idea, *(r for iri in sorted(versions) if (r := find(iri)))]
    return IdeaFacts(
        iri=idea.iri,
        label=_label(idea),
        text="\n".join(dict.fromkeys(text for record in said for text in _texts(record))),
        drivers=drivers,
        driver_texts=frozenset(_label(r) for iri in drivers if (r := find(iri))) - {""},
        concepts=_named(idea, f"{NIC}appliesConcept"),
        network=min(_named(idea, f"{NIC}ofNetwork"), default=""),
        replaced_by=_named(idea, f"{DCTERMS}isReplacedBy"),
    )


class Finder:
    """Ideas made ready to be compared.

    Args:
        distinct: pairs of IRIs that were decided to be two ideas; they are not suggested, nor is an
            idea with one that replaced it.
    """

    def __init__(
        self, ideas: Iterable[IdeaFacts], *, distinct: frozenset[frozenset[str]] = frozenset()
    ) -> None:
        self._ideas = sorted({idea.iri: idea for idea in ideas}.values(), key=lambda i: i.iri)
        self._at = {idea.iri: i for i, idea in enumerate(self._ideas)}
        self._apart = distinct | self._replaced()
        counts = [Counter(tokens(f"{i.label}\n{i.text}")) for i in self._ideas]
        self._uses = Counter(word for count in counts for word in count)
        self._vectors = [self._vector(count) for count in counts]
        self._names = [_trigrams(i.label) for i in self._ideas]
        self._drivers = [frozenset(map(_key, i.driver_texts)) - {""} for i in self._ideas]
        self._acting: dict[str, set[int]] = {}  # driver, or what its name says → ideas
        # rare word → (ideas that use it, in order; its weight in each)
        self._having: dict[str, tuple[list[int], list[float]]] = {}
        self._rest: list[float] = []  # length of the part of a vector that is not rare
        for i, vector in enumerate(self._vectors):
            for driver in self._ideas[i].drivers | self._drivers[i]:
                self._acting.setdefault(driver, set()).add(i)
            for word, weight in vector.items():
                if 1 < self._uses[word] <= COMMON:
                    where, weights = self._having.setdefault(word, ([], []))
                    where.append(i)
                    weights.append(weight)
            rest = math.fsum(v * v for w, v in vector.items() if self._uses[w] > COMMON)
            self._rest.append(math.sqrt(rest))

    def like(self, iri: str, *, most: int = 10, least: float = 0.3) -> list[Suggestion]:
        """Ideas like this one with a score of at least `least`, the likest first.

        Raises: KeyError: there is no such idea.
        """
        one = self._at[iri]
        best = sorted((-score, other) for score, other in self._near(one, -1, least))
        return [self._suggestion(one, other, -score) for score, other in best[: max(0, most)]]

    def pairs(self, *, most: int = 100, least: float = 0.45) -> list[Suggestion]:
        """Pairs with a score of at least `least`, the likest first; each pair once."""
        best: list[tuple[float, int, int]] = []  # a heap, with the worst on top
        for one in range(len(self._ideas) if most > 0 else 0):
            floor = best[0][0] if len(best) == most else least
            for score, other in self._near(one, one, floor):
                heapq.heappush(best, (score, -one, -other))
                if len(best) > most:
                    heapq.heappop(best)
        return [self._suggestion(-a, -b, score) for score, a, b in sorted(best, reverse=True)]

    def score(self, one: str, other: str) -> float:
        """How far two ideas say the same, 0 to 1; the same whichever comes first.

        0.55 × text      cosine of TF-IDF vectors of words, (1 + ln n)(1 + ln((1 + N)/(1 + df)))
                         (Salton and Buckley 1988)
        0.25 × name      share of letter trigrams in common, without stop words (Dice 1945)
        0.15 × drivers   share in common, by IRI or by the words of their names: the larger (Dice)
        0.05 × concepts  share of change concepts in common (Dice)

        The sum is divided by the weights that count: drivers and concepts count where both ideas
        state them. Rounded to four digits. Raises: KeyError: one of them is not known.
        """
        return self._score(self._at[one], self._at[other])

    def _score(self, one: int, other: int) -> float:
        a, b = self._ideas[one], self._ideas[other]
        x, y = self._vectors[one], self._vectors[other]
        # fsum: the same to the last digit in whichever order
        text = math.fsum(x[word] * y[word] for word in x.keys() & y.keys())
        total = TEXT * text + NAME * _dice(self._names[one], self._names[other])
        weights = TEXT + NAME
        if a.drivers and b.drivers:
            named = _dice(self._drivers[one], self._drivers[other])
            total += DRIVERS * max(_dice(a.drivers, b.drivers), named)
            weights += DRIVERS
        if a.concepts and b.concepts:
            total += CONCEPTS * _dice(a.concepts, b.concepts)
            weights += CONCEPTS
        return round(min(1.0, total / weights), 4)

    def _near(self, one: int, after: int, least: float) -> Iterator[tuple[float, int]]:
        """(score, idea) for ideas beyond `after` that share a rare word and reach `least`.

        The words that are not rare add at most the product of the lengths they have in both vectors
        (Cauchy-Schwarz; as Bayardo, Ma and Srikant 2007).
        """
        found: dict[int, float] = {}
        for word, weight in self._vectors[one].items():
            where, weights = self._having.get(word, ([], []))
            start = bisect_right(where, after)
            for other, its in zip(where[start:], weights[start:], strict=True):
                found[other] = found.get(other, 0.0) + weight * its
        found.pop(one, None)
        idea, rest, trigrams = self._ideas[one], self._rest[one], self._names[one]
        acting = set[int]().union(*(self._acting[d] for d in idea.drivers | self._drivers[one]))
        # what words and name must reach where no driver is shared and all else is the same
        floor = least * (TEXT + NAME + CONCEPTS) - CONCEPTS - 0.001
        for other, rare in found.items():
            if rare < LEAST and other not in acting:
                continue
            name = _dice(trigrams, self._names[other])
            most = TEXT * (rare + rest * self._rest[other]) + NAME * name
            pair = frozenset((idea.iri, self._ideas[other].iri))
            if (most < floor and other not in acting) or pair in self._apart:
                continue
            if (score := self._score(one, other)) >= least:
                yield score, other

    def _suggestion(self, one: int, other: int, score: float) -> Suggestion:
        told = tuple(self._reasons(*sorted((one, other))))
        return Suggestion(self._ideas[one].iri, self._ideas[other].iri, score, told)

    def _reasons(self, one: int, other: int) -> Iterator[str]:
        a, b = self._ideas[one], self._ideas[other]
        if _dice(self._names[one], self._names[other]) >= 0.75:
            yield "Their names are nearly the same."
        if shared := self._shared(one, other):
            yield f"Both are about {', '.join(f'‘{s}’' for s in shared)}."
        keys = {_key(text): text for text in sorted(b.driver_texts)}
        alike = [(t, keys[k]) for t in sorted(a.driver_texts) if (k := _key(t)) in keys and k]
        for mine, its in alike[:2]:
            like = f"The drivers they act on have like names, ‘{mine}’ and ‘{its}’."
            yield f"Both act on the driver ‘{mine}’." if mine == its else like
        if a.drivers & b.drivers and not alike:
            yield "Both act on the same driver."
        if a.concepts & b.concepts:
            yield "Both apply the same change concept."
        if a.network and b.network and a.network != b.network:
            yield "They come from different networks."

    def _shared(self, one: int, other: int) -> list[str]:
        """The three phrases, of up to three words, that tell most of what two texts have in common."""
        x, y = self._vectors[one], self._vectors[other]
        ideas = self._ideas[one], self._ideas[other]
        mine, its = (_phrases(f"{idea.label}\n{idea.text}") for idea in ideas)
        weight = {p: sum(x[s] * y[s] for s in p if s in x and s in y) for p in mine.keys() & its}
        found: dict[tuple[str, ...], str] = {}
        for phrase in sorted(weight, key=lambda p: (-weight[p], len(p), p)):
            if all(word not in had for word in phrase for had in found) and len(found) < 3:
                found[phrase] = mine[phrase]
        return list(found.values())

    def _replaced(self) -> frozenset[frozenset[str]]:
        """Each idea with all that replaced it, at once or one after the other."""
        by = {i.iri: sorted(i.replaced_by) for i in self._ideas}
        waiting = [(iri, other) for iri in by for other in by[iri]]
        found = set(waiting)
        while waiting:
            iri, other = waiting.pop()
            more = {(iri, n) for n in by.get(other, ())} - found
            found |= more
            waiting += more
        return frozenset(map(frozenset, found))

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        every = 1 + len(self._ideas)
        idf = {word: 1 + math.log(every / (1 + self._uses[word])) for word in count}
        raw = {word: (1 + math.log(n)) * idf[word] for word, n in sorted(count.items())}
        length = math.sqrt(math.fsum(v * v for v in raw.values())) or 1.0
        return {word: value / length for word, value in raw.items()}


def tokens(text: str) -> list[str]:
    """The words of a text that say what it is about: without case, plural endings and stop words."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_stem(w) for w in words if w not in _STOP and len(w) > 1 and not w.isdigit()]


def _phrases(text: str) -> dict[tuple[str, ...], str]:
    """Runs of up to three words that begin and end with one that tells: stems → as written."""
    found: dict[tuple[str, ...], str] = {}
    for part in _BREAK.split(unicodedata.normalize("NFKC", text)):
        words = _WORD.findall(part)
        stems = [(tokens(w) or [w.casefold()])[0] for w in words]
        tell = [bool(tokens(w)) for w in words]
        for i in range(len(words)):
            for j in range(i + 1, min(i + 3, len(words)) + 1):
                if tell[i] and tell[j - 1]:
                    found.setdefault(tuple(stems[i:j]), " ".join(words[i:j]).casefold())
    return found


def _stem(word: str) -> str:
    """Without a plural ending of English or Spanish; a last e goes too, so that both numbers meet."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    for ending in ("s", "e"):
        if len(word) > 3 and word.endswith(ending) and not word.endswith("ss"):
            word = word[:-1]
    return f"{word[:-2]}on" if word.endswith("ón") else word


def _key(name: str) -> str:
    """What a driver's name says, in whichever order: two with one key are named alike."""
    return " ".join(sorted(set(tokens(name)) | set(re.findall(r"\d+", name))))


def _trigrams(label: str) -> frozenset[str]:
    text = f"  {' '.join(tokens(label)) or label.casefold()} "
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Share in common (Dice 1945)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _own(record: Record, predicate: str) -> list[Any]:
    found = (t for t in record.triples if t.predicate.value == predicate)
    return [t.object for t in found if getattr(t.subject, "value", "") == record.iri]


def _named(record: Record, predicate: str) -> frozenset[str]:
    return frozenset(o.value for o in _own(record, predicate) if isinstance(o, ox.NamedNode))


def _label(record: Record) -> str:
    names = [o for o in _own(record, f"{RDFS}label") if isinstance(o, ox.Literal)]
    return min(((o.language != "en", o.value) for o in names), default=(True, ""))[1]


def _texts(record: Record) -> list[str]:
    """What the record and its parts say of the idea, in the order of their names."""
    classes = [t for t in record.triples if t.predicate.value == f"{RDF}type"]
    told = {(t.subject, p) for t in classes for p in _TOLD.get(getattr(t.object, "value", ""), ())}
    found = (t for t in record.triples if (t.subject, t.predicate.value) in told)
    return [t.object.value for t in sorted(found, key=str) if isinstance(t.object, ox.Literal)]
