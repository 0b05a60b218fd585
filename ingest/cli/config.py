"""`ingest config`: the settings in force."""

from __future__ import annotations

import click
import msgspec
from rich.markup import escape

from ingest.cli import common


@click.group(epilog="\b\nExample:\n  ingest config show")
def command() -> None:
    """Show the settings in force and where each comes from."""


@command.command()
@common.json_option
def show(as_json: bool) -> None:
    """Print each setting with its value and where that comes from: default, file, or environment.

    Flags of `ingest run` go before all of these.
    """
    from ingest.config import load

    config = load()
    if as_json:
        common.print_json(config.origins)
        return
    console = common.out()
    rows = [
        (name, msgspec.json.encode(origin.value).decode(), origin.source) for name, origin in config.origins.items()
    ]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, source in rows:
        console.print(
            escape(f"{name:<{first}}  {value:<{second}}  {source}"), style=None if source != "default" else "dim"
        )
