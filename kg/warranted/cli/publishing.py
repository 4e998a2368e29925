"""`publish`, `serve`, `demo`, `sparql`: from the store to readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from warranted import release, resources, warrant
from warranted.cli.screen import Progress
from warranted.query.opened import opened
from warranted.records import Record
from warranted.repository import Repository
from warranted.settings import Settings


def _publish(repository: Repository, settings: Settings, force: bool = False) -> release.Release:
    import warranted_site
    from warranted_site.options import Options

    options = Options.of(settings)
    now = datetime.now(UTC)

    def compute(records: list[Record]) -> list[Record]:
        return warrant.assessment_records(
            records,
            as_of=now.date(),
            base=settings.base,
            stamps=repository.prediction_stamps(),
        )

    with Progress("publish") as progress:
        return release.publish(
            repository,
            settings,
            compute=compute,
            build_site=partial(warranted_site.build_site, options=options),
            now=now,
            progress=progress,
            force=force,
        )


def _announce(made: release.Release, settings: Settings) -> None:
    if made.new:
        click.echo(f"Release {made.id} is current; its site is in {settings.html}.")
    else:
        click.echo(f"Nothing has changed since release {made.id}; its site is in {settings.html}.")


@click.command()
@click.option("--force", is_flag=True, help="Make a release even if nothing has changed.")
def publish(force: bool) -> None:
    """Make an immutable release of what is to be published, and switch to it at once or not at all."""
    settings = Settings.read()
    with Repository(settings) as repository:
        made = _publish(repository, settings, force)
    _announce(made, settings)


@click.command()
def serve() -> None:
    """Serve the latest release and the API."""
    import warranted_api

    warranted_api.serve(Settings.read(), _publish)


@click.command()
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
def demo(no_serve: bool) -> None:
    """Real packages → store → check → release → site → serve on 127.0.0.1:8000."""
    settings = Settings.read()
    with Repository(settings) as repository:
        for file in _in_order(resources.packages()):
            with Progress(file.name) as progress:
                report = repository.load(file, progress=progress)
            click.echo(report.summary())
        made = _publish(repository, settings)
    _announce(made, settings)
    if not no_serve:
        import warranted_api

        click.echo(f"Serving on http://{settings.host}:{settings.port}/ — stop it with Ctrl-C.")
        warranted_api.serve(settings, _publish)


@click.command()
@click.argument("dumps", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Listen there; default: the setting.")
def sparql(dumps: tuple[Path, ...], port: int | None) -> None:
    """Serve DUMPS at /sparql: files of one dataset (.nq .trig .ttl .nt, also .gz or .zst), or the
    folders of releases.

    Query page, SPARQL endpoint, stored queries and citations; nothing can be written to.
    """
    import warranted_api

    settings = Settings.read()
    if port is not None:
        settings = replace(settings, port=port)
    with opened(dumps, settings.base) as datasets:
        latest = datasets.latest()
        triples = f"{latest.triples:,} triples" if latest else ""
        where = f"http://{settings.host}:{settings.port}/sparql"
        click.echo(f"{', '.join(datasets.names())}: {triples} on {where} — stop it with Ctrl-C.")
        warranted_api.serve_datasets(datasets, settings)


def _in_order(folder: Path) -> list[Path]:
    """The shipped policies before the packages that name them."""
    policies = sorted((resources.ontology() / "policies").glob("*.ttl"))
    return [*policies, *sorted(folder.glob("*.ttl"))]


COMMANDS = (publish, serve, demo, sparql)
