"""The words of texts, counted."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from ingest.lines.scan import Codes
from ingest.lines.unicode import IDEOGRAPHS, PLANE

CHUNK = 1 << 18  # characters counted at once
_OUTSIDE, _INSIDE, _WORD = range(3)  # no part of a word, part of one, a word by itself


def count_words(lines: Codes) -> npt.NDArray[np.int64]:
    """int64[n]: words of lines: runs of letters, figures and underscores; Han and Kana characters count one each."""
    begins, before = np.zeros(len(lines.points), np.bool_), np.uint8(_OUTSIDE)
    for first in range(0, len(begins), CHUNK):
        kind = _kinds_of(lines.points[first : first + CHUNK])
        after_others = np.append(before, kind[:-1]) != _INSIDE
        begins[first : first + CHUNK] = (kind == _WORD) | (kind == _INSIDE) & after_others
        before = kind[-1]
    return np.add.reduceat(begins, lines.start, dtype=np.int64) if len(lines) else np.zeros(0, np.int64)


def _kinds_of(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    kinds: npt.NDArray[np.uint8] = _table().take(np.minimum(points, PLANE - 1).astype(np.intp))
    for place in np.flatnonzero(points >= PLANE).tolist():
        kinds[place] = _INSIDE if chr(points[place]).isalnum() else _OUTSIDE
    return kinds


@cache
def _table() -> npt.NDArray[np.uint8]:
    """uint8[65536]: the kind of each character of the Basic Multilingual Plane."""
    table = np.zeros(PLANE, np.uint8)
    for run in re.finditer(r"\w+", "".join(map(chr, range(PLANE)))):
        table[run.start() : run.end()] = _INSIDE
    for first, last in IDEOGRAPHS:
        table[first : last + 1] = _WORD
    return table
