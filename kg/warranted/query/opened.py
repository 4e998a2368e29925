"""Datasets made from dump files or taken from a release's folder, for who has no repository."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from warranted import queries
from warranted.documents import zstd
from warranted.errors import InputError, ParseError, StoreUnavailable
from warranted.query.datasets import Dataset, Fixed, of_release
from warranted.release import Release

FORMATS = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
"""Endings of the files that are read; each may be followed by .gz or .zst."""
_QUERIES = Path(__file__).parent / "queries"


@contextmanager
def opened(paths: Sequence[Path], base: str) -> Iterator[Fixed]:
    """The datasets at `paths`: a release's folder each, or files that make up one dataset together.

    What the files hold is loaded into a store in the folder for temporary files, and taken away in the
    end. A folder is read where it is.

    Raises:
        InputError: there is neither a release nor a file of a kind we read; it names the path.
        ParseError: a file is not what its ending says. StoreUnavailable: the disk is at fault.
    """
    folders = [path for path in paths if path.is_dir()]
    files = [path for path in paths if not path.is_dir()]
    if folders and files:
        raise InputError(
            "These are folders of releases and files.", fix="Give either, not both together."
        )
    if folders:
        yield Fixed({d.name: d for d in (_release(folder, base) for folder in folders)})
        return
    with tempfile.TemporaryDirectory(prefix="warranted-") as folder:
        try:
            dataset = _loaded(files, Path(folder) / "store", base)
        except OSError as error:
            raise StoreUnavailable(
                f"The dump could not be read or kept ({error.strerror or error}).",
                fix="See that the file may be read and that the folder for temporary files has room.",
            ) from error
        yield Fixed({dataset.name: dataset})


def _release(folder: Path, base: str) -> Dataset:
    release = Release(folder.resolve().name, folder)
    if not release.dataset.is_dir() or not (folder / "manifest.json").is_file():
        raise InputError(
            f"{folder.name} is no release.",
            fix="Give the folder that holds manifest.json and dataset/, or a dump.",
        )
    return of_release(release, base)


def _loaded(files: Sequence[Path], folder: Path, base: str) -> Dataset:
    store, digest = ox.Store(str(folder)), hashlib.sha256()
    for path in files:
        fmt = _format(path)
        with _plain(path) as source:
            try:
                store.bulk_load(_summed(source, digest), format=fmt, base_iri=f"{base}/")
            except SyntaxError as error:
                raise ParseError(
                    path.name, str(error.msg or error), line=error.lineno, column=error.offset
                ) from error
            except (EOFError, gzip.BadGzipFile, zstd.ZstdError, ValueError) as error:
                raise ParseError(path.name, f"it cannot be unpacked ({error})") from error
    store.flush()
    store.optimize()
    said, count = _first(store, "release"), _first(store, "triples")
    name = said["name"].value if said else files[0].name.partition(".")[0] or "dump"
    when = said["when"].value if said else _changed(files[0])
    iri = said["release"].value if said else f"urn:sha256:{digest.hexdigest()}"
    del store
    return Dataset(name, folder, digest.hexdigest(), int(count["n"].value), when, iri)


def _first(store: ox.Store, name: str) -> Any:
    found: Any = store.query(queries.load(_QUERIES, name).text, use_default_graph_as_union=True)
    return next(iter(found), None)


def _format(path: Path) -> ox.RdfFormat:
    endings = [e.lower() for e in path.suffixes if e.lower() not in (".gz", ".zst")]
    if not path.is_file():
        raise InputError(f"There is no file {path}.", field="DUMP")
    if not endings or endings[-1] not in FORMATS:
        raise InputError(
            f"{path.name} is not a dump we can read.",
            fix=f"Its name should end in {', '.join(FORMATS)}, with .gz or .zst after it or not.",
        )
    return FORMATS[endings[-1]]


def _plain(path: Path) -> Any:
    ending = path.suffix.lower()
    if ending == ".gz":
        return gzip.open(path, "rb")
    if ending == ".zst":
        return zstd.open(path, "rb")
    return path.open("rb")


def _summed(source: IO[bytes], digest: Any) -> Any:
    return _Summed(source, digest)


class _Summed:
    """A file whose content is summed up while it is read."""

    def __init__(self, source: IO[bytes], digest: Any) -> None:
        self._source, self._digest = source, digest

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.update(data)
        return data


def _changed(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
