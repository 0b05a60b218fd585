"""`ingest plugins`: what other packages bring in."""

from __future__ import annotations

import click

from ingest.cli import common
from ingest.cli.terminal import Text


@click.command(epilog="\b\nExamples:\n  ingest plugins\n  ingest plugins --json")
@common.json_option
def command(as_json: bool) -> None:
    """List the readers, stages, rules, sinks and language engines of other packages, and whether they work.

    A broken plug-in is named here with the reason; it stops only what needs it.
    """
    from ingest.plugins import KINDS, survey

    found = survey()
    if as_json:
        common.print_json(found)
        return
    console = common.out()
    for plugin in found:
        state = Text("ok", "green") if not plugin.error else Text(f"broken: {plugin.error}", "red")
        console.print(Text(f"{plugin.kind:<10}{plugin.name:<20}{f'{plugin.package} {plugin.version}':<30}") + state)
    if not found:
        groups = ", ".join(f"ingest.{kind}" for kind in KINDS)
        console.print(f"no plug-ins; other packages bring them by the entry points {groups}")
