"""Objects below a URL as storage.

Each write is one request, or an upload in pieces that exists only when its last request is done. Renaming is a copy by
the store, then a removal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any, BinaryIO

from ingest.errors import DatasetError, IngestError
from ingest.storage import disk
from ingest.storage.lease import Lease, read_owner
from ingest.storage.objects import BLOCK, Changed, below, connect, errors, find, open_object
from ingest.storage.owner import Owner

PIECE = 8 << 20  # bytes of one request of a large upload
_AT_ONCE = 4  # requests of an upload
_READERS = 16  # small objects read at once
_SMALL = 1 << 20  # bytes up to which a write is one of those that must end soon
_FOLDER = ".folder"  # object that stands for a folder without others


class Bucket:
    """See `ingest.storage.Storage`."""

    fenced = True

    def __init__(self, place: str) -> None:
        self.place = place
        self._store, self._root = connect(place)
        self._quick = connect(place, small=True)[0]
        self._lease: Lease | None = None

    def at(self, name: str) -> str:
        return f"{self.place}/{name}"

    def read(self, name: str) -> bytes:
        import obstore

        with errors(self.at(name)):
            return bytes(obstore.get(self._store, self._key(name)).bytes())

    def read_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        def read(name: str) -> bytes | None:
            try:
                return self.read(name)
            except FileNotFoundError:
                return None

        if names:
            with ThreadPoolExecutor(min(_READERS, len(names))) as pool:
                yield from pool.map(read, names)

    def open(self, name: str) -> BinaryIO:
        return open_object(self.at(name))

    def size(self, name: str) -> int:
        return find(self.at(name)).size

    def is_missing(self, name: str) -> bool:
        try:
            find(self.at(name))
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def has_folder(self, folder: str) -> bool:
        return not self.is_missing(f"{folder}/{_FOLDER}")

    def list(self, folder: str) -> list[str]:
        import obstore

        prefix = f"{self._key(folder)}/"
        with errors(self.at(folder)):
            found = obstore.list_with_delimiter(self._quick, prefix)["objects"]
        names = (meta["path"].removeprefix(prefix) for meta in found)
        return sorted(name for name in names if name != _FOLDER)

    def walk(self, folder: str) -> Iterator[str]:
        for name, _ in below(self.at(folder)):
            if name.rpartition("/")[2] != _FOLDER:
                yield f"{folder}/{name}"

    def prepare(self, folders: Iterable[str]) -> None:
        """Folders come with their objects."""

    def found(self, folder: str) -> None:
        name = f"{folder}/{_FOLDER}"
        self.replace(name, b"")
        for condition in ("create", {"e_tag": '"none"', "version": "1"}):
            try:
                self._put(name, b"", mode=condition)
            except (FileExistsError, Changed):
                continue
            raise DatasetError(
                f"{self.place}: the store overwrites what it was told not to overwrite",
                source=self.place,
                hint="a dataset needs conditional PUTs (If-None-Match, If-Match), see docs/object-storage.md",
            )

    def replace(self, name: str, data: bytes) -> None:
        self._put(name, data)

    def create(self, name: str, data: bytes) -> None:
        try:
            self._put(name, data, mode="create")
        except FileExistsError:
            if self.read(name) != data:  # else the answer was lost, and the write repeated
                raise

    def sink(self, name: str) -> Upload:
        folder, slash, last = name.rpartition("/")
        return Upload(self, f"{folder}{slash}{disk.own_name(last)}")

    def publish(self, names: Sequence[tuple[str, str]]) -> None:
        import obstore

        for old, new in names:
            self.check()
            with errors(self.at(old)):
                obstore.copy(self._store, self._key(old), self._key(new))
        self.remove(old for old, _ in names)

    def remove(self, names: Iterable[str], *, durable: bool = False) -> None:
        import obstore

        keys = [self._key(name) for name in names]
        if not keys:
            return
        self.check()
        try:
            with errors(self.at("")):
                obstore.delete(self._quick, keys)
        except FileNotFoundError:  # some stores complain, and may have left the others
            for key in keys:
                with suppress(FileNotFoundError), errors(self.at("")):
                    obstore.delete(self._quick, key)

    def discard(self, name: str) -> None:
        with suppress(OSError, IngestError):
            self.remove([name])

    @contextmanager
    def lock(self, name: str, *, wait: bool = False) -> Iterator[None]:
        lease = Lease(self.at(name))
        with disk.disk_errors("lock", self.place):
            lease.take(wait)
        self._lease = lease
        try:
            yield
        finally:
            self._lease = None
            lease.release()

    def owner(self, name: str) -> Owner | None:
        return read_owner(self.at(name))

    def check(self) -> None:
        """Before each change: raises LockedError if this process held the lock and has lost it."""
        if self._lease is not None:
            self._lease.check()

    def upload(self, name: str, file: BinaryIO, size: int) -> None:
        """Write a large file from a local one; there is no object before all of it is there."""
        import obstore

        def pieces() -> Iterator[bytes]:
            while piece := file.read(PIECE):
                self.check()
                yield piece

        file.seek(0)
        if size <= PIECE:
            self._put(name, file.read())
            return
        with errors(self.at(name)):
            obstore.put(self._store, self._key(name), pieces(), chunk_size=PIECE, max_concurrency=_AT_ONCE)

    def _put(self, name: str, data: bytes, mode: Any = "overwrite") -> None:
        import obstore

        self.check()
        store = self._quick if len(data) <= _SMALL else self._store
        with errors(self.at(name)):
            obstore.put(store, self._key(name), data, mode=mode, use_multipart=False)

    def _key(self, name: str) -> str:
        return f"{self._root}/{name}" if self._root else name

    def __reduce__(self) -> tuple[Any, ...]:
        return Bucket, (self.place,)


class Upload:
    """A file on its way: collected in a local temporary file without a name, since what it will be called and whether
    it is wanted is known at its end only, and sent when it is closed.
    """

    def __init__(self, bucket: Bucket, name: str) -> None:
        self.name = name
        self.size = 0
        self._bucket = bucket
        self._hash = sha256()
        self._file: Any = tempfile.TemporaryFile(buffering=BLOCK)  # noqa: SIM115
        self._sent = False

    @property
    def closed(self) -> bool:
        return False  # pyarrow must not refuse to close its writer after `discard`

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        n = len(data)
        if self._file is not None:
            self._hash.update(data)
            self._file.write(data)
            self.size += n
        return n

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing to do: durability comes with `close`."""

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            with file:
                self._sent = True
                self._bucket.upload(self.name, file, self.size)

    def discard(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                file.close()
        if self._sent:
            self._bucket.discard(self.name)
