"""Sentences that quote texts of other languages, so that a page can mark each with its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

Piece = tuple[str, str]
"""A text and its language tag: "" is the language of the sentence it stands in."""
Kept = str | list[str | list[str]]
"""A sentence as plain values: a text, or, where it quotes another language, its pieces: a text in the
sentence's language, or [text, language tag]."""

UNKNOWN: Final = "und"
"""The tag of a text that states no language: it is in that of the site which publishes it."""

_PLACE = re.compile(r"%\((\w+)\)s")


class Quoted(str):
    """A text whose parts may be of other languages; `pieces`, put together, are the text."""

    __slots__ = ("pieces",)
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> Quoted:
        """The text of these pieces; neighbours of one language become one."""
        joined: list[Piece] = []
        for text, tag in pieces:
            if joined and joined[-1][1] == tag:
                joined[-1] = (joined[-1][0] + text, tag)
            elif text:
                joined.append((text, tag))
        made = cls("".join(text for text, _ in joined))
        made.pieces = tuple(joined)
        return made

    def __reduce__(self) -> tuple[object, tuple[tuple[Piece, ...]]]:
        return Quoted.of, (self.pieces,)


def filled(pattern: str, **values: str) -> Quoted:
    """A translated sentence with its %(named)s values, each of which stays in its own language."""
    found: list[Piece] = []
    for number, part in enumerate(_PLACE.split(pattern)):
        found += pieces(values[part]) if number % 2 else [(part.replace("%%", "%"), "")]
    return Quoted.of(found)


def joined(separator: str, texts: Iterable[str]) -> Quoted:
    """The texts, the separator between them."""
    found: list[Piece] = []
    for text in texts:
        found += [(separator, ""), *pieces(text)] if found else pieces(text)
    return Quoted.of(found)


def cut(sentence: Kept, longest: int) -> Kept:
    """The sentence; one that is longer ends in dots."""
    if len(plain(sentence)) <= longest:
        return sentence
    left, found = len(plain(sentence)[: longest - 1].rstrip()), list[Piece]()
    for text, tag in pieces(sentence):
        found.append((text[:left], tag))
        left -= len(found[-1][0])
    return kept(Quoted.of([*found, ("…", "")]))


def kept(sentence: str) -> Kept:
    """The sentence as plain values."""
    found = pieces(sentence)
    if all(not tag for _, tag in found):
        return str(sentence)
    return [[text, tag] if tag else text for text, tag in found]


def pieces(sentence: Kept) -> tuple[Piece, ...]:
    """A sentence, or what `kept` gave of it, in its pieces."""
    if isinstance(sentence, Quoted):
        return sentence.pieces
    return tuple(_told([sentence] if isinstance(sentence, str) else sentence))


def plain(sentence: Kept) -> str:
    """A sentence, or what `kept` gave of it, as a text."""
    return "".join(text for text, _ in pieces(sentence))


def _told(parts: list[str] | list[str | list[str]]) -> Iterator[Piece]:
    for part in parts:
        if part:
            yield (part, "") if isinstance(part, str) else (part[0], part[1])
