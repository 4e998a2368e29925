"""Dumps of every kind, and releases, are opened as datasets; what is none is refused by its name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest

from warranted.documents import zstd
from warranted.errors import InputError, ParseError
from warranted.query.opened import opened

QUADS = "<urn:a> <urn:p> <urn:b> <urn:g> .\n<urn:a> <urn:p> <urn:c> <urn:h> .\n"
TRIPLES = "<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> <urn:c> .\n"
TRIG = "<urn:g> { <urn:a> <urn:p> <urn:b> } <urn:h> { <urn:a> <urn:p> <urn:c> }"
BASE = "https://example.org"


def packed(text: str, ending: str) -> bytes:
    data = text.encode()
    return {".gz": gzip.compress, ".zst": zstd.compress}.get(ending, lambda d: d)(data)


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize(
    ("kind", "text"), [(".nq", QUADS), (".trig", TRIG), (".ttl", TRIPLES), (".nt", TRIPLES)]
)
def test_a_dump_is_read(tmp_path: Path, kind: str, text: str, ending: str) -> None:
    dump = tmp_path / f"release-1{kind}{ending}"
    dump.write_bytes(packed(text, ending))
    with opened([dump], BASE) as datasets:
        (name,) = datasets.names()
        found = datasets.get(name)
        assert (name, found.triples) == ("release-1", 2)
        assert len(ox.Store.read_only(str(found.folder))) == 2
        folder = found.folder
    assert not folder.exists()


def test_several_files_make_one_dataset(tmp_path: Path) -> None:
    one, two = tmp_path / "one.nt", tmp_path / "two.ttl"
    one.write_text("<urn:a> <urn:p> <urn:b> .")
    two.write_text("<urn:a> <urn:p> <urn:c> .")
    with opened([one, two], BASE) as datasets:
        assert datasets.names() == ["one"]
        assert datasets.get("one").triples == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.nq", b"<urn:a> <urn:p> .", "a.nq"),
        ("a.nq.gz", b"not gzip", "a.nq.gz"),
        ("a.nq.zst", b"not zstd", "a.nq.zst"),
        ("a.ttl.gz", gzip.compress(QUADS.encode(), mtime=0)[:-9], "a.ttl.gz"),
    ],
)
def test_a_broken_dump_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ParseError, match=said), opened([tmp_path / name], BASE):
        pass


def test_what_is_no_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match=r"notes\.txt is not a dump"):
        opened([tmp_path / "notes.txt"], BASE).__enter__()
    with pytest.raises(InputError, match="is no release"):
        opened([tmp_path], BASE).__enter__()
    (tmp_path / "a.nt").write_text("<urn:a> <urn:p> <urn:b> .")
    with pytest.raises(InputError, match="folders of releases and files"):
        opened([tmp_path, tmp_path / "a.nt"], BASE).__enter__()
