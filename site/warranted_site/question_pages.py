"""The competency questions, each with the answer this release gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from warranted import questions
from warranted.questions import Question
from warranted.release_data import ReleaseData

SHOWN: Final = 25
"""Rows of an answer that the page shows; all of them are in its file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: what is shown, and the IRI it stands for, if it stands for one."""

    text: str
    iri: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an answer, and whether it is about a made-up record."""

    cells: tuple[Cell, ...]
    made_up: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer: the first rows, how many there are, and all of them as CSV."""

    question: Question
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    total: int
    csv: str


def answered(
    data: ReleaseData, vocabulary: Iterable[ox.Triple], made_up: frozenset[str]
) -> list[Answered]:
    """Every question with the answer of the release, every slot open; they are asked if none did.

    Args:
        vocabulary: the schemes' triples, for the labels of values; those in English are taken, as a
            label in each language would give each row once a language.
        made_up: IRIs of the illustrative records.
    """
    answers = data.answers
    if answers is None:
        store = _in_memory(data, vocabulary)
        answers = {q.key: questions.terms(q, store) for q in questions.questions()}
    return [_one(question, answers[question.key], made_up) for question in questions.questions()]


def _in_memory(data: ReleaseData, vocabulary: Iterable[ox.Triple]) -> ox.Store:
    store = ox.Store()
    for record in (*data.records, *data.computed):
        store.bulk_extend(record.quads())
    own = ox.NamedNode("urn:x-warranted:schemes")
    store.bulk_extend(
        ox.Quad(t.subject, t.predicate, t.object, own)
        for t in vocabulary
        if not isinstance(t.object, ox.Literal) or t.object.language in (None, "en")
    )
    return store


def _one(question: Question, answer: questions.Terms, made_up: frozenset[str]) -> Answered:
    names, rows = answer
    told = [["" if value is None else value.value for value in row] for row in rows]
    marks = [_is_made_up(texts, made_up) for texts in told]
    shown = zip(rows[:SHOWN], marks[:SHOWN], strict=True)
    for texts, mark in zip(told, marks, strict=True):
        texts.append("true" if mark else "false")
    return Answered(
        question=question,
        columns=names,
        rows=tuple(Line(tuple(map(_cell, row)), mark) for row, mark in shown),
        total=len(rows),
        csv=questions.as_csv((*names, "madeUp"), told),
    )


def _is_made_up(texts: list[str], made_up: frozenset[str]) -> bool:
    """Whether a row names such a record, or a part of one."""
    return not made_up.isdisjoint(texts) or any(
        "#" in text and text.partition("#")[0] in made_up for text in texts
    )


def _cell(value: object) -> Cell:
    iri = value.value if isinstance(value, ox.NamedNode) else None
    return Cell(questions.short(value), iri)
