"""`ingest report`: the dataset as one HTML file to look at."""

from __future__ import annotations

import click

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.cli.terminal import data_stream
from ingest.storage.locations import Place


@click.command(
    cls=ArrowCommand,
    epilog="""\b
Examples:
  ingest report                           processed/ as report.html
  ingest report corpus -o corpus.html
  ingest report corpus --pages 5000 -o - > all.html
""",
)
@common.dataset_argument()
@click.option(
    "-o",
    "--output",
    "target",
    default="report.html",
    show_default=True,
    help="The file to write; - is standard output.",
)
@click.option(
    "--pages",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    help="Sample pages to show in full. More pages make a larger file, some 2 to 3 kB each.",
)
def command(dataset: Place, target: str, pages: int) -> None:
    """Write a report of DATASET (default processed/) as one HTML file that works without network.

    It shows totals, languages, what was removed and by which evidence, sites and how they changed since the run before,
    and sample pages before and after. Lines can be marked there as wrong, for `ingest rules add`.
    """
    from ingest.report import write_report

    size = write_report(dataset, target, pages=pages, stdout=data_stream())
    if target != "-":
        common.talk().print(f"{target}: {size / 1e6:.1f} MB", markup=False)
