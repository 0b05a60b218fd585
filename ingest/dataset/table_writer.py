"""One table of a part, streamed to unpublished Parquet files in row groups and files of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.dataset import layout
from ingest.dataset.draft import WrittenFile
from ingest.storage import Sink, Storage

ROW_GROUP_ROWS = 32_768
ROW_GROUP_BYTES = 16 << 20  # of text, before encoding and compression; up to three times as much is in memory
FILE_BYTES = 256 << 20  # a file is closed when it has reached this size, and the next one begun
_COMPRESSION = "zstd"
_LEVEL = 3
_FIXED = 64  # bytes a row costs beside its text


class TableFile:
    """One Parquet file that is not published yet."""

    def __init__(self, schema: Any, sink: Sink) -> None:
        self.rows = 0
        self._sink = sink
        self._parquet: Any = pq.ParquetWriter(
            sink,
            schema,
            compression=_COMPRESSION,
            compression_level=_LEVEL,
            write_page_index=True,
        )

    @property
    def name(self) -> str:
        """Its name in the storage until it is published, after `finish`."""
        return self._sink.name

    @property
    def size(self) -> int:
        """Bytes of the file; of the whole file after `finish`."""
        return self._sink.size

    @property
    def sha256(self) -> str:
        return self._sink.sha256

    def write_group(self, rows: Any) -> None:
        self.rows += len(rows)
        self._parquet.write_table(rows, row_group_size=len(rows))

    def finish(self) -> None:
        """Write the footer, and make the file durable."""
        self._parquet.close()
        self._sink.close()

    def abort(self) -> None:
        """Drop the file; never raises."""
        self._sink.discard()
        with suppress(Exception):
            self._parquet.close()


class TableWriter:
    """Where row groups and files end depends on the rows alone and not on the batches they came in, so that the
    same rows make the same bytes. Holds at most one row group in memory. `written` are files that are finished already.
    """

    def __init__(self, table: str, storage: Storage, name: str, written: Sequence[WrittenFile] = ()) -> None:
        self._schema = layout.schema(table)
        self._storage, self._name = storage, f"{layout.table_folder(table)}/{name}"
        self._pending: list[Any] = []
        self._pending_rows = 0
        self._pending_bytes = 0
        self._open: TableFile | None = None
        self.files: list[TableFile | WrittenFile] = [*written]
        self.rows = sum(file.rows for file in written)

    def append(self, batch: Any) -> None:
        """Add a record batch that conforms to the table's schema."""
        self.rows += batch.num_rows
        ends = np.cumsum(_row_bytes(batch))
        start = 0
        while start < batch.num_rows:
            self._file()  # a disk that refuses says so at once
            before = int(ends[start - 1]) if start else 0
            room = ROW_GROUP_BYTES - self._pending_bytes + before
            by_bytes = int(np.searchsorted(ends, room)) + 1  # the row that crosses the limit is still taken
            stop = min(by_bytes, start + ROW_GROUP_ROWS - self._pending_rows, batch.num_rows)
            self._pending.append(batch.slice(start, stop - start))
            self._pending_rows += stop - start
            self._pending_bytes += int(ends[stop - 1]) - before
            if self._pending_rows >= ROW_GROUP_ROWS or self._pending_bytes >= ROW_GROUP_BYTES:
                self._flush()
            start = stop

    def finish(self) -> None:
        """Write the rest and the footer, and make the last file durable."""
        if self._pending:
            self._flush()
        if self._open is not None:
            self._open.finish()
            self._open = None

    def abort(self) -> None:
        """Drop all files; never raises."""
        for file in self.files:
            file.abort()

    def _flush(self) -> None:
        file = self._file()
        # one chunk: page ends follow chunk ends
        rows = pa.Table.from_batches(self._pending, self._schema).combine_chunks()
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0
        file.write_group(rows)
        if file.size >= FILE_BYTES:
            file.finish()
            self._open = None

    def _file(self) -> TableFile:
        if self._open is None:
            self._open = TableFile(self._schema, self._storage.sink(f"{self._name}-{len(self.files)}"))
            self.files.append(self._open)
        return self._open


def _row_bytes(batch: Any) -> npt.NDArray[np.int64]:
    """Size of each row, int64 of shape (rows,): its strings plus a fixed amount for the rest."""
    sizes = np.full(batch.num_rows, _FIXED, np.int64)
    for column in batch.columns:
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return sizes
