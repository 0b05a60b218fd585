"""Totals of a dataset, from its commit records alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec

from ingest.dataset.ledger import Ledger
from ingest.schema import TABLES


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`outcomes`: records by outcome. `rows`, `bytes`: by table. `configs`: sources by configuration hash.
    `last_run`, `last_commit`: id and UTC time of the latest commit, None in an empty dataset."""

    parts: int
    sources: int
    source_bytes: int
    records: int
    outcomes: dict[str, int]
    rows: dict[str, int]
    bytes: dict[str, int]
    configs: dict[str, int]
    last_run: str | None
    last_commit: datetime | None


def status_of(ledger: Ledger) -> Status:
    outcomes: Counter[str] = Counter()
    configs: Counter[str] = Counter()
    rows = Counter(dict.fromkeys(TABLES, 0))
    sizes = Counter(dict.fromkeys(TABLES, 0))
    entries = list(ledger.entries())
    for entry in entries:
        outcomes.update(entry.outcomes)
        configs[entry.config_hash] += 1
    for record in ledger.records.values():
        for file in record.files:
            rows[file.table] += file.rows
            sizes[file.table] += file.bytes
    last = max(ledger.records.values(), key=lambda record: record.sequence, default=None)
    return Status(
        parts=len(ledger.records),
        sources=len(entries),
        source_bytes=sum(entry.size for entry in entries),
        records=sum(entry.records for entry in entries),
        outcomes=dict(sorted(outcomes.items())),
        rows=dict(rows),
        bytes=dict(sizes),
        configs=dict(sorted(configs.items())),
        last_run=last.run_id if last else None,
        last_commit=last.committed_at if last else None,
    )
