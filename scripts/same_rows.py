#!/usr/bin/env python3
"""Whether two datasets hold the same rows, byte for byte: before and after a change that must only make things faster.

    ingest run dump.jsonl -o before; …; ingest run dump.jsonl -o after
    scripts/same_rows.py before after

The tables `articles`, `removed` and `rejected` are compared in the order of their pages; columns that tell of
the run and not of the page are left out.

Prints the rows that differ (the first few) and exits with 1, or says that nothing does.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TABLES = ("articles", "removed", "rejected")
OF_THE_RUN = {"ingested_at", "pipeline_version", "config_hash"}
SHOWN = 10


def rows_of(dataset: Path, table: str) -> pa.Table:
    """A table of a dataset in the order of its pages, without what tells of the run.

    The lines of a page keep the order in which they were written.
    """
    parts = [pq.read_table(part) for part in sorted((dataset / table).glob("*.parquet"))]
    if not parts:
        return pa.table({})
    return ordered(pa.concat_tables(parts))


def ordered(whole: pa.Table) -> pa.Table:
    """The rows of a table in the order of their pages, without what tells of the run."""
    place = list(zip(whole["source_path"].to_pylist(), whole["source_record"].fill_null(0).to_pylist(), strict=True))
    return whole.take(sorted(range(len(whole)), key=place.__getitem__)).select(
        [name for name in whole.column_names if name not in OF_THE_RUN]
    )


def differences(before: pa.Table, after: pa.Table) -> list[str]:
    """What differs, in words; empty for tables that are equal."""
    if before.schema.names != after.schema.names:
        return [f"columns {before.schema.names} | {after.schema.names}"]
    if before.equals(after):
        return []
    found = [] if len(before) == len(after) else [f"{len(before)} rows | {len(after)} rows"]
    for i, (a, b) in enumerate(zip(before.to_pylist(), after.to_pylist(), strict=False)):
        if a != b:
            changed = [name for name in a if a[name] != b[name]]
            found += [
                f"row {i}, {a['source_path']}#{a['source_record']}, {name}: {a[name]!r:.200} | {b[name]!r:.200}"
                for name in changed
            ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    args = parser.parse_args()
    differ = 0
    for table in TABLES:
        before, after = rows_of(args.before, table), rows_of(args.after, table)
        found = differences(before, after)
        differ += bool(found)
        print(f"{table}: {len(before)} rows, " + (f"{len(found)} differences" if found else "the same"))
        for line in found[:SHOWN]:
            print("   ", line)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
