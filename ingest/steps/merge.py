"""Merging what was learned, on a cluster: a tree of merges, until the run has few files to make the profiles of.

    files ── 16 each to a worker ──▶ fewer files, with those pages that a profile may count ── and again ──▶ the run

A profile counts no more than a sample of the pages of its site, and of copies one. So a tree gains where sites have
many pages: what the run reads is then bounded by the number of sites, and the rest is read by the workers. It gains
nothing where sites are small or nobody has named them: there pages only move, and the first level that shows it is the
last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice

import pyarrow as pa

from ingest.dataset import Dataset
from ingest.engines.cluster import Cluster, spread
from ingest.pipeline import Chain
from ingest.sites.store import File, Stored
from ingest.steps.remote_tasks import MERGED, JobContext, Merge

FAN_IN = 16  # files to a merge, and as many for the run
WORTH = 0.8  # of the pages; a level that leaves more of them is the last


@contextmanager
def merged(
    dataset: Dataset, run_id: str, pipeline: Chain, cluster: Cluster | None, stored: Stored
) -> Iterator[Sequence[pa.Table]]:
    """Contributions that make the same profiles as those that are stored; on no cluster, these themselves."""
    files = stored.files
    try:
        while cluster is not None and len(files) > FAN_IN:
            with closing(spread(cluster, Merge(JobContext.of(dataset, run_id, pipeline)), _some(files))) as merges:
                levels = [result for _, result in merges]
            files = [(level.file, None) for level in levels]
            if sum(level.after for level in levels) > WORTH * sum(level.before for level in levels):
                break
        yield Stored(dataset, files)
    finally:
        for name in dataset.list_state(MERGED):
            dataset.delete_state(name)


def _some(files: Sequence[File]) -> Iterator[list[File]]:
    left = iter(files)
    while some := list(islice(left, FAN_IN)):
        yield some
