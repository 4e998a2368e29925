"""Answers the package's queries on statements in memory, as a SPARQL engine would.

A package is judged from its own few thousand statements, which are in memory already: to copy them
into a store takes longer than to answer all queries. What the queries need of SPARQL 1.1 is here, and
no more: triples with paths of properties, OPTIONAL, UNION, FILTER EXISTS, SELECT within SELECT, and the
language of a text. A test holds the answers to those of another engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from warranted.namespaces import RDF
from warranted.statements import Graph, Term

Solution = dict[str, Term]
Step = Callable[[Graph, list[Solution]], list[Solution]]
Projected = tuple[str, str | None]
"""A variable of an answer, and the variable whose language it is, if it is one."""

_TOKEN: Final = re.compile(r"\s*(?:#[^\n]*\s*)*(<[^<>\s]*>|\?\w+|\w+:\w*|\w+|[{}();./])\s*")


class Query:
    """A query, read once.

    Attributes:
        names: what it asks for, in the order in which it names them.
    """

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._prefixes: dict[str, str] = {}
        while self._is("PREFIX"):
            name, iri = self._next(), self._next()
            self._prefixes[name] = iri[1:-1]
        self._distinct, self._columns, self._step = self._select()
        self.names = [name for name, _ in self._columns]

    def answers(self, graph: Graph) -> Iterable[tuple[Term | None, ...]]:
        """The answers, in no order: a value, or None, for each name."""
        made = [_shown(one, self._columns) for one in self._step(graph, [{}])]
        return dict.fromkeys(made) if self._distinct else made

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, *words: str) -> bool:
        """Whether these words come next; if they do, they are passed."""
        end = self._at + len(words)
        if tuple(self._tokens[self._at : end]) != words:
            return False
        self._at = end
        return True

    def _needs(self, word: str) -> None:
        if not self._is(word):
            raise ValueError(f"'{word}' is missing before '{self._tokens[self._at]}'")

    def _select(self) -> tuple[bool, list[Projected], Step]:
        self._needs("SELECT")
        distinct = self._is("DISTINCT")
        columns: list[Projected] = []
        while not self._is("WHERE"):
            if self._is("(", "LANG", "("):
                of = self._next()
                self._needs(")")
                self._needs("AS")
                columns.append((self._next(), of))
                self._needs(")")
            else:
                columns.append((self._next(), None))
        return distinct, columns, self._group()

    def _group(self) -> Step:
        self._needs("{")
        steps: list[Step] = []
        filters: list[Step] = []
        while not self._is("}"):
            if self._is("OPTIONAL"):
                inner = self._group()
                if not isinstance(inner, _Triple):
                    steps.append(_optional(inner))
                    continue
                last = steps[-1] if steps else None
                if not isinstance(last, _Options):
                    steps.append(last := _Options())
                last.triples.append(inner)
            elif self._is("FILTER", "NOT", "EXISTS"):
                filters.append(_exists(self._group(), wanted=False))
            elif self._is("FILTER", "EXISTS"):
                filters.append(_exists(self._group(), wanted=True))
            elif self._tokens[self._at] == "{":
                either = [self._group()]
                while self._is("UNION"):
                    either.append(self._group())
                steps.append(_union(either))
            elif self._tokens[self._at] == "SELECT":
                steps.append(_within(*self._select()))
            else:
                steps += self._triples()
        return _in_turn([*steps, *filters])

    def _triples(self) -> Iterator[_Triple]:
        subject = self._term()
        while True:
            path = [self._term()]
            while self._is("/"):
                path.append(self._term())
            yield _Triple(subject, tuple(path), self._term())
            if not self._is(";"):
                break
        self._is(".")

    def _term(self) -> str:
        """A variable, with its question mark, or an IRI."""
        token = self._next()
        if token == "a":
            return f"{RDF}type"
        if token.startswith("<"):
            return token[1:-1]
        prefix, colon, name = token.partition(":")
        return self._prefixes[prefix + colon] + name if colon else token


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"'{text[at : at + 20]}' is no part of a query")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _in_turn(steps: list[Step]) -> Step:
    if len(steps) == 1:
        return steps[0]

    def step(graph: Graph, found: list[Solution]) -> list[Solution]:
        for one in steps:
            found = one(graph, found)
        return found

    return step


class _Triple:
    """A triple of a query: a subject, a path of properties, an object."""

    def __init__(self, subject: str, path: tuple[str, ...], object_: str) -> None:
        self.subject, self.path, self.object = subject, path, object_

    def __call__(self, graph: Graph, found: list[Solution]) -> list[Solution]:
        subject, object_ = self.subject, self.object
        more: list[Solution] = []
        for known in found:
            about = known.get(subject) if subject[0] == "?" else subject
            value = known.get(object_) if object_[0] == "?" else object_
            if about is None:
                for one, held in self._pairs(graph, value):
                    if value in (None, held):
                        more.append(known | {subject: one, object_: held})
            elif value is None:
                more += [known | {object_: held} for held in self.values(graph, about)]
            else:
                more += [known for held in self.values(graph, about) if held == value]
        return more

    def values(self, graph: Graph, about: Term) -> list[Term]:
        """What the path leads to."""
        found = graph.about(about).get(self.path[0], [])
        for predicate in self.path[1:]:
            found = [value for one in found for value in graph.about(one).get(predicate, ())]
        return found

    def _pairs(self, graph: Graph, value: Term | None) -> Iterable[tuple[str, Term]]:
        first, *rest = self.path
        if rest:
            return ((s, o) for s, _ in graph.pairs(first) for o in self.values(graph, s))
        if isinstance(value, str):
            return ((s, value) for s in graph.naming(value, first))
        return graph.pairs(first)


class _Options:
    """Triples each of which may be missing, one after the other."""

    def __init__(self) -> None:
        self.triples: list[_Triple] = []

    def __call__(self, graph: Graph, found: list[Solution]) -> list[Solution]:
        more: list[Solution] = []
        for known in found:
            one, several, last = known.copy(), None, None
            for triple in self.triples:
                about = one.get(triple.subject)
                if about is None or triple.object in one or several is not None:
                    several = _optional(triple)(graph, several or [one])
                    continue
                if about is not last:
                    held, last = graph.about(about), about
                if triple.path[0] not in held:
                    continue
                values = triple.values(graph, about) if triple.path[1:] else held[triple.path[0]]
                if len(values) == 1:
                    one[triple.object] = values[0]
                elif values:
                    several = [one | {triple.object: value} for value in values]
            more += several or [one]
        return more


def _optional(inner: Step) -> Step:
    def step(graph: Graph, found: list[Solution]) -> list[Solution]:
        more: list[Solution] = []
        for known in found:
            more += inner(graph, [known]) or [known]
        return more

    return step


def _exists(inner: Step, *, wanted: bool) -> Step:
    def step(graph: Graph, found: list[Solution]) -> list[Solution]:
        return [known for known in found if bool(inner(graph, [known])) is wanted]

    return step


def _union(either: list[Step]) -> Step:
    def step(graph: Graph, found: list[Solution]) -> list[Solution]:
        return [known for one in either for known in one(graph, found)]

    return step


def _shown(solution: Solution, columns: list[Projected]) -> tuple[Term | None, ...]:
    return tuple(
        [solution.get(name) if of is None else _tag(solution.get(of)) for name, of in columns]
    )


def _tag(term: Term | None) -> Term | None:
    return (term[1], "") if isinstance(term, tuple) else None


def _within(distinct: bool, columns: list[Projected], inner: Step) -> Step:
    names = [name for name, _ in columns]

    def step(graph: Graph, found: list[Solution]) -> list[Solution]:
        made = [_shown(one, columns) for one in inner(graph, [{}])]
        answers: list[Solution] = [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in (dict.fromkeys(made) if distinct else made)
        ]
        return [
            known | one
            for known in found
            for one in answers
            if all(known.get(name, value) == value for name, value in one.items())
        ]

    return step
