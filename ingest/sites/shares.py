"""The lines of all chosen pages in shares of some sites each; where there are several, by way of temporary files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.sites.contributions import SCHEMA
from ingest.sites.page_lines import PageLines
from ingest.storage.disk import disk_errors

COLUMNS = ("lines", "masks", "exacts", "places", "opinions", "sizes")  # as `PageLines` takes them
LINES = 1 << 19  # of which a share is made, if no site alone has more

_SCHEMA = pa.schema(
    [
        ("site", pa.int64()),
        ("place", pa.int64()),
        *((name, SCHEMA.field(name).type) for name in COLUMNS),
    ]
)
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Share:
    """The pages of some sites, ordered by site, then place; site: int64[pages]."""

    site: I64
    seen: PageLines


def shares(contributions: Sequence[pa.Table], rows: I64, site: I64, place: I64, n_lines: I64) -> Iterator[Share]:
    """The pages of each site come together in one share.

    rows: which pages are meant, ascending, counted over all tables · site, place, n_lines: of these.
    Raises DatasetError if the folder for temporary files has no room for them.
    """
    share_of = _assign(site, n_lines)
    count = int(share_of.max(initial=-1)) + 1
    if count == 1:
        yield _share(list(_chosen(contributions, rows, site, place)))
    if count < 2:
        return
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        paths = [Path(folder, str(number)) for number in range(count)]
        with disk_errors("write to", Path(folder)), ExitStack() as stack:
            files = [stack.enter_context(pa.ipc.new_stream(str(path), _SCHEMA)) for path in paths]
            for batch in _chosen(contributions, rows, site, place):
                where = share_of[batch["site"].to_numpy()]
                for number in np.unique(where).tolist():
                    files[number].write_batch(batch.filter(pa.array(where == number)))
        for path in paths:
            with pa.ipc.open_stream(str(path)) as file:
                batches = list(file)
            path.unlink()
            yield _share(batches)


def _assign(site: I64, n_lines: I64) -> I64:
    """int64[sites]: the share of each site, so that each has about `LINES` lines."""
    if not len(site):
        return np.empty(0, np.int64)
    until = np.cumsum(np.bincount(site, n_lines)).astype(np.int64)
    found: I64 = np.unique(np.maximum(until - 1, 0) // LINES, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return found


def _chosen(contributions: Sequence[pa.Table], rows: I64, site: I64, place: I64) -> Iterator[pa.RecordBatch]:
    first = 0
    for table in contributions:
        for batch in table.select(list(COLUMNS)).to_batches():
            begin, end = np.searchsorted(rows, (first, first + len(batch)))
            taken = batch.take(pa.array(rows[begin:end] - first))
            columns = [pa.array(site[begin:end]), pa.array(place[begin:end]), *taken.columns]
            yield pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)
            first += len(batch)


def _share(batches: list[pa.RecordBatch]) -> Share:
    table = pa.Table.from_batches(batches, _SCHEMA).sort_by([("site", "ascending"), ("place", "ascending")])
    columns = [table[name].combine_chunks() for name in COLUMNS]
    offsets = columns[0].offsets.to_numpy().astype(np.int64)
    line, mask, exact, place, opinion, size = (column.flatten().to_numpy(zero_copy_only=False) for column in columns)
    return Share(table["site"].to_numpy(), PageLines(line, mask, exact, place, opinion, size, offsets - offsets[0]))
