"""Gather the small parts that frequent runs leave behind."""

from __future__ import annotations

import msgspec

from ingest import duplicates
from ingest.dataset import Dataset
from ingest.dataset.gather import TARGET_BYTES, Gathered, gather
from ingest.dataset.runs import new_run_id
from ingest.sites import store
from ingest.storage.locations import Place


class Compacted(Gathered, frozen=True, kw_only=True):
    """Of parts, see `Gathered`; and how many files hold what was learned of sites, before and after."""

    learned_before: int
    learned_after: int


def compact(output: Place, *, wait: bool = False, target_bytes: int = TARGET_BYTES) -> Compacted:
    """Put small parts of the dataset at `output` together, without any change to a row; so, too, what was learned.

    Raises:
        LockedError: a run holds the dataset, unless `wait` lets this one wait for its end.
        DatasetError: there is no dataset, or a part cannot be read or written.
    """
    dataset = Dataset.open(output)
    with dataset.lock(wait=wait):
        dataset.recover()
        before = dataset.ledger().version
        gathered = gather(dataset, new_run_id(), target_bytes=target_bytes)
        duplicates.rows_unchanged(dataset, since=before)
        learned_before, learned_after = store.gather(dataset)
    return Compacted(**msgspec.structs.asdict(gathered), learned_before=learned_before, learned_after=learned_after)
