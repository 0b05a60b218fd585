"""`ingest quarantine`: records that could not be used."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.cli.terminal import data_stream
from ingest.storage.locations import Place


@click.group(
    epilog="""\b
Examples:
  ingest quarantine list
  ingest quarantine show 3f9c > page.html
  ingest quarantine retry                  all of them, e.g. after an update
"""
)
def command() -> None:
    """Look at records that could not be used, and process them again."""


@command.command("list")
@common.dataset_argument("-o", "--output")
@common.json_option
def list_(dataset: Place, as_json: bool) -> None:
    """The records that could not be used, with reason and remedy."""
    from ingest.dataset import open_dataset
    from ingest.quarantine.listing import held

    items = held(open_dataset(dataset))
    if as_json:
        common.print_json(items)
        return
    console = common.out()
    for item in items:
        place = item.source_path if item.source_record is None else f"{item.source_path} record {item.source_record}"
        kept = f"{item.kept_bytes:,} of {item.n_bytes:,} bytes kept" if item.n_bytes else "no bytes kept"
        console.print(f"[yellow]{item.outcome:<12}[/]{item.id[:12]}  {escape(place)}  [dim]{kept}[/]")
        remedy = f" → {item.remedy}" if item.remedy else ""
        console.print(escape(f"            {item.reason}{remedy}"))
    console.print(f"{len(items)} in quarantine")


@command.command()
@click.argument("identifier", metavar="ID")
@common.dataset_option
def show(identifier: str, output: Place) -> None:
    """Write the bytes that are kept of record ID, or the start of it, to standard output, as they were found; on a
    terminal, control characters are escaped.
    """
    from ingest.dataset import open_dataset
    from ingest.quarantine.listing import content, find, held

    dataset = open_dataset(output)
    [item] = find(held(dataset), [identifier])
    data_stream().write(content(dataset, item))


@command.command(cls=ArrowCommand)
@click.argument("identifiers", metavar="[ID]...", nargs=-1)
@common.dataset_option
@click.option("--wait", is_flag=True, help="Wait while a run holds the dataset, instead of ending with 75.")
@common.json_option
def retry(identifiers: tuple[str, ...], output: Place, wait: bool, as_json: bool) -> int:
    """Process records again, all of them or those with an ID, with the program and the settings of today.

    Records come from the bytes that are kept, or from their source where it is unchanged. Those that have become
    something else replace their old row. Exit code 0 if none is left in quarantine of those that were tried, else 3.
    """
    from ingest import stopping
    from ingest.config import load
    from ingest.quarantine.keep import is_held
    from ingest.quarantine.retry import retry as again

    stopping.listen()
    result = again(output, identifiers, load().settings, wait=wait)
    bad = result.left or result.unchanged or any(is_held(change.after) for change in result.changed)
    if as_json:
        common.print_json(result)
    else:
        _tell(result)
    return 3 if bad else 0


def _tell(result: Any) -> None:
    console = common.talk()
    for name in ("changed", "unchanged", "left"):
        for change in getattr(result, name):
            number = change.source_record
            place = change.source_path if number is None else f"{change.source_path} record {number}"
            now = f"{change.before} → {change.after}" if name == "changed" else f"still {change.after}"
            reason = f": {change.reason}" if change.reason else ""
            console.print(escape(f"{now:<24}{change.id[:12]}  {place}{reason}"))
    console.print(f"{len(result.changed)} changed, {len(result.unchanged)} as before, {len(result.left)} not retried")
