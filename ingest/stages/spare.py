"""A page that would be left without any text keeps what it says more than once.

A sentence that a page repeats looks like a placeholder or a caption, to the line model too, and on most pages it is
one. But where nothing else is left, and nobody but the model and the repetition itself spoke against the sentence, it
may be all that the page has to say: losing a document is worse than a stray line.
"""

from __future__ import annotations

from collections import Counter

from ingest.document import Batch, Evidence, Lines, Role
from ingest.metadata.lines import SENTENCE_END
from ingest.stages.removed import IN_TEXT, among

STAGE = "spare"
SENTENCE = 40  # characters


def spare(batch: Batch) -> Batch:
    """Give the first of equal sentences back to pages that have no line of text."""
    lines = batch.lines
    for position, _ in batch.alive():
        span = lines.span(position)
        if not among(lines.role[span.start : span.stop], *IN_TEXT).any():
            for row in _repeated(lines, span):
                lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
    return batch


def _repeated(lines: Lines, span: range) -> list[int]:
    """The first rows of sentences that stand on a page several times and that only a doubtful witness spoke against."""
    times = Counter(lines.texts[row].strip() for row in span)
    first: dict[str, int] = {}
    for row in span:
        text = lines.texts[row].strip()
        if len(text) >= SENTENCE and times[text] > 1 and SENTENCE_END.search(text):
            first.setdefault(text, row)
    return [row for row in first.values() if _is_doubtful(lines, row)]


def _is_doubtful(lines: Lines, row: int) -> bool:
    return int(lines.evidence[row]) in (Evidence.MODEL, Evidence.DUPLICATE) or lines.rule[row] == "metadata.title"
