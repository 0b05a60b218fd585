"""The two kinds of work that engines map: records to rows, and records to what their pages contribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from ingest.document import Ending, Kind, Record, Records
from ingest.engines import Tables
from ingest.pipeline import Chain
from ingest.quarantine.keep import quarantined
from ingest.schema import SCHEMAS, TABLES
from ingest.sites import contributions
from ingest.stages import repetition
from ingest.stages.assemble import Rows, Stamp

_SECONDS = pa.schema([("stage", pa.string()), ("seconds", pa.float64())])


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
        rows = self.pipeline.end(record, ending, self.stamp)
        return self._tables([record], [rows])

    def _tables(self, batch: Records, rows: list[Rows]) -> Tables:
        """The tables of the dataset, the bytes of what was rejected, `seconds` by stage, and `repetition` by site."""
        tables = {name: pa.Table.from_batches([getattr(part, name) for part in rows], SCHEMAS[name]) for name in TABLES}
        seconds = [{"stage": stage, "seconds": spent} for part in rows for stage, spent in part.seconds.items()]
        held = quarantined(batch, tables["rejected"], self.pipeline.settings.quarantine_bytes)
        beside = {"quarantine": held, "seconds": pa.Table.from_pylist(seconds, _SECONDS)}
        repeated = [part.repetition for part in rows if part.repetition is not None]
        return tables | beside | {"repetition": pa.Table.from_batches(repeated, repetition.SCHEMA)}


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
