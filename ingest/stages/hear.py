"""trafilatura is heard on the HTML pages where the line model is unsure of itself.

Its choice costs as much as all else that is done with a page. So the model says first how well it expects to do: with p
the probabilities of the lines and w their characters, 2·Σpw over the kept lines / (Σw over the kept lines + Σpw over
all) is about the F1 that it expects of its own choice. From `ENOUGH` on the extractor is not asked, on pages that
declare themselves articles, which is what it was made for, from `ENOUGH_OF_ARTICLE` on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Evidence, Role, Verdicts
from ingest.html import extractor
from ingest.html.engine import Engine
from ingest.stages.decode import text_of

STAGE = "extract"

KEEPS, DROPS = 0.8, 0.66  # it loses more than it adds: measured on held-out sites
# Expected F1 from which the extractor is not asked. On held-out sites its votes gain nothing in the mean above, on
# pages that declare themselves articles 0.01 of F1 up to the second.
ENOUGH, ENOUGH_OF_ARTICLE = 0.7, 0.85
# Bytes of HTML (characters where it came as such) up to which it is asked, on articles above the first: its time grows
# with the page, and on larger ones, mostly lists, shops and forums, it gains nothing.
LARGEST, LARGEST_ARTICLE = 300_000, 200_000
MOST = 2_000_000  # and where the user wants nobody but it


def hear(batch: Batch, expected: npt.NDArray[np.float64], engine: Engine) -> Batch:
    """Let trafilatura vote on the lines of the pages that need it; `expected` is what `expected_of_pages` gave."""
    votes = Verdicts.silent(STAGE, Evidence.EXTRACTOR, len(batch.lines))
    for position, document in batch.alive():
        if document.html_meta is None or engine == "lines":
            continue
        size = len(document.record.content)
        if size > (MOST if engine == "trafilatura" else _largest(expected[position], document.html_meta.is_article)):
            continue
        text = extractor.main_text(text_of(document), document.url)
        if text is None:
            continue
        span = batch.lines.span(position)
        texts = batch.lines.texts[span.start : span.stop]
        for row, keep in zip(span, extractor.chosen(texts, text), strict=True):
            if keep:
                votes.give(row, Role.BODY, KEEPS, extractor.NAME)
            elif batch.lines.texts[row]:
                votes.give(row, Role.OTHER_BOILERPLATE, DROPS, extractor.NAME)
    batch.lines.votes.append(votes)
    return batch


def _largest(expected: float, is_article: bool) -> int:
    """Up to which size the extractor is asked about a page, -1 where it is not."""
    if expected < ENOUGH:
        return LARGEST
    return LARGEST_ARTICLE if is_article and expected < ENOUGH_OF_ARTICLE else -1


def expected_of_pages(batch: Batch, content: npt.NDArray[np.float32], threshold: float) -> npt.NDArray[np.float64]:
    """float64[documents]: `expected_f1` of the HTML pages, 1 for pages of text."""
    result = np.ones(len(batch.documents))
    for position, document in enumerate(batch.documents):
        if document.html_meta is not None:
            span = batch.lines.span(position)
            lines = slice(span.start, span.stop)
            result[position] = expected_f1(batch.lines.texts[lines], content[lines], threshold)
    return result


def expected_f1(texts: list[str], content: npt.NDArray[np.float32], threshold: float) -> float:
    """The F1 that the model's own choice of lines can be expected to have, 0 where it chooses none."""
    size = np.fromiter(map(len, texts), np.float64, len(texts))
    kept = content >= threshold
    mass = content * size
    whole = size[kept].sum() + mass.sum()
    return float(2 * mass[kept].sum() / whole) if whole else 0.0
