"""What was said of a change, as a page tells it: each text marked with its own language.

A release tells of changes in every language of the interface; a site of an earlier version kept only
the English sentences, which stay readable and are marked as English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from warranted.language import ENGLISH, Language
from warranted.language.quoting import UNKNOWN, pieces
from warranted.language.text import primary
from warranted_site.things import Said

Sentence = list[Said]
"""A sentence in its pieces, of which each knows its language."""


def sentences(record: Mapping[str, Any], language: Language, own: Language) -> list[Sentence]:
    """What changed in a record, for readers of a language.

    Args:
        record: as `history` or `warranted.changes` has it.
        own: the language of texts that state none: the site's first.
    """
    told = record.get("said_in", {}).get(language.code)
    around = "" if told is not None else ENGLISH.code
    return [
        [said(text, tag or around, language, own) for text, tag in pieces(sentence)]
        for sentence in (record["said"] if told is None else told)
    ]


def name(told: Mapping[str, Any], language: Language, own: Language, key: str = "label") -> Said:
    """What a record, a level's idea or (`key` is "title") a package is called."""
    found = language.pick((text, tag) for tag, text in told.get(f"{key}s", {}).items())
    if not found:  # kept by a site that knew one name
        return said(told[key], "", language, own)
    return said(found.value, found.tag or UNKNOWN, language, own)


def said(text: str, tag: str, language: Language, own: Language) -> Said:
    """A text of that language ("" is the reader's) that says so where it is another than the reader's."""
    tag = own.code if tag == UNKNOWN else tag or language.code
    return Said.of(text, tag, is_fallback=primary(tag) != primary(language.code))


def stopped(told: Iterable[Sentence]) -> Sentence:
    """Sentences with their full stops; what was cut short keeps its dots."""
    found: Sentence = []
    for sentence in told:
        last = "".join(sentence)
        space = [Said.of(" ", "")] if found else []
        stop = [] if last.endswith("…") else [Said.of(".", "")]
        found += [*space, *sentence, *stop]
    return found


def vocabulary(language: Language, own: Language) -> dict[str, Callable[..., Any]]:
    """What templates in a language call: the name of something that changed, and what was said of it."""
    return {
        "called": lambda told, key="label": name(told, language, own, key),
        "said_of": lambda record: sentences(record, language, own),
    }
