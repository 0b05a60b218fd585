"""The rows of a committed part without those of some of its sources."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.dataset.conform import conform
from ingest.dataset.records import CommitRecord, SourceEntry
from ingest.errors import DatasetError
from ingest.storage import Storage
from ingest.storage.disk import disk_errors

_BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a commit takes over from a part that it replaces: all rows except those of `paths`."""

    storage: Storage
    record: CommitRecord
    paths: frozenset[str]

    @property
    def key(self) -> str:
        return self.record.key

    @property
    def entries(self) -> list[SourceEntry]:
        return [entry for entry in self.record.sources if entry.path not in self.paths]

    def batches(self, table: str) -> Iterator[Any]:
        """The rows that stay, as record batches of the declared schema, in their old order."""
        if not self.entries:
            return
        for file in self.record.files:
            if file.table == table:
                yield from read_filtered(self.storage, file.path, table, self.paths)


def read_filtered(storage: Storage, name: str, table: str, without: Collection[str]) -> Iterator[Any]:
    """Yield the rows of one file except those of the sources `without`; raises DatasetError if it cannot be
    read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    gone = pa.array(sorted(without), pa.string())
    path = storage.at(name)
    try:
        with disk_errors("read", path), storage.open(name) as file, pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=_BATCH_ROWS):
                rows = batch.filter(pc.invert(pc.is_in(batch.column("source_path"), gone))) if len(gone) else batch
                if rows.num_rows:
                    yield from conform(table, rows, older=True)
    except pa.ArrowException as error:
        raise DatasetError(f"cannot read {path}: {error}", source=path, hint="run `ingest verify`") from error
