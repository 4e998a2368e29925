"""Looks at a query before any engine does: its size, its depth, and what it asks for.

Deep nesting and long chains of operators were seen to end the process of a SPARQL engine (stack
overflow) or to keep it busy for minutes while it plans; SERVICE and LOAD reach out to other hosts.
Tokens are read properly: what stands in a string, an IRI or a comment is never mistaken for a word
of the query. Limits are far below what was seen to crash and far above what people write.
"""

from __future__ import annotations

import re
from typing import Final

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
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_FORMS = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
_COUNTED = frozenset({"!", "||", "&&", "UNION", "EXISTS", "OPTIONAL", "MINUS", "|", "/", "^"})
_CHAINED = frozenset("+-*/,=<>")


def check(text: str) -> str:
    """The query's form: SELECT, ASK, CONSTRUCT or DESCRIBE.

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
    depth, form, chains, patterns = 0, "", dict.fromkeys(_COUNTED | _CHAINED, 0), 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "name":
            word = token.upper()
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
    return form


def _too_much(reason: str) -> QueryRefused:
    return QueryRefused(reason, field="query", fix="Split the query into smaller ones.")
