"""Programs from npm that tests need, installed once below `build/npm`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from engines import missing

CACHE = Path(__file__).parents[2] / "build" / "npm"


def installed(package: str) -> Path:
    """The folder a package (`name@version`) is installed in; installs it if need be."""
    folder = CACHE / package
    if folder.exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        missing("npm", "apt-get install npm")
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
    (made / "package.json").write_text('{"private": true}', encoding="utf-8")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", package],
        cwd=made,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(made)
        if os.environ.get("CI"):
            pytest.fail(f"npm cannot install {package}: {done.stderr[-500:]}")
        pytest.skip(f"npm cannot install {package}")
    try:
        made.rename(folder)  # so that a half-made folder is never taken for a whole one
    except OSError:  # another run was faster
        shutil.rmtree(made)
    return folder


def node() -> str:
    """The program that runs them."""
    found = shutil.which("node")
    if found is None:
        missing("node", "apt-get install nodejs")
    return found
