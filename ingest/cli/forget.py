"""`ingest forget`: take sources or pages out for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.maintenance.forget import Done

SHOWN = 10  # copies that are named


@click.command(
    cls=ArrowCommand,
    epilog="""\b
Examples:
  ingest forget 3f9c07aa                    a page, by its id or the start of it
  ingest forget 3f9c07aa --copies           and all pages of the same text, also those to come
  ingest forget dumps/site-a/page.html      a source, as in `source_path` or by its place on disk
  ingest forget site-a/                     all sources below a folder that are known now
  ingest forget --list
  ingest forget 3f9c07aa --undo             let it in again: the next run reads it
""",
)
@click.argument("names", metavar="[SOURCE|ID]...", nargs=-1)
@common.dataset_option
@click.option("--copies", is_flag=True, help="With the pages, all pages that are copies of them, wherever they stand.")
@click.option("--undo", is_flag=True, help="Let what was forgotten in again; the next run reads it.")
@click.option("--list", "list_", is_flag=True, help="Show what is forgotten.")
@click.option("--wait", is_flag=True, help="Wait while a run holds the dataset, instead of ending with 75.")
@common.json_option
def command(
    names: tuple[str, ...], output: Place, copies: bool, undo: bool, list_: bool, wait: bool, as_json: bool
) -> None:
    """Take sources and pages out of the dataset for good, say because somebody asked for it.

    Their rows go from all tables, with the bytes that are kept of them, and no run reads them again, though the source
    is still there: a source is known by its path and by its content, a page by its id and by its text in its source.
    The source itself is not touched.
    """
    from ingest import stopping
    from ingest.config import load
    from ingest.dataset import Dataset
    from ingest.dataset.forgotten import load as load_list
    from ingest.maintenance.forget import allow, forget

    if list_ == bool(names):
        raise click.UsageError("give sources or ids, or --list")
    if list_:
        forgotten = load_list(Dataset.open(output).storage)
        if as_json:
            common.print_json(forgotten)
            return
        console = common.out()
        for source in forgotten.sources:
            console.print(escape(f"source  {source.path}  {source.at:%Y-%m-%d %H:%M:%S} UTC"))
        for page in forgotten.pages:
            more = "  and copies" if page.copies else ""
            console.print(escape(f"page    {page.id}  {page.source_path}{more}  {page.at:%Y-%m-%d %H:%M:%S} UTC"))
        return
    stopping.listen()
    if undo:
        done = allow(output, names, copies=copies, wait=wait)
    else:
        done = forget(output, names, load().settings, copies=copies, wait=wait)
    if as_json:
        common.print_json(done)
    else:
        _tell(done, undo)


def _tell(done: Done, undo: bool) -> None:
    console = common.talk()
    about = f"{len(done.sources)} sources and {len(done.pages)} pages"
    if undo:
        console.print(f"let in    {about}: the next run reads them where their source is still there")
        return
    console.print(f"forgotten {about}; {done.rows} articles and rejected records are out of the dataset")
    if done.copies:
        named = ", ".join(id[:12] for id in done.copies[:SHOWN]) + (", …" if len(done.copies) > SHOWN else "")
        console.print(f"copies    {len(done.copies)} pages of the same text stay: {named} → --copies takes them, too")
