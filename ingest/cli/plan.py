"""`ingest plan`: what `run` would do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from ingest.cli import common
from ingest.storage.locations import Place

if TYPE_CHECKING:
    from ingest.config import Settings
    from ingest.dataset import SourceFile

LOOKED_AT, LOOK_BYTES = 50, 1 << 18  # the largest sources, and how much of each is looked at for joined pages
LISTS = ("new", "changed", "stale", "copies", "unreadable", "unsettled", "forgotten", "missing")


@click.command(epilog="\b\nExamples:\n  ingest plan\n  ingest plan dumps -o corpus --json")
@click.argument("sources", nargs=-1, type=common.PlaceType(path_type=Path, readable=False))
@common.dataset_option
@common.force_option
@common.records_option
@common.sidecars_option
@common.json_option
def command(sources: tuple[Place, ...], output: Place, force: bool, as_json: bool, **flags: object) -> None:
    """Say what `ingest run SOURCES` would read, and why; nothing is written."""
    from ingest.config import load
    from ingest.readers.sidecar_shapes import proposals
    from ingest.run import look

    settings = load(flags).settings
    plan, ignored = look(sources or (Path(common.DEFAULT_SOURCE),), output, settings, force=force)
    files: dict[str, Any] = {name: [source.path for source in getattr(plan, name)] for name in LISTS}
    files["done"] = len(plan.done)
    files["ignored"] = ignored
    files["joined"] = joined = _joined(plan.todo, settings)
    known = [source for name in ("new", "changed", "done", "stale", "copies") for source in getattr(plan, name)]
    files["sidecars"] = sidecars = [found._asdict() for found in proposals(known, settings)]
    if as_json:
        common.print_json(files)
        return
    console = common.out()
    for name in (*LISTS, "ignored"):
        for path in files[name]:
            console.print(escape(f"{name:<12}{path}"))
    for file in joined:
        option = f"--records {shlex.quote(file['records'])}"
        console.print(escape(f"joined      {file['source']}: {file['what']}; if each is a page: {option}"))
    for found in sidecars:
        option = f"--sidecars {shlex.quote(found['sidecars'])}"
        console.print(escape(f"sidecars    {found['sidecars']} {found['what']}; to use it: {option}"))
    stale = f", {len(plan.stale)} stale (--reprocess stale reads them again)" if plan.stale else ""
    console.print(f"{len(plan.todo)} to read, {len(plan.done)} done already{stale}")


def _joined(sources: Sequence[SourceFile], settings: Settings) -> list[dict[str, str]]:
    """Text files that look like many pages, unless the settings say what a page is."""
    from ingest.readers import Input, joined_documents, page, registry

    if settings.records != "file":
        return []
    found = []
    for source in sorted(sources, key=lambda source: (-source.size, source.path))[:LOOKED_AT]:
        try:
            if registry.choose(Input.of_source(source)) is not page.read_text:
                continue
            with source.open() as file:
                shape = joined_documents.found_in(file.read(LOOK_BYTES))
        except OSError:
            continue  # the run tells it
        if shape is not None:
            found.append({"source": source.path, "what": shape.what, "records": shape.records})
    return found
