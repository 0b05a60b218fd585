"""Runs of the program: started, killed, awaited.

A process that has loaded the program forks them. So a run begins at once, with all that a start-up loads, and hundreds
of them do not take hours; what it does then is `ingest.cli.main`, as from a shell. Some are started from nothing.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ingest.dataset.layout import LOCK
from ingest.storage.factory import storage_at

REPOSITORY = Path(__file__).resolve().parents[2]
DONE = (0, 3)  # 3: done, but something was quarantined
FAILED, LOCKED = 1, 75
# small enough that the files of `Folder` make several parts, batches and segments
SETTINGS = {"INGEST_PART_BYTES": "4000", "INGEST_BATCH_DOCUMENTS": "4", "INGEST_SETTLE": "0", "OMP_NUM_THREADS": "1"}
ENDS_WITHIN = 20.0  # seconds in which workers of a killed run must be gone


class Forker:
    """The process that forks runs of `ingest`; talks in JSON lines."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.forker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **SETTINGS, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'scripts'}"},
        )
        self.ask(hello=True)

    def ask(self, **question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Run:
    """One run, in a process group of its own. `code` is its exit code, or the number of its signal, negative."""

    def __init__(self, arguments: list[str], log: Path, forker: Forker | None) -> None:
        self._forker = forker
        self._code: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.started = time.monotonic()
        if forker is not None and arguments[0] == "ingest":
            self.pid: int = forker.ask(arguments=arguments[1:], log=str(log))
            return
        command = [sys.executable, "-m", *arguments] if arguments[0] == "ingest" else arguments
        with log.open("ab") as file:
            environment = {**os.environ, **SETTINGS, "PYTHONPATH": str(REPOSITORY)}
            self._child = subprocess.Popen(command, stdout=file, stderr=file, env=environment, start_new_session=True)
        self.pid = self._child.pid

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._child.poll() if self._child is not None else self._asked(poll=self.pid)
        return self._code

    def wait(self) -> int:
        if self._code is None:
            self._code = self._child.wait() if self._child is not None else self._asked(wait=self.pid)
        return self._code

    def kill(self, *, workers: bool) -> bool:
        """Kill the run, with its workers or without; False if it had ended before."""
        if self.poll() is not None:
            return False
        (os.killpg if workers else os.kill)(self.pid, signal.SIGKILL)
        return self.wait() == -signal.SIGKILL

    def _asked(self, **question: int) -> Any:
        assert self._forker is not None
        return self._forker.ask(**question)

    def is_alive(self) -> bool:
        """True as long as the run or a worker of it is there."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def await_end_of_workers(self) -> bool:
        end = time.monotonic() + ENDS_WITHIN
        while self.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        return not self.is_alive()


class Runs:
    """Runs of one command over one folder into one dataset."""

    def __init__(self, command: str, raw: Path, out: Path, forker: Forker | None) -> None:
        self.arguments = shlex.split(command.format(raw=shlex.quote(str(raw)), out=shlex.quote(str(out))))
        self.out, self.forker = out, forker
        self.log = out.with_suffix(".log")

    def start(self, *, afresh: bool = False) -> Run:
        return Run(self.arguments, self.log, None if afresh else self.forker)

    def await_lock(self, run: Run) -> None:
        """Return when the run has the lock, or has ended."""
        looks = 0
        while looks % 20 or run.poll() is None:
            owner = storage_at(self.out).owner(LOCK)
            if owner is not None and owner.pid == run.pid:
                return
            time.sleep(0.004)
            looks += 1

    def finish(self) -> float:
        """One run to its end; returns its seconds since it had the lock."""
        run = self.start()
        self.await_lock(run)
        start = time.monotonic()
        self.expect(run, DONE)
        return time.monotonic() - start

    def finish_two(self) -> None:
        """Two runs started together: the one that comes second is told so, or finds the work done."""
        runs = [self.start(), self.start()]
        codes = sorted(run.wait() for run in runs)
        if codes[0] not in DONE or codes[1] not in (*DONE, LOCKED):
            raise SystemExit(f"two runs together ended with {codes}; see {self.log}:\n{self.tail()}")

    def expect(self, run: Run, codes: tuple[int, ...]) -> None:
        if run.wait() not in codes:
            raise SystemExit(f"a run ended with {run.wait()}; see {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        return self.log.read_text()[-3000:]
