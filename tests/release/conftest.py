"""A store with one small published package, and what `publish` needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from warranted import release, warrant
from warranted.records import Record
from warranted.release import Release, ReleaseData
from warranted.repository import Progress, Repository
from warranted.settings import Settings

SMALL = Path(__file__).parents[1] / "library" / "data" / "small.ttl"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

Publish = Callable[..., Release]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", html=tmp_path / "html")


@pytest.fixture
def repository(settings: Settings) -> Iterator[Repository]:
    with Repository(settings) as made:
        yield made


def site(data: ReleaseData, out: Path, _progress: Progress) -> None:
    """A site of one page for each record and one for all."""
    out.mkdir()
    (out / "index.html").write_text(f"{len(data.records)} records in {data.id}")
    for record in data.records:
        page = out / record.type / record.iri.rpartition("/")[2] / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(record.digest)


@pytest.fixture
def publish(repository: Repository, settings: Settings) -> Publish:
    """Publishes what is in the repository; what is not given is as it is in earnest."""

    def publish(
        *,
        build_site: release.BuildSite = site,
        now: datetime = NOON,
        force: bool = False,
    ) -> Release:
        def compute(records: list[Record]) -> list[Record]:
            return warrant.assessment_records(records, as_of=now.date(), base=settings.base)

        return release.publish(
            repository, settings, compute=compute, build_site=build_site, now=now, force=force
        )

    return publish


@pytest.fixture
def change(repository: Repository, tmp_path: Path) -> Callable[..., None]:
    """Loads the small package, with some of its text replaced, from a file."""

    def change(*pairs: tuple[str, str], more: str = "") -> None:
        text = SMALL.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "changed.ttl"
        path.write_text(text + more, encoding="utf-8")
        repository.load(path)

    return change
