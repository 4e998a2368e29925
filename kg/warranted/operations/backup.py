"""A backup: everything the ledger holds, and the releases, in one archive that any engine can read.

    manifest.json       schema version, when, counts and SHA-256 of each table
    ledger/<table>.jsonl  a row a line, in the order of its key
    releases/…          the releases' folders, and which of them is current

It is read in one snapshot, while others write. A SQLite ledger can be restored into PostgreSQL and
the other way about.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa

from warranted import __version__, durable
from warranted.errors import Conflict, InputError, StoreUnavailable
from warranted.ledger import Ledger, moment, tables
from warranted.settings import Settings

_BATCH: Final = 1_000
_MADE_ANEW: Final = frozenset(["current", "link", "warrant"])
"""Tables that follow from the others; a restore makes them, and the index of words, anew."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: when it was made, rows by table, how many releases."""

    made: str
    rows: dict[str, int]
    releases: int


def write(ledger: Ledger, settings: Settings, out: Path, *, releases: bool = True) -> Backup:
    """Write a backup to `out`, which is there whole or not at all.

    Raises:
        StoreUnavailable: it cannot be written.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        with _writing(part) as archive:
            counts, sums = _tables_out(ledger, archive)
            found = _releases_out(settings, archive) if releases else 0
            manifest = {
                "schema": tables.SCHEMA_VERSION,
                "software": __version__,
                "made": moment(),
                "rows": counts,
                "sha256": sums,
                "releases": found,
            }
            _add(archive, "manifest.json", json.dumps(manifest, indent=2).encode())
        part.replace(out)
        durable.sync(out.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"{out} cannot be written ({error.strerror or error}).",
            fix="See that the folder is there, may be written and has room.",
        ) from error
    return Backup(str(manifest["made"]), counts, found)


def restore(archive: Path, settings: Settings) -> Backup:
    """Fill an empty store from a backup: the ledger the settings name, and the releases.

    Raises:
        InputError: it is no backup, of a later version, or damaged; nothing is restored.
        Conflict: there are records or releases already.
    """
    where = settings.ledger or settings.data / "ledger.sqlite"
    folder = settings.data / "releases"
    if folder.is_dir() and any(not p.name.startswith(".") for p in folder.iterdir()):
        raise Conflict(f"There are releases in {folder}.", fix="Restore into an empty folder.")
    ledger = Ledger(where)
    try:
        if ledger.last_seq():
            raise Conflict("The ledger is not empty.", fix="Restore into an empty one.")
        with _reading(archive) as opened, ledger.writing() as connection:
            manifest = _manifest(opened, archive)
            for table in tables.metadata.sorted_tables:
                if table.name not in _MADE_ANEW:
                    _table_in(connection, table, opened, manifest, archive)
            _in_force(connection)
            ledger.reindex()
        _numbers_on(ledger)
        with _reading(archive) as opened:
            found = _releases_in(opened, settings)
    finally:
        ledger.close()
    return Backup(manifest["made"], manifest["rows"], found)


def _tables_out(ledger: Ledger, archive: tarfile.TarFile) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    sums: dict[str, str] = {}
    with ledger.snapshot() as connection:
        for table in tables.metadata.sorted_tables:
            if table.name in _MADE_ANEW:
                continue
            with tempfile.TemporaryFile() as file:
                whole, count = hashlib.sha256(), 0
                query = sa.select(table).order_by(*table.primary_key.columns)
                for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
                    line = json.dumps(dict(row), ensure_ascii=False).encode() + b"\n"
                    whole.update(line)
                    file.write(line)
                    count += 1
                _add_file(archive, f"ledger/{table.name}.jsonl", file)
            counts[table.name], sums[table.name] = count, whole.hexdigest()
    return counts, sums


def _table_in(
    connection: sa.Connection,
    table: sa.Table,
    opened: tarfile.TarFile,
    manifest: dict[str, Any],
    archive: Path,
) -> None:
    name = f"ledger/{table.name}.jsonl"
    try:
        file = opened.extractfile(name)
    except KeyError:
        return  # a table that an earlier version did not have
    assert file is not None  # it was written as a file
    whole, rows = hashlib.sha256(), []
    for line in file:
        whole.update(line)
        row = json.loads(line)
        if table is tables.meta and row["key"] == "schema":
            continue  # the new ledger has its own
        rows.append(row)
        if len(rows) == _BATCH:
            connection.execute(table.insert(), rows)
            rows = []
    if rows:
        connection.execute(table.insert(), rows)
    if whole.hexdigest() != manifest["sha256"].get(table.name):
        raise InputError(f"{archive.name} is damaged: {name} is not what was written.")


def _in_force(connection: sa.Connection) -> None:
    """The last version of each record is in force, unless it is a tombstone."""
    version, current = tables.version, tables.current
    last = sa.select(sa.func.max(version.c.seq)).group_by(version.c.record)
    query = sa.select(version.c.record, version.c.type, version.c.seq).where(
        version.c.seq.in_(last), version.c.body.is_not(None)
    )
    connection.execute(current.insert().from_select(["record", "type", "seq"], query))


def _numbers_on(ledger: Ledger) -> None:
    """PostgreSQL gives out numbers on its own: it goes on after those that were restored."""
    if ledger.database.dialect != "postgresql":
        return
    with ledger.writing() as connection:
        for table, column in (
            ("version", "seq"),
            ("audit", "id"),
            ("comment", "id"),
            ("delivery", "id"),
        ):
            connection.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608
                    f"GREATEST((SELECT MAX({column}) FROM {table}), 1))"
                )
            )


def _releases_out(settings: Settings, archive: tarfile.TarFile) -> int:
    folder = settings.data / "releases"
    if not folder.is_dir():
        return 0
    found = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    for release in found:
        archive.add(release, f"releases/{release.name}")
    link = settings.data / "current"
    if link.is_symlink():
        _add(archive, "releases/.current", link.readlink().name.encode())
    return len(found)


def _releases_in(opened: tarfile.TarFile, settings: Settings) -> int:
    members = [m for m in opened if m.name.startswith("releases/")]
    current = next((m for m in members if m.name == "releases/.current"), None)
    opened.extractall(
        settings.data, members=[m for m in members if m is not current], filter="data"
    )
    if current is not None:
        file = opened.extractfile(current)
        assert file is not None  # it was written as a file
        name = file.read().decode()
        link = settings.data / ".current-next"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / Path(name).name)
        link.replace(settings.data / "current")
    return len({m.name.split("/")[1] for m in members if m is not current})


def _manifest(opened: tarfile.TarFile, archive: Path) -> dict[str, Any]:
    try:
        file = opened.extractfile("manifest.json")
        assert file is not None
        manifest: dict[str, Any] = json.load(file)
    except (KeyError, ValueError, AssertionError) as error:
        raise InputError(f"{archive.name} is no backup of Warranted.", field="FILE") from error
    if manifest.get("schema", 0) > tables.SCHEMA_VERSION:
        raise InputError(
            f"{archive.name} is of a later version of Warranted.",
            field="FILE",
            fix="Use the version that wrote it.",
        )
    return manifest


@contextmanager
def _writing(path: Path) -> Iterator[tarfile.TarFile]:
    with path.open("wb") as raw:
        with (
            gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            yield archive
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            yield archive
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path.name} is no backup, or is damaged ({error}).", field="FILE"
        ) from error


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    with io.BytesIO(data) as file:
        _add_file(archive, name, file)


def _add_file(archive: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = file.seek(0, os.SEEK_END)
    file.seek(0)
    archive.addfile(member, file)
