"""Work on one large source, kept segment by segment, so that a run that was cut off is taken up at the next one.

A segment is made durable as a part is: its rows first, then its record. No reader of the dataset ever sees one. When
the source has come to its end, the rows of all its segments go into one part, which thus is the same, byte for byte,
whether or not the work was ever interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

import msgspec
import pyarrow as pa

from ingest.dataset import layout
from ingest.dataset.segments import VERSION, Purpose, Segment, SegmentFile, damage, read_staging, remove_segments
from ingest.dataset.sources import SourceFile
from ingest.errors import DatasetError
from ingest.storage import Storage
from ingest.storage.disk import disk_errors


class Staging:
    """The segments of one source that are done, and the one being written.

    `work` names all that decides what the rows are: configuration, site profiles, version of the tables. `schemas`
    declares the tables. Segments of other work on the same source are cleared. Needs the dataset's lock.
    """

    def __init__(
        self,
        storage: Storage,
        purpose: Purpose,
        source: SourceFile,
        work: Iterable[str],
        schemas: Mapping[str, Any],
        segment_bytes: int,
        segment_seconds: float = float("inf"),
    ) -> None:
        self._storage = storage
        self._folder = storage.at(layout.STAGING)  # for messages
        self._source = source
        self._purpose: Purpose = purpose
        self._schemas = dict(schemas)
        self._limit, self._seconds = segment_bytes, segment_seconds
        self._sealed_at = time.monotonic()
        self._work = list(work)
        parts = "\0".join((purpose, source.path, source.digest, *self._work))
        self.key = blake2b(parts.encode(), digest_size=10).hexdigest()
        self._open: dict[str, _Stream] = {}
        self._forgotten: list[str] = []
        self._size = 0
        with disk_errors("prepare", self._folder):
            storage.prepare([layout.STAGING])
            for key, segments in read_staging(storage).items():
                if (segments[0].purpose, segments[0].path) == (purpose, source.path) and key != self.key:
                    remove_segments(storage, key, segments)
            self._segments = self._sound(read_staging(storage).get(self.key, []))

    @property
    def records(self) -> int:
        """How many records of the source are in finished segments; work goes on with the one after them."""
        return self._segments[-1].records if self._segments else 0

    @property
    def forgotten(self) -> list[str]:
        """Of the records that were left out of all segments, for each the forgotten page that it is."""
        return [page for segment in self._segments for page in segment.forgotten] + self._forgotten

    def leave_out(self, pages: Iterable[str]) -> None:
        """Note that records are left out of the open segment."""
        self._forgotten += pages

    def write(self, table: str, batch: Any) -> None:
        """Add a record batch of the table's declared schema to the open segment."""
        if not batch.num_rows:
            return
        with disk_errors("write", self._folder):
            if table not in self._open:
                self._open[table] = _Stream(self._storage, self._path(table), self._schemas[table])
            self._open[table].write(batch)

    def checkpoint(self, records: int, size: int) -> None:
        """Say that all rows of the first `records` records are written, and that they took `size` bytes of input since
        the last call: a segment of full size, or that has taken its time, is then made durable.

        Not while the source moves: what is read of a file after it has changed must not stand for what it was.
        """
        self._size += size
        late = time.monotonic() - self._sealed_at > self._seconds
        if (late or self._size >= self._limit) and not self._source.has_moved():
            self.seal(records)

    def seal(self, records: int) -> None:
        """Make the open segment durable, if it is not empty."""
        if records == self.records and not self._open:
            return
        with disk_errors("write", self._folder):
            files = [self._open[table].finish(table) for table in sorted(self._open)]
            self._storage.publish([(self._open[file.table].sink.name, self._path(file.table)) for file in files])
            segment = Segment(
                version=VERSION,
                purpose=self._purpose,
                root=self._source.root,
                path=self._source.path,
                digest=self._source.digest,
                work=self._work,
                number=len(self._segments),
                records=records,
                files=files,
                forgotten=self._forgotten,
            )
            self._storage.replace(self._path(), msgspec.json.encode(segment))
        self._segments.append(segment)
        self._open, self._forgotten, self._size, self._sealed_at = {}, [], 0, time.monotonic()

    def batches(self, table: str) -> Iterator[Any]:
        """The rows of one table in all finished segments, in order, as record batches."""
        for segment in self._segments:
            yield from self._read(segment, table)

    def tables(self) -> Iterator[dict[str, Any]]:
        """The finished segments, in order, as pyarrow Tables by name."""
        for segment in self._segments:
            schemas = self._schemas.items()
            yield {name: pa.Table.from_batches(self._read(segment, name), schema) for name, schema in schemas}

    def _read(self, segment: Segment, table: str) -> Iterator[Any]:
        if all(file.table != table for file in segment.files):
            return
        name = f"{layout.STAGING}/{layout.segment_name(self.key, segment.number, table)}"
        path = self._storage.at(name)
        try:
            with disk_errors("read", path), self._storage.open(name) as file, pa.ipc.open_stream(file) as rows:
                yield from rows
        except pa.ArrowException as error:
            raise DatasetError(f"cannot read {path}: {error}", hint="run again: it is made anew") from error

    def drop_open(self) -> None:
        """Forget the segment being written; never raises."""
        for stream in self._open.values():
            stream.abort()
        self._open, self._forgotten = {}, []

    def clear(self) -> None:
        """Remove everything."""
        self.drop_open()
        with disk_errors("clear", self._folder):
            remove_segments(self._storage, self.key, self._segments)
        self._segments = []

    def _path(self, table: str = "") -> str:
        return f"{layout.STAGING}/{layout.segment_name(self.key, len(self._segments), table)}"

    def _sound(self, segments: list[Segment]) -> list[Segment]:
        """The segments up to the first that is not what its record says; the others are removed."""
        for position, segment in enumerate(segments):
            if segment.number != position or any(damage(self._storage, self.key, segment)):
                remove_segments(self._storage, self.key, segments[position:])
                return segments[:position]
        return segments


class _Stream:
    """An Arrow IPC stream that is not published yet."""

    def __init__(self, storage: Storage, name: str, schema: Any) -> None:
        self._rows = 0
        self.sink = storage.sink(name)
        self._writer: Any = pa.ipc.new_stream(self.sink, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))

    def write(self, batch: Any) -> None:
        self._rows += batch.num_rows
        self._writer.write_batch(batch)

    def finish(self, table: str) -> SegmentFile:
        self._writer.close()
        self.sink.close()
        return SegmentFile(table=table, rows=self._rows, bytes=self.sink.size, sha256=self.sink.sha256)

    def abort(self) -> None:
        self.sink.discard()
