"""One run of a command: wall and CPU seconds, and the peak memory of all its processes together."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Usage:
    wall: float
    cpu: float  # user and system, of all processes
    peak: int  # bytes: the largest sum of proportional set sizes


def measured(command: list[str], log: Path) -> Usage:
    """Run `command` to its end. Raises RuntimeError with its last messages where it fails."""
    started = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        peak = [0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.join()
    if process.returncode not in (0, 3):  # 3: some records of the input could not be used
        raise RuntimeError(f"ended with {process.returncode}: {log.read_text(errors='replace')[-500:].strip()}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, peak[0])


def _watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    while process.returncode is None:
        peak[0] = max(peak[0], sum(_memory(pid) for pid in _family(process.pid)))
        time.sleep(EVERY)


def _family(root: int) -> list[int]:
    """A process and all that came from it."""
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        except OSError:  # it has ended
            continue
    return found


def _memory(pid: int) -> int:
    """Bytes of a process, what it shares with others in proportion; 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
