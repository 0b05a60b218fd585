"""What two texts are compared by: a key for exact copies, shingles for near ones. Pure functions of a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import IDEOGRAPHS

VERSION = f"1 unicode-{unicodedata.unidata_version}"
"""Changes whenever a key or a signature of the same text could."""

MIN_WORDS = 8
"""Shorter texts are never duplicates: they are what the scrape left of many different pages."""
SHINGLE = 3
"""Words in a shingle. Three tell word order apart, and a changed word still costs only three shingles."""

_KEY_BYTES = 16
_NO_SPACES = "".join(f"{chr(first)}-{chr(last)}" for first, last in IDEOGRAPHS)  # a character is a word
_WORD = re.compile(rf"[{_NO_SPACES}]|[^\W_{_NO_SPACES}]+")

# Odd multipliers, one a position in the shingle, so that word order counts (multilinear hashing, Lemire & Kaser 2014).
_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def words(text: str) -> list[str]:
    """Letters and digits of a text, casefolded, as words; a Han or Kana character is a word of its own."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def key_of(tokens: Sequence[str]) -> bytes | None:
    """Equal for exact copies, 16 bytes; None for a text too short to have copies.

    Word limits do not enter: a space that the scrape lost or added makes no other text.
    """
    if len(tokens) < MIN_WORDS:
        return None
    return blake2b("".join(tokens).encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


class Shingler:
    """Hashes word shingles; remembers the hash of each word, since words come again and again."""

    def __init__(self) -> None:
        self._hashes: dict[str, int] = {}

    def __call__(self, tokens: Sequence[str]) -> npt.NDArray[np.uint32]:
        """The set of shingles of at least `SHINGLE` words: sorted hashes, each once."""
        known = self._hashes
        if len(known) > 1_000_000:  # long tails of rare words
            known.clear()
        hashes = np.fromiter((known.get(word) or self._hash(word) for word in tokens), np.uint64, len(tokens))
        n = len(tokens) - SHINGLE + 1
        mixed = np.zeros(n, np.uint64)
        for place, multiplier in enumerate(_MULTIPLIERS[:SHINGLE]):
            mixed += hashes[place : place + n] * np.uint64(multiplier)  # wraps around, which is meant
        return np.unique((mixed >> np.uint64(32)).astype(np.uint32))

    def _hash(self, word: str) -> int:
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self._hashes[word] = value = int.from_bytes(digest, "little") | 1
        return value


def jaccard(a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]) -> float:
    """Shared elements of two sorted sets over all their elements, 0..1."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return shared / (len(a) + len(b) - shared)
