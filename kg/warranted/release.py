"""Releases: immutable, dated, made whole or not at all.

    {data}/releases/<id>/dataset/       Oxigraph, one named graph a record; only ever read
                         dumps/         N-Quads, Turtle, JSON-LD; whole and per package; SHA256SUMS
                         site/          the static site
                         manifest.json  counts, digests, versions
    {data}/current -> releases/<id>     switched by one rename

A release is built beside the others under a name that begins with a dot, written through to disk and
renamed. Whatever goes wrong before the switch, the last release goes on serving.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from warranted import __version__, dumps, gate, mirror, resources
from warranted.errors import NotFound, StoreUnavailable
from warranted.namespaces import DCTERMS, NIC, RDF, SCHEME
from warranted.records import Record
from warranted.repository import Progress, Repository, quiet
from warranted.settings import Settings

Compute = Callable[[list[Record]], list[Record]]
"""From the records of a release to those computed from them: the warrant assessments."""


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """What a release is made of. `manifest` is what `manifest.json` holds, the files left out."""

    id: str
    created: datetime
    base: str
    records: list[Record]
    computed: list[Record]
    manifest: dict[str, Any]


BuildSite = Callable[[ReleaseData, Path, Progress], None]
"""Writes the site of a release into a folder."""


@dataclass(frozen=True, slots=True)
class Release:
    """A finished release on disk."""

    id: str
    folder: Path

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
    return Release(name, settings.data / "releases" / name)


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
) -> Release:
    """Make a release of what is to be published and switch to it.

    If nothing has changed since the last release, no new one is made: its site is built anew with
    the templates of today only if there is none.

    Raises:
        GateFailed: something may not be published; the last release goes on serving.
        StoreUnavailable: the disk is at fault.
    """
    progress(0, 0, "gathering")
    records = gate.closure(repository, base=settings.base)
    progress(0, 0, "judging")
    gate.judge(records)
    computed = compute(records)
    digest = _digest([*records, *computed])
    last = latest(settings)
    if last is not None and _same(last.manifest(), digest):
        mirror.mirror(last.site, settings.html)
        return last
    id_ = _next_id(settings, now)
    data = ReleaseData(
        id=id_,
        created=now,
        base=settings.base,
        records=records,
        computed=computed,
        manifest=_manifest(id_, now, digest, records, computed),
    )
    try:
        made = _make(data, settings, build_site, progress)
        progress(0, 0, "switching")
        _switch(settings, made)
        mirror.mirror(made.site, settings.html)
    except OSError as error:
        raise StoreUnavailable(
            f"The release could not be written ({error.strerror or error}).",
            fix="See that the disk has room and may be written.",
        ) from error
    return made


def _make(
    data: ReleaseData, settings: Settings, build_site: BuildSite, progress: Progress
) -> Release:
    folder = settings.data / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".tmp-*"):
        shutil.rmtree(left, ignore_errors=True)  # what a crash left behind
    work = folder / f".tmp-{data.id}"
    work.mkdir()
    try:
        progress(0, 0, "dataset")
        _write_dataset(data, work / "dataset")
        progress(0, 0, "dumps")
        files = dumps.write(data.records, data.computed, work / "dumps")
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
    return Release(data.id, final)


def _write_dataset(data: ReleaseData, folder: Path) -> None:
    store = ox.Store(str(folder))
    store.bulk_extend(dataset_quads(data))
    store.flush()
    del store


def dataset_quads(data: ReleaseData) -> Iterator[ox.Quad]:
    """Every quad of the release: records, computed records, ontology, schemes, its description."""
    for record in (*data.records, *data.computed):
        yield from record.quads()
    ontology = resources.ontology()
    yield from _file_quads(ontology / "warranted.ttl", NIC.rstrip("#"))
    for file in sorted((ontology / "schemes").glob("*.ttl")):
        yield from _file_quads(file, SCHEME)
    yield from dumps.description(data.manifest, data.base)


def _file_quads(file: Path, graph: str) -> Iterator[ox.Quad]:
    name = ox.NamedNode(graph)
    prefix = hashlib.sha256(file.name.encode()).hexdigest()[:8]
    for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
        subject, object_ = (_own_blank(t, prefix) for t in (quad.subject, quad.object))
        yield ox.Quad(subject, quad.predicate, object_, name)


def _own_blank(term: Any, prefix: str) -> Any:
    return ox.BlankNode(f"{prefix}{term.value}") if isinstance(term, ox.BlankNode) else term


def _digest(records: list[Record]) -> str:
    whole = hashlib.sha256()
    for line in sorted(f"{r.iri} {r.digest}\n" for r in records):
        whole.update(line.encode())
    return whole.hexdigest()


def _same(manifest: dict[str, Any], digest: str) -> bool:
    return bool(manifest["digest"] == digest) and manifest["software"] == __version__


def _manifest(
    id_: str, now: datetime, digest: str, records: list[Record], computed: list[Record]
) -> dict[str, Any]:
    classes: Counter[str] = Counter()
    for record in (*records, *computed):
        classes.update(
            t.object.value.removeprefix(NIC)
            for t in record.triples
            if t.predicate.value == f"{RDF}type" and isinstance(t.object, ox.NamedNode)
        )
    packages = [
        {
            "iri": record.iri,
            "slug": _literal(record, f"{NIC}slug"),
            "title": _literal(record, f"{DCTERMS}title"),
            "parts": sum(1 for t in record.triples if t.predicate.value == f"{DCTERMS}hasPart"),
        }
        for record in records
        if record.type == "package"
    ]
    return {
        "id": id_,
        "created": now.isoformat(timespec="seconds"),
        "digest": digest,
        "software": __version__,
        "records": len(records),
        "triples": sum(len(r.triples) for r in (*records, *computed)),
        "classes": dict(sorted(classes.items())),
        "packages": sorted(packages, key=lambda p: str(p["slug"])),
    }


def _literal(record: Record, predicate: str) -> str:
    for t in record.triples:
        if t.predicate.value == predicate and isinstance(t.object, ox.Literal):
            return t.object.value
    return ""


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
