"""What stands below the heading of the comments is a little less probable."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.document import Batch, Document, Kind, Lines, Record, Votes
from ingest.roles import Role
from ingest.votes import comments, rules

PARAGRAPH = "The council met on Monday to speak about the bridge, which has been closed since the flood in spring. " * 3


def judge(texts: list[str], signs: list[int], content: list[float], kind: Kind = "text") -> list[float]:
    """Scores of the votes on one page whose rows `signs` the rules take for comments."""
    record = Record("page", 0, "\n".join(texts), kind)
    batch = Batch([Document("page", record, "page")], Lines(texts, np.array([0, len(texts)])))
    by_rules = Votes.silent(rules.VOTER, len(texts))
    for row in signs:
        by_rules.give(row, Role.COMMENTS, 0.95, "comments.heading")
    found = comments.vote(batch, by_rules, np.array(content, np.float32))
    return [round(float(score), 2) for score in found.score]


def test_all_lines_below_the_heading_are_doubted() -> None:
    """Below «3 comments», under an article, each line that is not blank gets the vote; above it none does."""
    texts = [PARAGRAPH, PARAGRAPH, "3 comments", "Ann says:", "", "So true."]
    assert judge(texts, [2], [0.99, 0.99, 0.1, 0.2, 0, 0.4]) == [0, 0, 0, comments.BELOW, 0, comments.BELOW]


@pytest.mark.parametrize(
    ("texts", "signs", "content"),
    [
        (["3 comments", PARAGRAPH, PARAGRAPH], [0], [0.1, 0.99, 0.99]),  # a link above the article
        (["Short.", "3 comments", "So true."], [1], [0.9, 0.1, 0.4]),  # too little to be an article
        ([PARAGRAPH, "3 comments", *[PARAGRAPH] * 6], [1], [0.9, 0.1] + [0.99] * 6),  # most of it is still to come
        ([PARAGRAPH, PARAGRAPH, "So true."], [], [0.9, 0.9, 0.4]),  # no sign of comments
    ],
)
def test_pages_where_nothing_is_doubted(texts: list[str], signs: list[int], content: list[float]) -> None:
    """A link to the comments above the article, a heading amid it, or a page without article doubts no line."""
    assert not any(judge(texts, signs, content))


def test_pages_of_html_are_left_to_their_model() -> None:
    """On HTML the model has the thread's markup, and the voter is silent."""
    texts = [PARAGRAPH, PARAGRAPH, "3 comments", "So true."]
    assert not any(judge(texts, [2], [0.99, 0.99, 0.1, 0.4], kind="html"))
