"""Stored queries: `.rq` files named by what they ask, with slots for values.

A slot is written `VALUES ?idea { UNDEF }`, so that the file runs as it is, for every value. `bind`
fills it with terms only, in their N-Triples form; text never becomes part of a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox

from warranted.errors import InputError, NotFound

Term = ox.NamedNode | ox.Literal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PIECE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*'
    r"|\bVALUES\s+\?(?P<slot>\w+)\s*\{\s*UNDEF\s*\}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A stored query: its `name`, the `question` it answers, its `text`, and its `slots`."""

    name: str
    question: str
    text: str
    slots: tuple[str, ...]

    def bind(self, **terms: Term | tuple[Term, ...]) -> str:
        """The text with slots filled; see `bind`."""
        return bind(self, **terms)


@lru_cache(maxsize=256)
def load(folder: Path, name: str) -> Query:
    """The query in `folder/{name}.rq`. Its question is the first line, a comment.

    Raises:
        NotFound: there is no query of that name.
    """
    path = folder / f"{name}.rq"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound(f"There is no query '{name[:60]}'.", field="query")
    text = path.read_text(encoding="utf-8")
    comments = (line for line in text.splitlines() if line.startswith("#"))
    question = next(comments, "").lstrip("# ").rstrip()
    slots = dict.fromkeys(m["slot"] for m in _PIECE.finditer(text) if m["slot"])
    return Query(name, question, text, tuple(slots))


def names(folder: Path) -> list[str]:
    """The names of the queries in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.rq"))


def bind(query: Query, **terms: Term | tuple[Term, ...]) -> str:
    """The query's text with its slots filled; a slot that is not named stays open.

    Args:
        terms: a term, or several to ask about at once, for each slot.

    Raises:
        InputError: the query has no slot of that name. TypeError: a value is not a term.
    """
    if unknown := sorted(set(terms) - set(query.slots)):
        raise InputError(
            f"The query '{query.name}' has no parameter '{unknown[0]}'.",
            field=unknown[0],
            fix=f"It has: {', '.join(query.slots)}." if query.slots else "It has none.",
        )
    written = {}
    for slot, given in terms.items():
        several = given if isinstance(given, tuple) else (given,)
        for term in several:
            if not isinstance(term, ox.NamedNode | ox.Literal):
                raise TypeError(
                    f"{slot} must be a NamedNode or a Literal, not {type(term).__name__}"
                )
        written[slot] = f"VALUES ?{slot} {{ {' '.join(map(str, several))} }}"
    return _PIECE.sub(lambda m: written.get(m["slot"] or "", m[0]), query.text)
