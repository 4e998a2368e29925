"""What may differ from one site to another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir

from warranted.language import ENGLISH, Language


@lru_cache(maxsize=1)
def _user() -> str:
    # The cache holds HTML we trust: it is kept apart for each user of the machine.
    return hashlib.sha256(str(Path.home()).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Options:
    """How a site is built.

    Attributes:
        languages: those of its pages; the first one's stand at the root.
        address: where it will stand, such as https://example.org/; empty: it is not known, and no page
            says so. hub: address of the hub's server, to which readers may send reports; or empty.
        processes: how many work at it; 0: as many as the machine has cores, if it is worth it.
        cache: a folder for what is the same for every site.
    """

    languages: tuple[Language, ...] = (ENGLISH,)
    address: str = ""
    hub: str = ""
    processes: int = 0
    cache: Path = field(default_factory=lambda: Path(gettempdir()) / f"warranted-site-{_user()}")
