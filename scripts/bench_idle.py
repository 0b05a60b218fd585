#!/usr/bin/env python3
"""What a run costs that has nothing to do: the usual one under cron.

Makes a folder of small known files and a dataset that knows them, and times `ingest run` over both, in turn with one
over a folder of a single file, whose time is that of starting up. The rows are made here, by the writer of the dataset
but without the pipeline, so that 100,000 files take a minute.

    scripts/bench_idle.py                     100,000 files, in parts as one run leaves them
    scripts/bench_idle.py --files-a-part 10   as runs leave them that bring ten files each
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from dataset.fake_pipeline import rows_of, to_batch  # noqa: E402

from ingest.config import Settings  # noqa: E402
from ingest.dataset import Dataset, make_plan  # noqa: E402
from ingest.pipeline import Chain  # noqa: E402
from ingest.readers import find_sources  # noqa: E402
from ingest.schema import TABLES  # noqa: E402

FILES_A_FOLDER = 1000
LONG_AGO = 1_600_000_000


def make_files(folder: Path, count: int) -> None:
    for n in range(count):
        path = folder / f"{n // FILES_A_FOLDER:04}" / f"page-{n:07}.jsonl"
        if n % FILES_A_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"text": f"Page number {n} of the bench\nlast line"}) + "\n")
        os.utime(path, (LONG_AGO, LONG_AGO))


def make_dataset(raw: Path, out: Path, files_a_part: int) -> int:
    """A dataset that knows all files; returns its number of parts."""
    config = Chain(Settings()).config_hash
    with Dataset.open(out, create=True).lock() as dataset:
        todo = make_plan(dataset.ledger(), find_sources([raw])[0], config).todo
        for start in range(0, len(todo), files_a_part):
            group = todo[start : start + files_a_part]
            with dataset.writer(group, config, "bench") as part:
                rows = [rows_of(source, config) for source in group]
                for table in TABLES:
                    part.write(table, to_batch(table, [row for of_source in rows for row in of_source[table]]))
                part.commit()
        return len(dataset.ledger().records)


def timed(raw: Path, out: Path) -> tuple[float, float]:
    """Seconds of one run by the clock, and its CPU seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "ingest", "run", "-q", raw, "-o", out], check=True, cwd=REPOSITORY)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--files-a-part", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        figures: dict[str, list[tuple[float, float]]] = {}
        for what, files in (("one file", 1), (f"{arguments.files:,} files", arguments.files)):
            raw, out = folder / f"raw {files}", folder / f"out {files}"
            make_files(raw, files)
            print(f"{what}: {make_dataset(raw, out, arguments.files_a_part)} parts", flush=True)
            timed(raw, out)  # marks duplicates, once
            figures[what] = []
        for _ in range(arguments.repeat):
            for what, taken in figures.items():
                count = what.partition(" ")[0].replace(",", "").replace("one", "1")
                taken.append(timed(folder / f"raw {count}", folder / f"out {count}"))
        for what, taken in figures.items():
            clock, cpu = ([pair[n] for pair in taken] for n in (0, 1))
            print(
                f"{what:>16}: {statistics.median(clock):5.2f} s (best {min(clock):.2f}), "
                f"CPU {statistics.median(cpu):5.2f} s (best {min(cpu):.2f})"
            )


if __name__ == "__main__":
    main()
