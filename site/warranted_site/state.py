"""What is remembered of a site beside it, so that the next one need not make everything anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from warranted_site.part_build import Built, Version
from warranted_site.parts import Part
from warranted_site.versions import Archived

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of a site.

    Attributes:
        content: digest of its records. made_from: digest of all that its pages come from.
        version: the release since which its records are as they are. digest: that release's.
        slugs: its packages. records: IRIs. pages: see `Built`. The rest is as in `Built`.
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
    summaries: dict[str, Any]
    found: dict[str, list[Any]]
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
            built.summaries,
            built.found,
            built.outward,
            built.faults,
        )


@dataclass(frozen=True, slots=True)
class State:
    """A site: its parts by name, its older versions, and the versions of each package by short name."""

    parts: dict[str, Kept]
    archived: list[Archived]
    history: dict[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, site: Path) -> State:
        """The state of the site in the folder `site`; an empty one where none can be read.

        A site without a state is made anew, which costs time and nothing else.
        """
        try:
            told = json.loads(_beside(site).read_bytes())
            if told["format"] != FORMAT:
                return cls({}, [], {})
            return cls(
                {
                    name: Kept(
                        **part
                        | {"outward": [tuple(link) for link in part["outward"]]}
                        | {"pages": {path: tuple(v) for path, v in part["pages"].items()}}
                    )
                    for name, part in told["parts"].items()
                },
                [Archived.from_json(one) for one in told["archived"]],
                told["history"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return cls({}, [], {})

    def write(self, site: Path) -> None:
        """Remember it beside the folder `site`."""
        told = {
            "format": FORMAT,
            "parts": {name: asdict(part) for name, part in self.parts.items()},
            "archived": [one.to_json() for one in self.archived],
            "history": self.history,
        }
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        _beside(site).write_text(text + "\n", encoding="utf-8")


def _beside(site: Path) -> Path:
    return site.with_name(f"{site.name}.json")
