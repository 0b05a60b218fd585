"""`ingest run … -o -`: articles to standard output, totals and rejected records to standard error."""

from __future__ import annotations

import sys
from typing import Any

import click
from click.core import ParameterSource
from rich.markup import escape

from ingest.cli import common
from ingest.cli.terminal import data_stream
from ingest.config import Settings
from ingest.document import HARMLESS, Outcome
from ingest.sinks import get_sink
from ingest.storage.locations import Place
from ingest.stream import stream


def to_stdout(
    sources: tuple[Place, ...],
    settings: Settings,
    output_format: str,
    dataset: Place | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Stream the sources, and give the exit code of the run. Raises UsageError for options that need a dataset."""
    context = click.get_current_context()
    for name in ("reprocess", "wait", "dedup", "drop_duplicates"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} needs a dataset, and `-o -` writes none")
    if output_format == "arrow" and sys.stdout.isatty():
        raise click.UsageError("an Arrow stream is no text for a terminal; send it to a file or a program")
    console = common.talk()

    def tell(row: dict[str, Any]) -> None:
        if not (quiet and Outcome(row["outcome"]) in HARMLESS):
            names = ("outcome", "source_path", "source_record", "reason", "remedy")
            common.tell_trouble(console, *(row[name] for name in names))

    sink = get_sink(output_format)(data_stream())
    done = stream(sources, sink, settings, stdin=sys.stdin.buffer, dataset=dataset, told=tell)
    if as_json:
        common.print_json(done, err=True)
    elif not quiet:
        for note, count in sorted(done.notes.items()):
            console.print(escape(f"note: {note} ({count}×)"))
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(done.outcomes.items()))
        console.print(f"records   {done.records} = {outcomes}" if done.records else "no records")
    return done.exit_code
