"""`ingest plan`: what `run` would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.storage.locations import Place

LISTS = ("new", "changed", "stale", "copies", "unreadable", "unsettled", "forgotten", "missing")


@click.command(epilog="\b\nExamples:\n  ingest plan\n  ingest plan dumps -o corpus --json")
@click.argument("sources", nargs=-1, type=common.PlaceType(path_type=Path, readable=False))
@common.dataset_option
@common.force_option
@common.json_option
def command(sources: tuple[Place, ...], output: Place, force: bool, as_json: bool) -> None:
    """Say what `ingest run SOURCES` would read, and why; nothing is written."""
    from ingest.config import load
    from ingest.run import look

    plan, ignored = look(sources or (Path(common.DEFAULT_SOURCE),), output, load().settings, force=force)
    files: dict[str, Any] = {name: [source.path for source in getattr(plan, name)] for name in LISTS}
    files["done"] = len(plan.done)
    files["ignored"] = ignored
    if as_json:
        common.print_json(files)
        return
    console = common.out()
    for name in (*LISTS, "ignored"):
        for path in files[name]:
            console.print(escape(f"{name:<12}{path}"))
    stale = f", {len(plan.stale)} stale (--reprocess stale reads them again)" if plan.stale else ""
    console.print(f"{len(plan.todo)} to read, {len(plan.done)} done already{stale}")
