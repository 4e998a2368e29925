"""The one layout of the Turtle files that people edit: `python -m warranted.turtle_form FILE…`.

A change to a term should be a change to its lines and no others. So: prefixes that are used, ours
first; a statement a paragraph, under its comment; a property a line, in a fixed order; lists on one
line while they fit. Comments between statements stay, and so does the order of statements and of
values, which is there for the reader. The triples are compared before anything is written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

WIDTH = 110
"""Columns a line of several values may have."""

_FEW = 2
"""Properties up to which a statement that fits stands on one line."""

_OWN = ("nsh", "nic", "nics", "c")
_FIRST = [
    "rdf:type",
    "a",
    "sh:targetClass",
    "sh:targetSubjectsOf",
    "sh:path",
    "nsh:onPath",
    "rdfs:label",
    "skos:prefLabel",
    "skos:definition",
    "dcterms:source",
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "rdfs:domain",
    "rdfs:range",
    "owl:disjointWith",
    "owl:inverseOf",
    "skos:closeMatch",
    "dcterms:identifier",
    "dcterms:title",
    "sh:closed",
    "sh:ignoredProperties",
    "sh:name",
    "sh:description",
    "skos:example",
    "sh:order",
    "sh:group",
    "sh:severity",
    "nsh:holds",
    "nsh:acyclic",
    "sh:message",
]
_LAST = [
    "sh:property",
    "sh:or",
    "sh:node",
    "sh:not",
    "sh:sparql",
    "nic:ruleLevel",
    "nic:rank",
    "skos:inScheme",
]
_VERY_LAST = ("rdfs:isDefinedBy",)

_TOKEN = re.compile(
    r'(?P<comment>#[^\n]*)|(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''|'(?:[^'\\\n]|\\.)*')"
    r"(?P<tag>@[A-Za-z-]+|\^\^(?:<[^<>\s]*>|[\w:.-]*[\w-]))?"
    r"|(?P<iri><[^<>\s]*>)|(?P<mark>[\[\]();,])|(?P<end>\.(?=\s|$))"
    r'|(?P<name>(?:[^\s\[\]();,.<>"\x27#\\]|\.(?=[^\s])|\\.)+)',
    re.DOTALL,
)


_DECLARED = re.compile(
    r"(?:@prefix\s+(?P<prefix>[\w.-]*):|(?P<base>@base))\s*(?P<iri><[^<>\s]*>)\s*\."
)


class FormError(ValueError):
    """A file that cannot be put into its form; says where and why."""


@dataclass
class _Statement:
    subject: str
    pairs: list[tuple[str, list[str]]] = field(default_factory=list)


def formed(text: str, *, name: str = "Turtle") -> str:
    """`text` in its canonical layout.

    Args:
        text: a Turtle document without comments inside statements.
        name: what an error calls it.

    Raises:
        FormError: it is not Turtle, has a comment inside a statement, or would not keep its triples.
    """
    before = _triples(text, name)
    made = "\n".join(_spaced(_lines(text, name))).strip("\n") + "\n"
    if _triples(made, name) != before:
        raise FormError(f"{name}: the layout would change its triples; report this as a fault.")
    return made


def _triples(text: str, name: str) -> ox.Dataset:
    try:
        quads = ox.Dataset(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE, base_iri="urn:x:/"))
    except SyntaxError as error:
        raise FormError(f"{name}: {error}") from error
    quads.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return quads


def _spaced(lines: Iterable[str]) -> Iterator[str]:
    """The lines without an empty one after another; those inside a text are part of its line."""
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line


def _lines(text: str, name: str) -> Iterator[str]:
    prefixes: dict[str, str] = {}
    rest: list[str] = []
    place = 0
    head: list[str] = []
    while place < len(text):
        gap = re.compile(r"[ \t\r\n]*").match(text, place)
        assert gap is not None
        blank = gap.group().count("\n") > 1
        place = gap.end()
        if place >= len(text):
            break
        token = _at(text, place, name)
        if token.lastgroup == "comment":
            line = token.group().rstrip()
            lines = rest if prefixes or rest else head
            if rest and not rest[-1].startswith("#") and "\n" not in gap.group():
                rest[-1] += f"  {line}"  # it stands behind a statement, and is about it
            else:
                lines += ["", line] if blank else [line]
            place = token.end()
            continue
        if declared := _DECLARED.match(text, place):
            key = declared["base"] or declared["prefix"]
            if prefixes.setdefault(key, declared["iri"]) != declared["iri"]:
                raise FormError(
                    f"{name}, line {_line(text, place)}: {key or 'the empty prefix'} is declared twice."
                )
            place = declared.end()
            continue
        statement, place = _statement(text, place, name)
        printed = _printed(statement)
        comment = bool(rest) and rest[-1].startswith("#")
        if blank or (not comment and (len(printed) > 1 or not rest or rest[-1].startswith(" "))):
            rest.append("")
        rest += printed
    body = "\n".join(rest)
    yield from head
    yield ""
    if base := prefixes.pop("@base", None):
        yield f"@base {base} ."
    order = sorted(prefixes, key=lambda p: (_OWN.index(p) if p in _OWN else len(_OWN), p))
    for prefix in order:
        if re.search(rf"(?<![\w-]){re.escape(prefix)}:", _bare(body)):
            yield f"@prefix {prefix}: {prefixes[prefix]} ."
    yield ""
    yield from rest


def _bare(text: str) -> str:
    """The text without strings, IRIs and comments, to look for prefixes in; datatypes stay."""
    return _TOKEN.sub(
        lambda m: m.group() if m.lastgroup in ("name", "mark", "end") else m["tag"] or "", text
    )


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _at(text: str, place: int, name: str) -> re.Match[str]:
    found = _TOKEN.match(text, place)
    if found is None:
        raise FormError(f"{name}, line {_line(text, place)}: this is not Turtle.")
    return found


def _statement(text: str, place: int, name: str) -> tuple[_Statement, int]:
    tokens: list[str] = []
    start = place
    while True:
        gap = re.compile(r"\s*").match(text, place)
        place = gap.end() if gap else place
        found = _at(text, place, name)
        place = found.end()
        if found.lastgroup == "comment":
            raise FormError(
                f"{name}, line {_line(text, found.start())}: a comment stands inside a statement; "
                "put it above."
            )
        if found.lastgroup == "end":
            break
        tokens.append(found.group())
    if tokens[0].upper() in ("PREFIX", "BASE"):
        raise FormError(f"{name}, line {_line(text, start)}: write @{tokens[0].lower()} … .")
    subject, rest = _object(tokens)
    statement = _Statement(subject)
    while rest:
        predicate, rest = rest[0], rest[1:]
        if predicate == ";":
            continue
        objects: list[str] = []
        while rest and rest[0] != ";":
            if rest[0] == ",":
                rest = rest[1:]
                continue
            value, rest = _object(rest)
            objects.append(value)
        statement.pairs.append((predicate, objects))
    return statement, place


def _object(tokens: Sequence[str]) -> tuple[str, list[str]]:
    """The first object on one line, and what follows it."""
    pairs = {"[": "]", "(": ")"}
    if tokens[0] not in pairs:
        return tokens[0], list(tokens[1:])
    depth, taken = 0, []
    for number, token in enumerate(tokens):
        depth += (token in pairs) - (token in pairs.values())
        taken.append(token)
        if depth == 0:
            return " ".join(taken), list(tokens[number + 1 :])
    raise FormError(f"{tokens[0]} is not closed.")


def _rank(predicate: str) -> tuple[int, int, str]:
    for tier, names in ((0, _FIRST), (2, _LAST), (3, _VERY_LAST)):
        if predicate in names:
            return tier, names.index(predicate), ""
    return 1, 0, ""  # others keep the order in which they were written


def _printed(statement: _Statement) -> list[str]:
    pairs = sorted(statement.pairs, key=lambda pair: _rank(pair[0]))
    short = " ; ".join(f"{predicate} {' , '.join(objects)}" for predicate, objects in pairs)
    if len(pairs) <= _FEW and len(f"{statement.subject} {short} .") <= WIDTH:
        return [f"{statement.subject} {short} ."]
    lines: list[str] = []
    for number, (predicate, objects) in enumerate(pairs):
        start = f"{statement.subject} " if number == 0 else "    "
        end = " ." if number == len(pairs) - 1 else " ;"
        lines += _pair(start + predicate, objects, end)
    return lines


def _pair(start: str, objects: list[str], end: str) -> list[str]:
    line = f"{start} {' , '.join(objects)}{end}"
    if len(line) <= WIDTH or (len(objects) == 1 and not objects[0].startswith("( [")):
        return [line]
    if len(objects) == 1:  # a list of shapes: one a line
        inner = _members(objects[0])
        return [f"{start} (", *(f"        {m}" for m in inner), f"    ){end}"]
    rows = [f"        {value} ," for value in objects]
    rows[-1] = rows[-1][:-2] + end
    return [start, *rows]


def _members(listed: str) -> list[str]:
    tokens = [m.group() for m in _TOKEN.finditer(listed)][1:-1]
    found = []
    while tokens:
        value, tokens = _object(tokens)
        found.append(value)
    return found


def main(arguments: Sequence[str]) -> int:
    """Format the files, or with --check say which are not in their form."""
    check = "--check" in arguments
    wrong, failed = 0, False
    for name in arguments:
        if name.startswith("--"):
            continue
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        try:
            made = formed(text, name=name)
        except FormError as error:
            failed = True
            sys.stderr.write(f"{error}\n")
            continue
        if made != text:
            wrong += 1
            if not check:
                path.write_text(made, encoding="utf-8")
            sys.stdout.write(f"{name}: {'not in its form' if check else 'formatted'}\n")
    return int(failed or (check and wrong > 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
