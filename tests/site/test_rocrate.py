"""Crates to take away are valid RO-Crates: asked of `roc-validator`, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.site.taken import MADE_UP, SHIPPED, read, shown, write

VALIDATOR = ("roc-validator==0.13.0", "rocrate==0.15.0")  # the latter holds the context of 1.1
OWN = Path(__file__).parents[2] / "build" / "rocrate-validator"
SCRIPT = Path(__file__).parent / "validate_crates.py"


def missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def python() -> str:
    """A Python that has the validator: WARRANTED_ROCRATE_PYTHON, or one made once below `build/`.

    The validator wants another `rich` than we do, so it cannot be in our own environment.
    """
    if given := os.environ.get("WARRANTED_ROCRATE_PYTHON"):
        return given
    program = OWN / "bin" / "python"
    done = OWN / "installed.txt"
    if not done.is_file() or done.read_text(encoding="utf-8").split() != [*VALIDATOR]:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(OWN)],
            [str(program), "-m", "pip", "install", "--quiet", *VALIDATOR],
        ):
            made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
            if made.returncode:
                missing(f"roc-validator cannot be installed: {made.stderr[-300:]}")
        done.write_text("\n".join(VALIDATOR), encoding="utf-8")
    return str(program)


def validated(python: str, severity: str, crates: list[Path]) -> dict[str, list[list[str]]]:
    done = subprocess.run(
        [python, str(SCRIPT), severity, *map(str, crates)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[list[str]]] = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(map(str, crates))
    return found


@pytest.fixture(scope="module")
def crates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The crates of all shipped packages; read only."""
    out = tmp_path_factory.mktemp("crates")
    views = shown(read(*SHIPPED))
    return [
        out / path
        for package in views.packages
        for path in write(views, package, out)
        if path.endswith(".crate.zip")
    ]


def test_every_crate_is_valid(python: str, crates: list[Path]) -> None:
    assert len(crates) == len(SHIPPED)
    assert validated(python, "REQUIRED", crates) == {str(crate): [] for crate in crates}


def test_what_is_recommended_is_done_but_for_addresses_nobody_states(
    python: str, crates: list[Path]
) -> None:
    for found in validated(python, "RECOMMENDED", crates[:2]).values():
        # No record says where an organisation has its page.
        assert {message for _, _, message, _ in found} == {"The organization SHOULD have a URL."}


def test_the_validator_would_find_a_fault(python: str, crates: list[Path], tmp_path: Path) -> None:
    (whole,) = [crate for crate in crates if crate.name.startswith(MADE_UP)]
    spoilt = tmp_path / "spoilt.crate.zip"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(spoilt, "w") as target:
        for name in source.namelist():
            if name != "cards.pdf":
                target.writestr(name, source.read(name))
    (found,) = validated(python, "REQUIRED", [spoilt]).values()
    assert any("cards.pdf" in " ".join(fault) for fault in found)
