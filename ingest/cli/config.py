"""`ingest config`: the settings in force."""

from __future__ import annotations

import click
from rich.markup import escape

from ingest.cli import common


@click.group(epilog="\b\nExample:\n  ingest config show")
def command() -> None:
    """Show the settings in force and where each comes from."""


@command.command()
@common.json_option
def show(as_json: bool) -> None:
    """Print each setting with its value and origin: default, file, environment or flag."""
    from ingest.config import load

    config = load()
    if as_json:
        common.print_json(config.origins)
        return
    console = common.out()
    for name, origin in config.origins.items():
        console.print(escape(f"{name:<20}{origin.value!r:<45}{origin.source}"))
