"""Releases: immutable, dated, made whole or not at all.

    {data}/releases/<id>/dataset/       Oxigraph, one named graph a record; only ever read
                         dumps/         N-Quads, Turtle, JSON-LD; whole and per package; SHA256SUMS
                         site/          the static site
                         site.json      what it was made from, for the next one
                         changes.json   what changed since the release before; see `changes`
                         manifest.json  counts, digests, versions
    {data}/current -> releases/<id>     switched by one rename
    {data}/releases/.lock               held while one is made

A release is built beside the others under a name that begins with a dot, written through to disk and
renamed. Whatever goes wrong before the switch, the last release goes on serving.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import (
    changes,
    description,
    dumps,
    durable,
    gate,
    manifest,
    mirror,
    queries,
)
from warranted.errors import Conflict, NotFound, StoreUnavailable
from warranted.records import Record
from warranted.release_data import Previous, ReleaseData
from warranted.repository import Progress, Repository, quiet
from warranted.settings import Settings

__all__ = [
    "BuildSite",
    "Compute",
    "Previous",
    "Release",
    "ReleaseData",
    "every",
    "get",
    "latest",
    "publish",
]

Compute = Callable[[list[Record]], list[Record]]
"""From the records of a release to those computed from them: the warrant assessments."""


_QUERIES = Path(__file__).parent / "query" / "queries"

BuildSite = Callable[[ReleaseData, Path, Progress], None]
"""Writes the site of a release into a folder."""


@dataclass(frozen=True, slots=True)
class Release:
    """A finished release on disk."""

    id: str
    folder: Path
    new: bool = False
    """Made by this very call of `publish`; False where nothing had changed."""

    @property
    def dataset(self) -> Path:
        """Folder of the Oxigraph store."""
        return self.folder / "dataset"

    @property
    def dumps(self) -> Path:
        """Folder of the dumps."""
        return self.folder / "dumps"

    @property
    def site(self) -> Path:
        """Folder of the static site."""
        return self.folder / "site"

    def manifest(self) -> dict[str, Any]:
        """Counts, digests and versions."""
        found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_bytes())
        return found


def latest(settings: Settings) -> Release | None:
    """The release that is current, or None before the first."""
    try:
        name = (settings.data / "current").readlink().name
    except OSError:
        return None
    found = Release(name, settings.data / "releases" / name)
    return found if found.folder.is_dir() else None


def get(settings: Settings, id_: str) -> Release:
    """The release of that name.

    Raises:
        NotFound: there is none.
    """
    for release in every(settings):
        if release.id == id_:
            return release
    raise NotFound(f"There is no release '{id_[:40]}'.", field="release")


def every(settings: Settings) -> list[Release]:
    """All releases, the newest first."""
    folder = settings.data / "releases"
    if not folder.is_dir():
        return []
    found = [Release(p.name, p) for p in folder.iterdir() if not p.name.startswith(".")]
    return sorted(found, key=lambda r: _order(r.id), reverse=True)


def publish(
    repository: Repository,
    settings: Settings,
    *,
    compute: Compute,
    build_site: BuildSite,
    now: datetime,
    progress: Progress = quiet,
    force: bool = False,
) -> Release:
    """Make a release of what is to be published and switch to it.

    Args:
        compute: makes the assessments. build_site: writes the site.
        now: the moment of the release; its day is the release's name.
        force: make a release even if nothing has changed since the last one; otherwise the last one
            is returned, and its site mirrored again.

    Raises:
        GateFailed: something may not be published; the last release goes on serving.
        Conflict: a release is being made by another.
        StoreUnavailable: the disk is at fault.
    """
    try:
        mirror.check(settings.html)
        with _alone(settings):
            progress(0, 0, "gathering")
            with repository.ledger.snapshot():
                records = gate.closure(repository, base=settings.base)
                purged = repository.ledger.purged()
            progress(0, 0, "weighing")
            computed = compute(records)
            made = latest(settings)
            basis = manifest.basis(records, computed)
            if force or made is None or made.manifest().get("basis") != basis:
                progress(0, 0, "judging")
                gate.judge(records)
                id_ = _next_id(settings, now)
                told = manifest.manifest(
                    id_,
                    now,
                    records,
                    computed,
                    basis=basis,
                    publisher=settings.publisher,
                    previous=made.id if made else None,
                )
                before = _previous(made, settings.base) if made else None
                data = ReleaseData(
                    id_, now, settings.base, records, computed, told, before, purged=purged
                )
                made = _make(data, settings, build_site, progress)
                progress(0, 0, "switching")
                _switch(settings, made)
            mirror.mirror(made.site, settings.html)
            return made
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise StoreUnavailable(
            f"The release could not be written ({where}{error.strerror or error}).",
            fix="See that the disk has room and may be written.",
        ) from error


def _previous(made: Release, base: str) -> Previous:
    """What the release held, from its own dump: the present ledger may have moved on."""
    bodies: dict[str, list[bytes]] = {}
    with (made.dumps / "all.nq").open("rb") as lines:
        for line in lines:
            graph = line.rstrip(b" .\n").rpartition(b" ")[2][1:-1].decode()
            bodies.setdefault(graph, []).append(line)
    records: list[Record] = []
    computed: list[Record] = []
    for iri, body in sorted(bodies.items()):
        type_ = iri.removeprefix(f"{base}/id/").partition("/")[0]
        if iri.startswith(f"{base}/id/"):
            side = computed if type_ == "assessment" else records
            side.append(Record.from_nquads(iri, type_, b"".join(body).decode()))
    day = datetime.fromisoformat(made.manifest()["created"]).date()
    return Previous(made.id, day, records, computed, made.site)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold off every other `publish` on the same data."""
    folder = settings.data / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("A release is being made already.", fix="Wait for it.") from error
        yield


def _make(
    data: ReleaseData, settings: Settings, build_site: BuildSite, progress: Progress
) -> Release:
    folder = settings.data / "releases"
    for left in folder.glob(".tmp-*"):
        shutil.rmtree(left, ignore_errors=True)  # what a crash left behind
    work = folder / f".tmp-{data.id}"
    work.mkdir()
    try:
        progress(0, 0, "dataset")
        data = _write_dataset(data, work / "dataset")
        progress(0, 0, "asking")
        held = ox.Store.read_only(str(work / "dataset"))
        data = replace(data, answers=gate.ask(held, data.manifest["classes"]))
        progress(0, 0, "dumps")
        files = dumps.write(
            data.records,
            data.computed,
            work / "dumps",
            description=description.describe(data.manifest, data.base),
        )
        data = replace(data, dumps=work / "dumps", dataset=work / "dataset", changes=_changes(data))
        progress(0, 0, "site")
        build_site(data, work / "site", progress)
        _write_json(work / "changes.json", data.changes)
        _write_json(work / "manifest.json", data.manifest | {"files": files})
        _to_disk(work)
        final = folder / data.id
        work.rename(final)
        durable.sync(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return Release(data.id, final, new=True)


def _write_dataset(data: ReleaseData, folder: Path) -> ReleaseData:
    """Write the dataset; returns `data` with its counts in the manifest."""
    store = ox.Store(str(folder))
    store.bulk_extend(_content(data))
    # What describes the dataset is counted with it. How many statements that takes does not depend on
    # the numbers in them: so it is first described with none, and again with those that are counted.
    graph = ox.NamedNode(description.release_iri(data.base, data.id))
    nothing = dict.fromkeys(("triples", "subjects", "properties"), 0)
    data = replace(data, manifest=data.manifest | {"dataset": nothing})
    store.bulk_extend(description.describe(data.manifest, data.base))
    data = replace(data, manifest=data.manifest | {"dataset": _counted(store)})
    store.remove_graph(graph)
    store.bulk_extend(description.describe(data.manifest, data.base))
    store.flush()
    store.optimize()  # it is only read from now on
    return data


def _content(data: ReleaseData) -> Iterator[ox.Quad]:
    """The records, computed ones included, the ontology and the schemes."""
    for record in (*data.records, *data.computed):
        yield from record.quads()
    yield from dumps.vocabulary()


def _counted(store: ox.Store) -> dict[str, int]:
    text = queries.load(_QUERIES, "counts").text
    found: Any = store.query(text, use_default_graph_as_union=True)
    row = next(iter(found))
    return {name.value: int(row[name].value) for name in found.variables}


def _changes(data: ReleaseData) -> dict[str, Any]:
    before = data.previous
    after = data.records, data.computed
    if before is None:
        return changes.changes(data.id, after, None, ([], []))
    old = before.records, before.computed
    return changes.changes(data.id, after, before.id, old, purged=data.purged)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _order(id_: str) -> tuple[str, int]:
    parts = id_.split("-")
    return "-".join(parts[:3]), int(parts[3]) if len(parts) > 3 else 1


def _next_id(settings: Settings, now: datetime) -> str:
    day = now.date().isoformat()
    taken = {release.id for release in every(settings)}
    n = 1
    while (id_ := day if n == 1 else f"{day}-{n}") in taken:
        n += 1
    return id_


def _switch(settings: Settings, release: Release) -> None:
    link = settings.data / ".current-next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release.id)
    link.replace(settings.data / "current")
    durable.sync(settings.data)


def _to_disk(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            durable.sync(Path(root) / name)
        durable.sync(Path(root))
