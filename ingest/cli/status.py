"""`ingest status`: what a dataset holds, and how its last run went."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from ingest.cli import common
from ingest.dataset.runs import CLOCK_SKEW
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.dataset import Status
    from ingest.dataset.runs import Reached

SITES = 5  # that differ and are named


@click.command(
    epilog="\b\nExamples:\n  ingest status\n  ingest status corpus --json\n  ingest status --max-age 7200 || alarm"
)
@common.dataset_argument()
@click.option(
    "--max-age",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="For monitoring: exit code 1 if the last run failed, or none has ended well for so long, or in the future.",
)
@common.json_option
def command(dataset: Place, max_age: float | None, as_json: bool) -> int:
    """Show what DATASET (default processed/) holds, when it was last written, and how the last run went."""
    import msgspec

    from ingest.dataset import Dataset, status_of
    from ingest.report.agreement import of_last_run
    from ingest.sites.store import names_of

    opened = Dataset.open(dataset)
    status, aliases = status_of(opened), names_of(opened).aliases
    if status.clock_went_back:
        common.talk().print(
            f"[yellow]clock[/]     the last run ended {_span(-(status.age_seconds or 0))} in the future: the clock of "
            "this machine, or of the one that ran, was changed; how old the dataset is cannot be told"
        )
    differing = of_last_run(opened)
    if as_json:
        common.print_json(msgspec.to_builtins(status) | {"renamed_sites": aliases, "differing_sites": differing})
    else:
        _show(dataset, status)
        if differing:
            common.out().print(escape(_differing(list(differing))))
        for old, now in aliases.items():
            common.out().print(escape(f"one site  {old} turned out to be {now}, which its rows now say"))
    return 0 if max_age is None or _is_well(status, max_age) else 1


def _differing(sites: list[str]) -> str:
    some = ", ".join(sites[:SITES]) + (" and others" if len(sites) > SITES else "")
    return (
        f"sites     {len(sites)} of the last run where what stays is far from the crudest rule, to drop each line that "
        f"stands on three pages: {some}; `ingest sites list` tells how"
    )


def _is_well(status: Status, max_age: float) -> bool:
    if status.failed or status.last_good is None:
        return False
    age = (datetime.now(timezone.utc) - status.last_good).total_seconds()
    return -CLOCK_SKEW <= age <= max_age


def _show(dataset: Place, status: Status) -> None:
    console = common.out()
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(status.outcomes.items())) or "none"
    console.print(escape(f"dataset   {dataset}"))
    console.print(f"sources   {status.sources}")
    console.print(f"records   {status.records} = {outcomes}")
    for table, rows in status.rows.items():
        console.print(f"{table:<10}{rows} rows")
    console.print(f"parts     {status.parts}")
    run = status.last_run
    if run is None:
        console.print("last run  never")
    else:
        colour = "red" if run.failed else "green" if run.state == "done" else "yellow"
        code = "" if run.exit_code is None else f", exit code {run.exit_code}"
        console.print(f"last run  {escape(run.run_id)}: [{colour}]{run.state}[/]{code}, {_when(status.age_seconds)}")
        if run.state == "running" and run.progress is not None:
            console.print(f"          {_progress(run.progress)}")
        if run.error:
            console.print(escape(f"          {run.error.splitlines()[0]}"))
        if run.failed:
            good = f"{status.last_good:%Y-%m-%d %H:%M:%S} UTC" if status.last_good else "never"
            console.print(f"last good {good}")
    if status.last_commit is not None:
        age = (datetime.now(timezone.utc) - status.last_commit).total_seconds()
        console.print(f"commit    {status.last_commit:%Y-%m-%d %H:%M:%S} UTC, {_when(age)}")
    if status.running is not None:
        console.print(escape(f"held by   {status.running}"))
    if any(status.forgotten.values()):
        console.print(f"forgotten {status.forgotten['sources']} sources, {status.forgotten['pages']} pages")
    for source in status.unfinished:
        did = "read" if source.purpose == "apply" else "learned from"
        console.print(
            escape(f"begun     {source.path}: {source.records} records {did}; the next run goes on after them")
        )


def _progress(reached: Reached) -> str:
    """The step, how much of it is done, how fast, and when this was known."""
    parts = [common.STEPS.get(reached.step, reached.step)]
    if reached.sources_planned:
        parts.append(f"{reached.sources:,} of {reached.sources_planned:,} sources")
    if reached.pages:
        parts.append(f"{reached.pages:,} pages, {reached.pages / max(reached.seconds, 0.1):,.0f} a second")
    share = reached.bytes / reached.bytes_planned if reached.bytes_planned else 0.0
    if share:
        parts.append(
            f"{share:.0%} of {reached.bytes_planned / 1e6:,.1f} MB, {_span(reached.seconds / share * (1 - share))} left"
        )
    if reached.at is not None:
        parts.append(f"as of {_when((datetime.now(timezone.utc) - reached.at).total_seconds())}")
    return "; ".join(parts)


def _when(seconds: float | None) -> str:
    if seconds is None:
        return "at an unknown time"
    if seconds < -CLOCK_SKEW:
        return f"{_span(-seconds)} in the future"
    return f"{_span(max(seconds, 0))} ago"


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
