"""What each page contributes to the knowledge of its site."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.document import Batch
from ingest.lines.fingerprints import PARAGRAPH_BIT, identity
from ingest.metadata.dates import dates as read_dates
from ingest.sites.page_lines import opinions, sizes

# what a date must hold that proves an order: three numbers with marks between them
_FIGURES = re.compile(r"\d\s?\W\s?\d\d?\s?\W\s?\d\d")

FORMAT = "6"  # grows whenever the columns change, or what they mean,
JUDGED_BY = ("line-00840fe3c9a7", "dom-5894697cdf15")  # as when other line models give their opinion

# One row a page: `digest` is that of its source, `page` that of its content. `site` is null where neither URL
# nor signature names it. `lines` are fingerprints in page order, `masks`, `exacts`, `places`, `opinions` and `sizes`
# what else is remembered of the same lines (see `ingest.sites.page_lines`). Of dates only the evidence for the order of
# day and month is kept.
SCHEMA = pa.schema(
    [
        ("digest", pa.string()),
        ("page", pa.string()),
        ("site", pa.string()),
        ("identity", pa.uint64()),
        ("lines", pa.list_(pa.uint64())),
        ("masks", pa.list_(pa.uint64())),
        ("exacts", pa.list_(pa.uint64())),
        ("places", pa.list_(pa.uint64())),
        ("opinions", pa.list_(pa.uint8())),
        ("sizes", pa.list_(pa.uint8())),
        ("head_day_first", pa.int32()),
        ("head_month_first", pa.int32()),
    ],
    metadata={"ingest.contributions": FORMAT},
)


def learn(batch: Batch, digests: Mapping[str, str]) -> pa.RecordBatch:
    """The contributions of a batch whose lines are measured and judged, and sites named where they can be.

    `digests` are those of the sources, by path.
    """
    rows = []
    found = batch.lines.marks
    thought = opinions(batch.lines.judged.content)
    for position, document in batch.alive():
        rows_of = batch.lines.span(position)
        span = slice(rows_of.start, rows_of.stop)
        values, masks = found.line[span], found.mask[span]
        full = np.flatnonzero(values)
        proofs = _head_date_orders(batch.lines.texts[span], values)
        rows.append(
            {
                "digest": digests[document.record.source],
                "page": document.page,
                "site": document.site,
                "identity": identity(values),
                "lines": values[full],
                "masks": masks[full],
                "exacts": found.exact[span][full],
                "places": batch.lines.place[span][full],
                "opinions": thought[span][full],
                "sizes": sizes(found.size[span][full]),
                "head_day_first": proofs["day"],
                "head_month_first": proofs["month"],
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def _head_date_orders(lines: list[str], values: npt.NDArray[np.uint64]) -> Counter[str]:
    """How often the dates above the page's first paragraph prove that the day, or the month, comes first."""
    paragraphs = np.flatnonzero(values & PARAGRAPH_BIT)
    above = lines[: int(paragraphs[0]) if len(paragraphs) else len(lines)]
    head = [line for line in above if _FIGURES.search(line)]
    return Counter(reading.evidence for reading in read_dates(head).values() if reading.evidence)


def to_bytes(batches: list[pa.RecordBatch]) -> bytes:
    """Contributions as an Arrow IPC file."""
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, SCHEMA, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def from_bytes(data: bytes) -> pa.Table:
    """Contributions back from `to_bytes`. Raises pyarrow.ArrowInvalid for anything else."""
    table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
    if not table.schema.equals(SCHEMA):
        raise pa.ArrowInvalid("not a contributions file of this version")
    return table


def digests_in(data: bytes) -> set[str]:
    """The sources that a file of `to_bytes` tells of; nothing else of it is unpacked."""
    options = pa.ipc.IpcReadOptions(included_fields=[SCHEMA.get_field_index("digest")])
    return set(pa.ipc.open_file(pa.BufferReader(data), options=options).read_all()["digest"].unique().to_pylist())


def table(batches: list[pa.RecordBatch]) -> pa.Table:
    """Record batches of contributions as one table, also where there are none."""
    return pa.Table.from_batches(batches, schema=SCHEMA)
