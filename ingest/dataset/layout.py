"""Where things lie inside a dataset folder: the one place that knows names.

```
articles|removed|rejected/part-<key>.parquet   data, only valid while a commit record names it
_ingest/dataset.json                           marks the folder as a dataset, with the format version
_ingest/ledger/<key>.json                      commit records
_ingest/epoch                                  counter that readers use to notice that records were removed
_ingest/lock, _ingest/lock.owner               the run lock and who holds it
_ingest/<anything else>                        state files, see `ingest.dataset.state`
```
Temporary files start with a dot and end in `.tmp`, so that no reader that globs `*.parquet` ever takes one
for data.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingest.schema import TABLES

FORMAT_VERSION = 1

META = "_ingest"
LEDGER = f"{META}/ledger"
MARKER = f"{META}/dataset.json"
EPOCH = f"{META}/epoch"
LOCK = f"{META}/lock"
OWNER = f"{META}/lock.owner"

_PART = re.compile(r"part-([0-9a-f]{20})\.parquet")
_RECORD = re.compile(r"([0-9a-f]{20})\.json")


def part_path(table: str, key: str) -> str:
    """Path of a part inside the dataset, with `/` separators as commit records write it."""
    return f"{table}/part-{key}.parquet"


def record_path(key: str) -> str:
    return f"{LEDGER}/{key}.json"


def record_key(name: str) -> str | None:
    """Key of the commit record that a file of the ledger folder holds; None for any other file."""
    match = _RECORD.fullmatch(name)
    return match[1] if match else None


def is_part(name: str) -> bool:
    return _PART.fullmatch(name) is not None


def is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")


def table_folders(root: Path) -> list[Path]:
    return [root / table for table in TABLES]
