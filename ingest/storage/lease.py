"""The run lock on object storage: an object that says who holds the dataset, renewed as long as its holder lives.

Each step is a conditional write: of two that want the lease, one gets it, and a holder whose lease another one has
taken learns it at its next renewal. A lease that was not renewed for `SECONDS` may be taken; both times are those of
the store, so that clocks of machines do not matter. On the machine of a holder that died it may be taken at once.

What it cannot do: stop a request that its holder has already sent. So the holder renews before it writes if the last
renewal is not recent, requests give up long before a lease ends, and commits have a fence of their own (see
`ingest.dataset.writer`).
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ingest.errors import LockedError
from ingest.storage.objects import Changed, connect, errors, version_of
from ingest.storage.owner import Owner

SECONDS = 120.0  # without renewal, after which a lease may be taken
RENEW = 20.0  # seconds between renewals
RECENT = 40.0  # seconds since a renewal within which a write may begin: it ends within some 50 s more
PAUSE = 1.0  # seconds between two looks of one who waits
_TICK = 2.0  # stores tell times in whole seconds


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the object says; `beat` makes each renewal another content, and so another ETag."""

    pid: int
    host: str
    started: str
    token: str
    machine: str
    beat: int
    free: bool = False


class Lease:
    """The lease at a URL, held by this process or to be taken by it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store, self._key = connect(url, small=True)
        self._token = secrets.token_hex(8)
        owner = Owner.this_process()
        self._content = _Held(
            pid=owner.pid,
            host=owner.host,
            started=owner.started.isoformat(),
            token=self._token,
            machine=_machine(),
            beat=0,
        )
        self._version: Any = None  # of the object as it was last seen or written
        self._renewed = 0.0
        self._lost = ""
        self._turn = threading.Lock()
        self._end = threading.Event()

    def take(self, wait: bool) -> None:
        """Take the lease, and renew it from then on. Raises LockedError if it is held, unless `wait`."""
        while not self._take():
            if not wait:
                raise LockedError(
                    f"{self._place} is locked by {read_owner(self._url) or 'another run'}",
                    source=self._place,
                    hint=f"wait for that run to end, or use --wait; if its machine is down, the lock is free "
                    f"{SECONDS:.0f} s after its last sign of life",
                )
            time.sleep(PAUSE)
        self._thread = threading.Thread(target=self._keep, name="ingest lease", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Let others take it; one that cannot be told is free when its time is over."""
        self._end.set()
        self._thread.join()
        with suppress(OSError), self._turn:
            if not self._lost:
                self._put(free=True)

    def check(self) -> None:
        """Raise LockedError unless the lease is surely held for the time that a write takes."""
        with self._turn:
            if not self._lost and _now() - self._renewed > RECENT:
                with suppress(OSError):
                    self._renew()
            if not self._lost and _now() - self._renewed > RECENT:
                self._lost = f"it could not be renewed for {_now() - self._renewed:.0f} s"
            if self._lost:
                raise LockedError(
                    f"this run has lost its hold of {self._place}: {self._lost}",
                    source=self._place,
                    hint="what it committed stands, and the next run does the rest",
                )

    @property
    def _place(self) -> str:
        return self._url.rpartition("/_ingest/")[0] or self._url

    def _take(self) -> bool:
        began = _now()
        for _ in range(2):  # what was refused may have been repeated, and done at its first try
            try:
                before, version, modified = _read(self._url, self._store, self._key)
            except FileNotFoundError:
                with suppress(FileExistsError):
                    self._put(mode="create")
                    return True
                continue
            if before is not None and before.token == self._token:
                self._version, self._renewed = version, began
                return True
            if not (before is None or before.free or _is_dead(before) or self._clock() - modified > SECONDS + _TICK):
                return False
            self._version = version
            with suppress(Changed, FileNotFoundError):
                self._put()
                return True
        return False

    def _keep(self) -> None:
        """Renew until the end; what fails is tried again, and told by `check` when it lasts."""
        while not self._end.wait(RENEW):
            with self._turn:
                if self._lost:
                    return
                with suppress(OSError):
                    self._renew()

    def _renew(self) -> None:
        began = _now()
        try:
            self._put()
        except (Changed, FileNotFoundError):
            held, version, _ = _read(self._url, self._store, self._key)
            if held is not None and held.token == self._token:  # an answer was lost, and the write repeated
                self._version, self._renewed = version, began
            else:
                self._lost = f"it was taken over by {held.pid} on {held.host}" if held else "somebody has removed it"

    def _put(self, mode: Any = None, *, free: bool = False) -> None:
        import obstore

        began = _now()
        mode = mode or self._version
        self._content = msgspec.structs.replace(self._content, beat=self._content.beat + 1, free=free)
        with errors(self._url):
            done = obstore.put(self._store, self._key, msgspec.json.encode(self._content), mode=mode)
        self._version, self._renewed = version_of(done), began

    def _clock(self) -> float:
        """The time by the store's clock."""
        import obstore

        with errors(self._url):
            obstore.put(self._store, f"{self._key}.clock", self._token.encode())
            modified = obstore.head(self._store, f"{self._key}.clock")["last_modified"]
        return float(modified.timestamp())


def read_owner(url: str) -> Owner | None:
    """Who holds the lease; None if nobody does or it is not known."""
    store, key = connect(url, small=True)
    try:
        held = _read(url, store, key)[0]
    except OSError:
        return None
    if held is None or held.free:
        return None
    return msgspec.json.decode(msgspec.json.encode(held), type=Owner)


def _read(url: str, store: Any, key: str) -> tuple[_Held | None, Any, float]:
    """Content (None if it is none), version, and time of the last write by the store's clock."""
    import obstore

    with errors(url):
        answer = obstore.get(store, key)
        data, meta = bytes(answer.bytes()), answer.meta
    try:
        held = msgspec.json.decode(data, type=_Held)
    except msgspec.MsgspecError:
        held = None
    return held, version_of(meta), meta["last_modified"].timestamp()


def _is_dead(held: _Held) -> bool:
    """True if the holder certainly runs no more: it was a process of this boot of this machine and is gone."""
    if not held.machine or held.machine != _machine():
        return False
    try:
        os.kill(held.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False


def _machine() -> str:
    """Names the set of processes within which process ids mean the same: host names do not, in containers. Empty where
    that is not known.
    """
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    return ""


def _now() -> float:
    """Seconds of a clock that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
