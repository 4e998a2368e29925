"""Rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from warranted.cli import cli
from warranted.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_module_is_too_long_to_read() -> None:
    for file in tracked():
        if file.suffix == ".py" and file.is_file() and "tests" not in file.parts:
            lines = len(file.read_text(encoding="utf-8").splitlines())
            assert lines <= 450, f"{file.relative_to(ROOT)} has {lines} lines"


def test_no_file_names_the_host_of_a_registry() -> None:
    for name in ("constraints.txt", "pyproject.toml", "package.json", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, f"{name} names an address; packages are had by name"


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented(name: str) -> None:
    command = cli.commands[name]
    assert command.help, f"{name} has no help"
    docs = "\n".join(
        f.read_text(encoding="utf-8") for f in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    )
    assert f"warranted {name}" in docs, f"no page of the docs shows 'warranted {name}'"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda f: f.name)
def test_every_setting_is_documented_with_its_default(setting: Any) -> None:
    table = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    (row,) = [line for line in table.splitlines() if re.match(rf"\| .*`{setting.name}`", line)]
    default = getattr(Settings(), setting.name)
    assert f"`{default}`" in row or (default == "" and "empty" in row)
