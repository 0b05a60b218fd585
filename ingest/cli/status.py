"""`ingest status`: totals of a dataset."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from ingest.cli import common


@click.command(epilog="\b\nExamples:\n  ingest status\n  ingest status corpus --json")
@common.dataset_argument
@common.json_option
def command(dataset: Path, as_json: bool) -> None:
    """Show what DATASET (default processed/) holds and when it was last written."""
    from ingest.dataset import Dataset

    status = Dataset.open(dataset).status()
    if as_json:
        common.print_json(status)
        return
    console = common.out()
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(status.outcomes.items())) or "none"
    console.print(escape(f"dataset   {dataset}"))
    console.print(f"sources   {status.sources}")
    console.print(f"records   {status.records} = {outcomes}")
    for table, rows in status.rows.items():
        console.print(f"{table:<10}{rows} rows")
    console.print(f"last run  {status.last_run or 'never'}")
