"""Reading a dataset while a run may be writing it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from ingest.dataset import layout
from ingest.dataset.conform import align
from ingest.dataset.ledger import Ledger, read_ledger
from ingest.dataset.store import Dataset
from ingest.errors import DatasetError
from ingest.schema import TABLES
from ingest.storage import Storage
from ingest.storage.locations import Place

_T = TypeVar("_T")
_TRIES = 50
_PAUSE = 0.02  # seconds


def open_dataset(path: str | os.PathLike[str]) -> Snapshot:
    """The committed rows of a dataset as they are now; raises DatasetError if there is no dataset at
    `path`.
    """
    return Snapshot(Dataset.open(path).storage)


class Snapshot:
    """One listing of the ledger: each source in exactly one version, whatever is committed meanwhile.

    A part of the listing may be replaced, and so deleted, before it was opened. Then the listing is taken
    anew and the call starts again, so what one call returns always belongs to one listing, which is the newer
    one. Rows come in the order of the parts' first source paths.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.ledger: Ledger = read_ledger(storage)

    @property
    def path(self) -> Place:
        return self.storage.place

    def refresh(self) -> None:
        """Take a new listing."""
        self.ledger = read_ledger(self.storage)

    def files(self, table: str) -> list[Place]:
        """The Parquet files of a table, as paths or URLs, for other programs; one may vanish when a run replaces it."""
        return [self.storage.at(name) for name in self._names(table)]

    def _names(self, table: str) -> list[str]:
        _schema(table, None)
        records = sorted(self.ledger.records.values(), key=lambda record: (record.sources[0].path, record.key))
        return [file.path for record in records for file in record.files if file.table == table]

    def table(self, table: str, columns: Sequence[str] | None = None) -> Any:
        """All rows of one table as a pyarrow Table of the declared schema, or of the `columns` asked for."""
        return self.tables({table: columns})[table]

    def tables(self, wanted: dict[str, Sequence[str] | None] | None = None) -> dict[str, Any]:
        """Several tables out of one listing: `{table: columns or None for all}`; all three by default."""
        wanted = dict.fromkeys(TABLES) if wanted is None else wanted

        def read() -> dict[str, Any]:
            return {table: self._read(table, columns) for table, columns in wanted.items()}

        return self._retried(read)

    def to_batches(self, table: str, columns: Sequence[str] | None = None, batch_size: int = 4096) -> Iterator[Any]:
        """Stream the rows of one table as record batches of at most `batch_size` rows.

        All files are opened before the first batch comes, because an open file outlives its deletion: so the
        stream stays whole however long it is read. Objects do not: if a run replaces one before its rows were read,
        DatasetError is raised, as it is if the system allows fewer open files than there are.
        """
        schema = _schema(table, columns)
        with ExitStack() as stack:
            opened = self._retried(lambda: self._open(table, stack))
            for parquet in opened:
                try:
                    yield from _batches(table, parquet, schema, batch_size)
                except FileNotFoundError as error:
                    hint = "read again, or when no run is at work"
                    raise DatasetError(f"a part was replaced while it was read: {error}", hint=hint) from error

    def _read(self, table: str, columns: Sequence[str] | None) -> Any:
        import pyarrow as pa

        schema = _schema(table, columns)
        batches: list[Any] = []
        for name in self._names(table):
            with _open_parquet(self.storage, name) as parquet:
                batches += _batches(table, parquet, schema, 65_536)
        return pa.Table.from_batches(batches, schema)

    def _open(self, table: str, stack: ExitStack) -> list[Any]:
        with ExitStack() as attempt:
            opened = [attempt.enter_context(_open_parquet(self.storage, name)) for name in self._names(table)]
            stack.enter_context(attempt.pop_all())
        return opened

    def _retried(self, read: Callable[[], _T]) -> _T:
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_PAUSE)
                self.refresh()
            try:
                return read()
            except FileNotFoundError as error:
                gone = error
        raise DatasetError(f"a committed part is missing: {gone}", hint="run `ingest verify`") from gone


@contextmanager
def _open_parquet(storage: Storage, name: str) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with ExitStack() as stack:
        try:
            stream = stack.enter_context(storage.open(name))
            # with it, what was read of a file is held until all files are closed: a stream would need the dataset's
            # size
            parquet = stack.enter_context(pq.ParquetFile(stream, pre_buffer=False))
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            too_many = getattr(error, "errno", None) == errno.EMFILE
            hint = "raise the limit of open files (ulimit -n)" if too_many else "run `ingest verify`"
            raise DatasetError(
                f"cannot read {storage.at(name)}: {error}", source=storage.at(name), hint=hint
            ) from error
        yield parquet


def _batches(table: str, parquet: Any, schema: Any, batch_size: int) -> Iterator[Any]:
    present = set(parquet.schema_arrow.names)
    stored = [name for name in schema.names if name in present]
    for batch in parquet.iter_batches(batch_size=batch_size, columns=stored):
        yield align(table, batch, schema)


def _schema(table: str, columns: Sequence[str] | None) -> Any:
    import pyarrow as pa

    if table not in layout.WRITTEN:
        raise DatasetError(f"there is no table {table!r}", hint=f"tables: {', '.join(TABLES)}")
    schema = layout.schema(table)
    for name in columns or ():
        if name not in schema.names:
            raise DatasetError(f"table {table} has no column {name!r}", hint=f"columns: {', '.join(schema.names)}")
    return schema if columns is None else pa.schema([schema.field(name) for name in columns], schema.metadata)
