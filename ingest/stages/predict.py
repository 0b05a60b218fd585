"""The line models' probabilities for all lines of a batch: one model for flattened text, one for HTML."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.document import Batch
from ingest.models import dom_model, line_model
from ingest.models.line_model import Prediction
from ingest.rules import RuleSet
from ingest.votes import copies

GOOD_PART = 0.15  # of a page's characters


def judge(batch: Batch, rules: RuleSet, unmet: Sequence[int] = ()) -> Batch:
    """Have the line models judge the pages, and note the place of each line of HTML. `unmet` are rows of lines of which
    the model is not told the rule that they meet.

    What they say depends on the page alone, so they are asked once, be it for learning or for the page itself.
    """
    lines = batch.lines
    labels = dom_model.load().role_labels
    n = len(lines)
    assert lines.scan is not None, "each batch is measured before it is judged"
    lines.judged = result = Prediction(
        np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros((n, len(labels)), np.float32), labels
    )
    lines.met = rules.met(lines.texts)
    named = rules.named(lines.texts, lines.met)
    named[list(unmet)] = 0
    html = [document.html_meta is not None for document in batch.documents]
    for is_html in (True, False):
        spans = [lines.span(i) for i, _ in batch.alive() if html[i] is is_html]
        rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(span.start, span.stop) for span in spans)])
        if not len(rows):
            continue
        twice = {} if is_html else _copies(batch, spans)
        if twice:
            rows = np.setdiff1d(rows, list(twice))
        seen = lines.scan.of(rows)
        offsets = np.searchsorted(rows, [span.start for span in spans] + [spans[-1].stop]).astype(np.int64)
        if is_html:
            assert lines.dom is not None, "extract reads the tree of each page of HTML"
            some = dom_model.load().judge(seen, offsets, lines.dom)
            lines.place[rows] = lines.dom.place
        else:
            texts = [lines.texts[row] for row in rows.tolist()]
            some = line_model.load().predict(texts, offsets, named[rows], seen)
        result.content[rows], result.alone[rows] = some.content, some.alone
        columns = [labels.index(label) for label in some.role_labels]
        result.roles[np.ix_(rows, np.array(columns))] = some.roles
        for copy, original in twice.items():
            for column in (result.content, result.alone, result.roles):
                column[copy] = column[original]
    lines.dom = lines.scan = None  # they are large, and nobody asks again
    return batch


def _copies(batch: Batch, spans: Sequence[range]) -> dict[int, int]:
    """The line that each line of a copy repeats, if that is a good part of its page: a text printed twice is judged as
    if it stood there once, since the model takes what a page repeats for its furniture.
    """
    found: dict[int, int] = {}
    for span in spans:
        texts = batch.lines.texts[span.start : span.stop]
        enough = GOOD_PART * sum(map(len, texts))
        for copy, original in copies.runs(texts):
            if sum(len(texts[i]) for i in copy) >= enough:
                found |= {span.start + i: span.start + j for i, j in zip(copy, original, strict=True)}
    return found
