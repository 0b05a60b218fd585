"""`ingest status`: what a dataset holds, and how its last run went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.markup import escape

from ingest.cli import common
from ingest.storage.places import Place

if TYPE_CHECKING:
    from ingest.dataset import Status


@click.command(
    epilog="\b\nExamples:\n  ingest status\n  ingest status corpus --json\n  ingest status --max-age 7200 || alarm"
)
@common.dataset_argument
@click.option(
    "--max-age",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="For monitoring: exit code 1 if the last run failed, or none has ended well for so long.",
)
@common.json_option
def command(dataset: Place, max_age: float | None, as_json: bool) -> int:
    """Show what DATASET (default processed/) holds, when it was last written, and how the last run went."""
    from ingest.dataset import Dataset

    status = Dataset.open(dataset).status()
    if as_json:
        common.print_json(status)
    else:
        _show(dataset, status)
    return 0 if max_age is None or _is_well(status, max_age) else 1


def _is_well(status: Status, max_age: float) -> bool:
    from datetime import datetime, timezone

    if status.failed or status.last_good is None:
        return False
    return (datetime.now(timezone.utc) - status.last_good).total_seconds() <= max_age


def _show(dataset: Place, status: Status) -> None:
    console = common.out()
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(status.outcomes.items())) or "none"
    console.print(escape(f"dataset   {dataset}"))
    console.print(f"sources   {status.sources}")
    console.print(f"records   {status.records} = {outcomes}")
    for table, rows in status.rows.items():
        console.print(f"{table:<10}{rows} rows")
    console.print(f"parts     {status.parts}")
    run = status.last_run
    if run is None:
        console.print("last run  never")
    else:
        colour = "red" if run.failed else "green" if run.state == "done" else "yellow"
        code = "" if run.exit_code is None else f", exit code {run.exit_code}"
        ago = _ago(status.age_seconds or 0)
        console.print(f"last run  {escape(run.run_id)}: [{colour}]{run.state}[/]{code}, {ago} ago")
        if run.error:
            console.print(escape(f"          {run.error.splitlines()[0]}"))
        if run.failed:
            good = f"{status.last_good:%Y-%m-%d %H:%M:%S} UTC" if status.last_good else "never"
            console.print(f"last good {good}")
    if status.running is not None:
        console.print(escape(f"held by   {status.running}"))
    for source in status.unfinished:
        did = "read" if source.purpose == "apply" else "learned from"
        console.print(
            escape(f"begun     {source.path}: {source.records} records {did}; the next run goes on after them")
        )


def _ago(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
