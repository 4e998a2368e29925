"""What is remembered of a site beside it, so that the next one need not make everything anew.

A file of lines, each JSON: the first is of the site as a whole, the others of a part each. The line of
a part that is kept is written as it was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from warranted_site import find
from warranted_site.keeping import Group
from warranted_site.part_build import Built, Version
from warranted_site.parts import Part
from warranted_site.versions import Archived

FORMAT: Final = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of a site.

    Attributes:
        content: digest of its records. made_from: digest of all that its pages come from.
        version: the release since which its records are as they are. digest: that release's.
        slugs: its packages. records: IRIs. pages, words: see `Built`. The rest is as in `Built`.
    """

    content: str
    made_from: str
    version: str
    digest: str
    slugs: list[str]
    records: list[str]
    files: list[str]
    paths: dict[str, str]
    pages: dict[str, Version]
    printed: dict[str, str]
    summaries: dict[str, Any]
    found: dict[str, list[Any]]
    words: dict[str, str]
    made_up: list[str]
    answers: dict[str, list[str]]
    outward: list[tuple[str, str]]
    faults: list[str]

    @classmethod
    def of(cls, built: Built, part: Part, made_from: str, version: tuple[str, str]) -> Kept:
        """What is remembered of a part that was just made. `version`: a release and its digest."""
        return cls(
            part.content,
            made_from,
            *version,
            part.slugs,
            [record.iri for record in part.records],
            built.files,
            built.paths,
            built.pages,
            built.printed,
            built.summaries,
            built.found,
            built.words,
            built.made_up,
            built.answers,
            built.outward,
            built.faults,
        )

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Kept:
        """What a file held of it; pairs have become lists there."""
        told["outward"] = [(page, target) for page, target in told["outward"]]
        told["pages"] = {path: tuple(version) for path, version in told["pages"].items()}
        return cls(**told)


@dataclass(frozen=True, slots=True)
class State:
    """A site.

    Attributes:
        parts: by name. archived: its older versions. history: short name → the package's versions.
        groups: files of the whole, by name. indexed: the index of its words. purged: a digest of what had been
            removed for privacy.
        lines: part → its line in the file it was read from.
    """

    parts: dict[str, Kept] = field(default_factory=dict)
    archived: list[Archived] = field(default_factory=list)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    indexed: find.Indexed | None = None
    purged: str = ""
    lines: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, site: Path) -> State:
        """The state of the site in the folder `site`; an empty one where none can be read.

        A site without a state is made anew, which costs time and nothing else.
        """
        try:
            with _beside(site).open("rb") as file:
                whole = json.loads(file.readline())
                if whole["format"] != FORMAT:
                    return cls()
                lines = {name: file.readline() for name in whole["parts"]}
            return cls(
                {name: Kept.from_json(json.loads(line)) for name, line in lines.items()},
                [Archived.from_json(one) for one in whole["archived"]],
                whole["history"],
                {name: Group(*told) for name, told in whole["groups"].items()},
                find.Indexed.from_json(whole["indexed"]) if whole["indexed"] else None,
                whole["purged"],
                lines,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self, site: Path, before: State) -> None:
        """Remember it beside the folder `site`. `before`: what was read, whose parts may be kept."""
        with _beside(site).open("wb") as file:
            file.writelines(self._lines(before))

    def _lines(self, before: State) -> Iterator[bytes]:
        yield _line(
            {
                "format": FORMAT,
                "parts": list(self.parts),
                "archived": [one.to_json() for one in self.archived],
                "history": self.history,
                "groups": {name: list(one) for name, one in self.groups.items()},
                "indexed": self.indexed.to_json() if self.indexed else None,
                "purged": self.purged,
            }
        )
        for name, part in self.parts.items():
            if part is before.parts.get(name):
                yield before.lines[name]
            else:
                yield _line({one.name: getattr(part, one.name) for one in fields(part)})


def _line(told: dict[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


def _beside(site: Path) -> Path:
    return site.with_name(f"{site.name}.json")
