"""What a broken run left behind: cleared at the next start, under the lock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.dataset import layout, segments
from ingest.dataset.ledger import Ledger, raise_epoch, read_ledger
from ingest.dataset.records import CommitRecord
from ingest.storage import Storage
from ingest.storage.disk import disk_errors


@dataclass(slots=True)
class Recovered:
    """What `recover` removed, as paths relative to the dataset."""

    temporary: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)


def recover(storage: Storage) -> tuple[Recovered, Ledger]:
    """Remove temporary files, parts and segments without a record, and parts that a committed one has replaced."""
    ledger = read_ledger(storage)
    done = Recovered()
    with disk_errors("clear", storage.place):
        # what frees space and needs none comes first: the disk may be full
        present = (*ledger.records.values(), *ledger.replaced.values())
        committed = {file.path for record in present for file in record.files}
        done.temporary += _clear(storage, filter(layout.is_temporary, storage.walk(layout.META)))
        storage.prepare(layout.table_folders())  # copying tools lose empty folders
        for folder in layout.table_folders():
            paths = [f"{folder}/{name}" for name in storage.list(folder)]
            done.temporary += _clear(storage, filter(layout.is_temporary, paths))
            done.uncommitted += _clear(
                storage, (path for path in paths if layout.is_part(path) and path not in committed)
            )
        done.uncommitted += _clear(storage, (f"{layout.STAGING}/{name}" for name in segments.leftovers(storage)))
        done.replaced = [layout.record_path(key) for key in ledger.replaced]
        remove_records(storage, ledger.replaced.values())
        ledger.replaced.clear()
    return done, ledger


def remove_records(storage: Storage, records: Iterable[CommitRecord]) -> None:
    """Take records out of the ledger, then delete their files: in this order, a crash leaves parts without a
    record, which do not exist, and never a record without its parts.
    """
    records = list(records)
    if not records:
        return
    raise_epoch(storage)
    storage.remove([layout.record_path(record.key) for record in records], durable=True)
    storage.remove([file.path for record in records for file in record.files])


def _clear(storage: Storage, paths: Iterable[str]) -> list[str]:
    removed = sorted(paths)
    storage.remove(removed)
    return removed
