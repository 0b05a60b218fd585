"""The ledger: all commit records of a dataset, and which of them count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from ingest.dataset import layout
from ingest.dataset.records import CommitRecord, SourceEntry, decode_record, sequence_key
from ingest.errors import DatasetError
from ingest.storage import Storage
from ingest.storage.disk import disk_errors

_TRIES = 200
_PAUSE = 0.01  # seconds between two tries at a consistent listing


@dataclass(slots=True)
class Ledger:
    """`records`: the live commit records by key. `replaced`: records that a live one has taken the place of
    and that only wait for their removal. `by_path`, `by_digest`: key and entry of each source in a live
    record. `last_sequence`: the highest seen; a replaced record is never above the one that replaces it.
    """

    records: dict[str, CommitRecord] = field(default_factory=dict)
    replaced: dict[str, CommitRecord] = field(default_factory=dict)
    by_path: dict[str, tuple[str, SourceEntry]] = field(default_factory=dict)
    by_digest: dict[str, tuple[str, SourceEntry]] = field(default_factory=dict)
    last_sequence: int = 0

    @classmethod
    def of(cls, records: Iterable[CommitRecord]) -> Ledger:
        """Sort records into live and replaced ones.

        A record hides those it replaces, whether or not it is itself hidden by a third. The sequence decides
        between two that name each other, which happens when a file goes back to an earlier content.
        """
        present = {record.key: record for record in records}
        ledger = cls()
        for record in present.values():
            for key in record.replaces:
                old = present.get(key)
                if old is not None and old.sequence < record.sequence:
                    ledger.replaced[key] = old
        for record in sorted(present.values(), key=lambda record: record.sequence):
            if record.key not in ledger.replaced:
                ledger.add(record)
        return ledger

    @property
    def version(self) -> str:
        """Names the rows of the dataset: it changes with each commit and each removal."""
        # a key that is a number comes again when the latest part was taken out and another one is committed
        live = sorted(
            (record.sequence, f"{key} {record.run_id}" if key == sequence_key(record.sequence) else key)
            for key, record in self.records.items()
        )
        return blake2b(repr(live).encode(), digest_size=16).hexdigest()

    def entries(self) -> Iterator[SourceEntry]:
        for record in self.records.values():
            yield from record.sources

    def add(self, record: CommitRecord) -> None:
        self.records[record.key] = record
        self.last_sequence = max(self.last_sequence, record.sequence)
        for entry in record.sources:
            self.by_path[entry.path] = self.by_digest[entry.digest] = (record.key, entry)

    def drop(self, key: str) -> None:
        """Forget a live record."""
        for entry in self.records.pop(key).sources:
            for index, name in ((self.by_path, entry.path), (self.by_digest, entry.digest)):
                if index.get(name, ("", None))[0] == key:
                    del index[name]


def read_ledger(storage: Storage, on_damage: Callable[[DatasetError], None] | None = None) -> Ledger:
    """Read all commit records as they stood at one instant, while another process may be committing.

    A record that cannot be read raises DatasetError, or is left out and given to `on_damage`.

    Listing a folder is not atomic: a listing can miss a new record and, further on, the record that it
    replaced and that was removed meanwhile. So the writer raises the epoch after a record is in place and
    before it removes what that record replaces. A listing between two equal readings of the epoch can have
    missed removed records only if their successors were in place before it began, and those it holds.
    """
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        with disk_errors("read the ledger of", storage.place):
            epoch = read_epoch(storage)
            records = list(_read_records(storage, on_damage))
            if read_epoch(storage) == epoch:
                return Ledger.of(records)
    raise DatasetError(
        f"the ledger of {storage.place} kept changing while it was read",
        source=storage.place,
        hint="try again when the run that writes it is done",
    )


def _read_records(storage: Storage, on_damage: Callable[[DatasetError], None] | None) -> Iterator[CommitRecord]:
    listed = storage.list(layout.LEDGER)
    if not listed and not storage.has_folder(layout.LEDGER):
        raise DatasetError(
            f"{storage.place} has no ledger ({layout.LEDGER} is missing)",
            source=storage.place,
            hint="restore the folder from a backup",
        )
    keys = [key for name in listed if (key := layout.record_key(name))]
    names = [layout.record_path(key) for key in keys]
    for key, name, data in zip(keys, names, storage.read_all(names), strict=True):
        if data is None:
            continue  # replaced and removed since the listing
        try:
            yield decode_record(data, key, str(storage.at(name)))
        except DatasetError as error:
            if on_damage is None:
                raise
            on_damage(error)


def read_epoch(storage: Storage) -> int:
    """The number that rises before records are removed; 0 if it is missing or damaged."""
    try:
        return int(storage.read(layout.EPOCH) or b"0")
    except (FileNotFoundError, ValueError):
        return 0


def raise_epoch(storage: Storage) -> None:
    """Tell readers that records are about to be removed."""
    storage.replace(layout.EPOCH, b"%d\n" % (read_epoch(storage) + 1))
