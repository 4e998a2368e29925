"""The `warranted` command: it parses, calls the library, the site or the API, and says what came of it.

Exit codes: 0 all well; 1 the input was read and found wanting (a violation, a gate held back, a query
that failed); 2 the command or its input could not be understood; 3 the store or the disk is at fault.
"""

from __future__ import annotations

import sys

import click

from warranted import __version__, errors
from warranted.cli import data, evidence, importing, operations, publishing, shapes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="warranted")
def cli() -> None:
    """Change packages with the evidence to back them."""


_GROUPS = (data, importing, evidence, publishing, shapes, operations)
for command in (command for group in _GROUPS for command in group.COMMANDS):
    cli.add_command(command)


def exit_code(error: errors.WarrantedError) -> int:
    """The exit code that stands for `error`."""
    if isinstance(error, errors.StoreError):
        return 3
    wanting = (errors.InvalidRecord, errors.GateFailed, errors.QueryLimit, errors.NotFound)
    return 1 if isinstance(error, wanting) else 2


def main() -> None:
    """Run the command line; an error the project knows of is one plain message, never a traceback."""
    try:
        cli(standalone_mode=False)
    except errors.WarrantedError as error:
        click.echo(f"warranted: {error}", err=True)
        sys.exit(exit_code(error))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("warranted: stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        click.echo(
            f"warranted: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True
        )
        sys.exit(3)
