"""kill -9 while 8 threads write, again and again; then a full disk, then a read-only one.

After each kill the store is opened again, and everything that was acknowledged has to be there, whole;
`verify` has to find no fault: no version without its audit entry, none half written, the graph level
with the ledger.

    python -m bench.faults [--rounds 200]
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warranted.curation.content import renamed
from warranted.curation.writing import Change
from warranted.errors import StoreError
from warranted.operations import verify
from warranted.repository import Repository
from warranted.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kg" / "packages" / "illustrative-algebra-talk.ttl"

WRITERS = """
import itertools, os, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from bench.faults import change
from warranted.repository import Repository
from warranted.settings import Settings

lock = threading.Lock()
with Repository(Settings(data=Path(sys.argv[1]))) as repository:
    tests = [version.as_record() for version in repository.page("test", after="https://w3id.org/warranted/id/test/z")]
    def write(thread):
        base = tests[thread * len(tests) // 8]
        for n in itertools.count():
            made = change(base, f"k{sys.argv[2]}-{thread}-{n}")
            with repository.writer.transaction():
                done = repository.writer.write([made], role="curator", reason="bench")
            version = done.versions[0]
            with lock:
                os.write(1, f"{version.record} {version.digest}\\n".encode())
    for thread in range(8):
        threading.Thread(target=write, args=(thread,), daemon=True).start()
    threading.Event().wait()
"""


def change(base, name: str) -> Change:  # type: ignore[no-untyped-def]
    """A new test like `base`."""
    return Change(renamed(base, f"{base.iri.rpartition('/')[0]}/{name}"), new=True)


def killed(settings: Settings, number: int, seed: random.Random) -> tuple[list[str], float]:
    """Acknowledged writes (IRI and digest) of one round, and seconds to open the store again."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(settings.data), str(number), str(ROOT)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seed.uniform(0, 1))
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    acknowledged = (first + rest).decode().split("\n")
    began = time.perf_counter()
    with Repository(settings):
        opened = time.perf_counter() - began
    return [line for line in acknowledged if line], opened


def rounds(count: int, folder: Path) -> None:
    """Kill and look, `count` times."""
    settings = Settings(data=folder)
    with Repository(settings) as repository:
        repository.load(next((ROOT / "ontology" / "policies").glob("*.ttl")))
        repository.load(PACKAGE)
    seed = random.Random(5)
    written = lost = faults = 0
    slowest = 0.0
    for number in range(count):
        acknowledged, opened = killed(settings, number, seed)
        slowest = max(slowest, opened)
        with Repository(settings) as repository:
            for line in acknowledged:
                iri, _, digest = line.partition(" ")
                version = repository.get(iri)
                written += 1
                lost += version is None or version.digest != digest
            if number % 10 == 9 or number == count - 1:
                found = verify.verify(repository.ledger, repository.graph, settings)
                faults += len(found.faults)
                assert repository.graph.applied()[0] == repository.ledger.last_seq()
    print(f"kill -9, {count} rounds, 8 writers: {written:,} acknowledged writes, {lost} lost, "
          f"{faults} half or otherwise at fault; open again in {slowest:.2f} s at most")  # fmt: skip


@contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """A small disk of its own at `folder`; False where none may be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def full(folder: Path) -> None:
    """A disk with room for little: writes are refused with a reason, reads go on, room is used."""
    settings = Settings(data=folder)
    with Repository(settings) as repository:
        repository.load(next((ROOT / "ontology" / "policies").glob("*.ttl")))
        repository.load(PACKAGE)
        base = repository.get("https://w3id.org/warranted/id/test/z1il-t1")
        assert base is not None
        record = base.as_record()
        ballast = folder / "ballast"
        with ballast.open("wb") as file:
            file.write(bytes(shutil.disk_usage(folder).free - 3_000_000))
        stored: list[str] = []
        refused: list[str] = []
        for n in range(5_000):
            try:
                with repository.writer.transaction():
                    repository.writer.write([change(record, f"f{n}")], role="r", reason="bench")
                stored.append(f"f{n}")
            except StoreError as error:
                refused.append(type(error).__name__)
                if len(refused) == 5:
                    break
        assert repository.get(record.iri) is not None, "reading goes on"
        ballast.unlink()
        with repository.writer.transaction():
            repository.writer.write([change(record, "after")], role="r", reason="bench")
    with Repository(settings) as repository:
        kept = sum(
            repository.get(f"https://w3id.org/warranted/id/test/{name}") is not None
            for name in (*stored, "after")
        )
        found = verify.verify(repository.ledger, repository.graph, settings)
    print(f"disk full: {len(stored)} stored, then {len(refused)} refused ({', '.join(sorted(set(refused)))}), "
          f"with room again one stored; {len(stored) + 1 - kept} lost, {len(found.faults)} faults")  # fmt: skip


def read_only(folder: Path) -> None:
    """A store that may not be written: it is refused with a reason, and its ledger can be read."""
    settings = Settings(data=folder)
    with Repository(settings) as repository:
        repository.load(PACKAGE)
        count = repository.ledger.last_seq()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    said = ""
    try:
        with Repository(settings):
            pass
    except StoreError as error:
        said = str(error)
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    with Repository(settings) as repository:
        assert repository.ledger.last_seq() == count
    print(f"read-only disk: refused with: {said}")


def main() -> None:
    """Print what came of it."""
    count = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 200
    scratch = Path(tempfile.mkdtemp(prefix="faults"))
    try:
        for name in ("rounds", "full", "read-only"):
            (scratch / name).mkdir()
        rounds(count, scratch / "rounds")
        for trial in (full, read_only):
            folder = scratch / trial.__name__.replace("_", "-")
            with disk(folder) as mounted:
                if mounted:
                    trial(folder)
                else:
                    print(f"{trial.__name__}: not tried; it takes the right to mount a disk")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
