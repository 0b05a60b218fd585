"""Contributions, and what sites that nobody named were called, as a dataset keeps them: in state files under `sites/`.

Contributions depend on the rules, which name the sites of pages without URL, so the version of the rules is part of
a file's name. After a change of the rules those of older versions still count, until their source is learned anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias, overload

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dataset import Dataset, SourceFile
from ingest.errors import DatasetError
from ingest.sites import contributions
from ingest.sites.names import Names

# The suffix ends in the number of the format. Files of other formats are not read: their sources are learned anew when
# they are next worked on.
FOLDER, SUFFIX = "sites/", f".contributions-{contributions.FORMAT}"
NAMES = f"{FOLDER}names.json"


File: TypeAlias = "tuple[str, AbstractSet[str] | None]"
"""A state file, and the digests of those sources in it that are asked for; None for all."""

GATHERED = 64_000_000  # bytes up to which files are put together


class Stored(Sequence[pa.Table]):
    """Contributions of some sources, file by file. A table is read each time that it is asked for, and not kept."""

    def __init__(self, dataset: Dataset, files: Sequence[File]) -> None:
        self._dataset = dataset
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, index: int) -> pa.Table: ...
    @overload
    def __getitem__(self, index: slice) -> Stored: ...
    def __getitem__(self, index: int | slice) -> pa.Table | Stored:
        if isinstance(index, slice):
            return Stored(self._dataset, self.files[index])
        name, digests = self.files[index]
        table = contributions.from_bytes(_read(self._dataset, name))
        return (
            table
            if digests is None
            else table.filter(pc.is_in(table["digest"], pa.array(sorted(digests), pa.string())))
        )


class ContributionStore:
    """All contributions of a dataset. `learned` are the digests of the sources known in the given version."""

    def __init__(self, dataset: Dataset, version: str) -> None:
        self._dataset = dataset
        self._version = version
        self._current: dict[str, AbstractSet[str]] = {}  # state file -> the sources that are taken from it
        self._older: dict[str, AbstractSet[str]] = {}
        self.learned: set[str] = set()
        older: set[str] = set()
        for name in files(dataset):
            found = contributions.digests_in(_read(dataset, name))
            if _version_of(name) == version:
                self._count(name, found)
            else:
                self._older[name] = found - older
                older |= found

    def add(self, digests: Sequence[str], batches: list[pa.RecordBatch]) -> None:
        """Store what a group of sources contributed. Needs the dataset's lock; a retry overwrites."""
        save(self._dataset, self._version, digests, batches)
        self._count(_name(self._version, digests), set(digests))

    def take_up(self, digests: Sequence[str]) -> None:
        """Count what another process has saved of a group of sources."""
        name = _name(self._version, digests)
        _read(self._dataset, name)
        self._count(name, set(digests))

    def _count(self, name: str, digests: AbstractSet[str]) -> None:
        # a `gather` that was killed leaves sources in two files
        self._current[name] = self._current.get(name, frozenset()) | (digests - self.learned)
        self.learned |= digests

    def wanted(self, todo: Iterable[SourceFile] = ()) -> set[str]:
        """Digests of the sources that the dataset will hold when `todo` is done.

        So not the former content of those: a run that is cut off has replaced some of them, and the one after it must
        come to the same profiles.
        """
        new = {source.path: source.digest for source in todo}
        return {entry.digest for entry in self._dataset.ledger().entries() if entry.path not in new} | {*new.values()}

    def of(self, digests: AbstractSet[str]) -> Stored:
        """Contributions of the sources with these digests."""
        older = digests - self.learned
        asked = [(name, found & digests) for name, found in self._current.items()]
        asked += [(name, found & older) for name, found in self._older.items()]
        return Stored(self._dataset, [(name, some) for name, some in asked if some])

    def living(self, todo: Iterable[SourceFile] = ()) -> Stored:
        """Contributions of the sources that the dataset will hold when `todo` is done; see `wanted`."""
        return self.of(self.wanted(todo))


def save(dataset: Dataset, version: str, digests: Sequence[str], batches: list[pa.RecordBatch]) -> None:
    """Write what a group of sources contributed to the file that is named by them."""
    dataset.put_state(_name(version, digests), contributions.to_bytes(batches))


def names_of(dataset: Dataset | None) -> Names:
    """What a dataset has recorded of the names of its sites; nothing without a dataset.

    Raises DatasetError if the record cannot be read.
    """
    data = dataset.get_state(NAMES) if dataset is not None else None
    try:
        return msgspec.json.decode(data, type=Names) if data is not None else Names()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DatasetError(
            f"{NAMES} cannot be read: {error}", hint="remove it from `_ingest/`: sites are then named anew"
        ) from error


def save_names(dataset: Dataset, names: Names) -> None:
    """Record the names of sites, all or none. Needs the lock."""
    if names != names_of(dataset):
        dataset.put_state(NAMES, msgspec.json.format(msgspec.json.encode(names), indent=1))


def files(dataset: Dataset) -> list[str]:
    """The state files with contributions, in their order."""
    return sorted(name for name in dataset.list_state(FOLDER) if name.endswith(SUFFIX))


def gather(dataset: Dataset, *, target_bytes: int = GATHERED) -> tuple[int, int]:
    """Put small files of contributions together, and leave out sources that the dataset no longer holds.

    Returns how many files there were and are. Needs the lock. May be stopped at any time: what then stands in two files
    counts once.
    """
    living = {entry.digest for entry in dataset.ledger().entries()}
    names = files(dataset)
    for version in sorted({_version_of(name) for name in names}):
        group: list[str] = []
        size = 0
        for name in [name for name in names if _version_of(name) == version]:
            more = len(_read(dataset, name))
            if group and size + more > target_bytes:
                _join(dataset, version, group, living)
                group, size = [], 0
            group.append(name)
            size += more
        _join(dataset, version, group, living)
    return len(names), len(files(dataset))


def _join(dataset: Dataset, version: str, names: Sequence[str], living: AbstractSet[str]) -> None:
    known: set[str] = set()
    asked = []
    for name in names:
        found = contributions.digests_in(_read(dataset, name))
        asked.append((name, (found & living) - known))
        known |= found
    digests = sorted(known & living)
    if len(names) < 2 and len(digests) == len(known):
        return
    joined = _name(version, digests) if digests else None
    if digests:
        save(dataset, version, digests, pa.concat_tables(Stored(dataset, asked)).combine_chunks().to_batches())
    for name in names:
        if name != joined:
            dataset.delete_state(name)


def _read(dataset: Dataset, name: str) -> bytes:
    data = dataset.get_state(name)
    if data is None:
        raise DatasetError(
            f"{name} is gone from {dataset.path}",
            source=dataset.path,
            hint="if `ingest compact` was at work, try again; workers of a cluster must all see the dataset as one "
            "folder, at the same path",
        )
    return data


def _version_of(name: str) -> str:
    return name.removeprefix(FOLDER).partition("-")[0]


def _name(version: str, digests: Sequence[str]) -> str:
    key = hashlib.blake2b("".join(digests).encode(), digest_size=10).hexdigest()
    return f"{FOLDER}{version}-{key}{SUFFIX}"
