"""Applying: the sources of each group become the rows of one part, which is committed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

from ingest import __version__
from ingest.dataset import Dataset, Plan, SourceFile
from ingest.dataset.forgotten import Filter, load
from ingest.engines import Engine
from ingest.engines.cluster import Cluster, spread
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.stages.assemble import Stamp
from ingest.steps.groups import Feed, Group, groups
from ingest.steps.parts import staged_rows, write_part
from ingest.steps.progress import Done, Tell
from ingest.steps.remote_tasks import JobContext, WritePart
from ingest.steps.run_stats import PartStats, Report
from ingest.steps.work import Process

if TYPE_CHECKING:
    from ingest.dataset.writer import PartWriter

Written: TypeAlias = "Generator[tuple[Group, PartWriter, PartStats], None, None]"
"""Parts that are written, in order; each is committed, or dropped, before the next one is asked for."""


def apply(
    dataset: Dataset,
    plan: Plan,
    sources: Sequence[SourceFile],
    pipeline: Chain,
    engine: Engine,
    cluster: Cluster | None,
    report: Report,
    tell: Tell,
) -> None:
    """Rows of the sources are written, on the cluster if there is one, and committed, group by group."""
    done = Done("apply", sources, tell)
    if cluster is None:
        written = _written_here(dataset, sources, pipeline, engine, report, done)
    else:
        written = _written_away(dataset, sources, pipeline, cluster, report, done)
    with closing(written):
        for group, writer, account in written:
            _commit(plan, group, writer, account, report, learned=pipeline.settings.learn)
    done.end()


def _written_here(
    dataset: Dataset, sources: Sequence[SourceFile], pipeline: Chain, engine: Engine, report: Report, done: Done
) -> Written:
    """By this process, from what its engine makes of the batches of all groups in a row."""
    settings = pipeline.settings
    work = Process(pipeline, Stamp.now(pipeline.config_hash))
    staged = staged_rows(dataset, sources, pipeline)
    limits, forgotten = Limits.of(settings, report.notes), Filter(load(dataset.storage))
    feed = Feed(groups(sources, settings), settings, limits, staged, settings.part_seconds)
    with closing(engine.map(work, feed)) as results:
        for group in feed.groups():
            staging = staged.get(group[0].path)
            with dataset.writer(
                group, pipeline.config_hash, report.run_id, pipeline_version=__version__, staging=staging
            ) as writer:
                account = write_part(group, writer, staging, results, done.add, forgotten=forgotten)
                ended = feed.end()
                writer.narrow(ended)
                yield ended, writer, account


def _written_away(
    dataset: Dataset, sources: Sequence[SourceFile], pipeline: Chain, cluster: Cluster, report: Report, done: Done
) -> Written:
    """By workers of the cluster, a part each."""
    task = WritePart(JobContext.of(dataset, report.run_id, pipeline), Stamp.now(pipeline.config_hash))
    with closing(spread(cluster, task, groups(sources, pipeline.settings))) as drafts:
        for group, (draft, account) in drafts:
            with dataset.writer(
                group, pipeline.config_hash, report.run_id, pipeline_version=__version__, draft=draft
            ) as writer:
                yield group, writer, account
            done.add_group(group, account.records.total())
    dataset.recover()  # clears what workers that died have left


def _commit(plan: Plan, group: Group, writer: PartWriter, account: PartStats, report: Report, *, learned: bool) -> None:
    """Make a part exist, unless its source has changed since a former run began it: its end may then be that of another
    content than its beginning, and it is left for the next run.
    """
    if account.resumed and group[0].has_moved():
        plan.todo.remove(group[0])
        plan.unsettled.append(group[0])
        report.sources = plan.counts()
        return
    # the writer refuses to commit where rows and records do not balance
    writer.commit(records=account.records, learned=[source.path for source in group] if learned else [])
    report.add(account)
