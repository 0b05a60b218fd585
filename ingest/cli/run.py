"""`ingest run`: the main job."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ingest.cli import common

STEPS = {"learn": "learning what pages of a site share", "apply": "writing articles"}
SIGTERM_EXIT = 143


@click.command(
    epilog="""\b
Examples:
  ingest run                               raw/ into processed/
  ingest run dumps/2024 -o corpus          a folder of text, HTML and JSONL files
  ingest run dump.jsonl -o corpus --json   totals as JSON, for scripts
  17 3 * * *  cd /data && ingest run -q    a line for cron: silent unless something is wrong
"""
)
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@common.dataset_option
@click.option("--keep", type=click.Choice(["precision", "balanced", "recall"]), help="Which error to prefer.")
@click.option("--language-engine", metavar="NAME", help="ngram (default), langdetect, or a plug-in.")
@click.option("--learn/--no-learn", default=None, help="Learn from the pages of the same site (default: yes).")
@click.option("--min-words", type=click.IntRange(min=0), help="Reject articles with fewer words.")
@click.option("--rules", type=click.Path(exists=True), multiple=True, help="Folder with further rules.")
@click.option(
    "--dedup", type=click.Choice(["off", "exact", "near"]), help="Mark copies of the same text (default), or near ones."
)
@click.option("--drop-duplicates/--keep-duplicates", default=None, help="Move duplicates to rejected (default: keep).")
@click.option(
    "--reprocess",
    type=click.Choice(["none", "stale", "all"]),
    default="none",
    show_default=True,
    help="Read known sources again: those of another configuration, or all.",
)
@click.option("--workers", metavar="N", help="Processes that do the work; default: auto, one for each CPU.")
@click.option("--wait", is_flag=True, help="Wait while another run holds the dataset, instead of ending with 75.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
@common.json_option
def command(
    sources: tuple[Path, ...],
    output: Path,
    reprocess: Any,
    wait: bool,
    quiet: bool,
    as_json: bool,
    rules: tuple[str, ...],
    **flags: Any,
) -> int:
    """Read SOURCES (files or folders, default raw/) and bring the dataset up to date.

    Sources are known by their content: what is in the dataset already is not read again, a file that has changed
    replaces its old rows. Records that cannot be used are written to the table `rejected` with the reason, and the run
    goes on; it then ends with exit code 3.
    """
    from ingest.config import load
    from ingest.run import run

    signal.signal(signal.SIGTERM, _stop)
    settings = load({**flags, "rules": rules or None}).settings
    with _progress(quiet or as_json) as progress:
        report = run(
            sources or (Path(common.DEFAULT_SOURCE),),
            output,
            settings,
            reprocess=reprocess,
            wait=wait,
            progress=progress,
        )
    if as_json:
        common.print_json(report)
    else:
        _tell(report, quiet)
    return report.exit_code


def _stop(signum: int, frame: object) -> None:
    raise SystemExit(SIGTERM_EXIT)


@contextmanager
def _progress(silent: bool) -> Iterator[Any]:
    console = common.talk()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}", style="dim"),
        console=console,
        transient=True,
        disable=silent or not console.is_terminal,
    )
    tasks: dict[str, Any] = {}
    started: dict[str, float] = {}
    with bar:

        def update(step: str, done: int, total: int, pages: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(STEPS[step], total=total, rate="")
                started[step] = time.monotonic()
            seconds = max(time.monotonic() - started[step], 0.1)
            bar.update(tasks[step], completed=done, rate=f"{pages:,} pages, {pages / seconds:,.0f}/s")

        yield update


def _tell(report: Any, quiet: bool) -> None:
    console = common.talk()
    for trouble in report.troubles:
        if trouble.outcome in ("not-article", "too-short", "duplicate"):
            continue
        place = trouble.source if trouble.record is None else f"{trouble.source} record {trouble.record}"
        remedy = f" → {trouble.remedy}" if trouble.remedy else ""
        console.print(f"[yellow]{trouble.outcome}[/]  {escape(f'{place}: {trouble.reason}{remedy}')}")
    rejected = report.records - report.outcomes["kept"] - report.outcomes["duplicate"]
    if len(report.troubles) < rejected:
        console.print(f"… {rejected - len(report.troubles)} more in {report.output}/rejected")
    if quiet:
        return
    for note, count in sorted(report.notes.items()):
        console.print(escape(f"note: {note} ({count}×)"))
    counts = report.sources
    known = counts["done"] + counts["stale"]
    parts = [f"{counts['new']} new", f"{counts['changed']} changed", f"{known} known"]
    parts += [f"{counts[name]} {name}" for name in ("copies", "unsettled", "missing") if counts[name]]
    if report.ignored:
        parts.append(f"{len(report.ignored)} ignored ({', '.join(sorted({Path(p).name for p in report.ignored})[:3])})")
    console.print(escape(f"sources   {', '.join(parts)}"))
    if counts["stale"]:
        console.print(
            f"          {counts['stale']} were read with another configuration: --reprocess stale reads them again"
        )
    if report.records:
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items()))
        console.print(f"records   {report.records} = {outcomes}")
        console.print(
            f"written   {report.rows['articles']} articles, {report.rows['removed']} removed lines, "
            f"{report.rows['rejected']} rejected in {report.seconds:.1f} s"
        )
    else:
        console.print("nothing to do")
    found = report.duplicates
    if found.total or found.changed:
        changes = f"; rows changed: {found.changed}; parts rewritten: {found.rewritten}" if found.changed else ""
        console.print(f"marked    duplicates in the dataset: {found.total}{changes}")
    console.print(escape(f"dataset   {report.output}/articles · removed · rejected"))
