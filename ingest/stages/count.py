"""The words of a text, counted."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import PLANE, codes_of

CHUNK = 1 << 18  # characters counted at once
_OUTSIDE, _INSIDE, _WORD = range(3)  # no part of a word, part of one, a word by itself
_WIDE = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))  # Han and Kana


def count_words(text: str) -> int:
    """Words of a text: runs of letters, figures and underscores; Han and Kana characters count one each."""
    total, before = 0, np.uint8(_OUTSIDE)
    for start in range(0, len(text), CHUNK):
        kind = _kinds_of(text[start : start + CHUNK])
        inside = kind == _INSIDE
        total += int(np.count_nonzero(kind == _WORD)) + int(inside[0] and before != _INSIDE)
        total += int(np.count_nonzero(inside[1:] & ~inside[:-1]))
        before = kind[-1]
    return total


def _kinds_of(text: str) -> npt.NDArray[np.uint8]:
    codes = codes_of(text)
    kinds: npt.NDArray[np.uint8] = _table().take(np.minimum(codes, PLANE - 1).astype(np.intp))
    for place in np.flatnonzero(codes >= PLANE).tolist():
        kinds[place] = _INSIDE if text[place].isalnum() else _OUTSIDE
    return kinds


@cache
def _table() -> npt.NDArray[np.uint8]:
    """uint8[65536]: the kind of each character of the Basic Multilingual Plane."""
    table = np.zeros(PLANE, np.uint8)
    for run in re.finditer(r"\w+", "".join(map(chr, range(PLANE)))):
        table[run.start() : run.end()] = _INSIDE
    for first, last in _WIDE:
        table[first : last + 1] = _WORD
    return table
