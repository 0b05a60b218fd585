"""`ingest inspect`: a page's lines with the reasons at the margin, without writing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.cli.terminal import Text
from ingest.storage.locations import Place

STYLES = {"title": "bold cyan", "standfirst": "bold", "body": "", "quote": "", "list": ""}
METADATA_STYLE, BOILERPLATE_STYLE = "cyan", "red"
EVIDENCE_STYLES = {
    "site": "blue",
    "rule": "green",
    "model": "magenta",
    "extractor": "yellow",
    "duplicate": "bright_black",
}
METADATA = frozenset({"byline", "date", "section", "source", "tag", "caption"})


@click.command(
    cls=ArrowCommand,
    epilog="""\b
Examples:
  ingest inspect page.txt                      all lines; removed ones are red, with the reason
  ingest inspect raw/ --removed | less         every removed line of a folder
  ingest inspect dump.jsonl#17 --json          record 17 (from 0) as JSON
  ingest rules add --stay page.txt:12          line 12 should stay: make a rule of it
""",
)
@click.argument("source")
@click.option("--removed", "only", flag_value="removed", help="Show only what goes.")
@click.option("--kept", "only", flag_value="kept", help="Show only what stays.")
@click.option(
    "-d",
    "--dataset",
    type=common.PlaceType(exists=True, file_okay=False, path_type=Path),
    help="Also use what this dataset has learned of the sites.",
)
@common.extra_rules
@common.records_option
@common.sidecars_option
@common.json_option
def command(
    source: str, only: str | None, dataset: Place | None, rules: tuple[Path, ...], as_json: bool, **flags: object
) -> int:
    """Show what would become of each line of SOURCE, a file, a folder, or FILE#RECORD.

    At the margin of each line: its number, its role, who decided (evidence), and how sure. Pages of the same site are
    compared where SOURCE holds several, or with --dataset.
    """
    from ingest.document import Reject
    from ingest.inspection import pages
    from ingest.inspection.line_refs import split_source

    path, record = split_source(source)
    found = pages([path], common.with_rules(rules, **flags), dataset=dataset, record=record)
    if as_json:
        common.print_json(list(found))
        return 0
    console = common.out()
    seen = 0
    for page in found:
        seen += 1
        if isinstance(page, Reject):
            place = page.source if page.number is None else f"{page.source} record {page.number}"
            console.print(escape(f"{place}: {page.outcome.value}: {page.reason}"))
        else:
            show_page(console, page, only)
    if not seen:
        raise click.UsageError(f"{source}: no such record")
    return 0


def show_page(console: Any, page: Any, only: str | None = None) -> None:
    """Print one page: a heading, its lines with the margin, and its metadata."""
    head = f"{page.source}#{page.record}" if page.record else page.source
    site = f" · site {page.site}" if page.site else ""
    console.print(Text(f"── {head} · {page.outcome}{site} · {page.id}", style="bold"))
    if page.reason:
        console.print(Text(page.reason, style="yellow"))
    for line in page.lines:
        if only is None or (only == "kept") == line.kept:
            console.print(_margin(line) + _styled(line))
    kept = sum(line.kept for line in page.lines)
    for key, value in page.metadata.items():
        if value not in (None, [], False):
            shown = ", ".join(value) if isinstance(value, list) else value
            console.print(Text(f"{key:>14}: {shown}", style="cyan"))
    for name, count in page.repairs.items():
        console.print(Text(f"{'repaired':>14}: {name} ({count}×)", style="cyan"))
    console.print(Text(f"{kept} of {len(page.lines)} lines kept", style="bold"))
    console.print()


def _margin(line: Any) -> Text:
    mark = " " if line.kept else "−"
    style = "dim" if line.kept else _style(line)
    margin = Text(f"{line.line:>4} {mark} ", style="dim").append(f"{line.role:<17} ", style=style)
    who = "" if line.evidence == "none" else f"{line.evidence} {line.score:.2f}"
    return margin.append(f"{who:<14} ", style=EVIDENCE_STYLES.get(line.evidence, "dim"))


def _style(line: Any) -> str:
    return STYLES.get(line.role, METADATA_STYLE if line.role in METADATA else BOILERPLATE_STYLE)


def _styled(line: Any) -> Text:
    text = Text(line.text, style=_style(line))
    if not line.kept and line.rule:
        text.append(f"  ← {line.rule}", style="dim italic")
    if line.repaired_from is not None:
        text.append(f"  ⟵ {line.repaired_from}", style="yellow")
    if line.altered_to is not None:
        text.append(f"  → {line.altered_to}", style="green")
    return text
