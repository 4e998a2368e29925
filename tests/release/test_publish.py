"""A release is made whole or not at all, holds what is published and nothing else, and stays."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from made import dataset, files, graphs

from warranted import release
from warranted.errors import Conflict, GateFailed, NotFound, StoreUnavailable
from warranted.namespaces import DCAT, NIC, RDF, ROOT, VOID
from warranted.release import Release, ReleaseData
from warranted.repository import Progress, Repository
from warranted.settings import Settings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Publish = Callable[..., Release]
Change = Callable[..., None]


def test_the_first_release(publish: Publish, change: Change, settings: Settings) -> None:
    assert release.latest(settings) is None
    assert release.every(settings) == []
    change()
    made = publish()
    assert made.new
    assert made.id == "2026-03-02"
    latest = release.latest(settings)
    assert latest is not None
    assert latest.folder.samefile(made.folder)
    assert (settings.data / "current" / "manifest.json").is_file()
    assert graphs(made) == {
        "aim/a1", "assessment/i1", "driver/d1", "idea/i1", "measure/m1", "network/n1", "package/k1",
        "series/x1", "source/s1", f"{ROOT}/ns", f"{ROOT}/scheme/", f"{ROOT}/release/2026-03-02",
    }  # fmt: skip
    assert files(settings.html).keys() - {".warranted-site"} == files(made.site).keys()


def test_counts_are_true(publish: Publish, change: Change) -> None:
    change()
    made = publish()
    manifest, store = made.manifest(), dataset(made)
    types = Counter(
        q.object.value.removeprefix(NIC)
        for q in store.quads_for_pattern(None, ox.NamedNode(f"{RDF}type"), None, None)
        if isinstance(q.object, ox.NamedNode) and str(q.graph_name.value).startswith(f"{ROOT}/id/")
    )
    assert manifest["classes"] == dict(types)
    assert manifest["classes"]["Observation"] == 2
    assert manifest["records"] == 8
    assert manifest["triples"] == sum(
        1 for q in store if str(q.graph_name.value).startswith(f"{ROOT}/id/")
    )
    (package,) = manifest["packages"]
    assert package["slug"] == "reasons-in-algebra"
    assert package["parts"] == 5
    assert package["records"] == 9  # with the assessment of its idea
    assert package["classes"] == manifest["classes"]
    about = ox.NamedNode(f"{ROOT}/release/{made.id}")
    said = {
        (q.predicate.value, str(getattr(q.object, "value", "")))
        for q in store.quads_for_pattern(about, None, None, None)
    }
    assert (f"{RDF}type", f"{DCAT}Dataset") in said
    assert (f"{VOID}triples", str(len({q.triple for q in store}))) in said
    assert (f"{VOID}distinctSubjects", str(len({q.subject for q in store}))) in said
    assert (f"{VOID}properties", str(len({q.predicate for q in store}))) in said
    assert (f"{VOID}entities", "8") in said
    assert manifest["ontology"].startswith(f"{ROOT}/ns/")


def test_the_digest_can_be_recomputed_from_the_dump(publish: Publish, change: Change) -> None:
    change()
    made = publish()
    lines = (made.dumps / "all.nq").read_text(encoding="utf-8").splitlines(keepends=True)
    own = sorted(line for line in lines if line.endswith(" .\n") and f"<{ROOT}/id/" in line[-90:])
    assert hashlib.sha256("".join(own).encode()).hexdigest() == made.manifest()["digest"]
    listed = (made.dumps / "SHA256SUMS").read_text(encoding="ascii")
    for name, digest in made.manifest()["files"].items():
        assert hashlib.sha256((made.dumps / name).read_bytes()).hexdigest() == digest
        assert f"{digest}  {name}\n" in listed


def test_the_same_content_is_no_new_release(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    first = publish()
    before = files(first.folder)
    again = publish(now=NOON + timedelta(days=30))
    assert not again.new
    assert again.id == first.id
    assert files(first.folder) == before
    assert [r.id for r in release.every(settings)] == ["2026-03-02"]


def test_new_content_is_a_new_release_and_the_old_one_stays(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    first = publish()
    before = files(first.folder)
    change(("One school only.", "Two schools only."))
    second = publish()
    third = publish(force=True)
    change(("One school only.", "Three schools only."))
    fourth = publish(now=NOON + timedelta(days=1))
    assert [second.id, third.id, fourth.id] == ["2026-03-02-2", "2026-03-02-3", "2026-03-03"]
    assert [r.id for r in release.every(settings)] == [fourth.id, third.id, second.id, first.id]
    assert files(first.folder) == before
    assert release.get(settings, "2026-03-02").folder == first.folder
    latest = release.latest(settings)
    assert latest is not None
    assert latest.id == fourth.id
    with pytest.raises(NotFound, match="There is no release '2020-01-01'"):
        release.get(settings, "2020-01-01")


def test_tenth_release_of_a_day_comes_after_the_ninth(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    for _ in range(11):
        publish(force=True)
    assert [r.id for r in release.every(settings)][:3] == [
        "2026-03-02-11",
        "2026-03-02-10",
        "2026-03-02-9",
    ]


def test_two_releases_of_one_content_have_the_same_bytes(publish: Publish, change: Change) -> None:
    change()
    first, second = publish(), publish(force=True)
    one, two = files(first.dumps), files(second.dumps)
    differing = {name for name in one if one[name] != two[name]}
    # The description of the release, with its name, stands in all.nq.
    assert differing == {"all.nq", "all.nq.gz", "all.nq.zst", "SHA256SUMS"}
    assert first.manifest()["digest"] == second.manifest()["digest"]


# ---- faults ----


def test_a_site_that_fails_leaves_the_last_release_serving(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    made = publish()
    change(("One school only.", "Two schools only."))

    def fail(_data: ReleaseData, out: Path, _progress: Progress) -> None:
        out.mkdir()
        (out / "index.html").write_text("half")
        raise GateFailed(["page x: a link leads nowhere"])

    with pytest.raises(GateFailed, match="the last one still serves"):
        publish(build_site=fail)
    latest = release.latest(settings)
    assert latest is not None
    assert latest.id == made.id
    assert sorted(p.name for p in (settings.data / "releases").iterdir()) == [".lock", made.id]
    assert "half" not in (settings.html / "index.html").read_text()


def test_a_full_disk_is_one_plain_line(
    publish: Publish, change: Change, settings: Settings
) -> None:
    def fail(_data: ReleaseData, _out: Path, _progress: Progress) -> None:
        raise OSError(28, "No space left on device", "index.html")

    change()
    with pytest.raises(StoreUnavailable, match=r"index\.html: No space left on device"):
        publish(build_site=fail)
    assert release.latest(settings) is None


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from warranted import release
from warranted.repository import Repository
from warranted.settings import Settings

def site(data, out, progress):
    out.mkdir()
    (out / "index.html").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

settings = Settings(data=Path(sys.argv[1]), html=Path(sys.argv[2]))
with Repository(settings) as repository:
    release.publish(repository, settings, compute=lambda records: [], build_site=site,
                    now=datetime(2026, 3, 5, tzinfo=UTC))
"""


def test_a_crash_leaves_the_last_release_and_the_next_one_clears_up(
    repository: Repository, publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    made = publish()
    change(("One school only.", "Two schools only."))
    repository.close()
    arguments = [sys.executable, "-c", KILLED, str(settings.data), str(settings.html)]
    assert subprocess.run(arguments, check=False).returncode == -9
    assert any(p.name.startswith(".tmp-") for p in (settings.data / "releases").iterdir())
    latest = release.latest(settings)
    assert latest is not None
    assert latest.id == made.id
    assert [r.id for r in release.every(settings)] == [made.id]
    with Repository(settings) as again:
        next_ = release.publish(
            again, settings, compute=lambda _: [], build_site=_plain, now=NOON + timedelta(days=3)
        )
    assert next_.id == "2026-03-05"
    names = sorted(p.name for p in (settings.data / "releases").iterdir())
    assert names == [".lock", "2026-03-02", "2026-03-05"]


def _plain(_data: ReleaseData, out: Path, _progress: Progress) -> None:
    out.mkdir()
    (out / "index.html").write_text("whole")


def test_readers_always_find_a_whole_release(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    publish()
    done, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        while not done.is_set():
            found = release.latest(settings)
            if found is None or len(graphs(found)) != 12 or not found.manifest()["files"]:
                wrong.append(found)
            else:
                seen.add(found.id)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(4):
        publish(force=True)
    done.set()
    reader.join()
    assert not wrong
    assert len(seen) > 1


def test_one_release_is_made_at_a_time(publish: Publish, change: Change) -> None:
    change()

    def meanwhile(data: ReleaseData, out: Path, progress: Progress) -> None:
        with pytest.raises(Conflict, match="is being made already"):
            publish()
        _plain(data, out, progress)

    assert publish(build_site=meanwhile).new


def test_a_folder_of_someone_elses_is_left_alone(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    settings.html.mkdir()
    (settings.html / "thesis.html").write_text("mine")
    with pytest.raises(StoreUnavailable, match="not a site of ours"):
        publish()
    assert release.latest(settings) is None  # found out before anything was made
    assert files(settings.html).keys() == {"thesis.html"}


def test_a_site_that_was_lost_is_mirrored_again(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    made = publish()
    (settings.html / "index.html").unlink()
    assert not publish().new
    assert (settings.html / "index.html").read_bytes() == (made.site / "index.html").read_bytes()


def test_a_release_that_is_gone_is_not_current(
    publish: Publish, change: Change, settings: Settings
) -> None:
    change()
    made = publish()
    made.folder.rename(made.folder.with_name(".away"))
    assert release.latest(settings) is None
    assert publish().id == made.id


def test_progress_is_told(repository: Repository, change: Change, settings: Settings) -> None:
    change()
    told: list[Any] = []
    release.publish(
        repository,
        settings,
        compute=lambda _: [],
        build_site=_plain,
        now=NOON,
        progress=lambda *step: told.append(step[2]),
    )
    assert told == [
        "gathering", "weighing", "judging", "dataset", "asking", "dumps", "site", "switching",
    ]  # fmt: skip
    assert json.loads((settings.data / "current" / "manifest.json").read_bytes())["id"]


def test_a_release_knows_the_one_before(publish: Publish, change: Change) -> None:
    seen: list[ReleaseData] = []

    def site(data: ReleaseData, out: Path, _progress: object) -> None:
        out.mkdir()
        (out / "index.html").write_text(data.id)
        seen.append(data)

    change()
    first = publish(build_site=site)
    assert seen[-1].previous is None
    change(("Exit ticket with a reason line", "Exit ticket with two lines"))
    publish(build_site=site)
    before = seen[-1].previous
    assert before is not None
    assert before.id == first.id
    assert {r.iri: r.digest for r in before.records} == {r.iri: r.digest for r in seen[0].records}
    assert {r.digest for r in before.records} != {r.digest for r in seen[-1].records}
