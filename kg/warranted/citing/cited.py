"""Releases, packages and queries as works."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from warranted.citations import Citation
from warranted.citing.works import Work
from warranted.errors import NotFound
from warranted.settings import Settings

if TYPE_CHECKING:
    from warranted.query.datasets import Dataset


def release_work(dataset: Dataset, settings: Settings) -> Work:
    """A release as something to cite."""
    return Work(
        kind="release",
        iri=dataset.iri,
        url=dataset.iri,
        title=f"Warranted, release {dataset.name}",
        authors=(),
        publisher=settings.publisher,
        version=dataset.name,
        issued=date.fromisoformat(dataset.created[:10]),
        digest=dataset.digest,
    )


def package_work(dataset: Dataset, slug: str, settings: Settings) -> Work:
    """A package of a release as something to cite; its networks are its authors.

    Raises:
        NotFound: the release has no such package.
    """
    manifest: dict[str, Any] = (
        json.loads(dataset.manifest.read_bytes()) if dataset.manifest is not None else {}
    )
    for package in manifest.get("packages", ()):
        if package["slug"] == slug:
            whole = release_work(dataset, settings)
            return dataclasses.replace(
                whole,
                kind="package",
                iri=package["iri"],
                url=package["iri"],
                title=package["title"] or slug,
                authors=tuple(package.get("networks", ())),
                rights=package.get("rights", ""),
                part_of=whole.title,
                part_of_iri=whole.iri,
            )
    raise NotFound(f"Release {dataset.name} has no package '{slug[:60]}'.")


def query_work(found: Citation, settings: Settings) -> Work:
    """A cited query as something to cite; a comment at its beginning is its title."""
    iri = f"{settings.base}/cite/{found.name}"
    first = found.query.lstrip().partition("\n")[0]
    question = first.lstrip("# ").rstrip() if first.startswith("#") else ""
    rows = f"{found.result.rows:,} {found.result.kind}"
    return Work(
        kind="query",
        iri=iri,
        url=iri,
        title=question or f"Query {found.name} on Warranted, release {found.release}",
        authors=(),
        publisher=settings.publisher,
        version=found.release,
        issued=date.fromisoformat(found.created[:10]),
        digest=found.release_digest,
        part_of=f"Warranted, release {found.release}",
        part_of_iri=found.release_iri,
        query=found.query,
        result_digest=found.result.digest,
        rows=found.result.rows,
        abstract=f"A SPARQL query on release {found.release}; its result has {rows}.",
    )
