"""The two kinds of work that engines map, and how their results travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

import pyarrow as pa

from ingest.document import Kind, Outcome, Record
from ingest.engines import Records
from ingest.pipeline import Chain
from ingest.quarantine.keep import quarantined
from ingest.schema import SCHEMAS, TABLES
from ingest.sites import contributions
from ingest.stages.assemble import Rows, Stamp

Tables: TypeAlias = "dict[str, pa.Table]"

_SECONDS = pa.schema([("stage", pa.string()), ("seconds", pa.float64())])


@dataclass(frozen=True, slots=True)
class Ending:
    """How a record ended that took its worker with it."""

    outcome: Outcome
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Process:
    """Records to rows of the tables of the dataset."""

    pipeline: Chain
    stamp: Stamp

    def __call__(self, batch: Records) -> Tables:
        return self._tables(batch, self.pipeline.process(batch, self.stamp))

    def warm(self, kinds: Iterable[Kind]) -> None:
        self.pipeline.label(_samples(kinds))

    def lost(self, record: Record, ending: Ending) -> Tables:
        rows = self.pipeline.end(record, ending.outcome, ending.reason, ending.remedy, self.stamp)
        return self._tables([record], [rows])

    def _tables(self, batch: Records, rows: list[Rows]) -> Tables:
        """The tables of the dataset, the bytes of what was rejected, and `seconds` by stage."""
        tables = {name: pa.Table.from_batches([getattr(part, name) for part in rows], SCHEMAS[name]) for name in TABLES}
        seconds = [{"stage": stage, "seconds": spent} for part in rows for stage, spent in part.seconds.items()]
        held = quarantined(batch, tables["rejected"], self.pipeline.settings.quarantine_bytes)
        return tables | {"quarantine": held, "seconds": pa.Table.from_pylist(seconds, _SECONDS)}


@dataclass(frozen=True, slots=True)
class Learn:
    """Records to what their pages contribute; `digests` are those of the sources, by path. A lost record gives none."""

    pipeline: Chain
    digests: Mapping[str, str]

    def __call__(self, batch: Records) -> Tables:
        return {"contributions": contributions.table(self.pipeline.learn(batch, self.digests))}

    def warm(self, kinds: Iterable[Kind]) -> None:
        self.pipeline.prepare(_samples(kinds), learning=True)

    def lost(self, record: Record, ending: Ending) -> Tables:
        return {"contributions": contributions.table([])}


def _samples(kinds: Iterable[Kind]) -> list[Record]:
    pages: dict[Kind, str] = {
        # «Ã©»: mojibake loads ftfy, which each worker would otherwise hold for itself
        "text": "The pond\n\nBy A. Reed\n\n12 May 2021\n\nThe cafÃ© at the pond was measured again, and found wide.",
        "html": "<html><head><title>The pond</title></head><body><p>It was measured again.</p></body></html>",
    }
    return [Record("sample", 0, pages[kind].encode(), kind) for kind in kinds]


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
