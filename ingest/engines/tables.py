"""Results of work between processes: tables by name, joined, and as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import pyarrow as pa

from ingest.engines import Tables


def join(parts: Sequence[Tables]) -> Tables:
    """The results of the pieces of a batch as that of the whole."""
    names = sorted({name for part in parts for name in part})
    return {name: pa.concat_tables([part[name] for part in parts if name in part]) for name in names}


def write(tables: Tables, file: IO[bytes]) -> None:
    """Tables as Arrow IPC streams, one after the other, each with its name in the metadata of its schema."""
    for name, table in tables.items():
        named = table.replace_schema_metadata({**(table.schema.metadata or {}), b"ingest.name": name.encode()})
        with pa.ipc.new_stream(file, named.schema) as writer:
            writer.write_table(named)


def read(buffer: Any) -> Tables:
    """Tables back from `write`; their columns point into `buffer`, nothing is copied."""
    tables: Tables = {}
    source = pa.BufferReader(buffer)
    while source.tell() < source.size():
        table = pa.ipc.open_stream(source).read_all()
        metadata = dict(table.schema.metadata)
        name = metadata.pop(b"ingest.name").decode()
        tables[name] = table.replace_schema_metadata(metadata)
    return tables
