"""Finds the data the project ships: beside the module in a wheel, at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

from warranted.errors import StoreUnavailable

_HERE = Path(__file__).resolve().parent


def _folder(name: str, in_checkout: str) -> Path:
    for candidate in (_HERE / name, _HERE.parents[1] / in_checkout):
        if candidate.is_dir():
            return candidate
    raise StoreUnavailable(
        f"The folder '{name}' that ships with Warranted is missing.",
        fix="Install the package again.",
    )


def ontology() -> Path:
    """The folder with `warranted.ttl`, `schemes/`, `questions/`, `policies/`."""
    return _folder("ontology", "ontology")


def shapes() -> Path:
    """The folder with one shapes file a record type, and `examples/`."""
    return _folder("shapes", "shapes")


def packages() -> Path:
    """The folder with the change packages that ship with the project, a Turtle file each."""
    return _folder("packages", "kg/packages")


def docs() -> Path:
    """The folder with the guides, a Markdown file each, and `pictures/`."""
    return _folder("docs", "docs")
