"""The lines of a batch measured, once: what learning, the votes of sites and the readers of metadata go by."""

from __future__ import annotations

from ingest.document import Batch
from ingest.lines.fingerprints import marks
from ingest.lines.scan import codes, measured


def measure(batch: Batch) -> Batch:
    """Fill the columns that tell what lines are by their characters alone."""
    lines = batch.lines
    if len(lines.codes) != len(lines):
        lines.codes = codes(lines.texts)  # nobody was there to mend them
    lines.scan = measured(lines.codes)
    lines.marks = marks(lines.scan)
    return batch


def measure_again(batch: Batch) -> Batch:
    """The columns of a batch whose lines read otherwise than when they were measured, or encoded."""
    batch.lines.codes = codes(batch.lines.texts)
    return measure(batch)
