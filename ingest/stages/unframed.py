"""Pages of text that nothing surrounds: there the burden of proof lies with who takes a line out.

Dumps carry dozens of lines of furniture. Where no more than a few lines of a page were to go, the page is most likely
clean already: the text column of another tool, or this program's own output; if its lines are parted alike, too, where
dumps show blocks. There the line model or a repetition is not enough; only rules and what the site repeats take lines
out of such a page.
"""

from __future__ import annotations

import numpy as np

from ingest.document import Batch, Evidence, Role

STAGE = "label"
FEW, FEW_SHARE = 5, 0.03  # lines that go: so many, or so large a share of all,
MOST = 0.4  # of a short page no more than this share,
SMALL = 0.35  # and share of the characters at most


def give_back(batch: Batch) -> Batch:
    """Mark the pages that nothing surrounds, and give them back the lines that neither a rule nor the site took out."""
    lines = batch.lines
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    for position, document in batch.alive():
        if document.record.kind == "html":
            continue
        span = lines.span(position)
        here = slice(span.start, span.stop)
        full = size[here] > 0
        gone = full & (lines.role[here] != int(Role.BODY))
        touching = int((full[1:] & full[:-1]).sum())
        if touching not in (0, int(full.sum()) - 1):
            continue
        most = min(max(FEW, FEW_SHARE * full.sum()), MOST * full.sum())
        if gone.sum() > most or size[here][gone].sum() > SMALL * size[here].sum():
            continue
        document.unframed = True
        doubtful = gone & ~np.isin(lines.evidence[here], (int(Evidence.RULE), int(Evidence.SITE)))
        for row in (np.flatnonzero(doubtful) + span.start).tolist():
            lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
    return batch
