"""The command line: parse, call, print. Each command lives in its own module and is loaded only when it is used."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import traceback
from typing import Any

import click

from ingest import __version__

COMMANDS = {
    "run": "Read new sources and bring the dataset up to date.",
    "plan": "Say what run would read, and why.",
    "inspect": "Show a page's lines, kept and removed, with the reasons.",
    "explain": "Show one article or rejected record of the dataset in full.",
    "report": "The dataset as one HTML file: totals, sites, pages before and after.",
    "status": "Totals of the dataset and its last run.",
    "compact": "Gather small parts into larger ones.",
    "quarantine": "List, show or retry records that could not be used.",
    "forget": "Take sources or pages out for good.",
    "verify": "Check the dataset against its contract.",
    "sites": "What was learned of each site.",
    "rules": "List the rules, or run their cases.",
    "schema": "Print the tables' columns.",
    "config": "Show the settings and where each comes from.",
    "plugins": "List what other packages bring in, and whether it works.",
}

# Read by NumPy and Arrow when they are loaded, which is when a command is; what the user has set stands. The workers of
# a run are its parallelism: threads of linear algebra in each of them would only contend for the same CPUs. And Arrow's
# own allocator keeps what was freed, some 80 MB, where the system's gives it back. Where a program calls `ingest.run`,
# both libraries are loaded already; `ingest.engines` then does what it can, and the run takes some 50 MB more.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            from ingest.errors import nearest

            ctx.fail(f"No such command {name!r}: {nearest(name, COMMANDS)}")
        module = importlib.import_module(f"ingest.cli.{name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader of our output went away, as `| head` does. What is buffered must not fail again at the exit:
            # https://docs.python.org/3/library/signal.html#note-on-sigpipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ingest")
def cli() -> None:
    """Turn scrape dumps into clean article text and metadata, with a reason for each removed line.

    \b
    ingest run                         raw/ into processed/
    ingest run dump.jsonl -o out       one file into out/
    ingest inspect page.txt            what stays, what goes, and why

    Exit codes: 0 done, 1 error, 2 usage, 3 done but some records were rejected, 75 another run holds the dataset,
    130 and 143 stopped by a signal.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Entry point of the console script: errors become one plain message and the documented exit code."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from ingest.cli.escapes import guarded, shown
    from ingest.cli.logs import plain_log
    from ingest.errors import IngestError
    from ingest.stopping import Stopped

    try:
        with plain_log():
            sys.exit(cli.main(arguments, prog_name="ingest", standalone_mode=False))
    except IngestError as error:
        click.echo(f"ingest: {shown(error.message)}", err=True)
        if error.hint:
            click.echo(f"  hint: {shown(error.hint)}", err=True)
        sys.exit(error.exit_code)
    except Stopped as stop:
        name = signal.Signals(stop.number).name
        click.echo(f"ingest: stopped by {name}; what was committed stays, the next run does the rest", err=True)
        sys.exit(stop.code)
    except click.exceptions.Abort:
        click.echo("ingest: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        vars(error)["message"] = shown(error.message)
        error.show(said := io.StringIO())
        click.echo(guarded(said.getvalue()), err=True, nl=False)
        sys.exit(error.exit_code)
    except OSError as error:
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        click.echo(f"ingest: {shown(f'{place}{error.strerror or error}')}", err=True)
        sys.exit(1)
    except Exception:  # a fault of the program, whose message may quote a page
        click.echo(guarded(traceback.format_exc()), err=True, nl=False)
        sys.exit(1)
