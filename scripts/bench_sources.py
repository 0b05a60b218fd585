#!/usr/bin/env python3
"""How a run grows with the number of its sources: small files, beside the same pages in one JSONL file.

For each number a folder of files of some 100 bytes is made, 1,000 a folder, and read into a new dataset; then the run
is repeated, which has nothing to do; then the same pages are read from one file. Told are CPU seconds of the run and
its workers, seconds by the clock, the largest memory of both together (PSS), and CPU time a source: where that does not
grow with the number of sources, time is linear.

    scripts/bench_sources.py                    1,000, 10,000 and 100,000 files
    scripts/bench_sources.py 1000 1000000       other numbers; a million takes some GB of disk, and half an hour
    scripts/bench_sources.py 200000 --within 3  ends with 1 if the files take more than 3 times the CPU time of the file
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).resolve().parent.parent
WORDS = ["river", "harvest", "council", "bridge", "winter", "market", "teacher", "election", "railway", "of", "and"]
FILES_A_FOLDER = 1000
LONG_AGO = 1_600_000_000
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run; `memory` in bytes, 0 where the system does not tell."""

    cpu: float
    clock: float
    memory: int


def make(raw: Path, whole: Path, count: int) -> None:
    """`count` files below `raw`, and their pages in the file `whole`."""
    random = Random(count)
    with whole.open("w") as file:
        for number in range(count):
            text = f"Page {number} {' '.join(random.choices(WORDS, k=13)).capitalize()}."
            path = raw / f"{number // FILES_A_FOLDER:04}" / f"page-{number:07}.txt"
            if number % FILES_A_FOLDER == 0:
                path.parent.mkdir(parents=True)
            path.write_text(text + "\n")
            os.utime(path, (LONG_AGO, LONG_AGO))
            file.write(json.dumps({"text": text}) + "\n")


def run(source: Path, out: Path, arguments: list[str]) -> Figures:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "ingest", "run", str(source), "-o", str(out), "-q", *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    seen = [0]
    watch = threading.Thread(target=lambda: seen.extend(memory_until_end(process)))
    watch.start()
    code = process.wait()
    watch.join()
    if code not in (0, 3):
        raise SystemExit(f"ingest run {source} ended with {code}")
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(cpu, clock, max(seen))


def memory_until_end(process: subprocess.Popen[bytes]) -> Iterator[int]:
    while process.poll() is None:
        yield sum(map(pss, family(process.pid)))
        time.sleep(LOOK_SECONDS)


def family(pid: int) -> Iterator[int]:
    """A process and those below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def pss(pid: int) -> int:
    """Memory of a process, with its share of what it shares (proc(5))."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[1000, 10_000, 100_000], metavar="FILES")
    parser.add_argument("--within", type=float, help="fail beyond so many times the CPU time of one JSONL file")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--option", action="append", default=[], help="of `ingest run`, e.g. --option=--no-learn")
    arguments = parser.parse_args()
    print("| files | CPU s | clock s | MB | CPU ms a file | idle CPU s | idle MB | parts | JSONL CPU s | JSONL MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    late = False
    for count in arguments.counts:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name)
            raw, whole, out = folder / "raw", folder / "whole.jsonl", folder / "out"
            make(raw, whole, count)
            files = run(raw, out, arguments.option)
            parts = sum(1 for _ in (out / "_ingest/ledger").glob("*.json"))
            idle = run(raw, out, arguments.option)
            shutil.rmtree(out)
            jsonl = run(whole, out, arguments.option)
        print(
            f"| {count:,} | {files.cpu:.1f} | {files.clock:.1f} | {files.memory / 1e6:.0f} "
            f"| {1000 * files.cpu / count:.2f} | {idle.cpu:.1f} | {idle.memory / 1e6:.0f} | {parts} "
            f"| {jsonl.cpu:.1f} | {jsonl.memory / 1e6:.0f} |",
            flush=True,
        )
        late |= arguments.within is not None and files.cpu > arguments.within * jsonl.cpu
    sys.exit(late)


if __name__ == "__main__":
    main()
