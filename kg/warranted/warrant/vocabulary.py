"""The words that sentences on warrant are made with: of the schemes and the graph, in a reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warranted.language import ENGLISH, Language, terms
from warranted.warrant.model import Level, Site


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of the schemes in one language.

    Attributes:
        scales: rank → label and definition of a scale of test.
        labels: IRI → label of a facet, of a value on it, of a level, or of a site.
        language: of the sentences; the other words should be in it, too.
    """

    scales: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    language: Language = ENGLISH

    def label(self, iri: str) -> str:
        """The label, or the last part of the IRI where there is none."""
        return self.labels.get(iri) or iri.rstrip("/").rsplit("/", 1)[-1].replace("-", " ")

    def site(self, site: Site) -> str:
        """What a site is called in the language, or what it came with; empty where it has no name."""
        return self.labels.get(site.iri) or site.label

    def level(self, level: Level) -> str:
        """The level's label in the language, or the one it came with."""
        return self.labels.get(level.iri) or level.label

    def number(self, count: int) -> str:
        """A small number as a sentence has it: a word, or digits in a language whose numbers inflect."""
        pgettext = self.language.pgettext
        small = (
            pgettext("number in a sentence", "no"),
            pgettext("number in a sentence", "one"),
            pgettext("number in a sentence", "two"),
            pgettext("number in a sentence", "three"),
            pgettext("number in a sentence", "four"),
            pgettext("number in a sentence", "five"),
            pgettext("number in a sentence", "six"),
            pgettext("number in a sentence", "seven"),
            pgettext("number in a sentence", "eight"),
            pgettext("number in a sentence", "nine"),
        )
        return small[count] if 0 <= count < len(small) else str(count)


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """The same words in every language a graph has them in.

    Attributes:
        scales: rank → IRI, label and definition of a scale of test, in English.
        labels: IRI → the labels of a facet, of a value on it or of a site, each with its language tag.
    """

    scales: Mapping[int, tuple[str, str, str]]
    labels: Mapping[str, tuple[tuple[str, str], ...]]

    def in_language(self, language: Language) -> Vocabulary:
        """The words in one language, by its fallback where they are not in it."""
        shipped = terms.words(language.code)
        scales = {
            rank: (shipped.label(iri) or label, shipped.definition(iri) or definition)
            for rank, (iri, label, definition) in self.scales.items()
        }
        labels = {thing: language.pick(told).value for thing, told in self.labels.items()}
        return Vocabulary(scales, {**labels, **shipped.labels}, language)
