"""Rows and contributions of one group of sources, in this process or on a cluster.

Both are pure, and take no more than the sources and what their step was begun with. Sources that are too large to be
done in one go are done in segments, see `ingest.dataset.staging`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ingest import __version__, stopping
from ingest.dataset import Dataset, SourceFile
from ingest.dataset.forgotten import Filter
from ingest.dataset.layout import WRITTEN, schemas_written
from ingest.document import Records
from ingest.engines import Results, Tables
from ingest.pipeline import Chain
from ingest.sites import contributions
from ingest.steps.groups import Group, large, of_group, size_of
from ingest.steps.run_stats import PartStats

if TYPE_CHECKING:
    from ingest.dataset.staging import Staging
    from ingest.dataset.writer import PartWriter

Keep: TypeAlias = "Callable[[Sequence[str], list[pa.RecordBatch]], object]"
"""Stores contributions, given the digests of their sources."""


def staged_rows(dataset: Dataset, sources: Iterable[SourceFile], pipeline: Chain) -> dict[str, Staging]:
    """What earlier runs have finished of the sources that are too large to be done in one go, by path."""
    versions = (pipeline.config_hash, pipeline.profiles.version)
    size, seconds = pipeline.settings.part_bytes, pipeline.settings.part_seconds
    return {
        source.path: dataset.staging("apply", source, versions, schemas_written(), size, seconds)
        for source in large(sources, size)
    }


def write_part(
    group: Group,
    writer: PartWriter,
    staging: Staging | None,
    results: Results,
    seen: Callable[[Records], None] = lambda batch: None,
    *,
    forgotten: Filter,
) -> PartStats:
    """Write the rows of a group, from `results` up to its end, but for what is `forgotten`, and account for them."""
    account = PartStats()
    if staging:
        account.records[group[0].path] = staging.records
        account.resumed = staging.records > 0
        account.forgotten = len(staging.forgotten)
        for segment in staging.tables():
            account.enter(segment)
    done = account.records.total()
    for batch, tables in of_group(results):
        account.records.update(item.source for item in batch)
        if pages := forgotten.pages(tables):
            writer.leave_out(pages.values())
            account.forgotten += len(pages)
            tables = _without(tables, pages)
        _write(writer, tables, account)
        done += len(batch)
        writer.checkpoint(done, size_of(batch))
        seen(batch)
    return account


def _without(tables: Tables, pages: Iterable[str]) -> Tables:
    """The rows of all but some pages."""
    ids = pa.array(sorted(pages), pa.string())
    return {
        name: rows.filter(pc.invert(pc.is_in(rows["id"], value_set=ids))) if "id" in rows.column_names else rows
        for name, rows in tables.items()
    }


def _write(writer: PartWriter, tables: Tables, account: PartStats) -> None:
    started = time.perf_counter()
    for table in WRITTEN:
        writer.write(table, tables[table])
    account.stage_seconds["write"] += time.perf_counter() - started
    for stage in tables["seconds"].to_pylist():
        account.stage_seconds[stage["stage"]] += stage["seconds"]
    account.enter(tables)


def staged_contributions(dataset: Dataset, sources: Iterable[SourceFile], pipeline: Chain) -> dict[str, Staging]:
    """What earlier runs have learned from the sources that are too large to be done in one go, by path."""
    size, seconds = pipeline.settings.part_bytes, pipeline.settings.part_seconds
    versions, schemas = (__version__, pipeline.learning_version), {"contributions": contributions.SCHEMA}
    return {
        source.path: dataset.staging("learn", source, versions, schemas, size, seconds)
        for source in large(sources, size)
    }


def contribute(
    end: Callable[[], Group],
    keep: Keep,
    staging: Staging | None,
    results: Results,
    seen: Callable[[Records], None] = lambda batch: None,
) -> int:
    """Give `keep` what a group contributes, from `results` up to its `end`, which is asked for then. Returns how many
    records were read.
    """
    fresh: list[pa.RecordBatch] = []
    records = staging.records if staging else 0
    for batch, tables in of_group(results):
        records += len(batch)
        if staging:
            for rows in tables["contributions"].to_batches():
                staging.write("contributions", rows)
            staging.checkpoint(records, size_of(batch))
        else:
            fresh += tables["contributions"].to_batches()
        seen(batch)
    if staging:
        staging.seal(records)
        fresh += staging.batches("contributions")
    with stopping.finishing():
        keep([source.digest for source in end()], fresh)
        if staging:
            staging.clear()
    return records
