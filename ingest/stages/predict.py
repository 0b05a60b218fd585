"""The line models' probabilities for all lines of a batch: one model for flattened text, one for HTML."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.document import Batch
from ingest.models import dom_model, line_model
from ingest.models.line_model import Prediction
from ingest.sites import places, votes


def html_rows(batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """int64[k]: rows of the line table that belong to HTML pages, those of its DOM evidence."""
    spans = [batch.lines.span(i) for i, document in batch.alive() if document.html_meta is not None]
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(span.start, span.stop) for span in spans)])


def judge(batch: Batch) -> Batch:
    """Have the line model of HTML judge the pages that it is for, and note its opinion of the place of each line.

    What it says depends on the page alone, so it is asked once, be it for learning or for the page itself.
    """
    lines = batch.lines
    if lines.dom is None:
        return batch
    rows = html_rows(batch)
    sizes = [len(batch.lines.span(i)) for i, document in batch.alive() if document.html_meta is not None]
    offsets = np.cumsum([0, *sizes], dtype=np.int64)
    lines.judged = dom_model.load().judge([lines.texts[row] for row in rows.tolist()], offsets, lines.dom)
    lines.place[rows] = places.told(lines.dom.place, lines.judged.content)
    lines.dom = None  # it is large, and nobody asks again
    return batch


def predict(batch: Batch, known: Sequence[votes.Known], named: npt.NDArray[np.int8]) -> Prediction:
    """A row for each line of a batch that was judged.

    known: the pages of whose sites more is known: the model of text is told of it, the verdicts on HTML pages are moved
    by it · named: int8[n], the role of the rule that each line meets by itself, which the model of text is told.
    """
    lines = batch.lines
    told, template = votes.evidence_of(known, lines.texts)
    if lines.judged is None:
        return line_model.load().predict(lines.texts, lines.offsets, told, template, named)
    html = [document.html_meta is not None for document in batch.documents]
    model = dom_model.load()
    n = len(lines)
    result = Prediction(
        np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros((n, len(model.role_labels)), np.float32),
        model.role_labels,
    )  # fmt: skip
    for is_html in (True, False):
        spans = [lines.span(i) for i, flag in enumerate(html) if flag is is_html]
        rows = [row for span in spans for row in span]
        offsets = np.cumsum([0, *map(len, spans)], dtype=np.int64)
        texts = [lines.texts[row] for row in rows]
        if not rows:
            continue
        if is_html:
            some = lines.judged
        elif told is None or template is None:
            some = line_model.load().predict(texts, offsets, named=named[rows])
        else:
            some = line_model.load().predict(texts, offsets, told[rows], template[rows], named[rows])
        result.content[rows], result.alone[rows] = some.content, some.alone
        columns = [model.role_labels.index(label) for label in some.role_labels]
        result.roles[np.ix_(rows, columns)] = some.roles
    for page in known:
        span = slice(page.rows.start, page.rows.stop)
        own = np.where(page.marks.line == 0, 0, lines.place[span]).astype(np.uint64)
        site = page.profile
        result.content[span] = places.moved(
            result.content[span], own, site.places, site.place_lines, site.place_opinion
        )
    return result
