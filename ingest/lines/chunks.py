"""Whole documents in chunks of about so many code points, for stages whose arrays would otherwise grow with the batch.

Arrays that stay near the cache are several times faster, and what a stage needs in between is bounded, but for one
document that is larger by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

CHUNK = 1 << 18  # code points


def lengths_of(texts: Sequence[str]) -> I64:
    """int64[n], code points."""
    return np.fromiter(map(len, texts), np.int64, len(texts))


def chunks(lengths: I64, offsets: I64 | None = None, most: int = CHUNK) -> Iterator[tuple[int, int]]:
    """Ranges (first, past last) of documents; document d owns the texts offsets[d] to offsets[d + 1], of so many code
    points each. None is ever split. Without offsets, each text is a document.
    """
    offsets = np.arange(len(lengths) + 1) if offsets is None else offsets
    sums = np.concatenate([[0], np.cumsum(lengths + 1)])[offsets]
    first, count = 0, len(offsets) - 1
    while first < count:
        last = int(np.searchsorted(sums, sums[first] + most))
        last = min(max(last, first + 1), count)
        yield first, last
        first = last
