"""What stands below the heading of the comments is a little less probable."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.document import Batch, Document, Evidence, Kind, Lines, Record, Role, Verdicts
from ingest.stages.threads import BELOW, below_comments

PARAGRAPH = "The council met on Monday to speak about the bridge, which has been closed since the flood in spring. " * 3


def judge(texts: list[str], comments: list[int], content: list[float], kind: Kind = "text") -> list[float]:
    """Scores of the verdicts on one page whose rows `comments` the rules take for comments."""
    record = Record("page", 0, "\n".join(texts), kind)
    batch = Batch([Document("page", record, "page")], Lines(texts, np.array([0, len(texts)])))
    rules = Verdicts.silent("rules", Evidence.RULE, len(texts))
    for row in comments:
        rules.give(row, Role.COMMENTS, 0.95, "comments.heading")
    found = below_comments(batch, rules, np.array(content, np.float32))
    return [round(float(score), 2) for score in found.score]


def test_all_lines_below_the_heading_are_doubted() -> None:
    """Below «3 comments», under an article, each line that is not blank gets the verdict; above it none does."""
    texts = [PARAGRAPH, PARAGRAPH, "3 comments", "Ann says:", "", "So true."]
    assert judge(texts, [2], [0.99, 0.99, 0.1, 0.2, 0, 0.4]) == [0, 0, 0, BELOW, 0, BELOW]


@pytest.mark.parametrize(
    ("texts", "comments", "content"),
    [
        (["3 comments", PARAGRAPH, PARAGRAPH], [0], [0.1, 0.99, 0.99]),  # a link above the article
        (["Short.", "3 comments", "So true."], [1], [0.9, 0.1, 0.4]),  # too little to be an article
        ([PARAGRAPH, "3 comments", *[PARAGRAPH] * 6], [1], [0.9, 0.1] + [0.99] * 6),  # most of it is still to come
        ([PARAGRAPH, PARAGRAPH, "So true."], [], [0.9, 0.9, 0.4]),  # no sign of comments
    ],
)
def test_pages_where_nothing_is_doubted(texts: list[str], comments: list[int], content: list[float]) -> None:
    """A link to the comments above the article, a heading amid it, or a page without article doubts no line."""
    assert not any(judge(texts, comments, content))


def test_pages_of_html_are_left_to_their_model() -> None:
    """On HTML the model has the thread's markup, and the witness is silent."""
    texts = [PARAGRAPH, PARAGRAPH, "3 comments", "So true."]
    assert not any(judge(texts, [2], [0.99, 0.99, 0.1, 0.4], kind="html"))
