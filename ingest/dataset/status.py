"""What a dataset holds and how its last run went, from commit and run records alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

import msgspec

from ingest.dataset import layout
from ingest.dataset.forgotten import load
from ingest.dataset.ledger import Ledger
from ingest.dataset.runs import CLOCK_SKEW, RunRecord, read_runs
from ingest.dataset.segments import read_staging
from ingest.dataset.store import Dataset
from ingest.schema import TABLES
from ingest.storage.owner import Owner


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """A large source that a run was cut off from: the next one goes on after its first `records` records."""

    path: str
    purpose: str
    records: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`outcomes`: records by outcome. `rows`, `bytes`: by table. `configs`: sources by configuration hash.
    `last_commit`: UTC time of the latest commit, None in an empty dataset.

    `last_run` is the latest run, whatever became of it, and `age_seconds` how long ago it ended (a run that was killed:
    began). `clock_went_back`: that is in the future, so ages mean nothing. `failed` says that it failed or was killed.
    `last_good`: when a run last came to its end. `running`: who holds the dataset now. `forgotten`: how many sources
    and pages are kept out, see `ingest.maintenance.forget`.
    """

    parts: int
    sources: int
    source_bytes: int
    records: int
    outcomes: dict[str, int]
    rows: dict[str, int]
    bytes: dict[str, int]
    configs: dict[str, int]
    last_commit: datetime | None
    last_run: RunRecord | None
    age_seconds: float | None
    clock_went_back: bool
    failed: bool
    last_good: datetime | None
    running: Owner | None
    unfinished: list[Unfinished]
    forgotten: dict[str, int]


def status_of(dataset: Dataset, ledger: Ledger | None = None) -> Status:
    """The status of a dataset, as `ledger` has it, or as it is now."""
    ledger = ledger or dataset.ledger()
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
    running = dataset.storage.owner(layout.LOCK)
    if running is not None and running.is_dead():
        running = None
    run, good = _runs(dataset, running)
    age = _age(run)
    forgotten = load(dataset.storage)
    return Status(
        parts=len(ledger.records),
        sources=len(entries),
        source_bytes=sum(entry.size for entry in entries),
        records=sum(entry.records for entry in entries),
        outcomes=dict(sorted(outcomes.items())),
        rows=dict(rows),
        bytes=dict(sizes),
        configs=dict(sorted(configs.items())),
        last_commit=last.committed_at if last else None,
        last_run=run,
        age_seconds=age,
        clock_went_back=age is not None and age < -CLOCK_SKEW,
        failed=run is not None and run.failed,
        last_good=good.ended if good else None,
        running=running,
        unfinished=[
            Unfinished(path=found[-1].path, purpose=found[-1].purpose, records=found[-1].records)
            for found in read_staging(dataset.storage).values()
        ],
        forgotten={"sources": len(forgotten.sources), "pages": len(forgotten.pages)},
    )


def _runs(dataset: Dataset, running: Owner | None) -> tuple[RunRecord | None, RunRecord | None]:
    """The latest run, and the latest that came to its end."""
    latest = None
    for run in read_runs(dataset):
        if run.state == "running" and (running is None or (running.pid, running.host) != (run.pid, run.host)):
            run = msgspec.structs.replace(run, state="killed")
        latest = latest or run
        if run.state == "done":
            return latest, run
    return latest, None


def _age(run: RunRecord | None) -> float | None:
    if run is None:
        return None
    return round((datetime.now(timezone.utc) - (run.ended or run.started)).total_seconds(), 1)
