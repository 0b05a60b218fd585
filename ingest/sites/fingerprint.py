"""Fingerprints of lines: equal for lines that are equal but for case, digits, spacing and outer punctuation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_OUTER = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔։।][\"'»”’)\]]*$")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")

# A wide character (Han, Kana, Hangul) carries about as much as three alphabetic ones.
WIDE_WEIGHT = 3
PARAGRAPH = 80  # weighted characters from which a line that ends like a sentence is taken for a paragraph


# The two lowest bits of a fingerprint tell of the line's shape.
PARAGRAPH_BIT = np.uint64(1)
SPECIFIC_BIT = np.uint64(2)
SPECIFIC = 25  # weighted characters from which a line is hardly a phrase that unrelated sites share


def fingerprint(line: str) -> int:
    """64-bit fingerprint of a line, 0 for a line without letters or digits."""
    key = _OUTER.sub("", _SPACES.sub(" ", _DIGITS.sub("0", line.casefold())))
    if not key:
        return 0
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def weight(line: str) -> int:
    """Length in characters, wide ones counted `WIDE_WEIGHT` times."""
    n = len(line)
    return n if line.isascii() else n + (WIDE_WEIGHT - 1) * len(_WIDE.findall(line))


def is_paragraph(line: str) -> bool:
    """Whether a line is long and ends as sentences end, in any script."""
    return weight(line) >= PARAGRAPH and _SENTENCE_END.search(line) is not None


def fingerprints(lines: Sequence[str]) -> npt.NDArray[np.uint64]:
    """uint64[len(lines)] with the shape bits set; 0 for blank lines and those without letters or digits."""
    result = np.zeros(len(lines), np.uint64)
    for row, line in enumerate(lines):
        if line and (value := fingerprint(line)):
            shape = is_paragraph(line) | (weight(line) >= SPECIFIC) << 1
            result[row] = (value & ~3) | shape or 4
    return result


def identity(values: npt.NDArray[np.uint64]) -> int:
    """What tells a page from others: a hash of all its fingerprints. A page scraped twice counts once."""
    return int.from_bytes(hashlib.blake2b(np.unique(values).tobytes(), digest_size=8).digest(), "little")
