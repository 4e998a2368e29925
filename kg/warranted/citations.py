"""Citations of queries: what was asked, of which release, and what came of it, under a short name.

A citation is a file that never changes; its name follows from its content, so whoever cites the same
query on the same release gets the same name. The result is kept as sorted lines (rows in the TSV of
SPARQL 1.1, triples in N-Triples): their SHA-256 is the result's digest. Rows are compared without
their order, and blank nodes, which have no names of their own, as if they were one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warranted import __version__, durable
from warranted.errors import NotFound, ParseError, StoreFull, StoreUnavailable

if TYPE_CHECKING:
    from warranted.query.datasets import Dataset
    from warranted.query.pool import Answer

NAME: Final = re.compile(r"[a-z2-7]{16}")
MOST: Final = 100_000
"""Citations that are kept: strangers make them."""
KEPT_LINES: Final = 100_000
"""Bytes of result up to which it is kept beside its digest, to say what has changed: strangers could
otherwise fill the disk."""
SHOWN: Final = 50
"""Lines that are shown of what has changed."""
_BLANK: Final = re.compile(r"(?m)(?:^|(?<=\t)|(?<= ))_:[^\s]+(?=\t|$| )")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a query: SHA-256 of its lines, and how many rows or triples there are."""

    digest: str
    rows: int
    kind: str
    """rows, triples or boolean"""


@dataclass(frozen=True, slots=True)
class Citation:
    """A query pinned to a release. `graphs`: those it was limited to; `changing`: see `guard`."""

    name: str
    query: str
    release: str
    release_iri: str
    release_digest: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    changing: bool
    result: Result
    created: str
    software: str = __version__


def lines_of(answer: Answer) -> list[str]:
    """The lines of an answer in TSV, N-Triples or SPARQL's JSON (of ASK), sorted; a header first."""
    text = answer.body.decode()
    if answer.media_type.endswith("json"):
        return [str(json.loads(text)["boolean"]).lower()]
    text = _BLANK.sub("_:b", text)
    lines = text.split("\n")
    lines = lines[:-1] if lines and not lines[-1] else lines
    if answer.media_type == "application/n-triples":
        return sorted(lines)
    return [*lines[:1], *sorted(lines[1:])]


def result_of(answer: Answer) -> Result:
    """The digest of an answer, and its size."""
    lines = lines_of(answer)
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    if answer.media_type.endswith("json"):
        return Result(digest, 1, "boolean")
    if answer.media_type == "application/n-triples":
        return Result(digest, len(lines), "triples")
    return Result(digest, len(lines) - 1, "rows")


def cite(
    text: str,
    dataset: Dataset,
    answer: Answer,
    now: datetime,
    *,
    default: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    changing: bool = False,
) -> Citation:
    """The citation of a query that had that answer."""
    what = json.dumps([dataset.digest, dataset.iri, text, default, named]).encode()
    name = base64.b32encode(hashlib.sha256(what).digest()[:10]).decode().lower()
    return Citation(
        name,
        text,
        dataset.name,
        dataset.iri,
        dataset.digest,
        default,
        named,
        changing,
        result_of(answer),
        now.isoformat(timespec="seconds"),
    )


@dataclass(frozen=True, slots=True)
class Rerun:
    """What came of asking again.

    Attributes:
        added, removed: lines that came and went, the first `SHOWN`; None if the lines of the first
            result were too many to be kept. `more`: whether there are others.
    """

    same: bool
    release: str
    result: Result
    added: list[str] | None
    removed: list[str] | None
    more: bool = False

    @property
    def sentence(self) -> str:
        """In words."""
        if self.same:
            return f"The same: {_count(self.result)} on release {self.release}."
        if self.added is None or self.removed is None:
            return f"Changed: {_count(self.result)} on release {self.release}."
        or_more = " or more" if self.more else ""
        return (
            f"Changed: {_count(self.result)} on release {self.release}; {len(self.added)}{or_more} "
            f"came and {len(self.removed)}{or_more} went."
        )


def _count(result: Result) -> str:
    if result.kind == "boolean":
        return "an answer of yes or no"
    return f"{result.rows:,} {result.kind if result.rows != 1 else result.kind[:-1]}"


class Kept:
    """The citations in a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count: int | None = None

    def get(self, name: str) -> Citation:
        """The citation of that name.

        Raises:
            NotFound: there is none.
        """
        path = self._path(name)
        try:
            said: dict[str, Any] = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise NotFound("There is no such citation.") from error
        return from_json(said)

    def lines(self, name: str) -> list[str] | None:
        """The lines of its result, or None if they were too many to be kept."""
        try:
            packed = self._path(name).with_suffix(".lines.gz").read_bytes()
        except FileNotFoundError:
            return None
        return gzip.decompress(packed).decode().splitlines()

    def add(self, citation: Citation, answer: Answer) -> Citation:
        """Keep a citation; what was kept under its name before stays as it was, and is returned.

        Raises:
            StoreFull: too many are kept. StoreUnavailable: the disk is at fault.
        """
        path = self._path(citation.name)
        try:
            if path.is_file():
                return self.get(citation.name)
            if self._count is None:
                self._count = len(self.names())
            if self._count >= MOST:
                raise StoreFull(f"{MOST:,} citations are kept here; there is room for no more.")
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{line}\n" for line in lines_of(answer)).encode()
            if len(lines) <= KEPT_LINES:
                durable.write(path.with_suffix(".lines.gz"), gzip.compress(lines, mtime=0))
            durable.write(
                path, json.dumps(asdict(citation), indent=1, ensure_ascii=False).encode() + b"\n"
            )
            self._count += 1
        except OSError as error:
            raise StoreUnavailable(
                f"The citation could not be kept ({error.strerror or error}).",
                fix="See that the disk has room and may be written.",
            ) from error
        return citation

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("??/*.json"))

    def compare(self, citation: Citation, answer: Answer, release: str) -> Rerun:
        """What an answer to a cited query, asked again, has that the first one had not."""
        result = result_of(answer)
        if result.digest == citation.result.digest:
            return Rerun(True, release, result, [], [])
        before = self.lines(citation.name)
        if before is None:
            return Rerun(False, release, result, None, None)
        old, new = Counter(before), Counter(lines_of(answer))
        added, removed = sorted((new - old).elements()), sorted((old - new).elements())
        more = len(added) > SHOWN or len(removed) > SHOWN
        return Rerun(False, release, result, added[:SHOWN], removed[:SHOWN], more)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NotFound("There is no such citation.")
        return self.folder / name[:2] / f"{name}.json"


def from_json(said: dict[str, Any]) -> Citation:
    """A citation from its file.

    Raises:
        ParseError: it is none.
    """
    try:
        result = Result(**said["result"])
        lists = {key: tuple(said[key]) for key in ("default", "named")}
        return Citation(**(said | lists | {"result": result}))
    except (KeyError, TypeError) as error:
        raise ParseError("citation", f"it is not one of ours ({error})") from error
