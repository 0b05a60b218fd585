"""The run lock: one writer at a time.

The lock is the operating system's own (flock on Unix), so that it is free at once when its holder dies,
whatever way. Beside it lies a file for people, which says who holds it; it decides nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from ingest.errors import DatasetError, LockedError
from ingest.storage import disk
from ingest.storage.owner import Owner


@contextmanager
def hold_lock(root: Path, name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of this name in the folder `root`; raises LockedError at once, or waits, if another process has
    it.
    """
    import filelock

    lock = filelock.FileLock(root / name, timeout=-1 if wait else 0, thread_local=False)
    try:
        with disk.disk_errors("lock", root):
            try:
                lock.acquire()
            except filelock.Timeout:  # which is an OSError
                raise _held(root, name) from None
    except NotImplementedError as error:
        hint = "put it on a file system with file locks"
        raise DatasetError(f"cannot lock {root}: {error}", source=root, hint=hint) from error
    owner_file = _owner_file(root / name)
    try:
        with suppress(OSError):  # a full disk must not keep a run from starting; it will be told where it matters
            owner_file.write_bytes(msgspec.json.encode(Owner.this_process()) + b"\n")
        yield
    finally:
        try:
            with suppress(OSError):
                owner_file.unlink()
        finally:
            lock.release()


def _held(root: Path, name: str) -> LockedError:
    owner = read_owner(root / name)
    if owner is not None and owner.host != socket.gethostname():
        hint = (
            "wait for that run to end, or use --wait; if that machine is down, "
            "the lock is free when the file server gives it up"
        )
    else:
        hint = "wait for that run to end, or use --wait"
    return LockedError(f"{root} is locked by {owner or 'another run'}", source=root, hint=hint)


def read_owner(lock: Path) -> Owner | None:
    """Who holds, or last held, the lock; None if that is not known."""
    try:
        return msgspec.json.decode(_owner_file(lock).read_bytes(), type=Owner)
    except (OSError, msgspec.MsgspecError):
        return None


def _owner_file(lock: Path) -> Path:
    return lock.with_name(f"{lock.name}.owner")
