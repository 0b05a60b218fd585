"""What the commands share: options, consoles, JSON output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from ingest.storage.places import as_place

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_OUTPUT = "processed"
DEFAULT_SOURCE = "raw"


class PlaceType(click.Path):
    """A path, or the URL of objects (`ingest.storage.places`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        place = as_place(value)
        return place if isinstance(place, str) else super().convert(place, param, ctx)


def dataset_option(function: F) -> F:
    return click.option(
        "-o",
        "--output",
        "output",
        default=DEFAULT_OUTPUT,
        show_default=True,
        type=PlaceType(file_okay=False, path_type=Path),
        envvar="INGEST_OUTPUT",
        help="Folder or URL of the dataset.",
    )(function)


def dataset_argument(function: F) -> F:
    return click.argument(
        "dataset",
        default=DEFAULT_OUTPUT,
        type=PlaceType(file_okay=False, path_type=Path),
        envvar="INGEST_OUTPUT",
    )(function)


def json_option(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(function)


class _Output(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # handled in one place for all commands, with exit code 0


def out() -> Console:
    """Data goes to standard output. Lines are never cut when it is not a terminal."""
    return _Output(highlight=False, soft_wrap=not sys.stdout.isatty())


def talk() -> Console:
    """Messages and progress go to standard error, for logs in whole lines."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def tell_trouble(
    console: Console, outcome: str, source: str, record: int | None, reason: str, remedy: str | None
) -> None:
    """One line for a record that became no article."""
    place = source if record is None else f"{source} record {record}"
    console.print(f"[yellow]{outcome}[/]  {escape(f'{place}: {reason}' + (f' → {remedy}' if remedy else ''))}")


def as_json_text(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()


def print_json(value: Any) -> None:
    click.echo(as_json_text(value))


def columns(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    """`FIELD=NAME` options as a mapping; None where there are none."""
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if not all(pairs.values()):
        raise click.BadParameter("write it as FIELD=NAME, e.g. text=story", context, option)
    return pairs or None
