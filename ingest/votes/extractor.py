"""trafilatura is heard on the HTML pages where the line model is unsure of itself.

Its choice costs as much as all else that is done with a page. So the model says first how well it expects to do
(`confidence`). From `ENOUGH` on the extractor is not asked, on pages that declare themselves articles, which is what it
was made for, from `ENOUGH_OF_ARTICLE` on.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.document import Batch, Lines, Voter, Votes
from ingest.html import extractor
from ingest.html.engine import Engine
from ingest.roles import Evidence, Role
from ingest.stages.decode import text_of

VOTER = Voter("extractor", Evidence.EXTRACTOR, "extract")

KEEPS, DROPS = 0.8, 0.66  # it loses more than it adds: measured on held-out sites
# Expected F1 from which the extractor is not asked. On held-out sites its votes gain nothing in the mean above, on
# pages that declare themselves articles 0.01 of F1 up to the second.
ENOUGH, ENOUGH_OF_ARTICLE = 0.7, 0.85
# Bytes of HTML (characters where it came as such) up to which it is asked, on articles above the first: its time grows
# with the page, and on larger ones, mostly lists, shops and forums, it gains nothing.
LARGEST, LARGEST_ARTICLE = 300_000, 200_000
MOST = 2_000_000  # and where the user wants nobody but it
SURE, FOUND = 0.8, 0.2  # probability of a line, and share of such text that an extractor who found the article keeps


def vote(batch: Batch, content: npt.NDArray[np.float32], expected: npt.NDArray[np.float64], engine: Engine) -> Votes:
    """trafilatura's votes on the lines of the pages that need it.

    content: float32[n], probabilities of the lines by all that is known without it · expected: float64[documents], the
    F1 to expect of them.
    """
    lines = batch.lines
    votes = Votes.silent(VOTER, len(lines))
    for position, document in batch.alive():
        if document.html_meta is None or engine == "lines":
            continue
        size = len(document.record.content)
        if size > (MOST if engine == "trafilatura" else _largest(expected[position], document.html_meta.is_article)):
            continue
        text = extractor.main_text(text_of(document), document.url)
        if text is None:
            continue
        span = lines.span(position)
        for row, keep in zip(span, extractor.chosen(lines.texts[span.start : span.stop], text), strict=True):
            if keep:
                votes.give(row, Role.BODY, KEEPS, extractor.NAME)
            elif lines.texts[row]:
                votes.give(row, Role.OTHER_BOILERPLATE, DROPS, extractor.NAME)
    return votes if engine == "trafilatura" else without_lost_pages(votes, lines, content)


def without_lost_pages(votes: Votes, lines: Lines, content: npt.NDArray[np.float32]) -> Votes:
    """The votes but for the pages where the extractor keeps little of the text that the line model is sure of.

    There it has taken a teaser or a comment for the article, and its voice against all other lines would lose the page.
    """
    size = np.fromiter(map(len, lines.texts), np.int64, len(lines))
    sure = np.where(content >= SURE, size, 0)
    role = votes.role.copy()
    for first, last in pairwise(lines.offsets.tolist()):
        kept = role[first:last] == int(Role.BODY)
        if sure[first:last][kept].sum() < FOUND * sure[first:last].sum():
            role[first:last] = Role.UNKNOWN
    return replace(votes, role=role)


def _largest(expected: float, is_article: bool) -> int:
    """Up to which size the extractor is asked about a page, -1 where it is not."""
    if expected < ENOUGH:
        return LARGEST
    return LARGEST_ARTICLE if is_article and expected < ENOUGH_OF_ARTICLE else -1
