"""A part that is written but not committed, small enough to be sent from the machine that wrote it to the run's.

Its files lie under temporary names that no other process uses, so that the same work done twice, as an engine does it
when it has lost sight of a worker, cannot mix. Only the run, which holds the lock, gives files their names: a worker
that is late can never overwrite what was committed. A draft that nobody commits is cleared as what a broken run left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from ingest.dataset.sources import SourceFile
from ingest.dataset.tally import SourceTally
from ingest.errors import DatasetError
from ingest.storage import Storage


class DraftFile(msgspec.Struct, frozen=True, kw_only=True):
    """A finished Parquet file of a table, by the name that it has in the dataset until it is published."""

    table: str
    temp: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`tally`: what became of the records, by path of the source; `staged`: key of the segments that it was made of;
    `forgotten`: see `SourceEntry`, by path.
    """

    sources: list[SourceFile]
    files: list[DraftFile]
    tally: Mapping[str, SourceTally]
    staged: str = ""
    forgotten: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of a draft in the hands of the run that commits it; with what `TableFile` has for that."""

    storage: Storage
    name: str
    rows: int
    size: int
    sha256: str

    def abort(self) -> None:
        """Drop the file; never raises."""
        self.storage.discard(self.name)


def written(storage: Storage, draft: Draft) -> dict[str, list[WrittenFile]]:
    """The files of a draft by table, in order. Raises DatasetError if one is not where the run can see it."""
    found: dict[str, list[WrittenFile]] = {}
    for file in draft.files:
        size = None
        with suppress(OSError):
            size = storage.size(file.temp)
        if size != file.bytes:
            raise DatasetError(
                f"{storage.at(file.temp)}, which a worker has written, is not here as it was written",
                source=storage.at(file.temp),
                hint="all machines must see the dataset as one and the same folder, at the same path",
            )
        found.setdefault(file.table, []).append(WrittenFile(storage, file.temp, file.rows, file.bytes, file.sha256))
    return found
