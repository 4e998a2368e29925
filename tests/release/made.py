"""What a finished release is looked at with."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from warranted.namespaces import ROOT
from warranted.release import Release


def files(folder: Path) -> dict[str, str]:
    """What stands in a folder: path → digest."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


def dataset(made: Release) -> ox.Store:
    return ox.Store.read_only(str(made.dataset))


def graphs(made: Release) -> set[str]:
    return {str(g.value).removeprefix(f"{ROOT}/id/") for g in dataset(made).named_graphs()}
