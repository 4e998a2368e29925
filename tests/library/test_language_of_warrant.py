"""What a reader is told of warrant, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pyoxigraph as ox
import pytest

from warranted import rdfio, resources, warrant
from warranted.language import ENGLISH, Language, get
from warranted.language.pseudo import END, START
from warranted.namespaces import RDFS, SKOS

SPANISH = get("es")
DAY = date(2026, 6, 30)
PACKAGE = resources.packages() / "illustrative-algebra-talk.ttl"


@pytest.fixture(scope="module")
def body() -> warrant.Body:
    data = PACKAGE.read_bytes()
    return warrant.Body(rdfio.parse(data, rdfio.Format.TURTLE, name=PACKAGE.name), DAY)


def told(body: warrant.Body) -> Iterator[str]:
    """Every sentence on every idea."""
    for idea, found in body.assessments().items():
        yield from (found.sentence, found.shown.reason, *found.missing)
        for pair in found.answers.pairs():
            yield from pair
        wanted = body.wanted()[idea]
        yield from (wanted.words, *wanted.needs)
        yield from body.contexts(idea).values()


def outside(text: str) -> str:
    """What stands outside the marks of the made-up language."""
    found, depth = [], 0
    for letter in text:
        depth += (letter == START) - (letter == END)
        if depth == 0:
            found.append(letter)
    return "".join(found)


def test_no_sentence_on_warrant_is_left_in_english(body: warrant.Body) -> None:
    said = list(told(body.told_in(Language.pseudo())))
    assert len(said) > 100
    for text in said:
        assert not re.search(r"\w", outside(text)), text


def test_the_facts_are_the_same_in_every_language(body: warrant.Body) -> None:
    spanish = body.told_in(SPANISH)
    assert body.vocabulary.language is ENGLISH
    for idea, found in body.assessments().items():
        other = spanish.assessments()[idea]
        assert other.indicators == found.indicators
        assert (other.level.rank, other.shown.level.rank) == (
            found.level.rank,
            found.shown.level.rank,
        )
        assert len(other.missing) == len(found.missing)
        assert spanish.wanted()[idea].tests == body.wanted()[idea].tests
    assert list(told(body)) == list(told(spanish.told_in(ENGLISH)))


def test_a_reader_of_spanish_is_told_in_spanish(body: warrant.Body) -> None:
    said = "\n".join(told(body.told_in(SPANISH)))
    assert "Salió según lo predicho en 6 de 7 lugares" in said
    assert "Fiable en entornos distintos" in said
    assert "localidad: ciudad, pueblo grande, rural" in said
    for word in (" the ", " with ", " of ", " at ", "Promising", "rank "):
        assert word not in said


def test_a_label_of_a_graph_is_chosen_by_language() -> None:
    facet = "urn:facet"
    store = ox.Store()
    text = f"""
    <urn:p> <https://w3id.org/warranted/ns#facetValue> <urn:v> . <urn:v> <{SKOS}inScheme> <{facet}> ;
        <{SKOS}prefLabel> "valley"@en , "valle"@es . <{facet}> <{SKOS}prefLabel> "Terrain"@en .
    <urn:i> a <https://w3id.org/warranted/ns#ChangeIdea> ; <{RDFS}label> "Idea"@en ."""
    store.bulk_load(text.encode(), ox.RdfFormat.TURTLE)
    body = warrant.Body(list(store), DAY)
    assert body.vocabulary.label("urn:v") == "valley"
    spanish = body.told_in(SPANISH).vocabulary
    assert (spanish.label("urn:v"), spanish.label(facet)) == ("valle", "Terrain")
