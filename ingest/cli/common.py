"""What the commands share: options, consoles, JSON output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape

from ingest.cli.escapes import json_text
from ingest.cli.terminal import out as out
from ingest.cli.terminal import talk as talk
from ingest.storage.places import as_place

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_OUTPUT = "processed"
# what a run does, by the name of the step in its record
STEPS = {
    "plan": "looking at the sources",
    "learn": "learning what pages of a site share",
    "freeze": "putting together what was learned",
    "apply": "writing articles",
    "duplicates": "looking for copies",
}
DEFAULT_SOURCE = "raw"


class PlaceType(click.Path):
    """A path, or the URL of objects (`ingest.storage.places`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        place = as_place(value)
        return place if isinstance(place, str) else super().convert(place, param, ctx)


def dataset_option(function: F) -> F:
    """Add `-o`, the dataset that a command writes."""
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
    """Add DATASET, the dataset that a command reads."""
    return click.argument(
        "dataset",
        default=DEFAULT_OUTPUT,
        type=PlaceType(file_okay=False, path_type=Path),
        envvar="INGEST_OUTPUT",
    )(function)


def force_option(function: F) -> F:
    """Add `--force`."""
    return click.option(
        "--force", is_flag=True, help="Also make the dataset in a folder that holds other files, or the sources."
    )(function)


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(function)


def tell_trouble(
    console: Console, outcome: str, source: str, record: int | None, reason: str, remedy: str | None
) -> None:
    """One line for a record that became no article."""
    place = source if record is None else f"{source} record {record}"
    console.print(f"[yellow]{outcome}[/]  {escape(f'{place}: {reason}' + (f' → {remedy}' if remedy else ''))}")


def print_json(value: Any, *, err: bool = False) -> None:
    """Print a value as JSON, fit for a terminal."""
    click.echo(json_text(value), err=err)


def columns(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    """`FIELD=NAME` options as a mapping; None where there are none."""
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if not all(pairs.values()):
        raise click.BadParameter("write it as FIELD=NAME, e.g. text=story", context, option)
    return pairs or None
