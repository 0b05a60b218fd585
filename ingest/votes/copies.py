"""An article that its page prints twice: once to be read and once to be printed, or short and then whole.

Lines that say what lines above them say, in the same order, are a copy. One that is only a refrain, a caption or a
quote taken from the text is none: a copy has three sentences at least, or two and short lines. Of the copies, that one
stays which the line model and the site believe in most, the first of equal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ingest.document import Lines, Voter, Votes
from ingest.lines.shape import WIDE_WEIGHT, weight
from ingest.roles import Evidence, Role

VOTER = Voter("copies", Evidence.DUPLICATE, "label")
SURE = 0.97
BETTER, BELIEVED = 0.25, 0.25  # by how much a later copy must be the likelier text; of what stays, in the mean
SENTENCE = 40  # weighted characters from which a line that is repeated says something
ENOUGH, SIZE = 3, 200  # such lines, and characters of them together, that make a copy


def vote(lines: Lines, content: npt.NDArray[np.float32]) -> Votes:
    """Votes on the lines of copies; content: float32[n], probabilities by the line model and the site."""
    votes = Votes.silent(VOTER, len(lines))
    for first, last in pairwise(lines.offsets.tolist()):
        for copy, original in runs(lines.texts[first:last]):
            size = [len(lines.texts[first + i]) for i in copy]
            own, other = (float(np.average(content[np.add(first, rows)], weights=size)) for rows in (copy, original))
            goes, stays = (copy, original) if own <= other + BETTER else (original, copy)
            for gone, kept in zip(goes, stays, strict=True):
                if max(own, other) >= BELIEVED and content[first + kept] >= min(BELIEVED, content[first + gone]):
                    votes.give(first + gone, Role.OTHER_BOILERPLATE, SURE, "copy-of-the-article")
    return votes


def runs(texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
    """(lines of a copy, lines that they repeat) for each copy on a page."""
    long = [text for text in texts if len(text) >= SENTENCE / WIDE_WEIGHT]
    if len(long) - len(set(long)) < 2:
        return []  # most pages
    seen: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []  # line, and the first one that says the same
    for i, text in enumerate(texts):
        key = " ".join(text.split())
        if key and (first := seen.setdefault(key, i)) != i:
            pairs.append((i, first))
    found: list[tuple[list[int], list[int]]] = []
    run: list[tuple[int, int]] = []
    for pair in [*pairs, (len(texts), -1)]:
        if run and (pair[1] <= run[-1][1] or _apart(texts, run[-1][0], pair[0])):
            sizes = [size for i, _ in run if (size := weight(texts[i])) >= SENTENCE]
            if (len(sizes) >= ENOUGH or (len(sizes) > 1 and len(run) > ENOUGH)) and sum(sizes) >= SIZE:
                found.append(([i for i, _ in run], [first for _, first in run]))
            run = []
        run.append(pair)
    return found


def _apart(texts: Sequence[str], before: int, after: int) -> bool:
    """Whether a line of the page's own text stands between two lines."""
    return any(weight(text) >= SENTENCE for text in texts[before + 1 : after])
