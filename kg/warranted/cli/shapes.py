"""`schema`, `template`, `form`: what the shapes say, for other programs and for people."""

from __future__ import annotations

import json
from pathlib import Path

import click

from warranted import form_model, json_schema, template


@click.command()
@click.argument("type_", metavar="TYPE")
def schema(type_: str) -> None:
    """Print the JSON Schema of a record type, such as test or idea.

    Its "$comment" lists what the shapes ask and JSON Schema cannot say.
    """
    click.echo(json.dumps(json_schema.schema(type_), indent=2, ensure_ascii=False))


@click.command("template")
@click.argument("type_", metavar="TYPE")
@click.argument("out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def template_(type_: str, out: Path) -> None:
    """Write the import template of a record type to OUT (.xlsx with drop-downs, or .csv)."""
    for sheet in template.write(type_, out):
        click.echo(f"{out}: {sheet.title}, {len(sheet.columns)} columns")


@click.command("form")
@click.argument("type_", metavar="TYPE")
def form_(type_: str) -> None:
    """Print the form of a record type as JSON: sections, fields, widgets, choices, help."""
    found = [form.as_json() for form in form_model.forms_of(type_)]
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


COMMANDS = (schema, template_, form_)
