"""Looks at a query before any engine does: its size, its depth, what it asks for, what it is like.

Deep nesting and long chains of operators were seen to end the process of a SPARQL engine (stack
overflow) or to keep it busy for minutes while it plans; SERVICE and LOAD reach out to other hosts.
Tokens are read properly: what stands in a string, an IRI or a comment is never mistaken for a word
of the query. Limits are far below what was seen to crash and far above what people write.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urljoin

from warranted.errors import MalformedQuery, QueryRefused, TooLarge

MAX_BYTES: Final = 100_000
MAX_DEPTH: Final = 50
"""Brackets of all kinds, open at once."""
MAX_CHAIN: Final = 200
"""Operators of one kind in the whole query: each of them may add a level to the parsed tree."""
MAX_TRIPLES: Final = 150
"""Full stops and semicolons between patterns: planning time grows with them."""

TOKEN = re.compile(
    r"""
      (?P<string>\"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                |"(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<comment>\#[^\n\r]*)
    | (?P<var>[?$]\w+)
    | (?P<name>@?[^\W\d][\w.-]*(?<![.]):?[\w.%\\-]*|:[\w.%\\-]*)
    | (?P<number>\d[\w.+-]*)
    | (?P<op>\|\||&&|\^\^|!=|<=|>=|<<|>>|[\[\](){}.;,!|/^*+?=<>-])
    | (?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL,
)

_OPAQUE = re.compile(r"(<<)|<[^<>\"{}|^`\\\x00-\x20]*>|#[^\n\r]*")
_STANDS_FOR = {"<<": "<<", "<": "<>", "#": "#"}
"""Where there are no quotes: whatever may hold anything, and what stands in its place in an outline."""
_LONG: Final = 10_000
"""Characters from which it is not remembered what a query is like."""
_NO_LIMIT: Final = (None, "\n")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OPEN, _CLOSE = "([{", ")]}"
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_FORMS = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
_COUNTED = frozenset({"!", "||", "&&", "UNION", "EXISTS", "OPTIONAL", "MINUS", "|", "/", "^"})
_CHAINED = frozenset("+-*/,=<>")
_CHANGING = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE"])
_MARKED = _UPDATES | _FORMS | _CHANGING | {"SERVICE"}
"""Words that mean something here; most of a query's are none of them."""


class Looked(NamedTuple):
    """What a look at a query tells.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        shape: the query without its numbers, texts, whole IRIs, comments, layout and names of
            variables: what it costs is much like what others of its shape cost.
        changing: asked again of the same data it may answer otherwise (NOW, RAND …).
        sources: the graphs it names with FROM and FROM NAMED.
        variables: its variables, each as often and in the order they stand in it.
        limited: the query, with a LIMIT of at most what `limited_to` is given, in three pieces:
            what comes before the number, its own limit or None, what comes after.
    """

    form: str
    shape: str
    changing: bool
    sources: tuple[str, ...]
    variables: tuple[str, ...]
    limited: tuple[str, int | None, str]

    def limited_to(self, rows: int) -> str:
        """The query, asking for at most `rows` rows."""
        before, own, after = self.limited
        return f"{before}{rows if own is None else min(own, rows)}{after}"


def look(text: str, base: str = "") -> Looked:
    """What a query is like; see `Looked`. `base` is what its relative IRIs are resolved against.

    Raises:
        TooLarge: it is longer than `MAX_BYTES`.
        QueryRefused: it is nested too deep, chains too much, writes, or calls another server.
        MalformedQuery: it has none of the four forms.
    """
    plain = text.isascii()
    if (len(text) if plain else len(text.encode("utf-8", "surrogatepass"))) > MAX_BYTES:
        raise TooLarge(
            f"The query is longer than {MAX_BYTES:,} bytes.",
            field="query",
            fix="Ask for less at once.",
        )
    if "\x00" in text or not (plain or _SURROGATE.search(text) is None):
        raise MalformedQuery("The query holds characters that are not text.", field="query")
    if len(text) > _LONG:
        return _look.__wrapped__(text, base)
    if '"' in text or "'" in text or "\\" in text:
        return _look(text, base)
    # Most queries are like another but for their IRIs and comments: that one is looked at, once.
    outline = _look(_OPAQUE.sub(lambda found: _STANDS_FOR[found[1] or found[0][0]], text), base)
    if outline.sources or outline.limited[1:] != _NO_LIMIT:
        return _look(text, base)  # what it says of IRIs, and of places in the text
    return Looked(*outline[:-1], (f"{text}\nLIMIT ", *_NO_LIMIT))


def check(text: str) -> str:
    """The query's form: SELECT, ASK, CONSTRUCT or DESCRIBE; raises what `look` raises."""
    return look(text).form


@lru_cache(maxsize=2048)
def _look(text: str, base: str) -> Looked:
    depth, form = 0, ""
    shape: list[str] = []
    variables: list[str] = []
    changing = False
    reader = _Reader(base)
    for match in TOKEN.finditer(text):  # what is between tokens is white space
        kind, token = match.lastgroup, match[0]
        if kind == "name":
            shape.append(token)
            word = token.upper()
            reader.name(token, word, match.start(), depth)
            if word not in _MARKED:
                continue
            changing = changing or word in _CHANGING
            if word == "SERVICE":
                raise QueryRefused(
                    "SERVICE is refused: this endpoint asks no other server.",
                    field="query",
                    fix="Take the SERVICE part out, or run the query where you may reach both.",
                )
            if word in _UPDATES and not form:
                raise QueryRefused(
                    f"{word} is refused: this endpoint only answers queries.",
                    field="query",
                    fix="Use SELECT, ASK, CONSTRUCT or DESCRIBE.",
                )
            if word in _FORMS and not form:
                form = word
        elif kind == "var":
            shape.append("?")
            variables.append(token)
            reader.before = _NO_WORDS
        elif kind == "op":
            shape.append(token)
            reader.before = _NO_WORDS
            if token in _OPEN:
                depth += 1
                if depth > MAX_DEPTH:
                    raise _too_much(f"Brackets are nested deeper than {MAX_DEPTH}.")
            elif token in _CLOSE:
                depth -= 1
        elif kind == "iri":
            shape.append("<>")
            reader.iri(token)
        elif kind == "number":
            shape.append("0")
            reader.number(token, match.start(), match.end(), depth)
        elif kind != "comment":
            shape.append('""' if kind == "string" else token)
            reader.before = _NO_WORDS
    if len(shape) > min(MAX_CHAIN, MAX_TRIPLES):  # what is shorter has fewer of anything
        _count(shape)
    if not form:
        raise MalformedQuery(
            "The query has no SELECT, ASK, CONSTRUCT or DESCRIBE.",
            field="query",
            fix="Begin it with one of them.",
        )
    return Looked(
        form,
        " ".join(shape),
        changing,
        tuple(reader.sources),
        tuple(variables),
        reader.limited(text),
    )


def _count(shape: list[str]) -> None:
    """Refuse what has too many operators or patterns; `shape`: its tokens."""
    counts = Counter(token.upper() for token in shape)
    worst = max(_COUNTED, key=lambda token: counts[token])
    if counts[worst] > MAX_CHAIN:
        raise _too_much(f"'{worst}' stands in it more than {MAX_CHAIN} times.")
    if any(counts[token] > 10 * MAX_CHAIN for token in _CHAINED):
        raise _too_much("It chains too many operators.")
    if counts["."] + counts[";"] > MAX_TRIPLES:
        raise _too_much(f"It has more than {MAX_TRIPLES} patterns.")


_NO_WORDS: Final = ("", "")


class _Reader:
    """Finds FROM clauses, and where the LIMIT of the whole query stands or would stand."""

    def __init__(self, base: str) -> None:
        self.base, self.sources = base, list[str]()
        self._prefixes: dict[str, str] = {}
        self.before = _NO_WORDS  # the two words just before, in capitals
        self._values: int | None = None  # where VALUES after the body begins
        self._limit: tuple[int, int, int] | None = None  # where its number begins, ends; the number

    def name(self, token: str, word: str, start: int, depth: int) -> None:
        """Take in a word or a prefixed name; `word` is it in capitals."""
        two, one = self.before
        if ":" in token:
            if one == "FROM" or (two == "FROM" and one == "NAMED"):
                prefix, _, local = token.partition(":")
                self.sources.append(self._prefixes.get(f"{prefix}:", "") + local.replace("\\", ""))
            word = token
        elif word == "VALUES" and depth == 0:
            self._values = start
        self.before = one, word

    def iri(self, token: str) -> None:
        """Take in an IRI in angle brackets."""
        two, one = self.before
        if one == "BASE":
            self.base = self._whole(token[1:-1])
        elif two == "PREFIX":
            self._prefixes[one] = self._whole(token[1:-1])
        elif one == "FROM" or (two == "FROM" and one == "NAMED"):
            self.sources.append(self._whole(token[1:-1]))
        self.before = one, ""

    def _whole(self, iri: str) -> str:
        """The IRI, resolved if it is relative."""
        return iri if _SCHEME.match(iri) else urljoin(self.base, iri)

    def number(self, token: str, start: int, end: int, depth: int) -> None:
        """Take in a number; it may be the limit."""
        if depth == 0 and self.before[1] == "LIMIT" and token.isdecimal():
            self._limit = start, end, int(token[:18])
        self.before = self.before[1], ""

    def limited(self, text: str) -> tuple[str, int | None, str]:
        """The pieces of `Looked.limited`."""
        if self._limit is not None:
            start, end, number = self._limit
            return text[:start], number, text[end:]
        at = len(text) if self._values is None else self._values
        return f"{text[:at]}\nLIMIT ", None, f"\n{text[at:]}"


def _too_much(reason: str) -> QueryRefused:
    return QueryRefused(reason, field="query", fix="Split the query into smaller ones.")
