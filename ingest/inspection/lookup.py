"""From an id to its rows, and back to the page that they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from ingest.config import Settings
from ingest.dataset import Dataset, Snapshot, open_dataset
from ingest.errors import DatasetError
from ingest.inspection.pages import Labelled, contributions_of, pages_of
from ingest.pipeline import Chain
from ingest.readers.sidecars import of_entry
from ingest.sites.store import names_of
from ingest.storage.locations import Place, joined


@dataclass(frozen=True, slots=True)
class Found:
    """A row of `articles` or `rejected` (`table` says which), and its rows of `removed` by line."""

    table: str
    row: dict[str, Any]
    removed: list[dict[str, Any]]


def find(dataset: Place, identifier: str) -> Found:
    """The rows of an id, or of the start of one.

    Raises:
        DatasetError: no row has such an id, or several have.
    """
    snapshot = open_dataset(dataset)
    for table in ("articles", "rejected"):
        found = _rows(snapshot, table, identifier, prefix=True)
        if len(found) > 1:
            ids = ", ".join(row["id"] for row in found[:5])
            raise DatasetError(f"{identifier!r} is the start of several ids: {ids}", hint="give more of the id")
        if found:
            removed = _rows(snapshot, "removed", found[0]["id"])
            return Found(table, found[0], sorted(removed, key=lambda row: row["line"]))
    raise DatasetError(
        f"no article or rejected record {identifier!r} in {dataset}",
        source=dataset,
        hint="ids are in the column `id` of the tables",
    )


def page_of(dataset: Place, row: dict[str, Any], settings: Settings) -> tuple[Labelled | None, str]:
    """The page of a row, read and labelled again with what the dataset knows of its sites; or None, and why not."""
    opened = Dataset.open(dataset)
    known = opened.ledger().by_path.get(row["source_path"])
    if known is None:
        return None, f"{row['source_path']} is not in the ledger"
    entry = known[1]
    try:
        source = of_entry(entry, settings)
    except FileNotFoundError:
        return None, f"{joined(entry.root, entry.path)} is not there any more"
    if not entry.root:
        return None, f"{entry.path} was no file"
    chain = Chain(settings)
    if settings.learn:
        chain = chain.freeze(contributions_of(opened, chain), names_of(opened))
    found = next(pages_of(source, chain, row["source_record"]), None)
    if not isinstance(found, Labelled) or found.page.id != row["id"]:
        return None, f"{joined(entry.root, entry.path)} has changed since it was read"
    note = "" if chain.config_hash == row["config_hash"] else "the row was made with other settings, rules or versions"
    return found, note


def _rows(snapshot: Snapshot, table: str, identifier: str, *, prefix: bool = False) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in snapshot.to_batches(table):
        ids = batch.column("id")
        mask = pc.starts_with(ids, identifier) if prefix else pc.equal(ids, identifier)
        if pc.any(mask).as_py():
            rows += batch.filter(mask).to_pylist()
    return rows
