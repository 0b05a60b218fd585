"""Scores of words that were met before: most words of a batch are a few thousand ones, again and again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
F32 = npt.NDArray[np.float32]

BITS = 15  # a row for each of so many hashes: some megabytes, and nine in ten words of a running text


class WordMemory:
    """A table of `width` numbers a word, in the place that its hash names; a newcomer takes the place of what is there.

    What is remembered changes no result, but for two words of one 64-bit hash. May be used from several threads.
    """

    def __init__(self, width: int) -> None:
        self._hashes = np.zeros(1 << BITS, np.uint64)
        self._rows = np.zeros((1 << BITS, width), np.float32)
        self._lock = Lock()

    def look_up(self, hashes: U64, score: Callable[[npt.NDArray[np.int64]], F32]) -> F32:
        """float32[len(hashes), width]: the row of each word; `score` gives those of the words of some numbers."""
        place = (hashes >> np.uint64(64 - BITS)).astype(np.intp)
        with self._lock:
            out = self._rows.take(place, axis=0)
            missing = np.flatnonzero(self._hashes.take(place) != hashes)
        if len(missing):
            _, first, which = np.unique(hashes[missing], return_index=True, return_inverse=True)
            new = missing[first]
            rows = score(new)
            out[missing] = rows[which]
            kept, last = np.unique(place[new], return_index=True)
            with self._lock:
                self._hashes[kept], self._rows[kept] = hashes[new[last]], rows[last]
        return out
