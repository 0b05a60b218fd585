"""Broken characters mended line by line, so that one good word does not block the repair of a bad line."""

from __future__ import annotations

from ingest import encoding
from ingest.document import Batch, Repair

LOST = "characters lost before (U+FFFD)"


def repair(batch: Batch) -> Batch:
    """Mend the lines of a batch, keep what they were, count the steps per document. The lines stay as many."""
    lines = batch.lines
    repaired = encoding.repair(lines.texts)
    if not repaired.steps and not repaired.lost:
        return batch
    lines.repaired = {
        row: Repair(lines.texts[row], [step.name for step in steps]) for row, steps in repaired.steps.items()
    }
    lines.texts = repaired.texts
    for position, document in batch.alive():
        for row in lines.span(position):
            for step in repaired.steps.get(row, ()):
                document.repairs[step.name] = document.repairs.get(step.name, 0) + step.count
            if row in repaired.lost:
                document.repairs[LOST] = document.repairs.get(LOST, 0) + repaired.lost[row]
    return batch
