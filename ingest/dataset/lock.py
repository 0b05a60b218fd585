"""The run lock: one writer at a time.

The lock is the operating system's own (flock on Unix), so that it is free at once when its holder dies,
whatever way. Beside it lies a file for people, which says who holds it; it decides nothing.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from ingest.dataset import disk, layout
from ingest.errors import DatasetError, LockedError


class Owner(msgspec.Struct, frozen=True):
    """Who holds the lock: process id, host name, and when it took it (UTC)."""

    pid: int
    host: str
    started: datetime

    @classmethod
    def this_process(cls) -> Owner:
        return cls(os.getpid(), socket.gethostname(), datetime.now(timezone.utc).replace(microsecond=0))

    def is_dead(self) -> bool:
        """True if this certainly runs no more: on this host, and the process is gone or older than the system is up.

        For people only: whether the lock is free is for the lock to say.
        """
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:  # it is there, and another user's
            pass
        up = getattr(time, "CLOCK_BOOTTIME", None)  # Linux
        return up is not None and self.started.timestamp() < time.time() - time.clock_gettime(up) - 1

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.started:%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def hold_lock(root: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of the dataset at `root`; raises LockedError at once, or waits, if another process has
    it.
    """
    import filelock

    lock = filelock.FileLock(root / layout.LOCK, timeout=-1 if wait else 0, thread_local=False)
    try:
        with disk.disk_errors("lock", root):
            try:
                lock.acquire()
            except filelock.Timeout:  # which is an OSError
                raise _held(root) from None
    except NotImplementedError as error:
        hint = "put it on a file system with file locks"
        raise DatasetError(f"cannot lock {root}: {error}", hint=hint) from error
    owner_file = root / layout.OWNER
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


def _held(root: Path) -> LockedError:
    owner = read_owner(root)
    if owner is not None and owner.host != socket.gethostname():
        hint = (
            "wait for that run to end, or use --wait; if that machine is down, "
            "the lock is free when the file server gives it up"
        )
    else:
        hint = "wait for that run to end, or use --wait"
    return LockedError(f"{root} is locked by {owner or 'another run'}", hint=hint)


def read_owner(root: Path) -> Owner | None:
    """Who holds, or last held, the lock; None if that is not known."""
    try:
        return msgspec.json.decode((root / layout.OWNER).read_bytes(), type=Owner)
    except (OSError, msgspec.MsgspecError):
        return None
