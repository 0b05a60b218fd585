"""The narrow columns of all articles of a dataset, and the texts of a few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.dataset import CommitRecord, Dataset
from ingest.dataset.layout import DROPPED
from ingest.duplicates.packed import PACKED, order_keys, pack
from ingest.engines.memory import trim
from ingest.errors import DatasetError
from ingest.storage.disk import disk_errors

_NARROW = pa.schema(
    [
        ("id", PACKED),
        ("source_path", pa.dictionary(pa.int32(), pa.string())),  # few, and long
        ("published", pa.timestamp("s")),
        ("duplicate_of", PACKED),
        ("text_sha256", PACKED),
    ]
)
_COLUMNS = tuple(_NARROW.names)
_TABLES = ("articles", DROPPED)


@dataclass(frozen=True, slots=True)
class Index:
    """`rows`: a table of the columns `_COLUMNS`, row i for article i, in the order of `files`.

    file: int64 of shape (rows,), position in `files`. dropped: bool of the same shape, whether the row stands in
    `rejected` now. files: part key, path relative to the dataset.
    """

    rows: pa.Table
    file: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.bool_]
    files: list[tuple[str, str]]

    def rank(self) -> npt.NDArray[np.int64]:
        """Place of each row by date of publication, unknown ones last, then by id: the first of a group of copies is
        its original.
        """
        published = self.rows["published"].combine_chunks().cast(pa.int64())
        by_date = pc.fill_null(published, np.iinfo(np.int64).max).to_numpy()
        order = np.lexsort((*order_keys(self.rows["id"].combine_chunks()), by_date))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank


def load_index(dataset: Dataset, records: Iterable[CommitRecord]) -> Index:
    """Read the narrow columns of the articles of some parts, dropped ones too."""
    files, tables, dropped = [], [], []
    for record in sorted(records, key=lambda record: record.key):
        for file in record.files:
            if file.table in _TABLES:
                with _opened(dataset, file.path) as parquet:
                    tables.append(_narrow(parquet.read(columns=list(_COLUMNS))))
                files.append((record.key, file.path))
                dropped.append(file.table == DROPPED)
    sizes = [len(table) for table in tables]
    rows = pa.concat_tables(tables or [_NARROW.empty_table()]).unify_dictionaries()
    number = np.repeat(np.arange(len(files)), sizes).astype(np.int64)
    rows = rows.combine_chunks()
    tables.clear()
    trim()  # reading leaves holes, 88 MB of them after 1,000,000 articles
    return Index(rows, number, np.repeat(np.array(dropped, bool), sizes), files)


def _narrow(table: pa.Table) -> pa.Table:
    columns = [
        pack(column) if field.type == PACKED else column.cast(field.type).combine_chunks()
        for field, column in zip(_NARROW, (table[name] for name in _COLUMNS), strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=_NARROW)


def texts_of(dataset: Dataset, index: Index, digests: pa.Array) -> Iterator[tuple[list[bytes], list[str]]]:
    """Texts with these packed digests, each from one place, as batches of (digests, texts). Other parts are not opened,
    and of an opened one only the row groups with a wanted text.
    """
    place = pc.index_in(digests, value_set=index.rows["text_sha256"].combine_chunks())
    wanted = index.file[place.drop_null().to_numpy()]
    for number in np.unique(wanted):
        _, path = index.files[int(number)]
        left = set(digests.filter(pa.array(wanted == number)).to_pylist())
        with _opened(dataset, path) as parquet:
            for group in range(parquet.num_row_groups):
                held = pack(parquet.read_row_group(group, columns=["text_sha256"])["text_sha256"]).to_pylist()
                rows = {digest: row for row, digest in enumerate(held) if digest in left}
                if rows:
                    left.difference_update(rows)
                    texts = parquet.read_row_group(group, columns=["text"])["text"]
                    yield list(rows), texts.take(pa.array(list(rows.values()))).to_pylist()


@contextmanager
def _opened(dataset: Dataset, path: str) -> Iterator[Any]:
    try:
        with (
            disk_errors("read", dataset.storage.at(path)),
            dataset.storage.open(path) as file,
            pq.ParquetFile(file) as parquet,
        ):
            yield parquet
    except (pa.ArrowException, ValueError) as error:  # the second from `pack`
        raise DatasetError(f"cannot read {path}: {error}", source=path, hint="run `ingest verify`") from error
