"""What a broken run left behind: cleared at the next start, under the lock."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.dataset import disk, layout, segments
from ingest.dataset.ledger import Ledger, raise_epoch, read_ledger
from ingest.dataset.records import CommitRecord


@dataclass(slots=True)
class Recovered:
    """What `recover` removed, as paths relative to the dataset."""

    temporary: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    uncommitted: list[str] = field(default_factory=list)


def recover(root: Path) -> tuple[Recovered, Ledger]:
    """Remove temporary files, parts and segments without a record, and parts that a committed one has replaced."""
    ledger = read_ledger(root)
    done = Recovered()
    with disk.disk_errors("clear", root):
        # what frees space and needs none comes first: the disk may be full
        present = (*ledger.records.values(), *ledger.replaced.values())
        committed = {file.path for record in present for file in record.files}
        for meta, _, names in os.walk(root / layout.META):
            done.temporary += _clear(root, Path(meta), filter(layout.is_temporary, names))
        for folder in layout.table_folders(root):
            disk.make_folder(folder)  # copying tools lose empty folders
            names = os.listdir(folder)
            done.temporary += _clear(root, folder, filter(layout.is_temporary, names))
            parts = (
                name
                for name in names
                if layout.is_part(name) and (folder / name).relative_to(root).as_posix() not in committed
            )
            done.uncommitted += _clear(root, folder, parts)
        done.uncommitted += _clear(root, root / layout.STAGING, segments.leftovers(root))
        done.replaced = [layout.record_path(key) for key in ledger.replaced]
        remove_records(root, ledger.replaced.values())
        ledger.replaced.clear()
    return done, ledger


def remove_records(root: Path, records: Iterable[CommitRecord]) -> None:
    """Take records out of the ledger, then delete their files: in this order, a crash leaves parts without a
    record, which do not exist, and never a record without its parts.
    """
    records = list(records)
    if not records:
        return
    raise_epoch(root)
    for record in records:
        disk.remove(root / layout.record_path(record.key))
    disk.fsync_folder(root / layout.LEDGER)
    for record in records:
        for file in record.files:
            disk.remove(root / file.path)


def _clear(root: Path, folder: Path, names: Iterable[str]) -> list[str]:
    removed = sorted(names)
    for name in removed:
        disk.remove(folder / name)
    return [(folder / name).relative_to(root).as_posix() for name in removed]
