"""`chart` and `warrant`: the rules on a file, without a store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

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
@click.option(
    "--context",
    multiple=True,
    metavar="VALUE",
    help="Only tests at places with this facet value, such as locality/rural. Repeat for more.",
)
@click.option(
    "--wanted", is_flag=True, help="The fewest tests at new places that would lift each idea."
)
@click.option("--since", type=FILE, help="An earlier state of the file: what changed, and why.")
def warrant_(
    file: Path,
    as_json: bool,
    as_of: datetime | None,
    context: tuple[str, ...],
    wanted: bool,
    since: Path | None,
) -> None:
    """Compute how far the evidence in an RDF file warrants each change idea in it."""
    day: date = as_of.date() if as_of else datetime.now(UTC).date()
    quads = _quads(file)
    if context or wanted or since:
        body = warrant.Body(quads, day)
        told: dict[str, Any] = (
            {i: c.to_json() for i, c in body.since(warrant.Body(_quads(since), day)).items()}
            if since
            else {i: c.to_json() for i, c in body.in_context(_chosen(context)).items()}
            if context
            else {i: w.to_json() for i, w in body.wanted().items()}
        )
        if as_json:
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
            return
        for iri, one in told.items():
            click.echo(f"{iri}\n  {one['words']}")
        return
    found = warrant.assess(quads, day)
    if as_json:
        listed = {iri: found[iri].to_json() for iri in sorted(found)}
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for iri in sorted(found):
        click.echo(f"{iri}\n  {warrant.sentence(found[iri])}")
    if not found:
        click.echo("There is no change idea in the file.")


def _quads(file: Path) -> list[ox.Quad]:
    """The file's quads, and those of the shipped schemes and policies."""
    quads = rdfio.parse(file.read_bytes(), rdfio.Format.of_path(file), name=file.name)
    policies = sorted((resources.ontology() / "policies").glob("*.ttl"))
    schemes = sorted((resources.ontology() / "schemes").glob("*.ttl"))
    for shipped in (*policies, *schemes):
        quads += rdfio.parse(shipped.read_bytes(), rdfio.Format.TURTLE, name=shipped.name)
    return quads


def _chosen(values: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Facet → values; a value is an IRI, or `facet/value` of a shipped scheme."""
    return warrant.chosen_of(values)


COMMANDS = (chart, warrant_)
