"""`chart` and `warrant`: the rules on a file, without a store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from warranted import charts, rdfio, resources, warrant
from warranted.errors import ParseError

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
def chart(file: Path) -> None:
    """Analyse a run chart or control chart.

    FILE holds JSON: {"chart": "run|i|p|u|c", "y": [...], "n": [...], "freeze": k, "part": [...],
    "target": v}. The result is JSON: centre, limits, runs, signals and the verdict in words.
    """
    try:
        given: Any = json.loads(file.read_bytes())
    except json.JSONDecodeError as error:
        raise ParseError(file.name, error.msg, line=error.lineno, column=error.colno) from error
    except UnicodeDecodeError as error:
        raise ParseError(file.name, "it is not UTF-8 text") from error
    result = charts.analyse(charts.ChartInput.from_json(given))
    click.echo(json.dumps(result.to_json(), indent=2, ensure_ascii=False))


@click.command("warrant")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="All indicators of every idea as JSON.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the assessment; today unless given.",
)
def warrant_(file: Path, as_json: bool, as_of: datetime | None) -> None:
    """Compute how far the evidence in an RDF file warrants each change idea in it."""
    quads = rdfio.parse(file.read_bytes(), rdfio.Format.of_path(file), name=file.name)
    policies = sorted((resources.ontology() / "policies").glob("*.ttl"))
    schemes = sorted((resources.ontology() / "schemes").glob("*.ttl"))
    for shipped in (*policies, *schemes):
        quads += rdfio.parse(shipped.read_bytes(), rdfio.Format.TURTLE, name=shipped.name)
    day: date = as_of.date() if as_of else datetime.now(UTC).date()
    found = warrant.assess(quads, day)
    if as_json:
        listed = {iri: found[iri].to_json() for iri in sorted(found)}
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for iri in sorted(found):
        click.echo(f"{iri}\n  {warrant.sentence(found[iri])}")
    if not found:
        click.echo("There is no change idea in the file.")


COMMANDS = (chart, warrant_)
