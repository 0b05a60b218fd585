"""Who holds a dataset."""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime, timezone

import msgspec


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
