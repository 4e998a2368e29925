"""`init`, `load`, `validate`, `query`, `export`: records in and out of the store."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import click

from warranted import checking, documents, ladder, migration, resources, validation
from warranted.cli.screen import Progress
from warranted.errors import InputError, StoreUnavailable
from warranted.operations.upgrade import upgrade
from warranted.rdfio import Format
from warranted.records import Record
from warranted.repository import Repository
from warranted.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
RESULTS = ("table", "json", "xml", "csv", "tsv", "turtle", "ntriples", "nquads", "trig", "jsonld")


@click.command()
@click.option("--rebuild", is_flag=True, help="Make the graph anew from the ledger.")
def init(rebuild: bool) -> None:
    """Make the store ready: the ledger, the graph projected from it, the shipped policies."""
    with Repository(Settings.read()) as repository:
        for file in sorted((resources.ontology() / "policies").glob("*.ttl")):
            repository.load(file)
        if rebuild:
            repository.follower.rebuild()
        records = sum(repository.ledger.counts().values())
        last = repository.ledger.last_seq()
        try:
            stands = f"is up to change {repository.graph.applied()[0]} of {last} of the ledger"
        except StoreUnavailable as error:
            stands = f"will follow the ledger's {last} changes when it can: {error.message}"
        click.echo(f"{records} records; the graph {stands.rstrip('.')}.")


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
def load(files: tuple[Path, ...]) -> None:
    """Load RDF files (Turtle, TriG, N-Quads, N-Triples, JSON-LD); each wholly or not at all."""
    with Repository(Settings.read()) as repository:
        for file in files:
            with Progress(file.name) as progress:
                report = repository.load(file, progress=progress)
            click.echo(report.summary())


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Every result as JSON.")
def validate(files: tuple[Path, ...], as_json: bool) -> None:
    """Judge the records in RDF files by the shapes, without a store.

    Exits with 1 if there is a violation. A warning keeps a record from being published unless it was
    made from a publication; it is listed either way.
    """
    settings = Settings.read()
    found: list[validation.Result] = []
    for file in files:
        report = checking.check_file(file, base=settings.base)
        found += report.results
        if not as_json:
            _say(file, report.records, report.results)
    if as_json:
        click.echo(json.dumps([r.as_json() for r in found], indent=2, ensure_ascii=False))
    if validation.violations(found):
        sys.exit(1)


def _say(file: Path, records: list[Record], results: list[validation.Result]) -> None:
    count = Counter(r.severity for r in results)
    parts = [
        f"{count[name]} {name.lower()}{'' if count[name] == 1 else 's'}"
        for name in ("Violation", "Warning", "Info")
    ]
    click.echo(f"{file}: {len(records)} records, {', '.join(parts)}")
    by_record: dict[str, list[validation.Result]] = {record.iri: [] for record in records}
    for result in results:
        by_record[result.record].append(result)
    rungs = Counter(ladder.standing(found).rung for found in by_record.values())
    stand = [f"{rungs[rung]} {rung}" for rung in reversed(ladder.RUNGS) if rungs[rung]]
    click.echo(f"  documentation: {', '.join(stand) or 'no record'}")
    for result in results:
        if result.severity == "Violation":
            value = f" (it says: {result.value})" if result.value else ""
            click.echo(f"  Violation  {result.record}  {result.message}{value}")
    for (severity, message), times in sorted(
        Counter((r.severity, r.message) for r in results if r.severity != "Violation").items(),
        key=lambda item: (item[0][0] != "Warning", -item[1], item[0][1]),
    ):
        click.echo(f"  {severity:<9}  {times:>3} ×  {message}")


@click.command()
@click.argument("query", required=False)
@click.option("--file", "-f", type=FILE, help="Read the query from a file.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(RESULTS),
    default="table",
    show_default=True,
    help="How to print it.",
)
def query(query: str | None, file: Path | None, fmt: str) -> None:
    """Run a SPARQL query over the workspace graph. QUERY is the text; '-' reads it from input."""
    if (query is None) == (file is None):
        raise InputError("Give either a query or a file with one.", fix="See warranted query -h.")
    text = file.read_text(encoding="utf-8") if file else query or ""
    if text == "-":
        text = sys.stdin.read()
    with Repository(Settings.read()) as repository:
        click.echo(repository.query(text, fmt).decode().rstrip("\n"))


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export(out: Path) -> None:
    """Write every current record to OUT; the ending names the format (.nq .trig .ttl .jsonld)."""
    fmt = Format.of_path(out)
    with Repository(Settings.read()) as repository:
        count = repository.export(fmt, out)
    click.echo(f"{count} records written to {out}.")


@click.command()
@click.argument("file", required=False, type=FILE)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write FILE's records; its ending names the format.",
)
def migrate(file: Path | None, output: Path | None) -> None:
    """Bring data of an earlier version of the ontology up to this one.

    Without FILE, the store: each record that changes gets a new version, and the old ones stay.
    """
    settings = Settings.read()
    if file is None:
        was, now = upgrade(settings.ledger or settings.data / "ledger.sqlite")
        if was != now:
            click.echo(f"The ledger's tables were of version {was} and are of {now}.")
        with Repository(settings) as repository:
            report = migration.migrate_repository(repository, base=settings.base)
        click.echo(f"{len(report.changed)} of {report.records} records changed.")
        return
    if output is None:
        raise InputError("Say where to write the records.", field="--output", fix="Give -o OUT.")
    fmt = Format.of_path(output)
    before = checking.read_file(file, base=settings.base)
    after = migration.migrate(before, base=settings.base)
    known = {record.iri: record.digest for record in before}
    changed = sum(known.get(record.iri) != record.digest for record in after)
    part = output.with_name(f".{output.name}.part")
    with part.open("wb") as out:
        documents.write(after, fmt, out)
    part.replace(output)
    click.echo(f"{changed} of {len(after)} records changed; written to {output}.")


COMMANDS = (init, load, validate, query, export, migrate)
