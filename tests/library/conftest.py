"""A data folder of its own for each test, and a small package to put into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from warranted.settings import Settings

DATA = Path(__file__).parent / "data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", html=tmp_path / "html")


@pytest.fixture
def small() -> Path:
    """Eight records of one package, two observations without names among them."""
    return DATA / "small.ttl"
