"""What a release of many packages hands to the site, without making each package by itself.

A package is the illustrative one grown to 12 ideas and some 250 tests. It is judged, told in a manifest
and written as dumps once; the others are that one under other addresses and in other words: each has the
words of all in an order of its own, so that none is typeset, packed or found as another was. So a
thousand cost minutes and little memory, and the site gets what a release would give it: what the
questions find in one package is told of each, and the packed dumps and those of the whole, which the
site only links, are empty files.

    python -m bench.grown NUMBER FOLDER    # writes what `first` and `second` read
"""

from __future__ import annotations

import os
import pickle
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from bench.validate import BASE, CODE, package
from warranted import documents, dumps, manifest, questions, warrant
from warranted.namespaces import DCTERMS
from warranted.records import Record
from warranted.release_data import Previous, ReleaseData

MORE_IDEAS, TESTS = ("c1", "c2", "c3", "c4"), 250
NOW = datetime(2026, 3, 2, tzinfo=UTC)
FIRST, SECOND = "2026-03-02", "2026-03-03"
_SLUG = "illustrative-algebra-talk"
_WORD = r"(?<![\w/#:@.-])[a-z]{4,}(?![\w/#:@-])"  # no part of a name
_CUT = re.compile(f"(/{CODE}-|-{CODE}-|{_SLUG}|{_WORD})")
_CUT_FIRST = re.compile(f"(/{CODE[0]}0x-|-{CODE[0]}0x-|copy-0|{_WORD})")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_MEANT = frozenset(
    ["true", "false", "minute", "minutes", "hour", "hours", "half", "second", "seconds"]
)
"""Words that are read as a value."""
Row = tuple[str, str, str]
"""A record: IRI, type, N-Quads."""


def grown() -> list[Row]:
    """The package with four ideas more and `TESTS` tests or a few more."""
    rows = [(r.iri, r.type, r.nquads) for r in package()]
    for code in MORE_IDEAS:
        idea = f"{BASE}/id/idea/{CODE}-{code}"
        versions = {i for i, t, text in rows if t == "specification" and f"<{idea}>" in text}
        tests = {
            i for i, t, text in rows if t == "test" and any(f"<{v}>" in text for v in versions)
        }
        rows += _again(rows, {idea, *versions, *tests}, "b")
    each = -(-TESTS // sum(type_ == "test" for _, type_, _ in rows))
    tests = {iri for iri, type_, _ in rows if type_ == "test"}
    for n in range(1, each):
        rows += _again(rows, tests, f"k{n}")
    return _whole(rows)


def _again(rows: list[Row], chosen: set[str], mark: str) -> list[Row]:
    pattern = re.compile(
        "<(" + "|".join(map(re.escape, sorted(chosen, key=len, reverse=True))) + r")(?=[>#])"
    )
    return [
        (f"{iri}-{mark}", type_, pattern.sub(rf"<\1-{mark}", text))
        for iri, type_, text in rows
        if iri in chosen
    ]


def _whole(rows: list[Row]) -> list[Row]:
    """The package record names all of them."""
    made = []
    for iri, type_, text in rows:
        if type_ == "package":
            part = f"<{iri}> <{DCTERMS}hasPart> "
            text += "".join(f"{part}<{i}> <{iri}> .\n" for i, _, _ in rows if i != iri)
            text = "".join(sorted(set(text.splitlines(keepends=True))))
        made.append((iri, type_, text))
    return made


class Words:
    """The words that records say and nothing else does: they may be others in a copy."""

    def __init__(self, rows: Iterable[Row]) -> None:
        lines = [line for _, _, text in rows for line in text.splitlines()]
        texts = (text for line in lines for text in _TEXT.findall(line))
        said = {word for text in texts for word in re.findall(_WORD, text)}
        names = (_TEXT.sub("", line).lower() for line in lines)
        named = {word for name in names for word in re.findall("[a-z]+", name)}
        self._words = sorted(said - named - _MEANT)

    def of(self, n: int) -> dict[str, str]:
        """What stands in the `n`th copy for the words, the addresses and the short name."""
        others = random.Random(n).sample(self._words, len(self._words))
        own = f"{CODE[0]}{n}x-"
        moved = {f"/{CODE}-": f"/{own}", f"-{CODE}-": f"-{own}", _SLUG: f"copy-{n}"}
        return dict(zip(self._words, others, strict=True)) | moved

    def from_first(self, n: int) -> dict[str, str]:
        """What stands in the `n`th copy for what stands in the first, which is number 0."""
        first, other = self.of(0), self.of(n)
        return {first[word]: other[word] for word in first}


class Text:
    """A text of the package, or of its first copy, cut where its copies differ."""

    def __init__(self, text: str, *, of_first: bool = False) -> None:
        self._pieces = (_CUT_FIRST if of_first else _CUT).split(text)

    def copy(self, words: Mapping[str, str]) -> str:
        """The text in the words of a copy; see `Words.of`."""
        return "".join([words.get(piece, piece) for piece in self._pieces])


def copies(rows: Iterable[Row], number: int, words: Words) -> Iterator[Record]:
    """The records of so many packages."""
    cut = [(Text(iri), type_, Text(text)) for iri, type_, text in rows]
    for n in range(number):
        own = words.of(n)
        for iri, type_, text in cut:
            yield Record.from_nquads(iri.copy(own), type_, _in_order(text.copy(own)))


def _in_order(nquads: str) -> str:
    """The lines in the order that canonical N-Quads have."""
    return "".join(sorted(nquads.splitlines(keepends=True)))


def _changed(records: list[Record]) -> list[Record]:
    """The records, one test of the first package with another text."""
    test = next(n for n, record in enumerate(records) if record.type == "test")
    text = records[test].nquads.replace('learned> "', 'learned> "Now: ', 1)
    assert text != records[test].nquads
    made = Record.from_nquads(records[test].iri, "test", text)
    return [*records[:test], made, *records[test + 1 :]]


def prepare(number: int, folder: Path) -> None:
    """Write what `first` and `second` need into the new `folder`."""
    rows = grown()
    one, words = [Record.from_nquads(*row) for row in rows], Words(rows)
    computed = _judged(one)
    after = _changed(list(copies(rows, 1, words)))
    after_computed = _judged(after)
    _dumps(one, computed, number, words, folder / FIRST)
    _link_all(folder / FIRST, folder / SECOND)
    _one_dump(after, after_computed, "copy-0", folder / SECOND)
    store = _store([*one, *computed])
    told = {
        "rows": rows,
        "computed": _rows(computed),
        "after_computed": _rows(after_computed),
        "manifest": _manifest(one, computed, number, words),
        "answers": {q.key: questions.terms(q, store) for q in questions.questions()},
    }
    (folder / "told.pickle").write_bytes(pickle.dumps(told))


def words(folder: Path) -> Words:
    """The words of what `prepare` wrote."""
    return Words(pickle.loads((folder / "told.pickle").read_bytes())["rows"])  # noqa: S301


def first(number: int, folder: Path) -> ReleaseData:
    """The first release, from what `prepare` wrote."""
    told = pickle.loads((folder / "told.pickle").read_bytes())  # noqa: S301
    words = Words(told["rows"])
    records = list(copies(told["rows"], number, words))
    computed = list(copies(told["computed"], number, words))
    made = ReleaseData(FIRST, NOW, BASE, records, computed, told["manifest"], None, folder / FIRST)
    answers = {key: _of_all(answer, number, words) for key, answer in told["answers"].items()}
    return replace(made, answers=answers)


def second(first: ReleaseData, folder: Path, site: Path) -> ReleaseData:
    """The release after it, in which one test of one package says something else.

    Args:
        site: where the first one's site stands.
    """
    told = pickle.loads((folder / "told.pickle").read_bytes())  # noqa: S301
    before = Previous(first.id, NOW.date(), first.records, first.computed, site)
    weighed = [Record.from_nquads(*row) for row in told["after_computed"]]
    computed = [*weighed, *first.computed[len(weighed) :]]
    return replace(
        first,
        id=SECOND,
        records=_changed(first.records),
        computed=computed,
        manifest=first.manifest | {"id": SECOND, "digest": f"{first.manifest['digest'][:-1]}-"},
        previous=before,
        dumps=folder / SECOND,
    )


def _judged(records: list[Record]) -> list[Record]:
    return warrant.assessment_records(records, as_of=NOW.date(), base=BASE, stamps={})


def _rows(records: Iterable[Record]) -> list[Row]:
    return [(r.iri, r.type, r.nquads) for r in records]


def _dumps(
    one: list[Record], computed: list[Record], number: int, words: Words, folder: Path
) -> None:
    """The dumps: of each package, and as N-Quads of them all."""
    _one_dump(one, computed, _SLUG, folder)
    texts = {
        file.suffix: Text(file.read_text(encoding="utf-8"))
        for file in sorted(folder.glob(f"{_SLUG}.*"))
    }
    for n in range(number):
        own = words.of(n)
        for ending, text in texts.items():
            (folder / f"copy-{n}{ending}").write_text(text.copy(own), encoding="utf-8")
    for ending in texts:
        (folder / f"{_SLUG}{ending}").unlink()
        names = ["all", *(f"copy-{n}" for n in range(number))]
        for name in (f"{name}{ending}{packed}" for name in names for packed in dumps.PACKED):
            (folder / name).touch()
    (folder / "SHA256SUMS").touch()


def _one_dump(records: list[Record], computed: list[Record], slug: str, folder: Path) -> None:
    """The dump of one package in each format, as `dumps.write` has it."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = sorted([*records, *computed], key=lambda r: r.iri)
    for fmt in dumps.FORMATS:
        file = folder / f"{slug}.{fmt.extension}"
        file.unlink(missing_ok=True)
        with file.open("wb") as target:
            documents.write(everything, fmt, target)


def _link_all(source: Path, target: Path) -> None:
    target.mkdir()
    for file in source.iterdir():
        os.link(file, target / file.name)


def _store(records: Iterable[Record]) -> ox.Store:
    store = ox.Store()
    store.extend(quad for record in records for quad in record.quads())
    store.extend(dumps.vocabulary())
    return store


def _of_all(answer: questions.Terms, number: int, words: Words) -> questions.Terms:
    """What a question finds in one package, told of each of its copies."""
    names, rows = answer
    cut = [[(term, Text(getattr(term, "value", ""))) for term in row] for row in rows]
    found = []
    for n in range(number):
        own = words.of(n)
        found += [tuple(_term(term, text.copy(own)) for term, text in row) for row in cut]
    return names, found


def _term(term: Any, value: str) -> Any:
    """The term with another value."""
    if isinstance(term, ox.NamedNode):
        return ox.NamedNode(value)
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(value, language=term.language)
    return ox.Literal(value, datatype=term.datatype)


def _manifest(
    one: list[Record], computed: list[Record], number: int, words: Words
) -> dict[str, Any]:
    """The manifest, with the counts of so many packages."""
    told = manifest.manifest(FIRST, NOW, one, computed, basis="", publisher="Bench", previous=None)
    counts = {name: told[name] * number for name in ("records", "triples")}
    classes = {name: count * number for name, count in told["classes"].items()}
    cut = {key: Text(v) if isinstance(v, str) else v for key, v in told["packages"][0].items()}
    packages = [
        {key: v.copy(words.of(n)) if isinstance(v, Text) else v for key, v in cut.items()}
        for n in range(number)
    ]
    dataset = {"triples": counts["triples"], "subjects": 0, "properties": 0}
    return told | counts | {"classes": classes, "packages": packages, "dataset": dataset}


if __name__ == "__main__":
    prepare(int(sys.argv[1]), Path(sys.argv[2]))
