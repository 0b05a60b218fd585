"""A folder on disk as storage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from ingest.storage import Sink, disk
from ingest.storage.lock import hold_lock, read_owner
from ingest.storage.owner import Owner


class Folder:
    """See `ingest.storage.Storage`; how a write survives a crash: see `ingest.storage.disk`."""

    fenced = False

    def __init__(self, place: Path) -> None:
        self.place = place

    def at(self, name: str) -> Path:
        return self.place / name

    def read(self, name: str) -> bytes:
        return self.at(name).read_bytes()

    def read_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        for name in names:
            try:
                yield self.read(name)
            except FileNotFoundError:
                yield None

    def open(self, name: str) -> BinaryIO:
        import pyarrow as pa  # whose own files spare the way through Python at each read

        file: BinaryIO = pa.OSFile(os.fsencode(self.at(name)))
        return file

    def size(self, name: str) -> int:
        return self.at(name).stat().st_size

    def is_missing(self, name: str) -> bool:
        return disk.is_missing(self.at(name))

    def has_folder(self, folder: str) -> bool:
        return self.at(folder).is_dir()

    def list(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(self.at(folder)))
        except FileNotFoundError:
            return []

    def walk(self, folder: str) -> Iterator[str]:
        for found, _, names in os.walk(self.at(folder)):
            prefix = Path(found).relative_to(self.place).as_posix()
            for name in names:
                yield f"{prefix}/{name}"

    def prepare(self, folders: Iterable[str]) -> None:
        for folder in (*reversed(self.place.absolute().parents), self.place):
            if not folder.is_dir():
                disk.make_folder(folder)
        for name in folders:
            for part in (*reversed(Path(name).parents[:-1]), Path(name)):
                if not (self.place / part).is_dir():
                    disk.make_folder(self.place / part)

    def found(self, folder: str) -> None:
        self.prepare([folder])

    def replace(self, name: str, data: bytes) -> None:
        disk.write_atomically(self.at(name), data)

    def create(self, name: str, data: bytes) -> None:
        """No other process can come between the look and the write: this one holds the system's lock."""
        if not self.is_missing(name):
            raise FileExistsError(f"{self.at(name)} exists")
        self.replace(name, data)

    def sink(self, name: str) -> Sink:
        path = disk.temporary(self.at(name))
        return disk.HashingSink(path, path.relative_to(self.place).as_posix())

    def publish(self, names: Sequence[tuple[str, str]]) -> None:
        for old, new in names:
            disk.rename(self.at(old), self.at(new))
        for folder in sorted({self.at(new).parent for _, new in names}):
            disk.fsync_folder(folder)

    def remove(self, names: Iterable[str], *, durable: bool = False) -> None:
        folders = set()
        for name in names:
            disk.remove(self.at(name))
            folders.add(self.at(name).parent)
        if durable:
            for folder in sorted(folders):
                disk.fsync_folder(folder)

    def discard(self, name: str) -> None:
        disk.discard(self.at(name))

    def lock(self, name: str, *, wait: bool = False) -> AbstractContextManager[Any]:
        return hold_lock(self.place, name, wait=wait)

    def owner(self, name: str) -> Owner | None:
        return read_owner(self.at(name))

    def __reduce__(self) -> tuple[Any, ...]:
        return Folder, (self.place,)
