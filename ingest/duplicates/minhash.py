"""Which texts are worth comparing: MinHash signatures and their bands (Broder 1997; Leskovec et al., «Mining of Massive
Datasets», ch. 3). The signatures are datasketch's; the bands are a sort over all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

BANDS, ROWS = 21, 6
"""A pair with Jaccard similarity s shares a band with probability 1 − (1 − s⁶)²¹: 0.998 at 0.8, 0.28 at 0.5."""
PERMUTATIONS = BANDS * ROWS
SEED = 1
SCHEME = "affine32"

# odd powers of an odd number: one multiplier a row of a band
_MIX = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, 2 * ROWS, 2, dtype=np.uint64)

Signatures = npt.NDArray[np.uint32]


def signatures(sets: Sequence[npt.NDArray[np.uint32]]) -> Signatures:
    """MinHash signatures, uint32 of shape (sets, PERMUTATIONS)."""
    from datasketch import MinHash

    found = np.empty((len(sets), PERMUTATIONS), np.uint32)
    empty = MinHash(PERMUTATIONS, seed=SEED, hashfunc=_as_it_is, scheme=SCHEME)
    for row, shingles in enumerate(sets):
        sketch = empty.copy()
        sketch.update_batch(shingles)
        found[row] = sketch.hashvalues
    return found


def buckets(signed: Signatures) -> Iterator[npt.NDArray[np.int64]]:
    """Rows that agree in all of some band, two or more each, ascending; pairs can come in several buckets."""
    if not len(signed):
        return
    for band in range(BANDS):
        part = signed[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        values = (part * _MIX).sum(axis=1, dtype=np.uint64)  # wraps around; a clash only costs a comparison
        order = np.argsort(values, kind="stable").astype(np.int64)
        ranked = values[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        sizes = np.diff(np.r_[starts, len(order)])
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            yield order[start : start + size]


def similarity(signed: Signatures, row: int, others: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Estimates of the Jaccard similarity of one row with each of `others`; standard error √(s(1 − s)/126)."""
    agree: npt.NDArray[np.float64] = (signed[others] == signed[row]).mean(axis=1)
    return agree


def _as_it_is(value: int) -> int:
    return value
