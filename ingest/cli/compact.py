"""`ingest compact`: gather small parts."""

from __future__ import annotations

import click
from rich.markup import escape

from ingest.cli import common
from ingest.storage.locations import Place


@click.command(epilog="\b\nExamples:\n  ingest compact\n  ingest compact corpus --wait --json")
@common.dataset_argument()
@click.option("--wait", is_flag=True, help="Wait while a run holds the dataset, instead of ending with 75.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
@common.json_option
def command(dataset: Place, wait: bool, quiet: bool, as_json: bool) -> None:
    """Gather the small parts of DATASET (default processed/) into larger ones.

    Rows do not change, and readers see each of them once at any instant. Where runs bring a few files each, do this now
    and then: fewer files are faster to read. It may be stopped at any time.
    """
    from ingest.maintenance.compact import compact

    done = compact(dataset, wait=wait)
    if as_json:
        common.print_json(done)
    if as_json or quiet:
        return
    console = common.talk()
    if done.rewritten:
        gathered = f"gathered {done.rewritten} small parts ({done.bytes / 1e6:,.1f} MB)"
        console.print(escape(f"{gathered}: {done.parts_before} parts are now {done.parts_after}"))
    else:
        console.print(escape(f"nothing to gather in {done.parts_before} parts"))
    if done.learned_after < done.learned_before:
        console.print(f"what was learned of sites: {done.learned_before} files are now {done.learned_after}")
