"""Where the packages from npm are that pages use in the browser. None is needed: a page without them
does with less."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "WARRANTED_NPM"
"""The environment variable that names the folder, a `node_modules`."""
_USUAL: Final = Path("build/npm/node_modules")
_ROOT: Final = Path(__file__).resolve().parents[2]
"""The root of a checkout; in a wheel a folder without `build/`."""


def packages() -> Path | None:
    """The folder with the packages, or None if there is none.

    It is the one that `WARRANTED_NPM` names and no other; without the variable, the first there is of
    `build/npm/node_modules` below the working folder and below the root of the checkout.
    """
    if named := os.environ.get(VARIABLE):
        candidates = [Path(named)]
    else:
        candidates = [Path.cwd() / _USUAL, _ROOT / _USUAL]
    return next((folder for folder in candidates if folder.is_dir()), None)


def file(package_path: str) -> Path | None:
    """A file of a package, such as `d3/dist/d3.min.js`, or None if it is not there.

    Args:
        package_path: from the code, never from a request.
    """
    folder = packages()
    if folder is None:
        return None
    found = folder / package_path
    return found if found.is_file() else None
