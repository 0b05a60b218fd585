"""`ingest verify`: does the dataset keep its contract?"""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from ingest.cli import common


@click.command(epilog="\b\nExamples:\n  ingest verify\n  ingest verify corpus --fast --json")
@common.dataset_argument
@click.option("--fast", is_flag=True, help="Compare files and counts only, read no rows.")
@common.json_option
def command(dataset: Path, fast: bool, as_json: bool) -> int:
    """Check DATASET (default processed/): files, digests, schemas, balance of records, no row lost or doubled.

    Exit code 0 if all is well, 1 if not.
    """
    from ingest.dataset import Dataset

    result = Dataset.open(dataset).verify(deep=not fast)
    if as_json:
        common.print_json(result)
    else:
        console = common.out()
        for finding in result.findings:
            console.print(f"[red]✗[/] {escape(str(finding))}")
        if result.ok:
            console.print(f"[green]✓[/] {escape(str(dataset))} keeps its contract")
    return 0 if result.ok else 1
