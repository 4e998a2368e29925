"""Files of the site before that are kept: by a process of their own if they are many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warranted.errors import StoreUnavailable
from warranted_site import keeping, linking

NAMES = [f"ideas/{n}/index.html" for n in range(keeping.WORTH)]
ODD = ["a b/ü.html", "line\nbreak.html", "-rf", "one/two/three/four.ttl"]


def written(folder: Path, paths: list[str]) -> Path:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path, encoding="utf-8")
    return folder


@pytest.mark.parametrize("paths", [ODD, [*NAMES, *ODD]], ids=["few", "many"])
def test_files_stand_where_they_stood(tmp_path: Path, paths: list[str]) -> None:
    before, out = written(tmp_path / "before", paths), tmp_path / "out"
    with keeping.beside(paths, before, out) as wait:
        wait()
        wait()  # whoever needs the files may ask
        found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert found == set(paths)
    for path in paths:
        assert (out / path).read_text(encoding="utf-8") == path
        assert (out / path).samefile(before / path)


@pytest.mark.parametrize("paths", [NAMES[:9], NAMES], ids=["few", "many"])
def test_a_file_that_is_lost_is_named(tmp_path: Path, paths: list[str]) -> None:
    before, out = written(tmp_path / "before", paths), tmp_path / "out"
    (before / paths[7]).unlink()
    with (
        pytest.raises(StoreUnavailable, match=r"ideas/7/index\.html"),
        keeping.beside(paths, before, out) as wait,
    ):
        wait()


def test_where_the_disk_has_no_links_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, out = written(tmp_path / "before", ODD), tmp_path / "out"

    def none(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", none)
    linking.link_all(ODD, before, out)
    assert {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} == set(ODD)
    assert not (out / ODD[0]).samefile(before / ODD[0])
