"""What may differ from one site to another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir

from warranted.errors import InputError
from warranted.language import ENGLISH, Language, get
from warranted.settings import Settings
from warranted_site.machine.pages import address
from warranted_site.shell import KINDS, Kind


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
        shell: what renders the frame of the pages; see `shell.Kind`.
        processes: how many work at it; 0: as many as the machine has cores, if it is worth it.
        cache: a folder for what is the same for every site.
    """

    languages: tuple[Language, ...] = (ENGLISH,)
    address: str = ""
    hub: str = ""
    shell: Kind = "material"
    processes: int = 0
    cache: Path = field(default_factory=lambda: Path(gettempdir()) / f"warranted-site-{_user()}")

    @classmethod
    def of(cls, settings: Settings) -> Options:
        """The options that the settings state.

        Raises:
            InputError: a language or the address is none; it names the setting.
        """
        if settings.site_shell not in KINDS:
            raise InputError(
                f"There is no shell '{settings.site_shell[:40]}'.",
                field="site_shell",
                fix=f"Those there are: {', '.join(KINDS)}.",
            )
        try:
            languages = tuple(get(code) for code in settings.site_languages.split())
            where = address(settings.site_url)
        except InputError as error:
            name = "site_languages" if error.field == "language" else "site_url"
            raise InputError(error.message, field=name, fix=error.fix) from error
        return cls(
            languages or (ENGLISH,),
            address=where,
            hub=settings.public_url.rstrip("/"),
            shell=settings.site_shell,
            processes=settings.site_processes,
        )
