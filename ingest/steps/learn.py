"""Learning: what the pages of a group contribute to the knowledge of their sites, stored by source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa

from ingest import __version__, stopping
from ingest.dataset import Dataset, SourceFile
from ingest.engines import Engine, Records, Results
from ingest.engines.work import Learn
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.sites import contributions
from ingest.sites.store import ContributionStore
from ingest.steps.groups import Group, feed, groups, large, of_group, size_of
from ingest.steps.progress import Done, Progress

if TYPE_CHECKING:
    from ingest.dataset.staging import Staging


def learn(
    dataset: Dataset, todo: Iterable[SourceFile], pipeline: Chain, engine: Engine, progress: Progress
) -> ContributionStore | None:
    """Contributions of the sources that have none yet are stored."""
    if not pipeline.settings.learn:
        return None
    store = ContributionStore(dataset, pipeline.rules.version)
    missing = [source for source in todo if source.digest not in store.learned]
    done = Done("learn", missing, progress)
    settings = pipeline.settings
    work = Learn(pipeline, {source.path: source.digest for source in missing})
    staged = staging_of(dataset, missing, pipeline)
    gathered = list(groups(missing, settings.part_bytes))
    with closing(engine.map(work, feed(gathered, settings, Limits.of(settings), staged))) as results:
        for group in gathered:
            contribute(group, store, staged.get(group[0].path), results, done.add)
    done.end()
    return store


def staging_of(dataset: Dataset, sources: Iterable[SourceFile], pipeline: Chain) -> dict[str, Staging]:
    """What earlier runs have learned from the sources that are too large to be done in one go, by path."""
    size, schemas = pipeline.settings.part_bytes, {"contributions": contributions.SCHEMA}
    versions = (__version__, pipeline.rules.version)
    return {source.path: dataset.staging("learn", source, versions, schemas, size) for source in large(sources, size)}


def contribute(
    group: Group,
    store: ContributionStore,
    staging: Staging | None,
    results: Results,
    seen: Callable[[Records], None] = lambda batch: None,
) -> int:
    """Store what a group contributes, from `results` up to its end. Returns how many records were read."""
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
    with stopping.finishing():
        if staging:
            staging.seal(records)
            fresh += staging.batches("contributions")
        store.add([source.digest for source in group], fresh)
        if staging:
            staging.clear()
    return records
