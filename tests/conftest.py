"""What several kinds of test share: the demo made once, a real server over it, a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import engines
import pytest
from hub import Hub, settle
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

TOKEN = "a-token-for-tests"

# What a test asserts is what comes out, never how long it took: machines are shared.
settings.register_profile("whatever-the-machine", deadline=None)
settings.load_profile("whatever-the-machine")


@dataclass(frozen=True)
class Demo:
    """The demo's folder: `var/`, `build/html/`, and what the command printed."""

    folder: Path
    output: str

    @property
    def html(self) -> Path:
        return self.folder / "build" / "html"


def warranted(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "warranted.cli", *arguments],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session", name="run")
def run_() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line: `run("load", "a.ttl", cwd=folder, WARRANTED_PORT="1")`."""
    return warranted


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """All shipped packages loaded, judged, released and rendered; read only."""
    folder = tmp_path_factory.mktemp("demo")
    done = warranted("demo", "--no-serve", cwd=folder)
    assert done.returncode == 0, done.stderr
    return Demo(folder, done.stdout)


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


def start(folder: Path, *command: str, **env: str) -> Server:
    """Start `warranted serve`, or another command that serves, on a free port; wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "warranted.cli", *(command or ("serve",))],
        cwd=folder,
        env=os.environ | {"WARRANTED_PORT": str(port)} | env,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).close()
            return Server(url, folder, process)
        except OSError:
            assert process.poll() is None, "the server stopped"
            time.sleep(0.1)
    process.kill()
    raise AssertionError("the server did not start")


def stop(server: Server) -> None:
    """Stop a server as an operator would."""
    server.process.terminate()
    assert server.process.wait(20) in (0, -15)


Serving = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Serves while it is needed: `with serving(folder, "sparql", "dump.nq", WARRANTED_…="…")`."""

    @contextmanager
    def serving(folder: Path, *command: str, **env: str) -> Iterator[Server]:
        running = start(folder, *command, **env)
        try:
            yield running
        finally:
            stop(running)

    return serving


@dataclass(frozen=True)
class TwoReleases:
    """A folder with two releases of the small package: the idea's name differs."""

    folder: Path
    first: str
    second: str


@pytest.fixture(scope="session")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> TwoReleases:
    """Two releases, made with the commands; read only."""
    folder = tmp_path_factory.mktemp("releases")
    text = (Path(__file__).parent / "library" / "data" / "small.ttl").read_text(encoding="utf-8")
    for words in ("a reason line", "two lines"):
        (folder / "small.ttl").write_text(text.replace("a reason line", words), encoding="utf-8")
        for command in (("load", "small.ttl"), ("publish",)):
            done = warranted(*command, cwd=folder)
            assert done.returncode == 0, done.stderr
    second, first = sorted((p.name for p in (folder / "var/releases").glob("2*")), key=len)[::-1]
    return TwoReleases(folder, first, second)


@pytest.fixture(scope="session")
def server(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a copy of the demo, with writing on."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(demo.folder / "var", folder / "var", symlinks=True)
    running = start(
        folder,
        WARRANTED_WRITE_TOKEN=TOKEN,
        WARRANTED_QUERY_SECONDS="2",
        WARRANTED_QUERY_BYTES="2000000",
    )
    yield running
    stop(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without it browser tests fail in CI and are skipped elsewhere."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed; .ci/run installs it")
        pytest.skip("chromium is not installed: apt-get install chromium")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=flags)
        yield running
        running.close()


@contextmanager
def running_hub(folder: Path, *, servers: int = 1, **env: str) -> Iterator[Hub]:
    """An empty store with two networks and their members, on servers of its own."""
    env["WARRANTED_WRITE_TOKEN"] = TOKEN
    done = warranted("init", cwd=folder, **env)
    assert done.returncode == 0, done.stderr
    running = [start(folder, **env) for _ in range(servers)]
    made = settle([server.url for server in running], folder, warranted, env)
    try:
        yield made
    finally:
        made.close()
        for server in running:
            stop(server)


@pytest.fixture(scope="session", name="running_hub")
def running_hub_() -> Callable[..., AbstractContextManager[Hub]]:
    """Starts a hub: `running_hub(folder, servers=1, WARRANTED_…="…")`."""
    return running_hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub on SQLite and the embedded graph."""
    with running_hub(tmp_path_factory.mktemp("hub")) as made:
        yield made


ENGINES = ("sqlite and embedded oxigraph", "postgresql and oxigraph", "postgresql and virtuoso")


@pytest.fixture(scope="session", params=ENGINES)
def any_hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    """A hub on each pair of engines; beyond one machine, two servers share one ledger."""
    if request.param == ENGINES[0]:
        yield request.getfixturevalue("hub")
        return
    folder = tmp_path_factory.mktemp("engines")
    graph = engines.virtuoso if "virtuoso" in request.param else engines.oxigraph
    with (
        engines.postgresql() as ledger,
        graph(folder / "engine") as env,
        running_hub(folder, servers=2, WARRANTED_LEDGER=ledger, **env) as made,
    ):
        yield made
