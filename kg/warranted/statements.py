"""What is said of things, as plain values to look up: a graph that is read far more often than made.

Records keep their N-Quads; a text of sorted lines is cut up here in a third of the time that it takes to
parse it, ask each term what it is, and copy it to where it can be looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pyoxigraph as ox

from warranted.records import Record

Text = tuple[str, str]
"""A literal: its text, digit for digit as it is stored, and its language tag in lower case, or ""."""
Term = str | Text
"""An IRI, a blank node ("_:" and its name), or a literal."""
Held = dict[str, list[str]]
Said = dict[str, list[Text]]

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CONTROL: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_NONE: Final[Mapping[str, list[str]]] = {}
_SILENT: Final[Mapping[str, list[Text]]] = {}


class Statements:
    """A graph in memory.

    Attributes:
        said: subject → predicate → the literals it has.
        named: subject → predicate → the things it names.
        naming: a thing → predicate → the things that name it.
    """

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.named: dict[str, Held] = {}
        self.naming: dict[str, Held] = {}

    @classmethod
    def of(cls, triples: Iterable[ox.Quad | ox.Triple]) -> Statements:
        """What triples say, each once, whatever graphs they stand in."""
        made = cls()
        for t in dict.fromkeys(ox.Triple(t.subject, t.predicate, t.object) for t in triples):
            subject, predicate, object_ = _name(t.subject), t.predicate.value, t.object
            if isinstance(object_, ox.Literal):
                text = object_.value, object_.language or ""
                made.said.setdefault(subject, {}).setdefault(predicate, []).append(text)
            elif not isinstance(object_, ox.Triple):
                made._name(subject, predicate, _name(object_))
        return made

    @classmethod
    def of_records(cls, records: Iterable[Record]) -> Statements:
        """What records say."""
        made = cls()
        for record in records:
            made._read(record.nquads, f" <{record.iri}> .")
        return made

    def _read(self, nquads: str, end: str) -> None:
        """Take in a record's lines, each of which ends with its graph."""
        cut, last = -len(end), ""
        said: Said = {}
        named: Held = {}
        for line in nquads.split("\n"):
            if not line:
                continue
            subject, predicate, object_ = line[:cut].split(" ", 2)
            predicate = predicate[1:-1]
            if subject != last:
                last = subject
                iri = subject[1:-1]
                said, named = self.said.setdefault(iri, {}), self.named.setdefault(iri, {})
            if object_[0] == "<":
                other = object_[1:-1]
                if predicate in named:
                    named[predicate].append(other)
                else:
                    named[predicate] = [other]
                self.naming.setdefault(other, {}).setdefault(predicate, []).append(iri)
            elif predicate in said:
                said[predicate].append(_literal(object_))
            else:
                said[predicate] = [_literal(object_)]

    def _name(self, subject: str, predicate: str, object_: str) -> None:
        self.named.setdefault(subject, {}).setdefault(predicate, []).append(object_)
        self.naming.setdefault(object_, {}).setdefault(predicate, []).append(subject)

    def __contains__(self, iri: str) -> bool:
        return iri in self.named or iri in self.said


class Graph:
    """Statements of several origins as one graph; what two of them say counts once."""

    def __init__(self, *layers: Statements) -> None:
        self._layers = layers

    def values(self, subject: str, predicate: str) -> list[Term]:
        """What stands for a property of a thing. The list is not to be changed."""
        found: list[Term] = []
        for layer in self._layers:
            for held in (layer.named.get(subject), layer.said.get(subject)):
                if held is not None and predicate in held:
                    values: list[Any] = held[predicate]
                    found = list(dict.fromkeys([*found, *values])) if found else values
        return found

    def naming(self, object_: str, predicate: str) -> list[str]:
        """The things that name another."""
        found: list[str] = []
        for layer in self._layers:
            found += layer.naming.get(object_, _NONE).get(predicate, ())
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def pairs(self, predicate: str) -> Iterator[tuple[str, Term]]:
        """Every (thing, value) of a property."""
        subjects: dict[str, None] = {}
        for layer in self._layers:
            subjects |= dict.fromkeys(s for s, held in layer.named.items() if predicate in held)
            subjects |= dict.fromkeys(s for s, held in layer.said.items() if predicate in held)
        for subject in subjects:
            for value in self.values(subject, predicate):
                yield subject, value


def _literal(written: str) -> Text:
    """A literal as N-Quads writes it."""
    end = written.rindex('"')
    text = written[1:end]
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    return text, written[end + 2 :].lower() if written[end + 1 : end + 2] == "@" else ""


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _CONTROL.get(found[3], found[3])


def _name(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    assert isinstance(term, ox.NamedNode)
    return term.value
