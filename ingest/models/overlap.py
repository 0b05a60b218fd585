"""How far a line speaks of what its page's article speaks of.

Once the first look at a page has said which lines are probably article text, each word has two weights: how much of it
stands in such text, and how much elsewhere. A paragraph shares its words with the rest of the article; a teaser amid it
brings its own. Words are counted in buckets, without duplicates within a line being told from others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.lines.words import Words

BUCKETS = 1 << 12  # per document
RARE = 6  # times on the page up to which a word tells of a matter, and is no article or preposition
N_OVERLAP = 3
PARTS = 256  # probabilities are rounded to so many parts, so that sums do not depend on their order


def buckets(words: Words, nth: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[w]: a number for each word, the same for the same word of the same document only, but for collisions.

    nth: int64[n], the document of each line, counted from 0.
    """
    inside = (words.hashes & np.uint64(BUCKETS - 1)).astype(np.int64)
    return nth[words.row] * BUCKETS + inside


def overlap(
    bucket: npt.NDArray[np.int64], row: npt.NDArray[np.int64], content: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """float32[n, N_OVERLAP]: for each line the share of its words that stand in the probable article text elsewhere on
    the page, of rare ones alone, and the share of rare ones that stand in other text. Zeros for lines without words.

    bucket, row: int64[w], of each word, see `buckets`, and its line · content: float32[n], probabilities.
    """
    n = len(content)
    p = np.rint(content * np.float32(PARTS)).astype(np.float64) / PARTS
    mine = p[row]
    size = int(bucket.max(initial=0)) + 1
    body = np.bincount(bucket, mine, size)[bucket] - mine
    every = np.bincount(bucket, minlength=size)[bucket] - 1
    rare = every < RARE
    in_body = np.minimum(body, 1)
    n_words = np.maximum(np.bincount(row, minlength=n), 1)
    sums = [np.bincount(row, v, n) for v in (in_body, in_body * rare, np.minimum(every - body, 1) * rare)]
    shares: npt.NDArray[np.float32] = (np.stack(sums, 1) / n_words[:, None]).astype(np.float32)
    return shares
