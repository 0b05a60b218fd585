"""Learning: what the pages of each group contribute to the knowledge of their sites is stored by source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

from ingest.dataset import Dataset, SourceFile
from ingest.engines import Engine
from ingest.engines.cluster import Cluster, spread
from ingest.pipeline import Chain
from ingest.readers import Limits
from ingest.sites.store import ContributionStore
from ingest.steps.groups import Feed, groups
from ingest.steps.parts import contribute, staged_contributions
from ingest.steps.progress import Done, Tell
from ingest.steps.remote_tasks import Contribute, JobContext
from ingest.steps.work import Learn


def learn(
    dataset: Dataset,
    run_id: str,
    todo: Iterable[SourceFile],
    pipeline: Chain,
    engine: Engine,
    cluster: Cluster | None,
    tell: Tell,
) -> ContributionStore | None:
    """Contributions of the sources that have none yet are stored."""
    if not pipeline.settings.learn:
        return None
    store = ContributionStore(dataset, pipeline.learning_version)
    missing = [source for source in todo if source.digest not in store.learned]
    done = Done("learn", missing, tell)
    if cluster is None:
        _here(dataset, missing, pipeline, engine, store, done)
    else:
        task = Contribute(JobContext.of(dataset, run_id, pipeline))
        with closing(spread(cluster, task, groups(missing, pipeline.settings))) as counts:
            for group, records in counts:
                store.take_up([source.digest for source in group])
                done.add_group(group, records)
    done.end()
    return store


def _here(
    dataset: Dataset,
    sources: Sequence[SourceFile],
    pipeline: Chain,
    engine: Engine,
    store: ContributionStore,
    done: Done,
) -> None:
    settings = pipeline.settings
    work = Learn(pipeline, {source.path: source.digest for source in sources})
    staged = staged_contributions(dataset, sources, pipeline)
    feed = Feed(groups(sources, settings), settings, Limits.of(settings), staged, settings.part_seconds)
    with closing(engine.map(work, feed)) as results:
        for group in feed.groups():
            contribute(feed.end, store.add, staged.get(group[0].path), results, done.add)
