"""`token`, `backup`, `restore`, `verify`: who may come in, and that nothing is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from warranted.errors import InputError, NotFound, StoreError
from warranted.graph import EmbeddedGraph, Follower, GraphPort, open_graph
from warranted.ledger import Ledger, find, opened
from warranted.ledger.accounts import Accounts
from warranted.operations import backup as backups
from warranted.operations import verify as verification
from warranted.rights import EVERYWHERE, ROLES, SCOPES
from warranted.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def where(settings: Settings) -> Path | str:
    """Where the settings have the ledger."""
    return settings.ledger or settings.data / "ledger.sqlite"


@click.group()
def token() -> None:
    """Accounts and their tokens: who may come in, in which role, for how long."""


@token.command("create")
@click.option("--label", required=True, help="What the account is called, such as a team.")
@click.option("--network", default=EVERYWHERE, help="IRI of the network; without it, all of them.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Several are fine.")
@click.option("--account", help="An account there is; else a new one is made.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Else all.")
@click.option("--days", default=90.0, show_default=True, help="After which it ends.")
def create(
    label: str,
    network: str,
    roles: tuple[str, ...],
    account: str | None,
    scopes: tuple[str, ...],
    days: float,
) -> None:
    """Make a token and print it, once."""
    if not roles and account is None:
        raise InputError("Say in which role.", field="--role", fix=f"One of: {', '.join(ROLES)}.")
    with opened(where(Settings.read())) as ledger:
        if network != EVERYWHERE and not find.lines(ledger, [network]):
            raise NotFound(f"There is no network <{network}>.", field="--network")
        accounts = Accounts(ledger)
        with ledger.writing():
            id_ = account or accounts.create(label)
            if roles:
                accounts.set_roles(id_, network, roles)
            text, made = accounts.issue(id_, scopes=scopes or SCOPES, days=days, label=label)
    click.echo(text)
    click.echo(f"account {id_}, until {made.expires[:10]}; it is not shown again.", err=True)


@token.command("list")
def listed() -> None:
    """List accounts with their roles, and tokens."""
    with opened(where(Settings.read())) as ledger:
        accounts = Accounts(ledger)
        for account in accounts.every():
            roles = "; ".join(f"{n}: {', '.join(r)}" for n, r in account["roles"].items())
            state = " (disabled)" if account["disabled"] else ""
            click.echo(f"{account['id']}  {account['label']}{state}  {roles or 'no role'}")
            for one in accounts.tokens(account["id"]):
                ends = f"revoked {one.revoked[:10]}" if one.revoked else f"until {one.expires[:10]}"
                click.echo(f"    token {one.id}  {' '.join(one.scopes)}  {ends}")


@token.command("revoke")
@click.argument("id")
def revoke(id: str) -> None:  # noqa: A002
    """Let a token open nothing from now on."""
    with opened(where(Settings.read())) as ledger:
        Accounts(ledger).revoke(id)
    click.echo(f"Token {id} opens nothing any more.")


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-releases", is_flag=True, help="Leave out the releases' folders.")
def backup(out: Path, without_releases: bool) -> None:
    """Write everything to OUT (.tar.gz), while the server goes on."""
    settings = Settings.read()
    with opened(where(settings)) as ledger:
        made = backups.write(ledger, settings, out, releases=not without_releases)
    click.echo(
        f"{out}: {made.rows['version']} versions, {made.rows['audit']} audit entries, "
        f"{made.releases} releases."
    )


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Fill an empty store from a backup, SQLite or PostgreSQL, and verify it."""
    settings = Settings.read()
    made = backups.restore(file, settings)
    click.echo(
        f"{made.rows['version']} versions and {made.releases} releases of {made.made[:16]}Z restored."
    )
    graph = open_graph(settings)
    try:
        with opened(where(settings)) as ledger:
            Follower(ledger, graph).catch_up()
            _tell(ledger, graph, settings)
    finally:
        graph.close()


@click.command()
def verify() -> None:
    """Look at every version, the audit log, the graph and the releases; exits with 1 on a fault.

    The embedded graph is left out while a server has it open.
    """
    settings = Settings.read()
    graph: GraphPort | None = None
    try:
        graph = open_graph(settings)
    except StoreError as error:
        click.echo(f"The graph is left out: {error}", err=True)
    try:
        with opened(where(settings)) as ledger:
            _tell(ledger, graph, settings)
    finally:
        if graph is not None:
            graph.close()


def _tell(ledger: Ledger, graph: GraphPort | None, settings: Settings) -> None:
    found = verification.verify(ledger, graph, settings)
    said = "" if graph is None else ", the graph"
    engine = "embedded" if isinstance(graph, EmbeddedGraph) else "remote"
    click.echo(
        f"{found.versions} versions of {found.records} records in force, "
        f"{found.releases} releases{said and f'{said} ({engine})'}: "
        f"{len(found.faults) or 'no'} fault{'' if len(found.faults) == 1 else 's'}."
    )
    for line in (*found.faults, *found.notes):
        click.echo(f"  {line}")
    if found.faults:
        sys.exit(1)


COMMANDS = (token, backup, restore, verify)
