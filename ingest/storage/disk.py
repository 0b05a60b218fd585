"""Writing that survives a crash: temporary name, fsync, rename, fsync of the folder.

All changes to a dataset's files pass through this module, by way of the functions of `os`, so that fault
injection can count and break them. What a rename or an unlink did is only certain after `fsync_folder`; a
failed fsync is never repeated on the same file, because the kernel may have dropped the unwritten pages: the
file is thrown away instead.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from ingest.errors import DatasetError

_BUFFER = 1 << 20
_TOKEN = secrets.token_hex(4)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UNTOUCHED = "what was committed before is intact, and a rerun does the rest"


@contextmanager
def disk_errors(action: str, path: Path | str) -> Iterator[None]:
    """Turn an `OSError` into a `DatasetError` that says what was being done, where (a string is a URL), and what to do
    about it.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            hint = f"free space or raise the quota, then run again; {_UNTOUCHED}"
        elif isinstance(path, str):
            hint = f"check the bucket, its permissions, credentials and network; {_UNTOUCHED}"
        else:
            hint = f"check the disk and the permissions of the folder; {_UNTOUCHED}"
        raise DatasetError(f"cannot {action} {path}: {reason}", source=path, hint=hint) from error


def _write_all(fd: int, data: bytes | bytearray | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def own_name(name: str) -> str:
    """A temporary name that no other process uses, on whatever machine: several may be at the same work."""
    return f".{name}.{_TOKEN}-{os.getpid()}.tmp"


def temporary(path: Path) -> Path:
    """Where a file lies until it is published."""
    return path.with_name(own_name(path.name))


def fsync_folder(path: Path) -> None:
    """Make the renames and unlinks done in a folder durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(path: Path) -> None:
    """Create one folder durably; its parent must exist."""
    with suppress(FileExistsError):
        os.mkdir(path)
        fsync_folder(path.parent)


def rename(source: Path, target: Path) -> None:
    """Rename in one step; a name of its own, so that tests can break it."""
    os.replace(source, target)


def remove(path: Path) -> bool:
    """Unlink a file; False if it was already gone."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def is_missing(path: Path) -> bool:
    """True if there certainly is no such file; False also if the disk will not say."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def discard(path: Path) -> None:
    """Unlink a file if possible; never raises."""
    with suppress(OSError):
        os.unlink(path)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: after a crash at any instant it holds either its old or its new content."""
    temp = temporary(path)
    sink = HashingSink(temp)
    try:
        sink.write(data)
        sink.close()
        rename(temp, path)
    except BaseException:
        sink.discard()
        raise
    fsync_folder(path.parent)


class HashingSink:
    """A file open for writing that knows its size and SHA-256; `close` makes it durable, `discard` deletes
    it.

    It has the methods that pyarrow asks of a Python file object. After `discard` writes are swallowed,
    because a Parquet writer that is closed after an error still tries to write its footer.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or str(path)
        self.size = 0
        self._hash = sha256()
        self._buffer = bytearray()
        self._fd: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)

    @property
    def closed(self) -> bool:
        return False  # pyarrow must not refuse to close its writer after `discard`

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        n = len(data)
        if self._fd is not None:
            self._hash.update(data)
            self._buffer += data
            self.size += n
            if len(self._buffer) >= _BUFFER:
                self._drain(self._fd)
        return n

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing to do: durability comes with `close`."""

    def close(self) -> None:
        if self._fd is not None:
            self._drain(self._fd)
            os.fsync(self._fd)
            fd, self._fd = self._fd, None
            os.close(fd)

    def discard(self) -> None:
        """Close without flushing and delete the file, if it is still under its temporary name; never
        raises.
        """
        with suppress(OSError):
            if self._fd is not None:
                fd, self._fd = self._fd, None
                os.close(fd)
        discard(self.path)

    def _drain(self, fd: int) -> None:
        _write_all(fd, self._buffer)
        # a new one: profilers in other threads, as Dask's, may still hold a frame with a view of the old one
        self._buffer = bytearray()
