"""Looks at a query before any engine does: its size, its depth, what it asks for, what it is like.

Deep nesting and long chains of operators were seen to end the process of a SPARQL engine (stack
overflow) or to keep it busy for minutes while it plans; SERVICE and LOAD reach out to other hosts.
Tokens are read properly: what stands in a string, an IRI or a comment is never mistaken for a word
of the query. Limits are far below what was seen to crash and far above what people write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin

from warranted.errors import MalformedQuery, QueryRefused, TooLarge

MAX_BYTES: Final = 100_000
MAX_DEPTH: Final = 50
"""Brackets of all kinds, open at once."""
MAX_CHAIN: Final = 200
"""Operators of one kind in the whole query: each of them may add a level to the parsed tree."""
MAX_TRIPLES: Final = 150
"""Full stops and semicolons between patterns: planning time grows with them."""

_TOKEN = re.compile(
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
_KINDS = {number: name for name, number in _TOKEN.groupindex.items()}

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OPEN, _CLOSE = "([{", ")]}"
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_FORMS = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
_COUNTED = frozenset({"!", "||", "&&", "UNION", "EXISTS", "OPTIONAL", "MINUS", "|", "/", "^"})
_CHAINED = frozenset("+-*/,=<>")
_CHANGING = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE"])
_MARKED = _UPDATES | _FORMS | _COUNTED | _CHANGING | {"SERVICE"}
"""Words that mean something here; most of a query's are none of them."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a query tells.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        shape: the query without its numbers, texts, whole IRIs, comments, layout and names of
            variables: what it costs is much like what others of its shape cost.
        changing: asked again of the same data it may answer otherwise (NOW, RAND …).
        sources: the graphs it names with FROM and FROM NAMED.
        limited: the query, with a LIMIT of at most what `limited_to` is given, in three pieces:
            what comes before the number, its own limit or None, what comes after.
    """

    form: str
    shape: str
    changing: bool
    sources: tuple[str, ...]
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
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise TooLarge(
            f"The query is longer than {MAX_BYTES:,} bytes.",
            field="query",
            fix="Ask for less at once.",
        )
    if re.search("[\ud800-\udfff\x00]", text):
        raise MalformedQuery("The query holds characters that are not text.", field="query")
    return _look(text, base) if len(text) < 10_000 else _look.__wrapped__(text, base)


def check(text: str) -> str:
    """The query's form: SELECT, ASK, CONSTRUCT or DESCRIBE; raises what `look` raises."""
    return look(text).form


@lru_cache(maxsize=2048)
def _look(text: str, base: str) -> Looked:
    depth, form, chains, patterns = 0, "", dict.fromkeys(_COUNTED | _CHAINED, 0), 0
    shape: list[str] = []
    changing = False
    reader = _Reader(base)
    for match in _TOKEN.finditer(text):  # what is between tokens is white space
        kind = _KINDS[match.lastindex or 0]
        if kind == "comment":
            continue
        token = match[0]
        shape.append(_LIKE.get(kind, token))
        if kind == "name":
            word = token.upper()
            reader.name(token, word, match.start(), depth)
            if word in _MARKED:
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
                if word in chains:
                    chains[word] += 1
        elif kind == "op":
            reader.pass_by()
            if token in _OPEN:
                depth += 1
                if depth > MAX_DEPTH:
                    raise _too_much(f"Brackets are nested deeper than {MAX_DEPTH}.")
            elif token in _CLOSE:
                depth -= 1
            elif token in ".;":
                patterns += 1
            if token in chains:
                chains[token] += 1
        elif kind == "iri":
            reader.iri(token)
        elif kind == "number":
            reader.number(token, match.start(), match.end(), depth)
        else:
            reader.pass_by()
    if any(chains[t] > MAX_CHAIN for t in _COUNTED):
        worst = max(_COUNTED, key=lambda t: chains[t])
        raise _too_much(f"'{worst}' stands in it more than {MAX_CHAIN} times.")
    if any(chains[t] > 10 * MAX_CHAIN for t in _CHAINED):
        raise _too_much("It chains too many operators.")
    if patterns > MAX_TRIPLES:
        raise _too_much(f"It has more than {MAX_TRIPLES} patterns.")
    if not form:
        raise MalformedQuery(
            "The query has no SELECT, ASK, CONSTRUCT or DESCRIBE.",
            field="query",
            fix="Begin it with one of them.",
        )
    return Looked(form, " ".join(shape), changing, tuple(reader.sources), reader.limited(text))


_LIKE: Final = {"string": '""', "number": "0", "var": "?", "iri": "<>"}


class _Reader:
    """Finds FROM clauses, and where the LIMIT of the whole query stands or would stand."""

    def __init__(self, base: str) -> None:
        self.base, self.sources = base, list[str]()
        self._prefixes: dict[str, str] = {}
        self._before = ("", "")  # the two words before, in capitals
        self._values: int | None = None  # where VALUES after the body begins
        self._limit: tuple[int, int, int] | None = None  # where its number begins, ends; the number

    def name(self, token: str, word: str, start: int, depth: int) -> None:
        """Take in a word or a prefixed name; `word` is it in capitals."""
        two, one = self._before
        if ":" in token:
            if one == "FROM" or (two == "FROM" and one == "NAMED"):
                prefix, _, local = token.partition(":")
                self.sources.append(self._prefixes.get(f"{prefix}:", "") + local.replace("\\", ""))
            word = token
        elif word == "VALUES" and depth == 0:
            self._values = start
        self._before = one, word

    def iri(self, token: str) -> None:
        """Take in an IRI in angle brackets."""
        two, one = self._before
        if one == "BASE":
            self.base = self._whole(token[1:-1])
        elif two == "PREFIX":
            self._prefixes[one] = self._whole(token[1:-1])
        elif one == "FROM" or (two == "FROM" and one == "NAMED"):
            self.sources.append(self._whole(token[1:-1]))
        self._before = one, ""

    def _whole(self, iri: str) -> str:
        """The IRI, resolved if it is relative."""
        return iri if _SCHEME.match(iri) else urljoin(self.base, iri)

    def number(self, token: str, start: int, end: int, depth: int) -> None:
        """Take in a number; it may be the limit."""
        if depth == 0 and self._before[1] == "LIMIT" and token.isdecimal():
            self._limit = start, end, int(token[:18])
        self._before = self._before[1], ""

    def pass_by(self) -> None:
        """Take in what is none of these."""
        self._before = self._before[1], ""

    def limited(self, text: str) -> tuple[str, int | None, str]:
        """The pieces of `Looked.limited`."""
        if self._limit is not None:
            start, end, number = self._limit
            return text[:start], number, text[end:]
        at = len(text) if self._values is None else self._values
        return f"{text[:at]}\nLIMIT ", None, f"\n{text[at:]}"


def _too_much(reason: str) -> QueryRefused:
    return QueryRefused(reason, field="query", fix="Split the query into smaller ones.")
