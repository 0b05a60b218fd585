"""Gather small parts into larger ones. Rows stay as they are; each step is a commit, so it may be cut off anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from ingest.dataset.records import CommitRecord

if TYPE_CHECKING:
    from ingest.dataset.store import Dataset

TARGET_BYTES = 128 << 20
"""Size of the files of a part up to which parts are gathered; compressed, all tables together."""
_SMALL = (
    2  # a part below 1/2 of the target is small: so a row is written again only when its part doubles, or nearly so
)


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """`parts_before` and `parts_after` of the whole dataset; `rewritten` parts with `bytes` went into fewer ones."""

    parts_before: int
    parts_after: int
    rewritten: int
    bytes: int


def gather(dataset: Dataset, run_id: str, *, target_bytes: int = TARGET_BYTES) -> Gathered:
    """Put small parts together, neighbours by source path first. Needs the lock.

    Raises:
        DatasetError: a part cannot be read, or the disk refuses; what was gathered before stands.
    """
    before = list(dataset.ledger().records.values())
    rewritten = size = 0
    for group in groups(before, target_bytes):
        latest = max(group, key=lambda record: record.sequence)
        with dataset.writer([], latest.config_hash, run_id, pipeline_version=latest.pipeline_version) as part:
            part.commit([dataset.without(record.key) for record in group])
        rewritten += len(group)
        size += sum(map(size_of, group))
    after = len(dataset.ledger().records)
    return Gathered(parts_before=len(before), parts_after=after, rewritten=rewritten, bytes=size)


def groups(records: Iterable[CommitRecord], target_bytes: int) -> Iterator[list[CommitRecord]]:
    """Small parts in the order of their sources, two or more at a time, up to the target size together."""
    small = [record for record in records if size_of(record) < target_bytes / _SMALL]
    group: list[CommitRecord] = []
    size = 0
    for record in sorted(small, key=lambda record: (record.sources[0].path, record.key)):
        if size + size_of(record) > target_bytes:
            if len(group) > 1:
                yield group
            group, size = [], 0
        group.append(record)
        size += size_of(record)
    if len(group) > 1:
        yield group


def size_of(record: CommitRecord) -> int:
    """Bytes of the files of a part."""
    return sum(file.bytes for file in record.files)
