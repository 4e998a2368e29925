"""What can be cited: a release, a package of it, a query on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Work:
    """Something to cite.

    Attributes:
        kind: release, package or query.
        iri: its persistent IRI. url: where it is found; may be the same.
        authors: organisations, never persons; may be empty.
        version: the release's name. issued: its day; of a query, the day it was cited.
        digest: SHA-256 of the release. rights: what its source says of them, in
            words, or empty.
        part_of, part_of_iri: the release that a package or a query belongs to, or empty.
        query, result_digest, rows: of a query, its text, and the digest and size of its result.
    """

    kind: str
    iri: str
    url: str
    title: str
    authors: tuple[str, ...]
    publisher: str
    version: str
    issued: date
    digest: str
    rights: str = ""
    part_of: str = ""
    part_of_iri: str = ""
    query: str = ""
    result_digest: str = ""
    rows: int | None = None
    abstract: str = ""

    @property
    def notes(self) -> str:
        """The digests, in words."""
        said = f"SHA-256 of the release: {self.digest}"
        return f"{said}; of the result: {self.result_digest}" if self.result_digest else said
