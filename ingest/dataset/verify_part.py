"""The checks of `verify` that look at one part."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any, NamedTuple

from ingest.dataset import layout
from ingest.dataset.conform import align
from ingest.dataset.records import CommitRecord, PartFile
from ingest.dataset.segments import digest_of
from ingest.dataset.tally import Tally
from ingest.document import Outcome
from ingest.errors import DatasetError
from ingest.storage import Storage

_REREAD = "delete its commit record to have its sources read again"
_BATCH_ROWS = 8192
_COLUMNS = {
    "articles": ("id", "source_path", "duplicate_of", "text", "text_sha256"),
    "rejected": ("id", "source_path", "outcome"),
    layout.DROPPED: ("id", "source_path", "duplicate_of", "text", "text_sha256"),
    layout.QUARANTINE: ("id", "source_path"),
    "removed": ("id", "source_path"),
}


class Problem(NamedTuple):
    """A fault in a part: the file, what is wrong with it, and what to do."""

    file: str
    message: str
    remedy: str


class Seen(NamedTuple):
    """Ids of some rows of a file; `originals` are their `duplicate_of`, None for a table without that column."""

    table: str
    file: str
    ids: Any
    originals: Any = None


def check_part(storage: Storage, record: CommitRecord, problems: list[Problem], *, deep: bool) -> list[Seen]:
    """Check one part, add what is wrong to `problems`, and return the ids of its articles and rejected records."""
    own = layout.record_path(record.key)
    for table in layout.STORED:
        rows = sum(file.rows for file in record.files if file.table == table)
        if rows != record.rows.get(table, 0):
            problems.append(
                Problem(own, f"states {record.rows.get(table, 0)} rows of {table}, its files {rows}", _REREAD)
            )
    before = len(problems)
    for file in record.files:
        _check_file(storage, file, problems, deep=deep)
    if not deep or len(problems) > before:
        return []
    return _check_rows(storage, record, problems)


def _check_file(storage: Storage, file: PartFile, problems: list[Problem], *, deep: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def wrong(message: str) -> None:
        problems.append(Problem(file.path, message, f"restore it from a backup, or {_REREAD}"))

    try:
        size = storage.size(file.path)
        if size != file.bytes:
            return wrong(f"has {size} bytes, its record says {file.bytes}")
        if deep and (digest := digest_of(storage, file.path)) != file.sha256:
            return wrong(f"has SHA-256 {digest}, its record says {file.sha256}")
        with storage.open(file.path) as stream, pq.ParquetFile(stream) as parquet:
            rows, schema = parquet.metadata.num_rows, parquet.schema_arrow
    except FileNotFoundError:
        return wrong("is missing")
    except (OSError, pa.ArrowException) as error:
        return wrong(f"cannot be read: {error}")
    if rows != file.rows:
        wrong(f"has {rows} rows, its record says {file.rows}")
    try:
        declared = layout.schema(file.table)
        align(file.table, pa.RecordBatch.from_pylist([], schema), declared)
        for name in schema.names:
            if name not in declared.names:
                wrong(f"has a column that the schema does not: {name}")
    except DatasetError as error:
        wrong(error.message)
    return None


def _check_rows(storage: Storage, record: CommitRecord, problems: list[Problem]) -> list[Seen]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = layout.record_path(record.key)
    tally = Tally(entry.path for entry in record.sources)
    seen: list[Seen] = []
    copies: list[Any] = []  # ids of rejected duplicates
    refused: list[Any] = []  # of all rejected records
    known: Any = pa.array([], pa.string())
    for table in _COLUMNS:
        if table == "removed":
            known = pa.chunked_array([some.ids for some in seen], pa.string()).unique()
        for file in record.files:
            if file.table != table:
                continue
            with storage.open(file.path) as stream, pq.ParquetFile(stream) as parquet:
                for batch in parquet.iter_batches(batch_size=_BATCH_ROWS, columns=list(_COLUMNS[table])):
                    try:
                        tally.add(table, batch)
                    except DatasetError as error:
                        problems.append(Problem(file.path, error.message, _REREAD))
                        return seen
                    if table == "removed":
                        _check_owners(file, batch, known, problems)
                        continue
                    if table == layout.QUARANTINE:
                        _check_quarantine(file, batch, pa.chunked_array(refused, pa.string()), problems)
                        continue
                    if table == "rejected":
                        copies.append(_duplicates(batch))
                        refused.append(batch.column("id"))
                    marks = batch.column("duplicate_of") if "duplicate_of" in batch.schema.names else None
                    seen.append(Seen(table, file.path, batch.column("id"), marks))
                    if marks is not None:
                        _check_texts(file, batch, problems)
                    if table == layout.DROPPED:
                        _check_dropped(file, batch, pa.chunked_array(copies, pa.string()), problems)
    for entry in record.sources:
        counts = tally.sources[entry.path]
        if (counts.records, counts.outcomes) != (entry.records, Counter(entry.outcomes)):
            message = f"{entry.path}: outcomes {dict(counts.outcomes)} in its rows, {entry.outcomes} in its record"
            problems.append(Problem(own, message, _REREAD))
        if counts.removed_lines != entry.removed_lines:
            message = f"{entry.path}: {counts.removed_lines} removed lines, {entry.removed_lines} in its record"
            problems.append(Problem(own, message, _REREAD))
        if sum(entry.outcomes.values()) != entry.records:
            message = f"{entry.path}: {entry.records} records, but outcomes {entry.outcomes}"
            problems.append(Problem(own, message, _REREAD))
    return seen


def _check_owners(file: PartFile, batch: Any, known: Any, problems: list[Problem]) -> None:
    strays = _strays(batch, known)
    if len(strays):
        message = f"{len(strays)} removed lines belong to no record of the part, e.g. of {strays[0].as_py()}"
        problems.append(Problem(file.path, message, _REREAD))


def _duplicates(batch: Any) -> Any:
    import pyarrow.compute as pc

    return batch.column("id").filter(pc.equal(batch.column("outcome"), Outcome.DUPLICATE.value))


def _check_dropped(file: PartFile, batch: Any, copies: Any, problems: list[Problem]) -> None:
    strays = _strays(batch, copies)
    if len(strays):
        message = f"{len(strays)} rows are no rejected duplicates of the part, e.g. {strays[0].as_py()}"
        problems.append(Problem(file.path, message, _REREAD))


def _check_quarantine(file: PartFile, batch: Any, refused: Any, problems: list[Problem]) -> None:
    strays = _strays(batch, refused)
    if len(strays):
        message = f"{len(strays)} rows are no rejected records of the part, e.g. {strays[0].as_py()}"
        problems.append(Problem(file.path, message, _REREAD))


def _strays(batch: Any, known: Any) -> Any:
    """Ids of a batch that are not among the known ones."""
    import pyarrow.compute as pc

    return batch.column("id").filter(pc.invert(pc.is_in(batch.column("id"), known)))


def _check_texts(file: PartFile, batch: Any, problems: list[Problem]) -> None:
    columns = (batch.column(name).to_pylist() for name in ("id", "text", "text_sha256"))
    for id_, text, digest in zip(*columns, strict=True):
        if text is not None and sha256(text.encode()).hexdigest() != digest:
            problems.append(Problem(file.path, f"text_sha256 of {id_} is not that of its text", _REREAD))
            return
