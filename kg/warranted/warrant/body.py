"""Everything a graph knows of its ideas, read once, for the questions beyond the level itself."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date

from pyoxigraph import Quad, Triple

from warranted import vocabulary
from warranted.errors import InputError
from warranted.language import ENGLISH, Language
from warranted.namespaces import SCHEME
from warranted.records import Record
from warranted.warrant import changed as difference
from warranted.warrant import in_context as context
from warranted.warrant import wanted as lifting
from warranted.warrant.assessment import Assessment, Judged, assess_idea, judge
from warranted.warrant.model import Evidence, Policy
from warranted.warrant.policy import levels, policies, policy_for
from warranted.warrant.read import evidence_of, vocabularies_of
from warranted.warrant.rows import store_of


class Body:
    """The evidence on every idea in what is `given`, judged on the day `as_of`, told in `language`."""

    def __init__(
        self,
        given: Iterable[Quad | Triple | Record],
        as_of: date,
        language: Language = ENGLISH,
    ) -> None:
        store = store_of(given)
        self.as_of = as_of
        self.evidence = evidence_of(store, levels(store))
        self._vocabularies = vocabularies_of(store)
        self.vocabulary = self._vocabularies.in_language(language)
        self._policies = policies(store)
        self._assessed: dict[str, Assessment] = {}
        # what is the same in every language is found once, and shared by `told_in`
        self._judged: dict[str, Judged] = {}
        self._tables: dict[str, context.Table] = {}
        self._lifted: dict[str, lifting.Lift] = {}

    def told_in(self, language: Language) -> Body:
        """The same evidence, told in another language; nothing is read again."""
        other = copy(self)
        other.vocabulary = self._vocabularies.in_language(language)
        other._assessed = {}
        return other

    def policy(self, idea: str) -> Policy:
        """The policy that judges the idea."""
        return policy_for(self.evidence[idea].network, self._policies)

    def assessments(self) -> dict[str, Assessment]:
        """Idea → its assessment, as `assess` gives it."""
        return {
            idea: self._assessment(idea, found) for idea, found in sorted(self.evidence.items())
        }

    def _assessment(self, idea: str, found: Evidence) -> Assessment:
        told = self._assessed.get(idea)
        if told is None:
            policy = self.policy(idea)
            judged = self._judged.get(idea)
            if judged is None:
                judged = self._judged[idea] = judge(found, policy, self.as_of)
            told = assess_idea(found, policy, self.as_of, self.vocabulary, judged)
            self._assessed[idea] = told
        return told

    def in_context(self, chosen: context.Chosen) -> dict[str, context.InContext]:
        """Idea → what the tests at matching places say of it."""
        return {
            idea: context.in_context(found, chosen, self.policy(idea), self.as_of, self.vocabulary)
            for idea, found in sorted(self.evidence.items())
        }

    def contexts(self, idea: str) -> dict[str, str]:
        """Each choice of facet values that a tested site answers → the result; see `Table`."""
        found = self._tables.get(idea)
        if found is None:
            held = self.evidence[idea], self.policy(idea), self.as_of
            found = self._tables[idea] = context.Table(*held)
        return found.told(self.vocabulary)

    def choices(self, idea: str) -> tuple[context.Choice, ...]:
        """The facets and values of the idea's tested sites."""
        return context.choices([self.evidence[idea]], self.vocabulary)

    def wanted(self) -> dict[str, lifting.Wanted]:
        """Idea → the fewest sound tests at new places that would lift it."""
        told = {}
        for idea, found in sorted(self.evidence.items()):
            now, policy = self._assessment(idea, found), self.policy(idea)
            if idea not in self._lifted:
                self._lifted[idea] = lifting.lift(found, now, policy, self.as_of)
            told[idea] = lifting.wanted_of(found, now, policy, self._lifted[idea], self.vocabulary)
        return told

    def since(self, before: Body) -> dict[str, difference.Changed]:
        """Idea → what changed since an earlier moment; ideas that were not there are left out."""
        return {
            idea: difference.changed(
                before.evidence[idea],
                found,
                (before.policy(idea), self.policy(idea)),
                (before.as_of, self.as_of),
                self.vocabulary,
            )
            for idea, found in sorted(self.evidence.items())
            if idea in before.evidence
        }


def chosen_of(values: Iterable[str]) -> dict[str, frozenset[str]]:
    """Facet → values, from IRIs or from `facet/value` of a shipped facet.

    Raises:
        InputError: a value is of no facet that is known; it lists those there are.
    """
    found: dict[str, set[str]] = {}
    schemes = vocabulary.shipped()
    for value in values:
        iri = value if "://" in value else f"{SCHEME}{value}"
        facet = iri.rpartition("#" if "#" in iri else "/")[0]
        scheme = schemes.get(facet)
        if iri.startswith(SCHEME) and (scheme is None or not scheme.is_facet or not scheme.of(iri)):
            known = sorted(
                c.iri.removeprefix(SCHEME)
                for s in schemes.values()
                if s.is_facet
                for c in s.concepts
            )
            raise InputError(
                f"'{value[:80]}' is no value of a context facet.",
                field="context",
                fix="The values are: " + ", ".join(known) + ".",
            )
        found.setdefault(facet, set()).add(iri)
    return {facet: frozenset(held) for facet, held in found.items()}
