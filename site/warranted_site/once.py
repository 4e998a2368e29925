"""What is the same for every site, made once and kept in a folder from one build to the next."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def once(file: Path, make: Callable[[], Any]) -> Any:
    """Plain values from `file`; where it cannot be read they are made, and kept there.

    Args:
        file: its name tells what the values come from, since it is never made anew.
        make: gives what JSON can hold, with lists for tuples.
    """
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        made = make()
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as fresh:
        json.dump(made, fresh, ensure_ascii=False)
    os.replace(fresh.name, file)  # noqa: PTH105  # at once, so that nobody reads half of it
    return made
