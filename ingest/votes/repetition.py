"""Lines that the page itself repeats.

Of two equal lines in a row, blank ones apart, the second goes: a caption printed after its alt text. A sentence that
stands on the page three times or more goes wherever it stands: the placeholder of embedded content, unless it is part
of an article that the page prints several times.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from ingest.document import Lines, Voter, Votes
from ingest.roles import Evidence, Role

VOTER = Voter("repetition", Evidence.DUPLICATE, "label")
SURE = 0.9
SENTENCE, OFTEN = 40, 3  # characters and occurrences from which a line repeated on its own page is a placeholder


def vote(lines: Lines, copies: Votes) -> Votes:
    """Votes on the lines of a batch; `copies` are the votes on articles printed twice."""
    votes = Votes.silent(VOTER, len(lines))
    for first, last in pairwise(lines.offsets.tolist()):
        page = [(text, row) for row, line in enumerate(lines.texts[first:last], first) if (text := line.strip())]
        for (before, _), (text, row) in pairwise(page):
            if text == before and any(map(str.isalpha, text)):
                votes.give(row, Role.CAPTION, SURE, "doubled-line")
        long = [text for text, _ in page if len(text) >= SENTENCE]
        if len(long) - len(set(long)) < OFTEN - 1:
            continue
        kept = {lines.texts[row].strip() for row in range(first, last) if copies.role[row] != int(Role.UNKNOWN)}
        often = {text: times for text, times in Counter(long).items() if times >= OFTEN and text not in kept}
        for text, row in page:
            if text in often:
                votes.give(row, Role.OTHER_BOILERPLATE, SURE, f"{often[text]} times on the page")
    return votes
