"""Where things lie inside a dataset folder: the one place that knows names.

```
articles|removed|rejected/part-<key>.parquet   data, only valid while a commit record names it; what is too large for
                                               one file goes on in part-<key>-1.parquet and so on
_ingest/dataset.json                           marks the folder as a dataset, with the format version
_ingest/ledger/<key>.json                      commit records
_ingest/epoch                                  counter that readers use to notice that records were removed
_ingest/dropped/part-<key>.parquet             articles that `rejected` lists as duplicates, to bring back
_ingest/quarantine/part-<key>.parquet          bytes of records that `rejected` lists, to look at or to retry
_ingest/staging/<key>-<n>.json                 finished segments of large sources that are not committed yet, with
_ingest/staging/<key>-<n>-<table>.arrow        their rows, see `ingest.dataset.staging`
_ingest/forgotten.json                         what was taken out for good, see `ingest.dataset.forgotten`
_ingest/lock, _ingest/lock.owner               the run lock and who holds it; on object storage one object, see
                                               `ingest.storage.lease`, and lock.clock to ask the store for the time
_ingest/<anything else>                        state files, see `ingest.dataset.state`
```
Temporary files start with a dot and end in `.tmp`, so that no reader that globs `*.parquet` ever takes one
for data.
"""

from __future__ import annotations

import re
from typing import Any

from ingest import schema as schemas
from ingest.schema import SCHEMAS, TABLES

FORMAT_VERSION = 1

META = "_ingest"
LEDGER = f"{META}/ledger"
MARKER = f"{META}/dataset.json"
EPOCH = f"{META}/epoch"
LOCK = f"{META}/lock"
STAGING = f"{META}/staging"

# Rows of `articles` whose place in the tables a row of `rejected` has taken. Which article is the original can change
# with each source that comes or goes, so what was dropped must be there to come back. No table for readers.
DROPPED = "dropped"
# The bytes of records whose row in `rejected` somebody may want to look into or to try again.
QUARANTINE = "quarantine"
WRITTEN = (*TABLES, QUARANTINE)  # by the work on a source
STORED = (*WRITTEN, DROPPED)
_FOLDERS = {**{table: table for table in TABLES}, **{table: f"{META}/{table}" for table in (QUARANTINE, DROPPED)}}

# State file that says for which version of the ledger duplicates are marked, in its field `ledger`.
DUPLICATES = "duplicates/done.json"

# What a dataset keeps in its folder. A program that reads folders knows by the marker that these hold no pages.
OWN = frozenset((*TABLES, META))
REPORT = "report.html"  # where the report of a dataset is often put

_PART = re.compile(r"part-([0-9a-f]{20})(-[1-9][0-9]*)?\.parquet")
_RECORD = re.compile(r"([0-9a-f]{20})\.json")


def part_path(table: str, key: str, number: int = 0) -> str:
    """Path of the n-th file of a part inside the dataset, with `/` separators as commit records write it."""
    return f"{_FOLDERS[table]}/part-{key}{f'-{number}' if number else ''}.parquet"


def record_path(key: str) -> str:
    """Name of a commit record below the place of the dataset."""
    return f"{LEDGER}/{key}.json"


def record_key(name: str) -> str | None:
    """Key of the commit record that a file of the ledger folder holds; None for any other file."""
    match = _RECORD.fullmatch(name)
    return match[1] if match else None


def is_part(path: str) -> bool:
    """Whether a path is that of a file of a part."""
    return _PART.fullmatch(path.rpartition("/")[2]) is not None


def segment_name(key: str, number: int, table: str = "") -> str:
    """Name in the staging folder of the rows of a segment, or of its record if no table is given."""
    return f"{key}-{number:06}-{table}.arrow" if table else f"{key}-{number:06}.json"


def is_temporary(path: str) -> bool:
    """Whether a path is that of a file not yet published."""
    name = path.rpartition("/")[2]
    return name.startswith(".") and name.endswith(".tmp")


def table_folder(table: str) -> str:
    """Folder of a table below the place of the dataset."""
    return _FOLDERS[table]


def table_folders() -> list[str]:
    """Folders of all tables that are stored."""
    return [table_folder(table) for table in STORED]


def schemas_written() -> dict[str, Any]:
    """The Arrow schemas of what the work on a source writes, by table."""
    return {table: schema(table) for table in WRITTEN}


def schema(table: str) -> Any:
    """The Arrow schema of a table, of `quarantine`, or of `dropped`, which is that of `articles`."""
    return schemas.QUARANTINE if table == QUARANTINE else SCHEMAS["articles" if table == DROPPED else table]
