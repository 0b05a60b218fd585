"""Engines map pure work over batches of records: from records to tables, and nothing of what stands in these.

An engine gives back each batch with its result, in the order in which the batches came, and ends every record in a row
whatever happens to the process that works on it. It knows nothing of datasets and stages, so that a retry is harmless.

`local` maps over worker processes of this machine, `inline` in the process itself; `factory` chooses.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeAlias

import pyarrow as pa

from ingest.document import Ending, Kind, Record, Records

Tables: TypeAlias = "dict[str, pa.Table]"
Results: TypeAlias = Generator[tuple[Records, Tables], None, None]


class Work(Protocol):
    """Pure, deterministic, and independent of what else is in the batch."""

    def __call__(self, batch: Records) -> Tables:
        """What becomes of a batch, as tables by name."""

    def lost(self, record: Record, ending: Ending) -> Tables:
        """What becomes of a record that the worker did not survive, or did not finish."""

    def warm(self, kinds: Iterable[Kind]) -> None:
        """Load what is otherwise loaded at the first page of a kind, so that forked workers have it."""


class Engine(Protocol):
    """Anything that can map work over batches."""

    def map(self, work: Work, batches: Iterable[Records]) -> Results:
        """Each batch with its result, in order. An empty batch comes back with no tables: a mark in the stream.

        Batches are taken from the iterator only as results are consumed, a bounded number ahead. Closing the
        generator ends the work.
        """


def available_cpus() -> int:
    """CPUs that this process may use: its affinity, and the quota of its control group (cgroup v2 `cpu.max`)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        count = min(count, max(1, round(int(quota) / int(period))))  # `max` for no quota is no number
    return count
