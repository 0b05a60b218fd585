"""Rows of sites that turned out to be others get the name of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.dataset import CommitRecord, Dataset
from ingest.dataset.layout import DROPPED
from ingest.dataset.remaining import Remaining
from ingest.schema import ARTICLES
from ingest.sites.store import names_of, save_names
from ingest.storage.disk import disk_errors

_SITE = ARTICLES.get_field_index("site")


@dataclass(frozen=True, slots=True)
class Renamed(Remaining):
    """What takes the place of a part: the same rows, of sites with other names."""

    aliases: Mapping[str, str]

    def batches(self, table: str) -> Iterator[Any]:
        """The rows of one table."""
        for batch in Remaining.batches(self, table):
            yield self._renamed(batch) if table in ("articles", DROPPED) else batch

    def _renamed(self, batch: Any) -> Any:
        columns = batch.columns
        site = columns[_SITE]
        now = pa.array(self.aliases.values(), pa.string())
        place = pc.index_in(site, value_set=pa.array(self.aliases, pa.string()))
        columns[_SITE] = pc.coalesce(now.take(place), site)
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def rename(dataset: Dataset, run_id: str) -> dict[str, str]:
    """Rename the rows of sites whose names are no longer given, part by part; returns which names these are.

    What is left to do is in the record of names until all is done, so a run that is killed amid it is gone on with by
    the next one. Needs the lock.
    """
    known = names_of(dataset)
    aliases = {name: known.aliases[name] for name in known.renaming if name in known.aliases}
    if known.renaming:
        for record in list(dataset.ledger().records.values()):
            if _bears(dataset, record, aliases):
                dataset.rewrite(Renamed(dataset.storage, record, frozenset(), aliases), run_id)
        save_names(dataset, msgspec.structs.replace(known, renaming=[]))
    return aliases


def _bears(dataset: Dataset, record: CommitRecord, aliases: Mapping[str, str]) -> bool:
    """Whether an article of a part has one of the names."""
    old = pa.array(aliases, pa.string())
    for file in record.files:
        if file.table in ("articles", DROPPED):
            path = dataset.storage.at(file.path)
            with disk_errors("read", path), dataset.storage.open(file.path) as opened:
                sites = pq.read_table(opened, columns=["site"])["site"]
            if pc.any(pc.is_in(sites, value_set=old)).as_py():
                return True
    return False
