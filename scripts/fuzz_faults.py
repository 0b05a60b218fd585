#!/usr/bin/env python3
"""Kill runs at random instants, over sources that come, grow, change, move and go, and compare with
undisturbed runs.

Each round changes the sources, starts runs and kills them (`kill -9` to the whole process group), sometimes
changing more sources meanwhile, then lets two runs start together and one of them finish. A second dataset
sees only that last state of each round and no kill. In the end of each round both must hold the same rows,
and `verify` must find nothing. All the while a reader takes snapshots and checks that each source is there
once, in one version, with all its rows.

    scripts/fuzz_faults.py --kills 300 --seed 1
    scripts/fuzz_faults.py --command 'ingest run {raw} -o {out} --workers 2'

Exit code 0 if nothing was lost or doubled; the same seed makes the same sources and the same delays, not the
same timing. Without `--command` the small pipeline of the tests is run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from ingest.dataset import Dataset, open_dataset  # noqa: E402
from ingest.dataset.lock import read_owner  # noqa: E402
from ingest.schema import TABLES  # noqa: E402

PIPELINE = REPOSITORY / "tests/dataset/fake_pipeline.py"
FAKE = f"{shlex.quote(sys.executable)} {shlex.quote(str(PIPELINE))} {{raw}} {{out}} --group 2"
DONE = (0, 3)  # 3: done, but something was quarantined
LOCKED = 75
ROUNDS = 6  # over one folder, before a new one is begun: folders grow
WORDS = ["river", "harvest", "council", "bridge", "winter", "market", "teacher", "election", "railway"]
VOLATILE = ("ingested_at",)
VERSION = re.compile(r"version-(\d+)")


class Sources:
    """A folder of JSON lines that changes. Each text names the version of its file, so that versions can be
    told apart; contents never repeat.
    """

    def __init__(self, folder: Path, random: Random) -> None:
        self.folder, self.random = folder, random
        self.version = 0
        folder.mkdir()
        for _ in range(12):
            self.add()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def change(self, *, live: bool = False) -> None:
        """A few random changes; `live` leaves out those that take a file away under a run."""
        steps = [self.add, self.replace, self.replace, self.grow] + ([] if live else [self.remove, self.move])
        for _ in range(self.random.randint(1, 4)):
            self.random.choice(steps)()

    def add(self) -> None:
        self.version += 1
        self._write(self.folder / f"{self.random.randrange(1000):03}-{self.version}.jsonl", self.version)

    def replace(self) -> None:
        self.version += 1
        self._write(self.random.choice(self.files()), self.version)

    def grow(self) -> None:
        path = self.random.choice(self.files())
        found = VERSION.search(path.read_text())
        with path.open("a") as file:
            file.write(self._record(int(found[1]) if found else 0))

    def remove(self) -> None:
        if len(self.files()) > 6:
            self.random.choice(self.files()).unlink()

    def move(self) -> None:
        self.version += 1
        path = self.random.choice(self.files())
        path.rename(path.with_name(f"{self.random.randrange(1000):03}-{self.version}.jsonl"))

    def _write(self, path: Path, version: int) -> None:
        records = [self._record(version) for _ in range(self.random.randint(1, 6))]
        if self.random.random() < 0.2:
            records.append("this is no JSON\n")
        temp = self.folder.with_suffix(".writing")
        temp.write_text("".join(records))
        temp.rename(path)

    def _record(self, version: int) -> str:
        paragraphs = []
        for _ in range(self.random.randint(1, 4)):
            words = self.random.choices(WORDS, k=self.random.randint(20, 60))
            paragraphs.append(f"{' '.join(words).capitalize()} version-{version} {self.random.getrandbits(64):x}.")
        return json.dumps({"text": "\n".join([*paragraphs, "Share this page"])}) + "\n"


class Reader(threading.Thread):
    """Takes snapshots of a dataset and checks each of them."""

    def __init__(self, out: Path) -> None:
        super().__init__(daemon=True)
        self.out = out
        self.known: frozenset[str] = frozenset()  # paths that may not be missing
        self.snapshots = 0
        self.problems: list[str] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.05):
            if (self.out / "_ingest/dataset.json").exists():
                known = self.known
                try:
                    self.problems += check_snapshot(self.out, known)
                except Exception as error:  # whatever it is, it is a finding
                    self.problems.append(f"reader: {error!r}")
                self.snapshots += 1


def check_snapshot(out: Path, known: frozenset[str]) -> list[str]:
    """What is wrong with the dataset as a reader sees it now."""
    snapshot = open_dataset(out)
    columns = ["source_path"]
    tables = snapshot.tables({"articles": [*columns, "text"], "rejected": columns, "removed": columns})
    rows = {table: Counter(tables[table]["source_path"].to_pylist()) for table in TABLES}
    entries = list(snapshot.ledger.entries())
    problems = [f"{path} is not there" for path in known - {entry.path for entry in entries}]
    if len({entry.path for entry in entries}) < len(entries):
        problems.append("a source is there twice")
    for entry in entries:
        found = rows["articles"].pop(entry.path, 0) + rows["rejected"].pop(entry.path, 0)
        if (found, rows["removed"].pop(entry.path, 0)) != (entry.records, entry.removed_lines):
            problems.append(f"{entry.path} has {found} rows, its entry says {entry.records}")
    problems += [f"{table} has rows of no source: {dict(left)}" for table, left in rows.items() if left]
    versions: dict[str, set[str]] = {}
    for row in tables["articles"].to_pylist():
        versions.setdefault(row["source_path"], set()).update(VERSION.findall(row["text"]))
    problems += [f"{path} is there in versions {found}" for path, found in versions.items() if len(found) > 1]
    return problems


class Runs:
    """Start runs of the pipeline, and kill or await them."""

    def __init__(self, command: str, raw: Path, out: Path) -> None:
        filled = command.format(raw=shlex.quote(str(raw)), out=shlex.quote(str(out)))
        self.arguments, self.out = shlex.split(filled), out
        self.log = out.with_suffix(".log")

    def start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        with self.log.open("ab") as log:
            return subprocess.Popen(self.arguments, stdout=log, stderr=log, env=environment, start_new_session=True)

    def await_lock(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the run has the lock, or has ended."""
        while process.poll() is None:
            owner = read_owner(self.out)
            if owner is not None and owner.pid == process.pid:
                return
            time.sleep(0.001)

    def finish(self) -> float:
        """One run to its end; returns the seconds that it held the lock."""
        process = self.start()
        self.await_lock(process)
        start = end = time.monotonic()
        while read_owner(self.out) is not None and process.poll() is None:
            time.sleep(0.001)
            end = time.monotonic()
        self.expect(process, DONE)
        return end - start

    def finish_two(self) -> None:
        """Two runs started together: the one that comes second is told so, or finds the work done."""
        first, second = self.start(), self.start()
        codes = sorted((first.wait(), second.wait()))
        if codes[0] not in DONE or codes[1] not in (*DONE, LOCKED):
            raise SystemExit(f"two runs together ended with {codes}; see {self.log}")

    def expect(self, process: subprocess.Popen[bytes], codes: tuple[int, ...]) -> None:
        if process.wait() not in codes:
            raise SystemExit(f"a run ended with {process.returncode}; see {self.log}")

    def kill(self, process: subprocess.Popen[bytes]) -> bool:
        """Kill a run and its workers; False if it had ended before."""
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return alive


def all_rows(out: Path) -> dict[str, list[str]]:
    """Rows of all tables in an order of their own, without what differs from run to run."""
    tables = open_dataset(out).tables()
    rows: dict[str, list[str]] = {}
    for name, table in tables.items():
        stable = table.select([column for column in table.column_names if column not in VOLATILE])
        rows[name] = sorted(map(repr, stable.to_pylist()))
    return rows


@dataclass
class Totals:
    """What has happened so far."""

    kills: int = 0
    ended: int = 0  # runs that came to their end before they were killed
    recovered: int = 0  # kills that left something to clear
    rounds: int = 0
    snapshots: int = 0
    records: int = 0
    problems: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", default=FAKE, help="the run, with {raw} and {out}")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    totals, random = Totals(), Random(arguments.seed)
    while totals.kills < arguments.kills and not totals.problems:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            history(Path(folder), arguments.kills, random, arguments.command, totals)
        print(
            f"seed {arguments.seed}: {totals.kills} kills in {totals.rounds} rounds, "
            f"{totals.recovered} of them left something to clear, {totals.ended} runs ended before theirs; "
            f"{totals.records} records, {totals.snapshots} snapshots, {len(totals.problems)} problems",
            flush=True,
        )
    for problem in totals.problems[:20]:
        print(problem)
    return 1 if totals.problems else 0


def history(folder: Path, kills: int, random: Random, command: str, totals: Totals) -> None:
    """Some rounds over one folder of sources."""
    sources = Sources(folder / "raw", random)
    runs = Runs(command, sources.folder, folder / "disturbed")
    calm = Runs(command, sources.folder, folder / "calm")
    seconds = calm.finish()
    reader = Reader(runs.out)
    reader.start()
    for _ in range(ROUNDS):
        totals.rounds += 1
        for _ in range(random.randint(1, 6)):
            process = runs.start()
            runs.await_lock(process)
            if random.random() < 0.3:
                sources.change(live=True)  # under the run
            time.sleep(random.uniform(0, seconds))
            if runs.kill(process):
                totals.kills += 1
            else:
                totals.ended += 1
            totals.recovered += bool(leftovers(runs.out))
            sources.change(live=True)
        runs.finish_two() if random.random() < 0.5 else runs.finish()
        seconds = max(0.9 * seconds, calm.finish())
        totals.problems += compare(runs.out, calm.out)
        reader.known = frozenset(Dataset.open(runs.out).ledger().by_path)
        if totals.kills >= kills or totals.problems or reader.problems:
            break
        sources.change()
    reader.stopped.set()
    reader.join()
    totals.problems += reader.problems
    totals.snapshots += reader.snapshots
    totals.records += Dataset.open(runs.out).status().records


def leftovers(out: Path) -> list[Path]:
    """Files of a broken run: temporary ones, and parts without a record."""
    committed = {path.stem for path in out.glob("_ingest/ledger/*.json")}
    parts = [path for path in out.glob("*/part-*.parquet") if path.stem[5:] not in committed]
    return parts + list(out.rglob(".*.tmp"))


def compare(out: Path, calm: Path) -> list[str]:
    problems = []
    for path in (out, calm):
        found = Dataset.open(path).verify().findings
        problems += [f"{path.name}: {finding.file} {finding.message}" for finding in found]
    disturbed, undisturbed = all_rows(out), all_rows(calm)
    for table in TABLES:
        lost = Counter(undisturbed[table]) - Counter(disturbed[table])
        more = Counter(disturbed[table]) - Counter(undisturbed[table])
        if lost or more:
            problems.append(f"{table}: {lost.total()} rows lost, {more.total()} too many, e.g. {[*lost, *more][:1]}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
