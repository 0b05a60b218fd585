"""How far what stays of a site's pages is from the crudest rule: drop each line that stands on three of its pages.

Where both differ much, either is wrong about the site, or the site has changed; see `ingest.report.agreement`.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa

from ingest.document import Batch
from ingest.lines.fingerprints import is_paragraph
from ingest.stages.removed import IN_TEXT, among

PAGES = 3
SCHEMA = pa.schema(
    [("site", pa.string()), *((name, pa.int64()) for name in ("text", "text_repeated", "own", "own_removed"))]
)


def repetition(batch: Batch) -> pa.RecordBatch:
    """Characters of the articles of each site that three pages or more are known of: `text` that stays, and what of it
    stands on three pages or more; `own` paragraphs on fewer pages, and what of them was removed.
    """
    lines = batch.lines
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for position, document in batch.alive():
        span = lines.span(position)
        rows = np.flatnonzero(lines.on_pages[span.start : span.stop]) + span.start
        if document.site is None or not len(rows):
            continue
        stays = among(lines.role[rows], *IN_TEXT)
        repeated = lines.on_pages[rows] >= PAGES
        size = np.fromiter((len(lines.texts[row]) for row in rows.tolist()), np.int64, len(rows))
        own = np.zeros(len(rows), bool)
        for at in np.flatnonzero(~repeated).tolist():
            own[at] = is_paragraph(lines.texts[rows[at]].strip())
        found = sums[document.site]
        for column, counts in enumerate((stays, stays & repeated, own, own & ~stays)):
            found[column] += int(size[counts].sum())
    columns = [list(column) for column in zip(*sums.values(), strict=True)] or [[]] * 4
    return pa.RecordBatch.from_arrays(
        [pa.array(list(sums), pa.string()), *(pa.array(column, pa.int64()) for column in columns)], schema=SCHEMA
    )
