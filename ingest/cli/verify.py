"""`ingest verify`: does the dataset keep its contract?"""

from __future__ import annotations

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.storage.locations import Place


@click.command(cls=ArrowCommand, epilog="\b\nExamples:\n  ingest verify\n  ingest verify corpus --fast --json")
@common.dataset_argument()
@click.option("--fast", is_flag=True, help="Compare files and counts only, read no rows.")
@common.json_option
def command(dataset: Place, fast: bool, as_json: bool) -> int:
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
            mark = "[red]✗[/]" if finding.severity == "error" else "[yellow]![/]"
            console.print(f"{mark} {escape(f'{finding.file}: {finding.message} → {finding.remedy}')}")
        if result.ok:
            rows = ", ".join(f"{count} {table}" for table, count in result.rows.items())
            console.print(f"[green]✓[/] {escape(f'{dataset} keeps its contract: {result.parts} parts, {rows}')}")
    return 0 if result.ok else 1
