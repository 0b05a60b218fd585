"""Contributions as a dataset keeps them, in state files under `sites/`.

They depend on the rules, which name the sites of pages without URL, so the version of the rules is part of a file's
name. After a change of the rules those of older versions still count, until their source is learned anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Dataset, SourceFile
from ingest.errors import DatasetError
from ingest.sites import contributions

# The suffix ends in the number of the format. Files of other formats are not read: their sources are learned anew when
# they are next worked on.
FOLDER, SUFFIX = "sites/", f".contributions-{contributions.FORMAT}"


class ContributionStore:
    """All contributions of a dataset. `learned` are the digests of the sources known in the given version."""

    def __init__(self, dataset: Dataset, version: str) -> None:
        self._dataset = dataset
        self._version = version
        self._current: list[pa.Table] = []
        self._older: list[pa.Table] = []
        for name in sorted(dataset.list_state(FOLDER)):
            if name.endswith(SUFFIX) and (data := dataset.get_state(name)) is not None:
                is_current = name.startswith(f"{FOLDER}{version}-")
                (self._current if is_current else self._older).append(contributions.from_bytes(data))
        self.learned = {digest for table in self._current for digest in table["digest"].unique().to_pylist()}

    def add(self, digests: Sequence[str], batches: list[pa.RecordBatch]) -> None:
        """Store what a group of sources contributed. Needs the dataset's lock; a retry overwrites."""
        save(self._dataset, self._version, digests, batches)
        self._count(digests, contributions.table(batches))

    def take_up(self, digests: Sequence[str]) -> None:
        """Count what another process has saved of a group of sources."""
        name = _name(self._version, digests)
        data = self._dataset.get_state(name)
        if data is None:
            raise DatasetError(
                f"{name}, which a worker has written, is not in {self._dataset.path}",
                hint="all machines must see the dataset as one and the same folder, at the same path",
            )
        self._count(digests, contributions.from_bytes(data))

    def _count(self, digests: Sequence[str], table: pa.Table) -> None:
        self._current.append(table)
        self.learned.update(digests)

    def wanted(self, todo: Iterable[SourceFile] = ()) -> set[str]:
        """Digests of the sources that the dataset will hold when `todo` is done.

        So not the former content of those: a run that is cut off has replaced some of them, and the one after it must
        come to the same profiles.
        """
        new = {source.path: source.digest for source in todo}
        return {entry.digest for entry in self._dataset.ledger().entries() if entry.path not in new} | {*new.values()}

    def of(self, digests: set[str]) -> list[pa.Table]:
        """Contributions of the sources with these digests."""
        older = [_only(table, digests - self.learned) for table in self._older]
        return [*(_only(table, digests) for table in self._current), *older]

    def living(self, todo: Iterable[SourceFile] = ()) -> list[pa.Table]:
        """Contributions of the sources that the dataset will hold when `todo` is done; see `wanted`."""
        return self.of(self.wanted(todo))


def save(dataset: Dataset, version: str, digests: Sequence[str], batches: list[pa.RecordBatch]) -> None:
    """Write what a group of sources contributed to the file that is named by them."""
    dataset.put_state(_name(version, digests), contributions.to_bytes(batches))


def _name(version: str, digests: Sequence[str]) -> str:
    key = hashlib.blake2b("".join(digests).encode(), digest_size=10).hexdigest()
    return f"{FOLDER}{version}-{key}{SUFFIX}"


def _only(table: pa.Table, digests: set[str]) -> pa.Table:
    return table.filter(pc.is_in(table["digest"], pa.array(sorted(digests), pa.string())))
