"""The site folder is brought up to date with the fewest writes, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from warranted.mirror import MARK, mirror


def fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_html", ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def holds(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): p.read_text()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != MARK
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return fill(tmp_path / "source", index_html="home", ideas__a_html="a", ideas__b_html="b")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "build" / "html"


def test_it_makes_the_folder_alike(source: Path, target: Path) -> None:
    assert mirror(source, target) == 3
    assert holds(target) == holds(source)


def test_what_is_the_same_is_not_written(source: Path, target: Path) -> None:
    mirror(source, target)
    before = {p: p.stat().st_mtime_ns for p in target.rglob("*.html")}
    assert mirror(source, target) == 0
    (source / "index.html").write_text("HOME")
    assert mirror(source, target) == 1
    assert {p.name for p in target.rglob("*.html") if p.stat().st_mtime_ns != before[p]} == {
        "index.html"
    }


def test_what_is_stale_is_removed_and_what_is_anothers_stays(source: Path, target: Path) -> None:
    mirror(source, target)
    (target / "CNAME").write_text("example.org")
    (target / "ideas" / "mine.txt").write_text("mine")
    (source / "ideas" / "b.html").unlink()
    assert mirror(source, target) == 1
    assert holds(target) == {
        "CNAME": "example.org",
        "ideas/a.html": "a",
        "ideas/mine.txt": "mine",
        "index.html": "home",
    }


def test_empty_folders_go(source: Path, target: Path) -> None:
    mirror(source, target)
    for name in ("a", "b"):
        (source / "ideas" / f"{name}.html").unlink()
    mirror(source, target)
    assert not (target / "ideas").exists()


def test_a_page_may_become_a_folder_and_a_folder_a_page(source: Path, target: Path) -> None:
    fill(source, x="a page", y__z="in a folder")
    mirror(source, target)
    (source / "x").unlink()
    (source / "y" / "z").unlink()
    (source / "y").rmdir()
    fill(source, x__z="in a folder", y="a page")
    mirror(source, target)
    assert holds(target) == holds(source)


def test_links_are_replaced_and_never_followed(source: Path, target: Path, tmp_path: Path) -> None:
    outside = fill(tmp_path / "outside", a_html="mine", secret_html="mine")
    mirror(source, target)
    (target / "index.html").unlink()
    (target / "index.html").symlink_to(outside / "a.html")
    for name in ("a", "b"):
        (target / "ideas" / f"{name}.html").unlink()
    (target / "ideas").rmdir()
    (target / "ideas").symlink_to(outside)
    mirror(source, target)
    assert holds(outside) == {"a.html": "mine", "secret.html": "mine"}
    assert holds(target) == holds(source)
    assert not (target / "ideas").is_symlink()


def test_a_list_that_leads_outside_is_not_followed(
    source: Path, target: Path, tmp_path: Path
) -> None:
    outside = fill(tmp_path / "build", mine_html="mine")
    mirror(source, target)
    (target / MARK).write_text(f"../mine.html\n{outside / 'mine.html'}\n")
    mirror(source, target)
    assert (outside / "mine.html").read_text() == "mine"


def test_a_folder_of_someone_elses_is_refused(source: Path, target: Path) -> None:
    fill(target, thesis_html="mine")
    with pytest.raises(FileExistsError, match="not a site of ours"):
        mirror(source, target)
    assert holds(target) == {"thesis.html": "mine"}


def test_an_interrupted_run_is_made_good(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    mirror(source, target)
    fill(source, new__one_html="1", new__two_html="2")
    copied = []

    def fail_later(a: Path, b: Path) -> None:
        if copied:
            raise OSError(28, "No space left on device")
        copied.append(b)
        b.write_bytes(a.read_bytes())

    with monkeypatch.context() as broken:
        broken.setattr(shutil, "copyfile", fail_later)
        with pytest.raises(OSError, match="No space left"):
            mirror(source, target)
    for name in ("one", "two"):
        (source / "new" / f"{name}.html").unlink()
    mirror(source, target)  # the half that was written is known, and goes
    assert holds(target).keys() == {"index.html", "ideas/a.html", "ideas/b.html"}
