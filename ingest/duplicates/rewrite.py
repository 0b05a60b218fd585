"""The rows of a part with other duplicates marked, or dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset.layout import DROPPED
from ingest.dataset.records import SourceEntry
from ingest.dataset.remaining import Remaining
from ingest.document import Outcome
from ingest.schema import ARTICLES, REJECTED

_DUPLICATE_OF = ARTICLES.get_field_index("duplicate_of")
_FROM_ARTICLE = ("id", "source_path", "source_record", "url", "pipeline_version", "config_hash", "ingested_at")


@dataclass(frozen=True, slots=True)
class Marked(Remaining):
    """What takes the place of a part.

    marks: arrays `id`, `original`, `reason`, an element for each article of the part that is a duplicate. dropped_ids:
    of the articles that are dropped so far. drop: whether duplicates are to be so. was, now: duplicates by source path.
    """

    marks: Mapping[str, Any]
    dropped_ids: Any
    drop: bool
    was: Counter[str]
    now: Counter[str]

    @property
    def entries(self) -> list[SourceEntry]:
        return [self._recounted(entry) for entry in Remaining.entries.__get__(self)]

    def batches(self, table: str) -> Iterator[Any]:
        """The rows of one table; duplicates are in `articles`, or else in `dropped` and `rejected`."""
        if table in ("articles", DROPPED):
            for batch in self._articles():
                is_copy = batch.column(_DUPLICATE_OF).is_valid()
                if self.drop:
                    yield batch.filter(is_copy if table == DROPPED else pc.invert(is_copy))
                elif table == "articles":
                    yield batch
            return
        for batch in Remaining.batches(self, table):
            if table == "rejected":
                batch = batch.filter(pc.invert(pc.is_in(batch.column("id"), value_set=self.dropped_ids)))
            yield batch
        if table == "rejected" and self.drop:
            for batch in self._articles():
                yield self._rejected(batch.filter(batch.column(_DUPLICATE_OF).is_valid()))

    def _articles(self) -> Iterator[Any]:
        """All articles of the part, dropped ones last, with their new marks."""
        for table in ("articles", DROPPED):
            for batch in Remaining.batches(self, table):
                columns = batch.columns
                columns[_DUPLICATE_OF] = self._mark("original", batch)
                yield pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def _mark(self, column: str, batch: Any) -> Any:
        return self.marks[column].take(pc.index_in(batch.column("id"), value_set=self.marks["id"]))

    def _rejected(self, batch: Any) -> Any:
        from ingest.stages.assemble import printable

        rows = batch.select(_FROM_ARTICLE).to_pylist()
        texts = batch.column("text").to_pylist()
        for row, text, reason in zip(rows, texts, self._mark("reason", batch).to_pylist(), strict=True):
            row |= {"outcome": Outcome.DUPLICATE.value, "reason": reason, "sample": printable(text or "") or None}
        return pa.RecordBatch.from_pylist(rows, REJECTED)

    def _recounted(self, entry: SourceEntry) -> SourceEntry:
        outcomes = Counter(entry.outcomes)
        more = self.now[entry.path] - self.was[entry.path]
        outcomes[Outcome.DUPLICATE.value] += more
        outcomes[Outcome.KEPT.value] -= more
        left = {name: count for name, count in sorted(outcomes.items()) if count}
        return msgspec.structs.replace(entry, outcomes=left)
