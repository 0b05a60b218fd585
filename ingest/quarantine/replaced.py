"""The rows of a part with some of its records ended anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow.compute as pc

from ingest.dataset import CommitRecord, SourceEntry
from ingest.dataset.layout import QUARANTINE
from ingest.dataset.remaining import Remaining
from ingest.dataset.tally import SourceTally, Tally
from ingest.engines import Tables
from ingest.storage import Storage


@dataclass(frozen=True, slots=True)
class Replaced(Remaining):
    """What takes the place of a part. gone: ids of rows in `rejected`. fresh: rows that come for them, by table.

    less, more: what goes and comes of each source, by path.
    """

    gone: Any
    fresh: Tables
    less: dict[str, SourceTally]
    more: dict[str, SourceTally]

    @property
    def entries(self) -> list[SourceEntry]:
        return [self._recounted(entry) for entry in Remaining.entries.__get__(self)]

    def batches(self, table: str) -> Iterator[Any]:
        """The rows of one table: those that stay, then the new ones."""
        for batch in Remaining.batches(self, table):
            if table in ("rejected", "removed", QUARANTINE):
                batch = batch.filter(pc.invert(pc.is_in(batch.column("id"), value_set=self.gone)))
            if batch.num_rows:
                yield batch
        if table in self.fresh:
            yield from self.fresh[table].to_batches()

    @staticmethod
    def all_rows(storage: Storage, record: CommitRecord, table: str) -> Iterator[Any]:
        """The rows of one table as they are."""
        return Remaining(storage, record, frozenset()).batches(table)

    def _recounted(self, entry: SourceEntry) -> SourceEntry:
        less, more = self.less[entry.path], self.more[entry.path]
        outcomes = Counter(entry.outcomes)
        outcomes.subtract(less.outcomes)
        outcomes.update(more.outcomes)
        return msgspec.structs.replace(
            entry,
            outcomes={name: count for name, count in sorted(outcomes.items()) if count},
            removed_lines=entry.removed_lines - less.removed_lines + more.removed_lines,
        )


def replaced(part: Remaining, gone: Any, fresh: Tables) -> Replaced:
    """The part with the rows `fresh` in place of the rejected records `gone` (ids)."""
    paths = [entry.path for entry in part.entries]
    less, more = Tally(paths), Tally(paths)
    for table in ("rejected", "removed"):
        for batch in part.batches(table):
            less.add(table, batch.filter(pc.is_in(batch.column("id"), value_set=gone)))
    for table, rows in fresh.items():
        for batch in rows.to_batches():
            more.add(table, batch)
    return Replaced(part.storage, part.record, part.paths, gone, fresh, less.sources, more.sources)
