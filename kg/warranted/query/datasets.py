"""What may be queried: datasets that do not change, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from warranted import description, release
from warranted.errors import NotFound
from warranted.settings import Settings


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset: its name, its Oxigraph store, and what is said of it.

    `digest`: SHA-256 of its content; `triples`: how many its default graph has; `created`: ISO 8601;
    `iri`: what it is cited as.
    """

    name: str
    folder: Path
    digest: str
    triples: int
    created: str
    iri: str
    manifest: Path | None = None


def of_release(found: release.Release, base: str) -> Dataset:
    """The dataset of a release."""
    manifest = found.manifest()
    return Dataset(
        manifest["id"],
        found.dataset,
        manifest["digest"],
        # a release made before the whole dataset was counted says what its records hold
        manifest.get("dataset", manifest)["triples"],
        manifest["created"],
        description.release_iri(base, manifest["id"]),
        found.folder / "manifest.json",
    )


class Datasets(Protocol):
    """Some datasets, one of them the latest."""

    def latest(self) -> Dataset | None:
        """The latest one, or None if there is none."""

    def get(self, name: str) -> Dataset:
        """The one of that name; raises NotFound."""

    def names(self) -> list[str]:
        """The names of all, the latest first."""


class Releases:
    """The releases of a repository."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, Dataset] = {}

    def latest(self) -> Dataset | None:
        """The current release."""
        found = release.latest(self._settings)
        return None if found is None else self._of(found)

    def get(self, name: str) -> Dataset:
        """The release of that name; raises NotFound."""
        return self._known.get(name) or self._of(release.get(self._settings, name))

    def names(self) -> list[str]:
        """Every release, the newest first."""
        return [one.id for one in release.every(self._settings)]

    def _of(self, found: release.Release) -> Dataset:
        known = self._known.get(found.id)
        if known is None:
            known = self._known[found.id] = of_release(found, self._settings.base)
        return known


class Fixed:
    """Datasets that are given, the latest first."""

    def __init__(self, given: Mapping[str, Dataset]) -> None:
        self._given = dict(given)

    def latest(self) -> Dataset | None:
        """The first."""
        return next(iter(self._given.values()), None)

    def get(self, name: str) -> Dataset:
        """The one of that name; raises NotFound."""
        if name not in self._given:
            raise NotFound(f"There is no release '{name[:40]}'.", field="release")
        return self._given[name]

    def names(self) -> list[str]:
        """All names."""
        return list(self._given)
