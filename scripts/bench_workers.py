#!/usr/bin/env python3
"""What worker processes cost and gain: start-up, throughput from one to two, memory of all processes.

    scripts/bench_workers.py                      # pages made up on the spot
    scripts/bench_workers.py --source dump.jsonl  # or a source of your own

The variants take turns in each round, so that what else the machine does hits all of them; ratios are medians over
rounds. Memory is the largest sum of PSS (shared pages counted once) over the run and its workers.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent

# prints seconds from the start of the process to its first document, the same in CPU seconds, seconds to the end,
# records, and CPU seconds of the run after its first document, and of its workers
RUN = """
import os, sys, time
start = float(os.environ["BENCH_START"])
first = {}
from ingest.config import Settings
from ingest.run import run
settings = Settings(workers=int(sys.argv[3]), learn=sys.argv[4] == "learn")


def progress(step, *_):
    first.setdefault(step, (time.monotonic() - start, sum(os.times()[:4]), sum(os.times()[:2])))


report = run([sys.argv[1]], sys.argv[2], settings, progress=progress)
whole, then = time.monotonic() - start, first["apply"]
own, workers = sum(os.times()[:2]) - then[2], sum(os.times()[2:4])
print(*then[:2], whole, report.records, own, workers)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="file or folder for the throughput")
    parser.add_argument("--pages", type=int, default=1500, help="of the made-up source")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_up(folder, arguments.rounds)
        source = arguments.source or made_up(folder / "pages.jsonl", arguments.pages)
        throughput(folder, source, arguments.rounds)
    return 0


def start_up(folder: Path, rounds: int) -> None:
    """Seconds to the first document, and to the end, of a run over three small files."""
    small = folder / "small"
    shutil.copytree(REPOSITORY / "raw/harbour-lantern", small)
    for path in sorted(small.iterdir())[3:]:
        path.unlink()
    runs: dict[int, list[Measured]] = {0: [], 1: [], 2: []}
    for _ in range(rounds):
        for workers, found in runs.items():
            found.append(measured(small, folder / "out", workers, learn=True))
    for workers, found in runs.items():
        first, cpu, whole = (statistics.median(run[place] for run in found) for place in (0, 1, 2))
        print(
            f"three small files, {workers} workers: first document after {first:.2f} s ({cpu:.2f} CPU seconds of the "
            f"run), end after {whole:.2f} s"
        )


def throughput(folder: Path, source: Path, rounds: int) -> None:
    """Pages a second with one and with two workers, and memory."""
    ratios, shares, peaks = [], [], {1: 0.0, 2: 0.0}
    for _ in range(rounds):
        speed = {}
        for workers in (1, 2):
            run = measured(source, folder / "out", workers, learn=False)
            speed[workers] = run.records / (run.whole - run.first)
            peaks[workers] = max(peaks[workers], run.peak)
            shares.append(run.own / run.workers)
        ratios.append(speed[2] / speed[1])
        print(f"1 worker {speed[1]:.0f} pages/s, 2 workers {speed[2]:.0f} pages/s, ratio {ratios[-1]:.2f}")
    print(f"ratio from 1 to 2 workers: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
    share = statistics.median(shares)
    print(f"CPU time of the run itself: {share:.1%} of that of its workers, which alone allows {2 / (1 + share):.2f}")
    print(f"memory of all processes: {peaks[1]:.0f} MB with 1 worker, {peaks[2]:.0f} MB with 2")


class Measured(NamedTuple):
    """Seconds, wall clock unless `cpu`, records, CPU seconds after the first document, and the memory peak in MB."""

    first: float
    first_cpu: float
    whole: float
    records: int
    own: float
    workers: float
    peak: float


def measured(source: Path, output: Path, workers: int, *, learn: bool) -> Measured:
    """One run into a fresh dataset."""
    shutil.rmtree(output, ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "BENCH_START": str(time.monotonic())}
    command = [sys.executable, "-c", RUN, str(source), str(output), str(workers), "learn" if learn else "-"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], pss(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    told, _ = process.communicate()
    over.set()
    watcher.join()
    first, first_cpu, whole, records, own, spent = told.split()
    return Measured(float(first), float(first_cpu), float(whole), int(records), float(own), float(spent), peak[0])


def pss(pid: int) -> float:
    """Proportional set size of a process and its children, in MB."""
    total = 0
    try:
        family = [str(pid), *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        for member in family:
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return total / 1024


def made_up(path: Path, pages: int) -> Path:
    """A source of pages that differ, each with an article and what stands around it."""
    rows = []
    for page in range(pages):
        body = "\n\n".join(
            f"The surveyors of day {page} came back in hour {hour} with a longer rope and measured the pond from the "
            f"north side to the south side, and found it {page * hour} feet wide, as their fathers had before them."
            for hour in range(8)
        )
        around = "Send to a friend\nPrintable version\nSee also\nPond dry again\nSubscribe now"
        rows.append(json.dumps({"text": f"Pond measured for the {page}th time\n\nBy A. Reed\n\n{body}\n\n{around}\n"}))
    path.write_text("\n".join(rows))
    return path


if __name__ == "__main__":
    sys.exit(main())
