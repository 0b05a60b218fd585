#!/usr/bin/env python3
"""Kill runs at random instants, over sources that come, grow, change, move and go, and compare with undisturbed runs.

Each round changes the sources, starts runs of `ingest run --workers 2` and kills them (`kill -9`, with their workers or
without), sometimes two that were started together, sometimes changing more sources meanwhile; then one or two runs come
to their end. A second dataset sees only the last state of each round, and no kill. At the end of each round both must
hold the same rows, `verify` must find nothing, and no worker may be left. All the while a reader takes snapshots and
checks that each source is there once, in one version, with all its rows.

In every second history the sources stand still within a round, so that what is learned of sites must come out the same,
too; the others run with --no-learn. With --full-disks runs write to a small file system that is full again and again.

    scripts/fuzz_faults.py --kills 300 --full-disks 60 --seed 1
    scripts/fuzz_faults.py --kills 20 --pipeline fake     the small pipeline of the tests, without engine and start-up

Exit code 0 if nothing was lost or doubled. The same seed makes the same sources and delays, but not the same timing.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "scripts")]

from faults.folder import Folder  # noqa: E402
from faults.runs import DONE, FAILED, Forker, Runs  # noqa: E402
from faults.snapshots import Reader, compare, leftovers  # noqa: E402

from ingest.dataset import Dataset, status_of  # noqa: E402

FAKE = (
    f"{shlex.quote(sys.executable)} {shlex.quote(str(REPOSITORY / 'tests/dataset/fake_pipeline.py'))} {{raw}} {{out}}"
)
REAL = "ingest run {raw} -o {out} --workers 2"
ROUNDS = 8  # over one folder, before a new one is begun: folders grow
ROOMY = "256m"
START = time.monotonic()


@dataclass
class Totals:
    """What has happened so far."""

    kills: int = 0
    of_two: int = 0  # kills of one of two runs that were started together
    run_only: int = 0  # kills of the run alone, which leave its workers to themselves
    ended: int = 0  # runs that came to their end before they were killed
    recovered: int = 0  # kills that left something to clear or to go on from
    full: int = 0  # runs that a full disk ended
    rounds: int = 0
    snapshots: int = 0
    records: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.rounds} rounds ({self.run_only} of the run without its workers, "
            f"{self.of_two} of one of two), {self.recovered} of them left something behind, "
            f"{self.ended} runs ended before theirs, {self.full} met a full disk; "
            f"{self.records} records, {self.snapshots} snapshots, {len(self.problems)} problems"
        )


class History:
    """Some rounds over one folder of sources."""

    def __init__(self, folder: Path, out: Path, command: str, random: Random, forker: Forker | None, totals: Totals):
        self.random, self.totals = random, totals
        self.sources = Folder(folder / "raw", random)
        self.runs = Runs(command, self.sources.path, out, forker)
        self.calm = Runs(command, self.sources.path, folder / "calm", forker)
        self.seconds = self.calm.finish()
        self.reader = Reader(out)

    def kills(self, until: int, *, live: bool) -> None:
        """Rounds of kills; `live` lets sources change while runs are at work and between them."""
        self.reader.start()
        for _ in range(ROUNDS):
            for _ in range(self.random.randint(5, 12)):
                if self.totals.kills < until:
                    self.kill(live=live)
                if live:
                    self.sources.change(live=True)
            if not self.end_of_round(until <= self.totals.kills):
                break
            self.sources.change()
        self.close()

    def kill(self, *, live: bool) -> None:
        random, totals = self.random, self.totals
        afresh = random.random() < 0.04
        victims = [self.runs.start(afresh=afresh)]
        two = random.random() < 0.2
        if two:
            victims.append(self.runs.start())
            random.shuffle(victims)
        elif random.random() < 0.9:  # else it may be killed before it has the lock
            self.runs.await_lock(victims[0])
        if live and random.random() < 0.3:
            self.sources.change(live=True)  # under the run
        time.sleep(random.uniform(0, self.seconds))
        workers = random.random() < 0.6
        if victims[0].kill(workers=workers):
            self.seconds *= 1.05
            totals.kills += 1
            totals.of_two += two
            totals.run_only += not workers
            totals.recovered += bool(leftovers(self.runs.out))
        else:
            self.seconds *= 0.7  # so that most runs are killed, and some at their very end
            totals.ended += 1
        for other in victims[1:]:
            self.runs.expect(other, (*DONE, 75))
        if not victims[0].await_end_of_workers():
            totals.problems.append(f"workers of run {victims[0].pid} outlive it")

    def full_disks(self, until: int, disk: Path) -> None:
        """Rounds on a file system that has little room: each run ends well, or says what is missing."""
        self.reader.start()
        for _ in range(ROUNDS):
            for _ in range(self.random.randint(3, 8)):
                if self.totals.full >= until:
                    break
                used = shutil.disk_usage(disk).used // 1024
                remount(disk, f"{used + self.random.randint(4, 400)}k")
                run = self.runs.start()
                if run.wait() == FAILED and "free space" in self.runs.tail():
                    self.totals.full += 1
                elif run.wait() not in DONE:
                    self.totals.problems.append(f"a run on a full disk ended with {run.wait()}: {self.runs.tail()}")
                self.sources.change(live=True)
            remount(disk, ROOMY)
            if not self.end_of_round(until <= self.totals.full):
                break
            self.sources.change()
        self.close()

    def end_of_round(self, enough: bool) -> bool:
        """Let a run, or two at once, come to its end, and compare; False if there should be no further round."""
        totals = self.totals
        totals.rounds += 1
        self.runs.finish_two() if self.random.random() < 0.5 else self.runs.finish()
        self.calm.finish()
        totals.problems += compare(self.runs.out, self.calm.out, self.sources.removed)
        self.reader.known = frozenset(Dataset.open(self.runs.out).ledger().by_path)
        print(f"{time.monotonic() - START:.0f} s: {totals}", flush=True)
        return not (enough or totals.problems or self.reader.problems)

    def close(self) -> None:
        self.reader.stopped.set()
        self.reader.join()
        self.totals.problems += self.reader.problems
        self.totals.snapshots += self.reader.snapshots
        self.totals.records += status_of(Dataset.open(self.runs.out)).records


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--full-disks", type=int, default=0, metavar="N", help="runs that a full disk is to end")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pipeline", choices=["real", "fake"], default="real")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--in-namespace", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.full_disks and not arguments.in_namespace:
        enter_namespace()
    totals, random = Totals(), Random(arguments.seed)
    real = arguments.pipeline == "real"
    forker = Forker() if real else None
    number = 0
    while (totals.kills < arguments.kills or totals.full < arguments.full_disks) and not totals.problems:
        on_disk = totals.kills >= arguments.kills
        learns = number % 2 == 1 and not on_disk
        command = REAL + ("" if learns else " --no-learn") if real else FAKE
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name)
            disk = folder / "disk"
            disk.mkdir()
            if on_disk:
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "none", disk], check=True)
            try:
                history = History(folder, disk / "disturbed", command, random, forker, totals)
                if on_disk:
                    history.full_disks(arguments.full_disks, disk)
                else:
                    history.kills(arguments.kills, live=not learns)
            finally:
                if on_disk:
                    subprocess.run(["umount", disk], check=True)
        number += 1
    if forker is not None:
        forker.close()
    print(f"seed {arguments.seed}, {time.monotonic() - START:.0f} s: {totals}")
    for problem in totals.problems[:20]:
        print(problem)
    return 1 if totals.problems else 0


def remount(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def enter_namespace() -> None:
    """Start again where file systems can be mounted that nobody else sees; end with a message where that cannot be."""
    for flags in (["--mount"], ["--user", "--map-root-user", "--mount"]):
        unshare = ["unshare", *flags]
        tried = subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        if not tried.returncode:
            os.execvp("unshare", [*unshare, sys.executable, *sys.argv, "--in-namespace"])
    raise SystemExit("no small file system can be mounted here: run without --full-disks")


if __name__ == "__main__":
    sys.exit(main())
