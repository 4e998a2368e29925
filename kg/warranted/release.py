"""Releases: immutable, dated, made whole or not at all.

    {data}/releases/<id>/dataset/       Oxigraph, one named graph a record; only ever read
                         dumps/         N-Quads, Turtle, JSON-LD; whole and per package; SHA256SUMS
                         site/          the static site
                         manifest.json  counts, digests, versions
    {data}/current -> releases/<id>     switched by one rename
    {data}/releases/.lock               held while one is made

A release is built beside the others under a name that begins with a dot, written through to disk and
renamed. Whatever goes wrong before the switch, the last release goes on serving.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import __version__, dumps, gate, mirror, rdfio, resources
from warranted.errors import Conflict, NotFound, StoreUnavailable
from warranted.namespaces import DCTERMS, NIC, OWL, RDF
from warranted.records import Record
from warranted.repository import Progress, Repository, quiet
from warranted.settings import Settings

Compute = Callable[[list[Record]], list[Record]]
"""From the records of a release to those computed from them: the warrant assessments."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before: its name, its day, and its records without computed assessments."""

    id: str
    day: date
    records: list[Record]


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """What a release is made of. `manifest` is what `manifest.json` holds, the files left out."""

    id: str
    created: datetime
    base: str
    records: list[Record]
    computed: list[Record]
    manifest: dict[str, Any]
    previous: Previous | None = None


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
            progress(0, 0, "weighing")
            computed = compute(records)
            made = latest(settings)
            basis = _basis(records, computed)
            if force or made is None or made.manifest().get("basis") != basis:
                progress(0, 0, "judging")
                gate.judge(records)
                id_ = _next_id(settings, now)
                manifest = _manifest(id_, now, basis, records, computed)
                before = _previous(made, settings.base) if made else None
                data = ReleaseData(id_, now, settings.base, records, computed, manifest, before)
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
    found = []
    for iri, body in sorted(bodies.items()):
        type_ = iri.removeprefix(f"{base}/id/").partition("/")[0]
        if iri.startswith(f"{base}/id/") and type_ != "assessment":
            found.append(Record.from_nquads(iri, type_, b"".join(body).decode()))
    day = datetime.fromisoformat(made.manifest()["created"]).date()
    return Previous(made.id, day, found)


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
        _write_dataset(data, work / "dataset")
        progress(0, 0, "dumps")
        files = dumps.write(
            data.records,
            data.computed,
            work / "dumps",
            description=dumps.description(data.manifest, data.base),
        )
        progress(0, 0, "site")
        build_site(data, work / "site", progress)
        manifest = data.manifest | {"files": files}
        (work / "manifest.json").write_text(
            json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        _to_disk(work)
        final = folder / data.id
        work.rename(final)
        _sync(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return Release(data.id, final, new=True)


def _write_dataset(data: ReleaseData, folder: Path) -> None:
    store = ox.Store(str(folder))
    store.bulk_extend(dataset_quads(data))
    store.flush()
    store.optimize()  # it is only read from now on
    del store


def dataset_quads(data: ReleaseData) -> Iterator[ox.Quad]:
    """Every quad of the release: records, computed records, ontology, schemes, its description."""
    for record in (*data.records, *data.computed):
        yield from record.quads()
    yield from dumps.vocabulary()
    yield from dumps.description(data.manifest, data.base)


def _digest(records: Iterable[Record]) -> str:
    """SHA-256 of all lines of N-Quads of `records`, sorted."""
    whole = hashlib.sha256()
    for line in sorted(line for record in records for line in record.nquads.splitlines(True)):
        whole.update(line.encode())
    return whole.hexdigest()


def _basis(records: list[Record], computed: list[Record]) -> str:
    """A digest of all that a release is made from and judged by, but for the assessments' day."""
    day = ox.NamedNode(f"{NIC}assessedOn")
    timeless = (
        Record(r.iri, r.type, tuple(t for t in r.triples if t.predicate != day)) for r in computed
    )
    parts = [__version__, _digest([*records, *timeless]), rdfio.canonical(dumps.vocabulary())]
    shapes = sorted(resources.shapes().glob("*.ttl"))
    parts += [hashlib.sha256(file.read_bytes()).hexdigest() for file in shapes]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _manifest(
    id_: str, now: datetime, basis: str, records: list[Record], computed: list[Record]
) -> dict[str, Any]:
    by_iri = {record.iri: record for record in records}
    packages = []
    for record in records:
        if record.type == "package":
            own = dumps.members(record, by_iri, computed)
            packages.append(
                {
                    "iri": record.iri,
                    "slug": dumps.value(record, f"{NIC}slug"),
                    "title": dumps.value(record, f"{DCTERMS}title"),
                    "parts": sum(t.predicate.value == f"{DCTERMS}hasPart" for t in record.triples),
                    "records": len(own),
                    "classes": _classes(own),
                }
            )
    return {
        "id": id_,
        "created": now.isoformat(timespec="seconds"),
        "digest": _digest([*records, *computed]),
        "basis": basis,
        "software": __version__,
        "ontology": _ontology_version(),
        "records": len(records),
        "triples": sum(len(r.triples) for r in (*records, *computed)),
        "classes": _classes([*records, *computed]),
        "packages": sorted(packages, key=lambda p: str(p["slug"])),
    }


def _classes(records: list[Record]) -> dict[str, int]:
    """How many things of each class there are, embedded ones included."""
    count = Counter(
        t.object.value.removeprefix(NIC)
        for record in records
        for t in record.triples
        if t.predicate.value == f"{RDF}type" and isinstance(t.object, ox.NamedNode)
    )
    return dict(sorted(count.items()))


def _ontology_version() -> str:
    """The version IRI of the ontology that ships with the project."""
    version = ox.NamedNode(f"{OWL}versionIRI")
    return next((str(q.object.value) for q in dumps.vocabulary() if q.predicate == version), "")  # type: ignore[union-attr]


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
    _sync(settings.data)


def _to_disk(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            _sync(Path(root) / name)
        _sync(Path(root))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
