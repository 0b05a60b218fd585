"""What the commands share: options, consoles, JSON output."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource
from rich.console import Console
from rich.markup import escape

from ingest.cli.escapes import json_text
from ingest.cli.terminal import out as out
from ingest.cli.terminal import talk as talk
from ingest.storage.locations import Place, as_place

if TYPE_CHECKING:
    from ingest.config import Settings

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
    """A path, or the URL of objects (`ingest.storage.locations`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        place = as_place(value)
        return place if isinstance(place, str) else super().convert(place, param, ctx)


DATASET = PlaceType(file_okay=False, path_type=Path)


def dataset_option(function: F) -> F:
    """Add `-d`, the dataset that a command works on; `-o` is the same."""
    return output_option("-d", "--dataset")(function)


def output_option(*names: str) -> Callable[[F], F]:
    """Add `-o`, by further names."""
    return click.option(
        *names,
        "-o",
        "--output",
        "output",
        default=DEFAULT_OUTPUT,
        show_default=True,
        type=DATASET,
        envvar="INGEST_OUTPUT",
        help="Folder or URL of the dataset.",
    )


def dataset_argument(*names: str) -> Callable[[F], F]:
    """Add DATASET, and `-d`, which is the same, to commands where nothing else needs a name; `names` are older ones of
    the option.
    """

    def add(function: F) -> F:
        @functools.wraps(function)
        def command(*values: Any, named: Place, dataset: Place | None, **options: Any) -> Any:
            source = click.get_current_context().get_parameter_source("named")
            if dataset is not None and source is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"the dataset is named twice: {dataset} and --dataset {named}")
            return function(*values, dataset=named if dataset is None else dataset, **options)

        option = click.option(
            "-d",
            "--dataset",
            *names,
            "named",
            default=DEFAULT_OUTPUT,
            show_default=True,
            type=DATASET,
            envvar="INGEST_OUTPUT",
            help="Folder or URL of the dataset, the same as DATASET.",
        )
        return cast(F, click.argument("dataset", required=False, type=DATASET)(option(command)))

    return add


def extra_rules(function: F) -> F:
    """Add `--rules`, folders and files of further rules."""
    return click.option(
        "--rules",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="Folder or file of further rules.",
    )(function)


def rules_in_use(given: Sequence[Path]) -> list[Path]:
    """Folders of the settings, then those given."""
    from ingest.config import load

    configured = [Path(folder) for folder in load().settings.rules]
    return [*configured, *(path for path in given if path not in configured)]


def with_rules(given: Sequence[Path], **flags: object) -> Settings:
    """The settings, with the rules of the settings and those given, and other flags."""
    from ingest.config import load

    return load({"rules": tuple(map(str, rules_in_use(given))) or None, **flags}).settings


def force_option(function: F) -> F:
    """Add `--force`."""
    return click.option(
        "--force", is_flag=True, help="Also make the dataset in a folder that holds other files, or the sources."
    )(function)


def records_option(function: F) -> F:
    """Add `--records`."""
    return click.option(
        "--records",
        metavar="HOW",
        help="What is a page in a text file: file (default), lines, blank-lines, separator:PATTERN, header:PATTERN.",
    )(function)


def sidecars_option(function: F) -> F:
    """Add `--sidecars`, which may be given several times."""
    return click.option(
        "--sidecars",
        metavar="NAME",
        multiple=True,
        callback=lambda _context, _parameter, value: value or None,
        help="Files that give URL, title, date of the pages beside them: {stem}.json, index.jsonl, meta.json.",
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
