"""`import`: spreadsheets and RDF files into a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from warranted.cli.screen import Progress
from warranted.curation.importing import MODES, TABLES, Importer, kind_of
from warranted.curation.service import Curation
from warranted.errors import InputError
from warranted.imports.mapping import mapping_names, read_mapping
from warranted.records import known
from warranted.repository import Repository
from warranted.rights import SYSTEM
from warranted.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--network", required=True, help="IRI of the network that keeps the records.")
@click.option("--type", "type_", help="What a row of a table is, such as test.")
@click.option("--mapping", help=f"A mapping file, or one that ships: {', '.join(mapping_names())}.")
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="all",
    show_default=True,
    help="Every row or none, or the rows that are right.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come of it; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def import_(
    file: Path,
    network: str,
    type_: str | None,
    mapping: str | None,
    mode: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import FILE (.csv .xlsx, or RDF) into a network; new records start as drafts.

    The same file twice changes nothing. Exits with 1 if a row was refused.
    """
    settings = Settings.read()
    ending = kind_of(file.name)
    if ending in TABLES and type_ is None:
        raise InputError("Say what a row is.", field="--type", fix="Such as --type test.")
    read = read_mapping(mapping) if mapping else None
    with Repository(settings) as repository:
        curation = Curation(repository.ledger, repository.writer, settings.base)
        importer = Importer(curation, SYSTEM, network)
        with Progress(file.name) as progress:
            if ending in TABLES:
                report = importer.table(
                    file,
                    known(type_ or ""),
                    mapping=read,
                    mode=mode,
                    dry_run=dry_run,
                    progress=progress,
                )
            else:
                report = importer.rdf(file, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(report.summary())
        for message in report.told[:100]:
            where = f"{message.sheet}, row {message.row}"
            where += f", {message.column}" if message.column else ""
            click.echo(f"  {message.severity:<9}  {where}: {message.message}")
        if report.messages > 100:
            click.echo(f"  … and {report.messages - 100} more; --json lists {len(report.told)}.")
    if report.refused:
        sys.exit(1)


COMMANDS = (import_,)
