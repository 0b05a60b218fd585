"""Lines below the heading of the comments.

A comment reads like text, and the line model gives many some probability. Where rules have found a heading or a form
of comments, and a good part of the page's probable text stands above it, all that follows is a little less probable:
enough for a doubtful line, too little for a paragraph of which the model is sure, as in a section called «Discussion».
(Measured on sites that the model had not seen: +0.012 of word F1 on `sites_dev`, many of them blogs, +0.001 on WCXB
articles, with 0.02 % more of the words lost.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Voter, Votes
from ingest.roles import Evidence, Role

VOTER = Voter("comments", Evidence.RULE, "label")

BELOW = 0.73  # score of the vote
ABOVE = 0.3  # share of the page's probable text, by characters, that stands above the heading
LEAST = 400  # and characters of it


def vote(batch: Batch, rules: Votes, content: npt.NDArray[np.float32]) -> Votes:
    """Votes on the lines below the first sign of comments on each page of text.

    rules: what the rules say of the lines · content: float32[n], the line model's probabilities.
    """
    lines = batch.lines
    votes = Votes.silent(VOTER, len(lines))
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines)) * content
    for position, document in batch.alive():
        if document.record.kind == "html":
            continue  # there the model sees the thread's markup
        span = lines.span(position)
        above = np.cumsum(size[span.start : span.stop], dtype=np.float64)
        if not len(above):
            continue
        signs = (rules.role[span.start : span.stop] == int(Role.COMMENTS)) & (above >= max(ABOVE * above[-1], LEAST))
        for row in np.flatnonzero(signs)[:1].tolist():
            for below in range(span.start + row + 1, span.stop):
                if lines.texts[below]:
                    votes.give(below, Role.OTHER_BOILERPLATE, BELOW, "below-comments")  # the model knows the role
    return votes
