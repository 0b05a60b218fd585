"""What readers must see at any instant, and what must be there in the end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from faults.folder import VERSION
from ingest.dataset import Dataset, open_dataset
from ingest.schema import TABLES

VOLATILE = ("ingested_at",)


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
        taken = 0.0
        while not self.stopped.wait(max(0.05, 4 * taken)):  # most of the machine is for the runs
            if (self.out / "_ingest/dataset.json").exists():
                known, start = self.known, time.monotonic()
                try:
                    self.problems += check_snapshot(self.out, known)
                except Exception as error:  # whatever it is, it is a finding
                    self.problems.append(f"reader: {error!r}")
                self.snapshots += 1
                taken = time.monotonic() - start


def check_snapshot(out: Path, known: frozenset[str]) -> list[str]:
    """What is wrong with the dataset as a reader sees it now: each source must be there once, in one version, with all
    its rows.
    """
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


def compare(out: Path, calm: Path, removed: Collection[str] = ()) -> list[str]:
    """How the disturbed dataset differs from the undisturbed one, apart from rows of sources that were removed while a
    run was at work: whether it still saw them is a matter of chance.
    """
    problems = []
    for path in (out, calm):
        found = Dataset.open(path).verify().findings
        problems += [f"{path.name}: {finding.file} {finding.message}" for finding in found]
    staged = list(out.glob("_ingest/staging/*"))
    problems += [f"{len(staged)} files are left of segments"] if staged else []
    disturbed, undisturbed = all_rows(out, removed), all_rows(calm, removed)
    for table in TABLES:
        lost = Counter(undisturbed[table]) - Counter(disturbed[table])
        more = Counter(disturbed[table]) - Counter(undisturbed[table])
        if lost or more:
            problems.append(f"{table}: {lost.total()} rows lost, {more.total()} too many, e.g. {[*lost, *more][:2]}")
    return problems


def all_rows(out: Path, without: Collection[str]) -> dict[str, list[str]]:
    """Rows of all tables in an order of their own, without what differs from run to run."""
    rows: dict[str, list[str]] = {}
    for name, table in open_dataset(out).tables().items():
        stable = table.select([column for column in table.column_names if column not in VOLATILE])
        rows[name] = sorted(repr(row) for row in stable.to_pylist() if row["source_path"] not in without)
    return rows


def leftovers(out: Path) -> list[Path]:
    """Files of a broken run: temporary ones, segments, and parts without a record."""
    committed = {path.stem for path in out.glob("_ingest/ledger/*.json")}
    parts = [path for path in out.glob("**/part-*.parquet") if path.stem[5:25] not in committed]
    return parts + list(out.rglob(".*.tmp")) + list(out.glob("_ingest/staging/*"))
