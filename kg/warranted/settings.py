"""Settings: one row a setting, read from `WARRANTED_…` or from `warranted.toml`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from warranted.errors import InputError
from warranted.namespaces import ROOT


def _setting(default: Any, help_: str) -> Any:
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default. The environment wins over the file."""

    data: Path = _setting(Path("var"), "Folder of the ledger, the graph and the releases.")
    html: Path = _setting(Path("build/html"), "Folder the latest release's site is written to.")
    base: str = _setting(ROOT, "IRI below which records are minted, as {base}/id/{type}/{id}.")
    host: str = _setting("127.0.0.1", "Address the server listens on.")
    port: int = _setting(8000, "Port the server listens on.")
    ledger: str = _setting(
        "", "PostgreSQL database of the ledger, postgresql://…; empty: SQLite in `data`."
    )
    graph_query: str = _setting(
        "", "SPARQL query endpoint of the workspace graph; empty: Oxigraph in `data`."
    )
    graph_update: str = _setting("", "Its SPARQL update endpoint.")
    graph_store: str = _setting("", "Its Graph Store endpoint; empty: updates do all.")
    graph_user: str = _setting("", "Who signs in there.")
    graph_password: str = _setting("", "With which password.")
    write_token: str = _setting(
        "", "A token that is administrator of every network, to set up with; empty: none."
    )
    log: str = _setting("text", "How the server logs: text (warnings) or json (each request, too).")
    max_body: int = _setting(1_000_000, "Largest request body, in bytes.")
    max_import: int = _setting(100_000_000, "Largest file that is imported, in bytes.")
    publisher: str = _setting("Warranted", "Who publishes the releases, as citations name it.")
    site_url: str = _setting(
        "", "Address the site will stand at, such as https://example.org/; empty: pages name none."
    )
    site_languages: str = _setting("en es", "Languages of the site's pages; the first at its root.")
    site_shell: str = _setting(
        "material", "What renders the pages' frame: material, properdocs or zensical."
    )
    site_processes: int = _setting(0, "Processes that make the site; 0: as many as are worth it.")
    public_url: str = _setting("", "Address people see, such as https://hub.example.org.")
    oidc_issuer: str = _setting("", "OpenID Connect provider people sign in with; empty: none.")
    oidc_client_id: str = _setting("", "What the provider calls this server.")
    oidc_client_secret: str = _setting("", "The secret the provider gave it.")
    query_workers: int = _setting(2, "Processes that answer short SPARQL queries.")
    query_long: int = _setting(2, "Processes that answer long ones, after all others.")
    query_rows: int = _setting(100_000, "Rows or triples after which an answer is cut off.")
    query_seconds: float = _setting(10.0, "Seconds after which a query is stopped.")
    query_bytes: int = _setting(50_000_000, "Bytes of answer after which a query is stopped.")
    query_memory: int = _setting(2_000_000_000, "Bytes of memory a query worker may take.")

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
        """Settings from `file` (default `warranted.toml`, if it is there) and `environ`.

        Raises:
            InputError: an unknown setting, or a value of the wrong type; it names the setting.
        """
        environ = os.environ if environ is None else environ
        file = Path("warranted.toml") if file is None else file
        given: dict[str, Any] = {}
        if file.is_file():
            try:
                given = tomllib.loads(file.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{file.name} is not valid TOML: {error}.") from error
        known = {f.name: f for f in fields(cls)}
        given |= {
            name: environ[f"WARRANTED_{name.upper()}"]
            for name in known
            if f"WARRANTED_{name.upper()}" in environ
        }
        if unknown := sorted(set(given) - set(known)):
            raise InputError(
                f"{file.name} has an unknown setting '{unknown[0]}'.",
                field=unknown[0],
                fix="The settings are: " + ", ".join(known) + ".",
            )
        values = {}
        for name, value in given.items():
            kind: type[Any] = type(getattr(cls(), name))
            try:
                values[name] = kind(value)
            except (TypeError, ValueError) as error:
                raise InputError(
                    f"Setting '{name}' should be a {kind.__name__}, not {value!r}.", field=name
                ) from error
        return cls(**values)
