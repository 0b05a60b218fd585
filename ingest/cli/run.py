"""`ingest run`: the main job."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.markup import escape

from ingest.cli import common
from ingest.cli.arrow import ArrowCommand
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.config import Settings
    from ingest.steps.run_stats import Report

PROGRESS_SECONDS = 60.0  # between two lines where there is no terminal


@click.command(
    cls=ArrowCommand,
    epilog="""\b
Examples:
  ingest run                               raw/ into processed/
  ingest run dumps/2024 -o corpus          a folder of text, HTML and JSONL files
  ingest run dump.jsonl -o corpus --json   totals as JSON, for scripts
  cat page.txt | ingest run - -o -         articles as JSON Lines to standard output
  17 3 * * *  cd /data && ingest run -q    a line for cron: silent unless something is wrong
""",
)
@click.argument("sources", nargs=-1, type=common.PlaceType(path_type=Path, readable=False))
@common.output_option()
@click.option(
    "--column",
    "columns",
    metavar="FIELD=NAME",
    multiple=True,
    callback=common.columns,
    help="Which column or key holds what, e.g. text=story; fields: text, html, url, id, title, published, "
    "authors, section, tags, standfirst, language, fetched_at.",
)
@common.records_option
@common.sidecars_option
@click.option("--keep", type=click.Choice(["precision", "balanced", "recall"]), help="Which error to prefer.")
@click.option("--language-engine", metavar="NAME", help="ngram (default), langdetect, or a plug-in.")
@click.option(
    "--html-engine",
    type=click.Choice(["auto", "trafilatura", "lines"]),
    help="Who chooses the lines of HTML pages (default: auto).",
)
@click.option("--text-format", type=click.Choice(["text", "markdown"]), help="How the text of HTML pages is written.")
@click.option(
    "--site",
    type=click.Choice(["auto", "folder", "top-folder"]),
    help="What names the site: folder is that of the page, top-folder the first below SOURCE (default: auto, neither).",
)
@click.option(
    "--site-pattern", metavar="REGEX", help="Names the site by the path of the page, e.g. '^(?P<site>[^/]+)/archive/'."
)
@click.option("--learn/--no-learn", default=None, help="Learn from the pages of the same site (default: yes).")
@click.option("--min-words", type=click.IntRange(min=0), help="Reject articles with fewer words.")
@click.option("--rules", type=click.Path(exists=True), multiple=True, help="Folder with further rules.")
@click.option(
    "--site-configs",
    type=click.Path(exists=True, file_okay=False),
    multiple=True,
    help="Folder of site configurations in the format of FiveFilters.",
)
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
@click.option("--engine", type=click.Choice(["local", "dask"]), help="Work here (default), or on a cluster.")
@click.option("--engine-address", metavar="ADDRESS", help="Of the cluster; default: one is made on this machine.")
@click.option(
    "--settle", type=click.FloatRange(min=0), metavar="SECONDS", help="Leave files written to since for the next run."
)
@click.option(
    "--gone",
    type=click.Choice(["keep", "drop"]),
    help="Rows of sources that are gone: keep them (default) or drop them.",
)
@click.option(
    "--gone-limit",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="With --gone drop: exit code 1, and no such row dropped, if more of a folder is gone (default: 0.2).",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), help="json: one object a line on standard error.")
@click.option(
    "--metrics",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    envvar="INGEST_METRICS",
    help="Write figures for Prometheus' textfile collector.",
)
@common.force_option
@click.option("--wait", is_flag=True, help="Wait while another run holds the dataset, instead of ending with 75.")
@click.option("--format", "output_format", metavar="NAME", help="Of `-o -`: jsonl (default), arrow, or a plug-in.")
@click.option(
    "-d",
    "--dataset",
    type=common.DATASET,
    help="The same as `-o`; with `-o -`, use what this dataset has learned of sites.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
@common.json_option
def command(
    sources: tuple[Place, ...],
    output: Place,
    reprocess: Any,
    force: bool,
    wait: bool,
    quiet: bool,
    as_json: bool,
    rules: tuple[str, ...],
    site_configs: tuple[str, ...],
    metrics: Path | None,
    output_format: str | None,
    dataset: Place | None,
    **flags: Any,
) -> int:
    """Read SOURCES (files, folders, URLs, or - for standard input; default raw/) and bring the dataset up to date.

    Sources are known by their content: what is in the dataset already is not read again, a file that has changed
    replaces its old rows. Records that cannot be used are written to the table `rejected` with the reason, and the run
    goes on; it then ends with exit code 3.

    With `-o -` there is no dataset: articles go to standard output as they come, rejected records are told on standard
    error. Duplicates are not marked then. Of standard input nothing is learned; --dataset gives what is known.
    """
    from ingest import stopping
    from ingest.config import load
    from ingest.errors import IngestError, LockedError
    from ingest.run import run
    from ingest.stream import STDIN, spooled

    stopping.listen()
    settings = load({**flags, "rules": rules or None, "site_configs": site_configs or None}).settings
    chosen: tuple[Place, ...] = sources or (Path(common.DEFAULT_SOURCE),)
    if dataset is not None and output != STDIN:
        source = click.get_current_context().get_parameter_source("output")
        if source is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"the dataset is named twice: -o {output} and --dataset {dataset}")
        output = dataset
    if output == STDIN:
        if isinstance(dataset, Path) and not dataset.is_dir():
            raise click.UsageError(f"--dataset {dataset}: there is no such folder")
        from ingest.cli.stdout import to_stdout

        return to_stdout(chosen, settings, output_format or "jsonl", dataset, quiet, as_json)
    if output_format:
        raise click.UsageError("--format goes with `-o -`")
    options = {"reprocess": reprocess, "force": force, "wait": wait}
    try:
        with ExitStack() as stack:
            if STDIN in chosen:
                spool = stack.enter_context(spooled(sys.stdin.buffer))
                chosen = tuple(spool if source == STDIN else source for source in chosen)
            stack.enter_context(_metrics(metrics, output))
            if settings.log_format == "json":
                report = _logged(chosen, output, settings, options)
            else:
                progress = stack.enter_context(_progress(quiet or as_json))
                report = run(chosen, output, settings, progress=progress, **options)
    except IngestError as error:
        # JSON has told it; that another run is at work is no trouble
        if settings.log_format == "json" or (quiet and isinstance(error, LockedError)):
            return error.exit_code
        raise
    if as_json:
        common.print_json(report)
    elif settings.log_format == "text":
        _tell(report, quiet)
    return report.exit_code


def _logged(sources: tuple[Place, ...], output: Place, settings: Settings, options: dict[str, Any]) -> Report:
    from ingest.cli.logs import json_log
    from ingest.dataset.runs import new_run_id
    from ingest.run import run

    run_id = new_run_id()
    with json_log(run_id) as log:
        log.emit("started", sources=[str(source) for source in sources], dataset=str(output))
        report = run(sources, output, settings, run_id=run_id, progress=log.progress, **options)
        log.tell(report)
    return report


@contextmanager
def _metrics(path: Path | None, output: Place) -> Iterator[None]:
    """Write figures when the run has ended, also where it ended badly; not if it was another one that did the work."""
    from ingest.dataset import Dataset, status_of
    from ingest.errors import IngestError, LockedError
    from ingest.report.metrics import write_metrics

    try:
        yield
    except LockedError:
        raise
    except BaseException:
        if path is not None:
            with suppress(IngestError):  # what went wrong before is to be told
                write_metrics(path, output, status_of(Dataset.open(output)))
        raise
    if path is not None:
        write_metrics(path, output, status_of(Dataset.open(output)))


@contextmanager
def _progress(silent: bool) -> Iterator[Any]:
    console = common.talk()
    if silent:
        yield lambda step, done, total, pages: None
        return
    if not console.is_terminal:
        yield _Lines(console)
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}", style="dim"),
        console=console,
        transient=True,
    )
    tasks: dict[str, Any] = {}
    started: dict[str, float] = {}
    with bar:

        def update(step: str, done: int, total: int, pages: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(common.STEPS[step], total=total, rate="")
                started[step] = time.monotonic()
            seconds = max(time.monotonic() - started[step], 0.1)
            bar.update(tasks[step], completed=done, rate=f"{pages:,} pages, {pages / seconds:,.0f}/s")

        yield update


class _Lines:
    """A line of progress each minute, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._due = time.monotonic() + PROGRESS_SECONDS
        self._step, self._began = "", 0.0

    def __call__(self, step: str, done: int, total: int, pages: int) -> None:
        now = time.monotonic()
        if step != self._step:
            self._step, self._began = step, now
        if now >= self._due:
            self._due = now + PROGRESS_SECONDS
            share = f"{done / total:.0%} of {total / 1e6:,.1f} MB, " if total else ""
            rate = pages / max(now - self._began, 0.1)
            self._console.print(f"progress  {common.STEPS[step]}: {share}{pages:,} pages, {rate:,.0f} a second")


def _tell(report: Any, quiet: bool) -> None:
    from ingest.document import HARMLESS, Outcome

    console = common.talk()
    for trouble in report.troubles:
        if Outcome(trouble.outcome) not in HARMLESS:
            common.tell_trouble(
                console, trouble.outcome, trouble.source, trouble.record, trouble.reason, trouble.remedy
            )
    rejected = report.records - report.outcomes["kept"] - report.outcomes["duplicate"] + report.unseen
    if len(report.troubles) < rejected:
        console.print(escape(f"… {rejected - len(report.troubles)} more in {report.output}/rejected"))
    if report.not_dropped:
        console.print(
            f"[red]error[/]     {report.not_dropped} sources are gone, of one folder more than"
            f" gone_limit = {report.gone_limit:.0%}: their rows stay, all else was done; is a disk unmounted? → if they"
            " are meant to be gone, run once with --gone-limit 1"
        )
    elif report.exit_code == 1:
        share, limit = report.failed / report.records, report.max_failed_share
        hint = escape(f"what is good was written → ingest quarantine list -o {report.output}")
        console.print(
            f"[red]error[/]     {report.failed} of {report.records} records ({share:.0%}) could not be used, more than"
            f" max_failed_share = {limit:.0%}; {hint}"
        )
    if quiet:
        return
    for note, count in sorted(report.notes.items()):
        console.print(escape(f"note: {note} ({count}×)"))
    counts = report.sources
    again = counts["todo"] - counts["new"] - counts["changed"]
    parts = [f"{counts['new']} new", f"{counts['changed']} changed"]
    parts.append(f"{counts['done'] + counts['stale']} known" + (f", {again} of them read again" if again else ""))
    told = ("copies", "unsettled", "forgotten", "missing", "unreadable")
    parts += [f"{counts[name]} {name}" for name in told if counts[name]]
    if report.ignored:
        parts.append(f"{len(report.ignored)} ignored ({', '.join(sorted({Path(p).name for p in report.ignored})[:3])})")
    console.print(escape(f"sources   {', '.join(parts)}"))
    if report.dropped:
        console.print(f"dropped   {report.dropped} sources that are gone, with their rows")
    if counts["stale"] and not again:
        console.print(
            f"          {counts['stale']} were read with another configuration: --reprocess stale reads them again"
        )
    if report.records:
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items()))
        console.print(f"records   {report.records} = {outcomes}")
        console.print(
            f"written   {report.rows['articles']} records to articles, {report.rows['rejected']} to rejected; "
            f"{report.rows['removed']} lines to removed, in {report.seconds:.1f} s"
        )
    else:
        console.print("nothing to do")
    found = report.duplicates
    if found.total or found.changed:
        changes = f"; rows changed: {found.changed}; parts rewritten: {found.rewritten}" if found.changed else ""
        console.print(f"marked    duplicates in the dataset: {found.total}{changes}")
    console.print(escape(f"dataset   {report.output}/articles · removed · rejected"))
