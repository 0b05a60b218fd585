"""trafilatura is heard on the HTML pages where the line model is unsure of itself.

Its choice costs some fifteen times what the model costs. So the model says first how well it expects to do on the page:
with p the probabilities of the lines and w their words, 2·Σpw over the kept lines / (Σw over the kept lines + Σpw over
all) is about the word F1 that it expects of its own choice. Above `ENOUGH` the extractor is not asked.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Evidence, Role, Verdicts
from ingest.html import extractor
from ingest.html.engine import Engine
from ingest.models.line_model import Prediction

STAGE = "extract"

KEEPS, DROPS = 0.8, 0.66  # it loses more than it adds: measured on held-out sites
ENOUGH = 0.7  # expected F1 from which the extractor is not asked: on held-out sites its votes gain nothing above
LARGEST = 2_000_000  # characters of HTML up to which it is asked: its time grows faster than the page


def hear(batch: Batch, predicted: Prediction, engine: Engine, threshold: float) -> Batch:
    """Let trafilatura vote on the lines of the pages that need it."""
    votes = Verdicts.silent(STAGE, Evidence.EXTRACTOR, len(batch.lines))
    for position, document in batch.alive():
        if document.html_meta is None or len(document.text) > LARGEST:
            continue
        span = batch.lines.span(position)
        texts = batch.lines.texts[span.start : span.stop]
        content = predicted.content[span.start : span.stop]
        if engine == "lines" or (engine == "auto" and expected_f1(texts, content, threshold) >= ENOUGH):
            continue
        text = extractor.main_text(document.text, document.record.url)
        if text is None:
            continue
        for row, keep in zip(span, extractor.chosen(texts, text), strict=True):
            if keep:
                votes.give(row, Role.BODY, KEEPS, extractor.NAME)
            elif batch.lines.texts[row]:
                votes.give(row, Role.OTHER_BOILERPLATE, DROPS, extractor.NAME)
    batch.lines.votes.append(votes)
    return batch


def expected_f1(texts: list[str], content: npt.NDArray[np.float32], threshold: float) -> float:
    """The F1 that the model's own choice of lines can be expected to have, 0 where it chooses none."""
    size = np.fromiter(map(len, texts), np.float64, len(texts))
    kept = content >= threshold
    mass = content * size
    whole = size[kept].sum() + mass.sum()
    return float(2 * mass[kept].sum() / whole) if whole else 0.0
