"""Lines of one page that are alike but for numbers and names: «Ann Lee says:», «5 May at 3:12 pm», «(3 hours ago)».

Threads of comments and lists of teasers are set in such a measure; the paragraphs of an article are not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import Kind
from ingest.lines.words import Words, blanked_hashes

N_REPEATS = 2
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def masks(words: Words, kinds: npt.NDArray[np.uint8], n: int) -> npt.NDArray[np.uint64]:
    """uint64[n]: equal for lines that differ only in numbers and capitalised words; 0 where nothing else is left.

    kinds: uint8[c], classes of the code points of the `n` lines.
    """
    first = kinds[words.start]
    name = (first == Kind.DIGIT) | (first == Kind.UPPER)
    left = np.bincount(words.row[~name], minlength=n) > 0
    return np.where(left, blanked_hashes(words, name, n), np.uint64(0))


def repeats(mask: npt.NDArray[np.uint64], nth: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32[n, N_REPEATS]: logarithm of how many lines of its page have a line's mask, and one over the distance in
    lines to the nearest of them, 0 where there is none. nth: int64[n], the page of each line.
    """
    n = len(mask)
    out = np.zeros((n, N_REPEATS), np.float32)
    of_page = mask + nth.astype(np.uint64) * _SPREAD
    order = np.argsort(of_page, kind="stable")
    same = np.diff(of_page[order]) == 0
    gap = np.where(same, np.diff(order), 0)
    begins = np.flatnonzero(np.append(True, ~same))[: max(n, 0)]
    times = np.diff(np.append(begins, n))
    out[order, 0] = np.log1p(np.repeat(times, times) - 1)
    near = np.full(n, np.inf)
    near[1:][same] = gap[same]
    near[:-1][same] = np.minimum(near[:-1][same], gap[same])
    out[order, 1] = 1 / near
    out[mask == 0] = 0
    return out
