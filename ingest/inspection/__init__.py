"""What became of each line, and why: the ground for `inspect`, `explain` and corrections.

`pages` works on sources and writes nothing; `find` and `page_of` start from a row of a dataset; `explain_line` tells
the full chain for one line: each voter, what it adds to the odds, what it goes by, and the decision.
"""

from ingest.inspection.chain import LineExplanation, Witness, explain_line
from ingest.inspection.lookup import Found, find, page_of
from ingest.inspection.occlusion import Effect, effects
from ingest.inspection.pages import Labelled, look, pages
from ingest.inspection.views import LineView, PageView, Vote

__all__ = [
    "Effect",
    "Found",
    "Labelled",
    "LineExplanation",
    "LineView",
    "PageView",
    "Vote",
    "Witness",
    "effects",
    "explain_line",
    "find",
    "look",
    "page_of",
    "pages",
]
