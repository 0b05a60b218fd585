"""One worker process: its side, and the handle by which a run holds it.

On Linux a worker is forked from the run: rules, models and site profiles, however large, are there at once and shared,
and the start takes some 10 ms. Forks are made only between two steps of the run, by the thread that maps. Elsewhere the
interpreter is started anew and the work sent to it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from ingest.document import OUT_OF_MEMORY, Ending, Outcome, Records
from ingest.engines import Tables, Work, tables
from ingest.engines.fd_transport import receive, send
from ingest.engines.memory import Trimmer

BATCHES = 200  # after which a worker is replaced: libraries leak, heaps fragment
JOIN_SECONDS = 5.0

BATCH, RESULT, LAST, FAULT, NO_MEMORY = b"b", b"r", b"l", b"f", b"h"
_PR_SET_PDEATHSIG = 1
FORKS = sys.platform == "linux"
# A worker of a cluster may do several parts at a time, in threads. A process that is forked while another's channel is
# made would hold the far end of that, too, and hide its close.
_ONE_AT_A_TIME = threading.Lock()


class WorkerDied(Exception):
    """A worker ended without an answer; `ending` says how."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.reason)
        self.ending = ending


class Worker:
    """A process that takes batches in turn. `tasks` are what it has not yet answered, the one in work first.

    `channel` becomes readable when there is an answer, or when the process is gone.
    """

    def __init__(self, job: Work, memory: int, others: Sequence[Worker]) -> None:
        self.tasks: deque[Any] = deque()
        self.since = 0.0
        self._cpu: float | None = None
        self.leaving = False
        with _ONE_AT_A_TIME:
            self.channel, theirs = socket.socketpair()
            inherited = [self.channel, *(other.channel for other in others)] if FORKS else []
            context: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
            self._process = context.Process(
                target=_serve, args=(job, theirs, memory, os.getpid(), inherited), name="ingest worker", daemon=True
            )
            self._process.start()
            theirs.close()

    def give(self, task: Any, batch: Records) -> None:
        """Hand over a batch; a worker that is gone is noticed when its answer is asked for."""
        with suppress(OSError):
            send(self.channel, BATCH, lambda file: pickle.dump(batch, file, pickle.HIGHEST_PROTOCOL))
        if not self.tasks:
            self._start_clock()
        self.tasks.append(task)

    def answer(self) -> Tables:
        """The result of the batch in work. Raises WorkerDied if there is none."""
        try:
            kind, content = receive(self.channel)
        except EOFError:
            raise WorkerDied(self._exit_reason()) from None
        if kind == NO_MEMORY:
            raise WorkerDied(OUT_OF_MEMORY)
        if kind == FAULT:
            raise WorkerDied(Ending(Outcome.FAILED, bytes(content).decode(), "a fault of ingest: please report it"))
        self.leaving |= kind == LAST
        self._start_clock()
        return tables.read(content)

    def spent(self) -> float:
        """CPU seconds that the batch in work has taken; seconds by the clock where the system does not tell."""
        waited = time.monotonic() - self.since
        return waited if self._cpu is None else (_cpu_seconds(self._process.pid) or self._cpu) - self._cpu

    def _start_clock(self) -> None:
        self.since = time.monotonic()
        self._cpu = _cpu_seconds(self._process.pid)

    def begin_to_end(self) -> None:
        self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.join(JOIN_SECONDS)
        self.channel.close()

    def _exit_reason(self) -> Ending:
        self._process.join(JOIN_SECONDS)
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            reason = "its worker was killed, as the system does when memory runs out"
            return Ending(Outcome.FAILED, reason, "give the run more memory or fewer workers, then retry")
        how = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit code {code}"
        return Ending(Outcome.FAILED, f"its worker died ({how})", "a fault of ingest or of a library: please report it")


def _serve(job: Work, channel: socket.socket, memory: int, parent: int, inherited: Sequence[socket.socket]) -> None:
    """The life of a worker."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the run ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with(parent)
    threadpool_limits(1)  # of NumPy's linear algebra: the workers of a run are its parallelism
    gc.freeze()  # the collector must not touch, and so copy, the pages that are shared with the run
    ceiling = _limit_memory(memory)
    trim = Trimmer()
    with suppress(EOFError, OSError):  # the run is gone, or needs this worker no longer
        for number in count(1):
            _, content = receive(channel)
            try:
                result = job(pickle.loads(content))
                last = number >= BATCHES or _data_bytes() > ceiling
                send(channel, LAST if last else RESULT, lambda file, result=result: tables.write(result, file))  # type: ignore[misc]
                del content, result
                trim()
            except MemoryError:
                send(channel, NO_MEMORY, lambda file: None)
                last = True
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                text = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
                send(channel, FAULT, lambda file, text=text: file.write(text.encode()))  # type: ignore[misc]
                last = True
            if last:
                break
    os._exit(0)


def _die_with(parent: int) -> None:
    """Have the system kill this process when the run dies (prctl(2)), even in the midst of an endless loop."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _limit_memory(allowance: int) -> float:
    """Let this process have `allowance` bytes more than it has now; what asks for more gets a MemoryError.

    Returns how much it may hold between two batches without being replaced.
    """
    now = _data_bytes()
    if not now:
        return float("inf")
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = now + allowance
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    return now + allowance / 2


def _cpu_seconds(pid: int) -> float | None:
    """User and system time of a process, fields 14 and 15 of its stat file (proc(5)); None if not known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _data_bytes() -> int:
    """Private writable memory of this process, what RLIMIT_DATA counts (proc(5), getrlimit(2)); 0 if not known."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
