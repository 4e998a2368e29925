"""Two versions of a record compared in the words of its form: which field says what now, and said before."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from warranted import shape_model, vocabulary
from warranted.namespaces import RDF, RDFS, XSD
from warranted.records import Record

Label = Callable[[str], str | None]
"""Given a record's IRI, what people call it, or None."""

LONG: Final = 120
"""Characters from which a changed text is also told word by word."""

_TYPE: Final = f"{RDF}type"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was added, taken out, or changed.

    Attributes:
        field: the form's name of it, with the part's name in front.
        path: IRI of the property. part: what the part is, or None for the record itself.
        before, after: the values in words; None where there is none.
        words: of a long text, its words with ' ', '-' or '+' in front, in order.
    """

    field: str
    path: str
    kind: str
    before: str | None
    after: str | None
    part: str | None
    words: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """The change in a sentence without a full stop."""
        if self.kind == "added":
            return f"{self.field}: added ‘{self.after}’"
        if self.kind == "removed":
            return f"{self.field}: took out ‘{self.before}’"
        return f"{self.field}: from ‘{self.before}’ to ‘{self.after}’"

    def as_json(self) -> dict[str, Any]:
        """The change as plain values."""
        names = ("field", "path", "kind", "before", "after", "part", "sentence")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        return told | ({"words": [list(w) for w in self.words]} if self.words else {})


def differences(
    before: Record | None, after: Record | None, *, label: Label = lambda _iri: None
) -> list[Change]:
    """What changed from `before` to `after`, in the order of the form; None is a record without content.

    Parts are matched by their names; those whose names follow from what they say, by how much of it
    they share. Args: label: what other records are called.
    """
    old = _Content(before, label)
    new = _Content(after, label)
    pairs = _matched(old, new)
    found: list[tuple[tuple[Any, ...], Change]] = []
    for was, now in pairs:
        node = now or was
        assert node is not None  # a pair has at least one of them
        side = new if now else old
        part = None if "#" not in node else side.name(node)
        said = _Said(old.of(was), new.of(now), part, side.cls(node))
        found += said.changes(old, new, {w: n for w, n in pairs if w and n})
    return [change for _, change in sorted(found, key=lambda item: item[0])]


class _Content:
    """A record's triples by subject."""

    def __init__(self, record: Record | None, label: Label) -> None:
        self.iri = record.iri if record else ""
        self.label = label
        self.by_subject: dict[str, list[ox.Triple]] = {}
        for t in record.triples if record else ():
            assert isinstance(t.subject, ox.NamedNode)
            self.by_subject.setdefault(t.subject.value, []).append(t)

    def of(self, node: str | None) -> list[ox.Triple]:
        return self.by_subject.get(node, []) if node else []

    def cls(self, node: str) -> str:
        """The class whose shape describes the node: its own, or the one above."""
        known, above = shape_model.shipped().types, dict(shape_model.subclasses())
        classes = sorted(_value(t) for t in self.of(node) if t.predicate.value == _TYPE)
        for cls in classes:
            while cls in above and cls not in known:
                cls = above[cls]
            if cls in known:
                return cls
        return classes[0] if classes else ""

    def name(self, node: str) -> str:
        """What a part is: its kind, and its own name if it has one."""
        known = shape_model.shipped().types.get(self.cls(node))
        kind = known.label if known else "Part"
        own = next((_value(t) for t in self.of(node) if t.predicate.value == f"{RDFS}label"), None)
        return f"{kind} ‘{own}’" if own else kind

    def word(self, term: Any) -> str:
        """A value in words."""
        if isinstance(term, ox.Literal):
            if term.datatype.value == f"{XSD}boolean":
                return "yes" if term.value in ("true", "1") else "no"
            return f"{term.value} ({term.language})" if term.language else term.value
        value = str(term.value)
        if self.iri and value.startswith(f"{self.iri}#"):
            return self.name(value)
        return _concepts().get(value) or self.label(value) or value


@lru_cache(maxsize=1)
def _concepts() -> Mapping[str, str]:
    return {c.iri: c.label for s in vocabulary.shipped().values() for c in s.concepts}


@dataclass(frozen=True)
class _Said:
    """What one node said before, and what it says now."""

    before: list[ox.Triple]
    after: list[ox.Triple]
    part: str | None
    cls: str

    def changes(
        self, old: _Content, new: _Content, same: Mapping[str, str]
    ) -> Iterable[tuple[tuple[Any, ...], Change]]:
        paths = sorted({t.predicate.value for t in (*self.before, *self.after)})
        for path in paths:
            was = [t.object for t in self.before if t.predicate.value == path]
            now = [t.object for t in self.after if t.predicate.value == path]
            moved = {same.get(_text(o), _text(o)) for o in was} - {""}
            stays = {_text(n) for n in now} - {""}
            gone = [o for o in was if o not in now and same.get(_text(o), "") not in stays]
            come = [o for o in now if o not in was and _text(o) not in moved]
            if path == _TYPE and not (self.before and self.after):
                continue  # a part that is new is told by the field that holds it
            yield from self._told(path, gone, come, old, new)

    def _told(
        self, path: str, gone: list[Any], come: list[Any], old: _Content, new: _Content
    ) -> Iterable[tuple[tuple[Any, ...], Change]]:
        known = shape_model.shipped().types.get(self.cls)
        field = known.field(path) if known else None
        name = field.name if field else "Kind" if path == _TYPE else _last(path)
        order = field.order if field else (99, 99)
        shown = f"{self.part}: {name}" if self.part else name
        for was, now in _paired(gone, come):
            before = None if was is None else old.word(was)
            after = None if now is None else new.word(now)
            kind = "added" if was is None else "removed" if now is None else "changed"
            words = _words(before, after) if kind == "changed" else ()
            change = Change(shown, path, kind, before, after, self.part, words)
            yield (
                (self.part is not None, self.part or "", order, path, before or "", after or ""),
                change,
            )


def _paired(gone: list[Any], come: list[Any]) -> list[tuple[Any, Any]]:
    """Which value took the place of which: the same language first, then the likest text."""
    left, pairs = list(come), []
    for was in sorted(gone, key=str):
        if not left:
            pairs.append((was, None))
            continue
        single = len(gone) == len(come) == 1
        best = max(left, key=lambda now: (_likeness(was, now), str(now)))
        if single or _likeness(was, best) >= 0.5:
            left.remove(best)
            pairs.append((was, best))
        else:
            pairs.append((was, None))
    return pairs + [(None, now) for now in sorted(left, key=str)]


def _likeness(one: Any, other: Any) -> float:
    if not (isinstance(one, ox.Literal) and isinstance(other, ox.Literal)):
        return 0.0
    if one.language != other.language or one.datatype != other.datatype:
        return 0.0
    if one.language:
        return 1.0
    return difflib.SequenceMatcher(None, one.value[:2000], other.value[:2000]).quick_ratio()


def _words(before: str | None, after: str | None) -> tuple[tuple[str, str], ...]:
    if before is None or after is None or max(len(before), len(after)) < LONG:
        return ()
    diff = difflib.ndiff(before.split(), after.split())
    return tuple((line[0], line[2:]) for line in diff if line[0] in " +-")


def _matched(old: _Content, new: _Content) -> list[tuple[str | None, str | None]]:
    """Nodes of both versions that are the same thing, then those of one only; the record first."""
    pairs: list[tuple[str | None, str | None]] = []
    both = sorted(set(old.by_subject) & set(new.by_subject))
    pairs += [(node, node) for node in both]
    gone = sorted(set(old.by_subject) - set(both))
    come = sorted(set(new.by_subject) - set(both))
    for node in gone:
        own = {(t.predicate.value, str(t.object)) for t in old.of(node)}
        scored = [
            (len(own & {(t.predicate.value, str(t.object)) for t in new.of(c)}), c)
            for c in come
            if new.cls(c) == old.cls(node) and new.iri == old.iri
        ]
        best = max(scored, default=(0, ""))
        if best[0] > 1 or (best[0] == 1 and len(scored) == 1):  # more than the class alone
            come.remove(best[1])
            pairs.append((node, best[1]))
        else:
            pairs.append((node, None))
    return pairs + [(None, node) for node in come]


def _text(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _value(t: ox.Triple) -> str:
    return t.object.value if isinstance(t.object, ox.NamedNode | ox.Literal) else ""


def _last(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]
