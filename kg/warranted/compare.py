"""Two versions of a record compared in the words of its form: which field says what now, and said before.

A part that both versions have is told field by field; one that came or went is told whole, by the
field that holds it.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from warranted import shape_model, vocabulary
from warranted.language import ENGLISH, Language, terms
from warranted.language.quoting import UNKNOWN, Quoted, filled, joined
from warranted.language.text import primary
from warranted.namespaces import DCTERMS, NIC, RDF, RDFS, SKOS, XSD
from warranted.record_types import Field, RecordType
from warranted.records import Record

Label = Callable[[str], str | None]
"""Given a record's IRI, what people call it, or None; a `Quoted` says in which language."""

LONG: Final = 120  # characters from which a changed text is also told word by word
SHORT: Final = 60  # characters of a part's text that name it
DEEPEST: Final = 12  # parts within parts that are told in place; those below come last
PAIRS: Final = 10**6  # pairs of parts that are looked at; with more, they came and went
TYPE: Final = f"{RDF}type"
_NAMES: Final = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title")
_TEXT: Final = (f"{XSD}string", f"{RDF}langString")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was added, taken out, or changed."""

    field: str  # the form's name of it, with the part's name in front
    path: str  # IRI of the property
    kind: str  # `added`, `removed` or `changed`
    before: str | None  # in words; None where there is none
    after: str | None
    part: str | None = None  # what the part is that has the field; None for the record itself
    sentence: str = ""  # all of it in a sentence without a full stop

    @property
    def words(self) -> list[tuple[str, str]]:
        """Of a long text, its runs of words: " " kept, "-" taken out, "+" put in; else nothing."""
        before, after = self.before or "", self.after or ""
        if self.kind != "changed" or max(len(before), len(after)) < LONG:
            return []
        old, new = (re.findall(r"\s*\S+|\s+$", text) for text in (before, after))
        found = []
        for op, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
            runs = [(" ", old[a:b])] if op == "equal" else [("-", old[a:b]), ("+", new[c:d])]
            found += [(sign, "".join(run)) for sign, run in runs if run]
        return found

    def as_json(self) -> dict[str, Any]:
        """The change as plain values; `words` only where there are any."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return told | ({"words": [list(w) for w in words]} if (words := self.words) else {})


def compare(
    before: Record | None,
    after: Record | None,
    *,
    label: Label = lambda _iri: None,
    language: Language = ENGLISH,
) -> list[Change]:
    """What changed from `before` to `after`, in the order of the form; None is no content.

    `label` says what other records are called; one that it does not know is told by its IRI.
    """
    return compare_in((language,), before, after, label=lambda _language: label)[language.code]


def compare_in(
    languages: Iterable[Language],
    before: Record | None,
    after: Record | None,
    *,
    label: Callable[[Language], Label],
) -> dict[str, list[Change]]:
    """The same in several languages, by their codes: what belongs together is found out once.

    Texts of records stay as they are: those of a change are `Quoted`, with the language of each.
    """
    old, new = _Side(before), _Side(after)
    same, told = _matched(old, new), dict[str, list[Change]]()
    for language in languages:
        called = label(language)
        sides = old.told_in(language, called), new.told_in(language, called)
        told[language.code] = list(_Comparison(*sides, same).walk())
    return told


differences = compare


class _Side:
    """One version: node → property → values; a node is "" (the record) or "#…" (a part of it)."""

    def __init__(self, record: Record | None) -> None:
        self.iri = record.iri if record else ""
        self.label: Label = lambda _iri: None
        self.language = ENGLISH
        self.says: dict[str, dict[str, list[Any]]] = {}
        for t in record.triples if record else ():
            node = _value(t.subject).removeprefix(self.iri)
            self.says.setdefault(node, {}).setdefault(t.predicate.value, []).append(t.object)

    def told_in(self, language: Language, label: Label) -> _Side:
        """The same for readers of a language."""
        other = copy(self)
        other.language, other.label = language, label
        return other

    def own(self, term: Any) -> str | None:
        """The part that a value is, or None."""
        node = "" if isinstance(term, ox.Literal) else _value(term).removeprefix(self.iri)
        return node if node.startswith("#") and node in self.says else None

    def values(self, node: str, path: str) -> list[Any]:
        return self.says.get(node, {}).get(path, [])

    def parts(self, node: str, path: str) -> list[str]:
        return [part for v in self.values(node, path) if (part := self.own(v))]

    def form(self, node: str) -> RecordType | None:
        """What describes the node: the shape of its class, or of the one above."""
        known, above = shape_model.shipped().types, dict(shape_model.subclasses())
        for cls in sorted(map(_value, self.values(node, TYPE))):
            while cls in above and cls not in known:
                cls = above[cls]
            if cls in known:
                return known[cls]
        return None

    def title(self, node: str) -> tuple[str, Any] | None:
        """(property, value) by which people know a part: its name, else the first text it says."""
        form = self.form(node)
        fields = [f.path for f in form.fields if f.key != "identifier"] if form else []
        for path in (*_NAMES, *fields):
            if found := [v for v in self.values(node, path) if _is_text(v)]:
                own = self.language.code
                first = min(found, key=lambda v: (v.language != own, v.language != "en", str(v)))
                return path, first
        return None

    def place(self, node: str | None) -> tuple[float, str]:
        """Where a part comes among its like; its number, if it has one, is what people call it."""
        numbers = [_value(v) for v in self.values(node or "", f"{NIC}sequence")]
        if node and not re.fullmatch(r"#p[0-9a-f]{12}(-\d+)?", node):  # not made from its content
            numbers += re.findall(r"-(\d+)$", node)
        plain = (int(n) for n in numbers if re.fullmatch(r"[0-9]{1,6}", n))
        return next(plain, math.inf), node or ""

    def text(self, term: Any, value: str) -> Quoted:
        """A text of a literal, with its language; a code or a number is the same in every language."""
        tag = term.language or (UNKNOWN if _is_text(term) and " " in value else "")
        return Quoted.of([(value, "" if primary(tag) == primary(self.language.code) else tag)])

    def name(self, node: str) -> Quoted:
        """What a part is: "Step 2 (‘Hand out slips’)"."""
        form, title, place = self.form(node), self.title(node), self.place(node)[0]
        say = self.language.gettext
        kind = _called(form, self.language) if form else say("Part")
        kind += f" {place}" if place < math.inf else ""
        if not title:
            return Quoted.of([(kind, "")])
        text = " ".join(title[1].value.split())
        short = text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"
        return filled(say("%(kind)s (‘%(name)s’)"), kind=kind, name=self.text(title[1], short))

    def leaves(self, node: str, above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
        """All that a part and those within it say, texts word by word: (way to it, word)."""
        for path, value in ((p, v) for p, values in self.says[node].items() for v in values):
            part = self.own(value)
            if part and part not in (node, *above) and len(above) < 4:
                yield from ((path + way, word) for way, word in self.leaves(part, (*above, node)))
            elif not part and path != TYPE:
                words = value.value.split() if _is_text(value) else [str(value)]
                yield from ((path, word) for word in words)


class _Comparison:
    """Which parts of two versions are the same, and what each says."""

    def __init__(self, old: _Side, new: _Side, same: dict[str, str]) -> None:
        self.old, self.new, self.same = old, new, same
        self.language = new.language
        self.back = {n: o for o, n in self.same.items()}
        self.told: set[tuple[_Side, str]] = set()

    def walk(self) -> Iterator[Change]:
        yield from self._node("", "", None, 0)
        nodes = {(o, self.same.get(o, "#")) for o in self.old.says}
        nodes |= {(self.back.get(n, "#"), n) for n in self.new.says}
        for o, n in sorted(nodes - {("", ""), ("", "#"), ("#", "")}):  # not told with another
            if not {(self.old, o), (self.new, n)} & self.told:
                name = self.old.name(o) if n == "#" else self.new.name(n)
                yield from self._node(o, n, name, 0)

    def _node(self, o: str, n: str, part: str | None, depth: int) -> Iterator[Change]:
        """What changed on a node that is `o` in the old version and `n` in the new; "#" is none."""
        self.told |= {(self.old, o), (self.new, n)} - {(self.old, "#"), (self.new, "#")}
        form = self.new.form(n) or self.old.form(o)
        paths = {*self.old.says.get(o, ()), *self.new.says.get(n, ())}
        for path, name in _fields(paths, form, self.language):
            shown = joined(": ", (part, name)) if part else name
            before, after = self.old.values(o, path), self.new.values(n, path)
            for one, other in self._values(before, after):
                was = one and self._said(self.old, one, [*before, *after], depth)
                now = other and self._said(self.new, other, [*before, *after], depth)
                if was == now:  # two things of one name, or one text of two types
                    was, now = (joined(" ", (t, f"({v})")) for t, v in ((was, one), (now, other)))
                yield self._change(shown, path, was, now, part)
            for p in sorted(self.new.parts(n, path), key=self.new.place):
                if p in self.back and (self.new, p) not in self.told and depth < DEEPEST:
                    called = self.new.name(p)
                    called = joined(", ", (part, called)) if part else called
                    yield from self._node(self.back[p], p, called, depth + 1)

    def _change(
        self, field: str, path: str, before: str | None, after: str | None, part: str | None
    ) -> Change:
        """The change with its sentence."""
        say = self.language.gettext
        if before is None:
            kind, pattern = "added", say("%(field)s: added ‘%(after)s’")
        elif after is None:
            kind, pattern = "removed", say("%(field)s: took out ‘%(before)s’")
        else:
            kind, pattern = "changed", say("%(field)s: from ‘%(before)s’ to ‘%(after)s’")
        told = filled(pattern, field=field, before=before or "", after=after or "")
        return Change(field, path, kind, before, after, part, told)

    def _values(self, before: list[Any], after: list[Any]) -> list[tuple[Any, Any]]:
        """Values that went, came, or took another's place."""
        old, new = self.old.own, self.new.own
        here = {self.same.get(p, p) if (p := old(v)) else v: v for v in before}
        there = {p if (p := new(v)) else v: v for v in after}
        gone = sorted((here[k] for k in here.keys() - there), key=lambda v: self.old.place(old(v)))
        come = sorted((there[k] for k in there.keys() - here), key=lambda v: self.new.place(new(v)))
        plain = [v for v in gone if not old(v)], [v for v in come if not new(v)]
        one = len(plain[0]) == len(plain[1]) == 1
        pairs = _greedy(*plain, _likeness, 0.0 if one else 0.5)
        pairs += [(v, None) for v in gone if old(v)]
        return pairs + [(None, v) for v in come if new(v)]

    def _said(self, side: _Side, term: Any, among: list[Any], depth: int) -> str:
        """A value in words; a part that the other version has not, with all it says."""
        if part := side.own(term):
            known = self.same if side is self.old else self.back
            whole = part not in known and (side, part) not in self.told and depth < DEEPEST
            return self._whole(side, part, depth + 1) if whole else side.name(part)
        value = _value(term)
        if not isinstance(term, ox.Literal):
            return _words(self.language).get(value) or side.label(value) or value
        if term.datatype.value == f"{XSD}boolean":
            yes, no = self.language.gettext("yes"), self.language.gettext("no")
            return {"true": yes, "1": yes, "false": no, "0": no}.get(value, value)
        several = len({v.language for v in among if _is_text(v)}) > 1
        text = side.text(term, value)
        return joined(" ", (text, f"({term.language})")) if several and term.language else text

    def _whole(self, side: _Side, node: str, depth: int) -> str:
        """All that a part says: its name first, then each field with its name."""
        self.told.add((side, node))
        form, title, found = side.form(node), side.title(node), list[str]()
        for path, name in _fields(side.says[node], form, self.language):
            for v in sorted(values := side.values(node, path), key=str):
                text = self._said(side, v, values, depth)
                if (path, v) == title:
                    found.insert(0, text)
                elif path != TYPE or form is None or form.cls != v.value:
                    found.append(joined(": ", (name, text)))
        return joined("; ", found) or side.name(node)


def _matched(old: _Side, new: _Side) -> dict[str, str]:
    """Old node → new node, for each that is the same thing in both versions.

    Parts of one name are the same. A part whose name follows from what it says changes its name with
    it; of those in one place and of one class, the pair that shares most of what it says comes first.
    """

    def likeness(one: str, other: str) -> float:
        same_class = set(old.values(one, TYPE)) == set(new.values(other, TYPE))
        return 0.01 + _dice(said[old, one], said[new, other]) if same_class else 0.0

    same = {node: node for node in sorted(old.says) if node in new.says}
    taken, waiting = set(same), list(same.items())
    for o, n in waiting:  # grows while it is walked
        for path in sorted({*old.says[o], *new.says[n]}):
            gone = [p for p in old.parts(o, path) if p not in same]
            come = [p for p in new.parts(n, path) if p not in taken]
            if not gone or len(gone) * len(come) > PAIRS:
                continue
            said = {(s, p): set(s.leaves(p)) for s, ps in ((old, gone), (new, come)) for p in ps}
            single = len(old.values(o, path)) == len(new.values(n, path)) == 1
            least = 0.01 if single else 0.3
            pairs = [(a, b) for a, b in _greedy(gone, come, likeness, least) if a and b]
            same.update(pairs)
            taken.update(b for _, b in pairs)
            waiting += pairs
    return same


def _greedy(
    gone: list[Any], come: list[Any], likeness: Callable[[Any, Any], float], least: float
) -> list[tuple[Any, Any]]:
    """The likest pairs first, each value once; then those left over. The same from either side."""
    scored = [(s, a, b) for a in gone for b in come if (s := likeness(a, b)) >= least]
    pairs, left = dict[Any, Any](), set(come)
    for _, a, b in sorted(scored, key=lambda s: (-s[0], sorted((str(s[1]), str(s[2]))))):
        if a not in pairs and b in left:
            pairs[a] = b
            left.remove(b)
    found = [(a, pairs.get(a)) for a in sorted(gone, key=str)]
    return found + [(None, b) for b in sorted(left, key=str)]


def _likeness(one: Any, other: Any) -> float:
    """How far one value may have become the other: two texts of one language, by their words."""
    if not (_is_text(one) and _is_text(other)) or one.language != other.language:
        return 0.0
    return 1.0 if one.language else _dice(set(one.value.split()), set(other.value.split()))


def _dice(one: set[Any], other: set[Any]) -> float:
    """Share in common (Dice 1945)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _fields(
    paths: Iterable[str], form: RecordType | None, language: Language
) -> list[tuple[str, str]]:
    """(property, its name) in the order of the form; the class first, last what the form has not."""
    names = {TYPE: language.gettext("Kind")}
    names |= {f.path: _named(f, language) for f in form.fields} if form else {}
    rank = {path: i for i, path in enumerate(names)}
    ordered = sorted(paths, key=lambda p: (rank.get(p, len(rank)), p))
    return [(p, names.get(p) or re.split("[#/]", p)[-1]) for p in ordered]


def _named(field: Field, language: Language) -> str:
    """What a form calls a field."""
    own = field.shapes[0] if field.shapes else ""
    return terms.words(language.code).label(own) or field.name


def _called(form: RecordType, language: Language) -> str:
    """What a form is called."""
    return terms.words(language.code).label(form.shape) or form.label


def _is_text(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value in _TEXT


def _value(term: Any) -> str:
    return str(getattr(term, "value", term))


@lru_cache(maxsize=8)
def _words(language: Language) -> dict[str, str]:
    """What the form calls concepts, classes and fields."""
    model, words = shape_model.shipped(), terms.words(language.code)
    return (
        {field.path: _named(field, language) for field in model.paths()}
        | {cls: _called(form, language) for cls, form in model.types.items()}
        | {
            c.iri: words.label(c.iri) or c.label
            for s in vocabulary.shipped().values()
            for c in s.concepts
        }
    )
