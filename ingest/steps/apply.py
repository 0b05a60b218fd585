"""Applying: the sources of a group become the rows of one part, which is committed.

To write a part is pure, and takes no more than its sources and what the step was begun with; to commit it is for the
run that holds the lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from ingest import __version__, stopping
from ingest.accounts import Account, Report
from ingest.dataset import Dataset, Plan, SourceFile
from ingest.dataset.layout import WRITTEN, schemas_written
from ingest.engines import Engine, Records, Results
from ingest.engines.work import Process, Tables
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.stages.assemble import Stamp
from ingest.steps.groups import Group, feed, groups, large, of_group, size_of
from ingest.steps.progress import Done, Progress

if TYPE_CHECKING:
    from ingest.dataset.staging import Staging
    from ingest.dataset.writer import PartWriter


def apply(
    dataset: Dataset,
    plan: Plan,
    sources: Sequence[SourceFile],
    pipeline: Chain,
    engine: Engine,
    report: Report,
    progress: Progress,
) -> None:
    """Rows of the sources are written and committed, group by group."""
    done = Done("apply", sources, progress)
    settings = pipeline.settings
    work = Process(pipeline, Stamp.now(pipeline.config_hash))
    staged = staging_of(dataset, sources, pipeline)
    todo = list(groups(sources, settings.part_bytes))
    with closing(engine.map(work, feed(todo, settings, Limits.of(settings, report.notes), staged))) as results:
        for group in todo:
            staging = staged.get(group[0].path)
            with dataset.writer(
                group, pipeline.config_hash, report.run_id, pipeline_version=__version__, staging=staging
            ) as writer:
                account = write_part(group, writer, staging, results, done.add)
                commit(plan, group, writer, account, report, learned=settings.learn)
    done.end()


def staging_of(dataset: Dataset, sources: Iterable[SourceFile], pipeline: Chain) -> dict[str, Staging]:
    """What earlier runs have finished of the sources that are too large to be done in one go, by path."""
    versions = (pipeline.config_hash, pipeline.profiles.version)
    size = pipeline.settings.part_bytes
    return {
        source.path: dataset.staging("apply", source, versions, schemas_written(), size)
        for source in large(sources, size)
    }


def write_part(
    group: Group,
    writer: PartWriter,
    staging: Staging | None,
    results: Results,
    seen: Callable[[Records], None] = lambda batch: None,
) -> Account:
    """Write the rows of a group, from `results` up to its end, and account for them."""
    account = Account()
    if staging:
        account.records[group[0].path] = staging.records
        account.resumed = staging.records > 0
        for segment in staging.tables():
            account.enter(segment)
    for batch, tables in of_group(results):
        account.records.update(item.source for item in batch)
        _write(writer, tables, account)
        writer.checkpoint(account.records.total(), size_of(batch))
        seen(batch)
    return account


def commit(plan: Plan, group: Group, writer: PartWriter, account: Account, report: Report, *, learned: bool) -> None:
    """Make a part exist, unless its source has changed since a former run began it: its end may then be that of another
    content than its beginning, and it is left for the next run.
    """
    if account.resumed and group[0].has_moved():
        plan.todo.remove(group[0])
        plan.unsettled.append(group[0])
        report.sources = plan.counts()
        return
    with stopping.finishing():
        # the writer refuses to commit where rows and records do not balance
        writer.commit(records=account.records, learned=[source.path for source in group] if learned else [])
    report.add(account)


def _write(writer: PartWriter, tables: Tables, account: Account) -> None:
    started = time.perf_counter()
    for table in WRITTEN:
        writer.write(table, tables[table])
    account.stage_seconds["write"] += time.perf_counter() - started
    for stage in tables["seconds"].to_pylist():
        account.stage_seconds[stage["stage"]] += stage["seconds"]
    account.enter(tables)
