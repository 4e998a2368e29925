"""Real engines, started for the tests and stopped after them: PostgreSQL, Oxigraph's server, Virtuoso."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


def missing(program: str, package: str) -> None:
    """Fail in CI, skip elsewhere: a program is not there."""
    if os.environ.get("CI"):
        pytest.fail(f"{program} is not installed; .ci/run installs it")
    pytest.skip(f"{program} is not installed: {package}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    """Wait until `ready`, at most a minute."""
    for _ in range(600):
        assert process.poll() is None, f"{what} stopped"
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not start")


@contextmanager
def postgresql() -> Iterator[str]:
    """A cluster of its own; yields the URL of its database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        missing("PostgreSQL", "apt-get install postgresql")
    programs = found[-1]
    user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(folder, user)
    port = free_port()
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            "warranted",
            "-E",
            "UTF8",
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
        env=env,
    )
    process = subprocess.Popen(
        [
            programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user,
        cwd=folder,
        env=env,
    )  # fmt: skip
    ask = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
    try:
        wait(
            lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0,
            process,
            "PostgreSQL",
        )
        yield f"postgresql://warranted@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def oxigraph(folder: Path, port: int | None = None) -> Iterator[dict[str, str]]:
    """Oxigraph's server on a folder; yields the settings that point at it."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        missing("oxigraph", "pip install oxigraph")
    port = port or free_port()
    process = subprocess.Popen(
        [
            program, "serve", "--location", folder, "--bind", f"127.0.0.1:{port}",
            "--union-default-graph",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: _answers(f"{url}/query?query=ASK%7B%7D"), process, "oxigraph")
        yield {
            "WARRANTED_GRAPH_QUERY": f"{url}/query",
            "WARRANTED_GRAPH_UPDATE": f"{url}/update",
            "WARRANTED_GRAPH_STORE": f"{url}/store",
        }
    finally:
        process.kill()
        process.wait(30)


VIRTUOSO_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableTcpSocket = 0
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 20
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 100000
"""


@contextmanager
def virtuoso(folder: Path) -> Iterator[dict[str, str]]:
    """Virtuoso on a folder; yields the settings that point at it."""
    program = shutil.which("virtuoso-t")
    if program is None:
        missing("virtuoso-t", "apt-get install virtuoso-opensource")
    port, sql = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    ini = folder / "virtuoso.ini"
    ini.write_text(VIRTUOSO_INI.format(folder=folder, port=port, sql=sql))
    process = subprocess.Popen(
        [str(program), "+configfile", str(ini), "+foreground"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: _answers(f"{url}/sparql?query=ASK%7B%7D"), process, "virtuoso")
        yield {
            "WARRANTED_GRAPH_QUERY": f"{url}/sparql-auth",
            "WARRANTED_GRAPH_UPDATE": f"{url}/sparql-auth",
            "WARRANTED_GRAPH_STORE": f"{url}/sparql-graph-crud-auth",
            "WARRANTED_GRAPH_USER": "dba",
            "WARRANTED_GRAPH_PASSWORD": "dba",
        }
    finally:
        process.kill()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
