"""A page that would be left without any text keeps what it says more than once.

A sentence that a page repeats looks like a placeholder or a caption, to the line model too, and on most pages it is
one. But where nothing else is left, and nobody but the model and the repetition itself spoke against the sentence, it
may be all that the page has to say: losing a document is worse than a stray line.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ingest.document import Batch, Evidence, Lines, Role
from ingest.metadata.lines import SENTENCE_END
from ingest.stages.removed import IN_TEXT, among

STAGE = "spare"
SENTENCE = 40  # characters
#: Languages without an author's portrait in the pages that the line model was trained on.
UNTRAINED = frozenset(
    {"kk", "kk-Arab", "kk-Latn", "ky", "uz", "uz-Cyrl", "tg", "ug", "tt", "ba", "az", "tk", "mn", "ka"}
)


def spare(batch: Batch) -> Batch:
    """Give the first of equal sentences back to pages that have no line of text."""
    lines = batch.lines
    for position, _ in batch.alive():
        span = lines.span(position)
        if not among(lines.role[span.start : span.stop], *IN_TEXT).any():
            for row in _repeated(lines, span):
                lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
        for row in _closing(lines, span):
            lines.set(row, Role.BODY, Evidence.NONE, float(lines.score[row]), "", STAGE)
    return batch


def _closing(lines: Lines, span: range) -> list[int]:
    """Sentences right behind article text that the line model alone takes for the author's portrait, in languages whose
    portraits it was not trained on: there, whatever short sentence ends an article looks like one to it."""
    here = slice(span.start, span.stop)
    portrayed = (lines.role[here] == int(Role.AUTHOR_BIO)) & (lines.evidence[here] == int(Evidence.MODEL))
    bios = (np.flatnonzero(portrayed) + span.start).tolist()
    found: list[int] = []
    for row in bios:
        above = next((r for r in range(row - 1, span.start - 1, -1) if lines.texts[r]), row)
        is_text = lines.role[above] in IN_TEXT or above in found
        if is_text and lines.language[row] in UNTRAINED and SENTENCE_END.search(lines.texts[row].rstrip()):
            found.append(row)
    return found


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
