"""Hashed features of words: all character 1- to 5-grams with the word's edges, and the word itself.

The layout is dense: each word takes one position for its leading edge and one for each letter, and each position holds
one bucket for each n-gram length. Where an n-gram would run over the word's end its bucket is 0, which no weight
uses; the 1-gram of the edge, which says nothing, is the place of the whole word's bucket. So scoring needs no index
lists: gather, add the five, sum by word. (Feature hashing after Weinberger et al. 2009; polynomial rolling hash after
Karp and Rabin 1987, finished by Knuth's multiplicative hash.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.language.words import MAX_WORD, Ints, Words

ORDERS = 5
EDGE = 1  # symbol of a word's edge; no letter has it

_BASE = np.uint32(0x01000193)
_FINISH = np.uint32(0x9E3779B1)
_FINISH_WORD = np.uint32(0x85EBCA6B)
_POWERS = np.cumprod(np.full(MAX_WORD + 1, 0x5BD1E995, np.uint32), dtype=np.uint32)


@dataclass(slots=True)
class Buckets:
    """Buckets of m positions that belong to w words; word i owns positions start[i]:start[i+1]."""

    orders: list[npt.NDArray[np.intp]]  # ORDERS arrays [m]
    start: Ints  # [w]
    size: Ints  # [w] positions of each word


def lay_out(words: Words, chosen: Ints, tail: int) -> tuple[npt.NDArray[np.uint32], Ints, Ints]:
    """Letters of the chosen words, each word led by an edge, the whole followed by `tail` edges.

    Returns the letters uint32[m + tail], and the first position and the number of positions of each word.
    """
    begin = words.start[chosen]
    size = words.end[chosen] - begin + 1
    after = np.cumsum(size)
    start = after - size
    total = int(after[-1]) if len(after) else 0
    # source of each position: its letter, or for the leading edge whatever stands before the word
    source = np.arange(total) + np.repeat(begin - 1 - start, size)
    letters = np.full(total + tail, EDGE, np.uint32)
    letters[:total] = words.symbols[source]
    letters[start] = EDGE
    return letters, start, size


def hash_words(words: Words, chosen: Ints, bits: int) -> Buckets:
    """Buckets in 0..2**bits-1 of the words with numbers `chosen`, in that order."""
    letters, start, size = lay_out(words, chosen, ORDERS)
    total = len(letters) - ORDERS
    after = start + size

    shift = np.uint32(32 - bits)
    room = np.repeat(after, size) - np.arange(total)  # positions up to the next edge
    rolling = letters[:total].copy()
    orders = [_finish(rolling, _FINISH, shift)]
    for order in range(2, ORDERS + 1):
        rolling *= _BASE
        rolling += letters[order - 1 : total + order - 1]
        bucket = _finish(rolling, _FINISH, shift)
        bucket *= room >= order - 1
        orders.append(bucket)  # numpy gathers by intp only: one conversion here saves one for each lane

    place = np.arange(total) - np.repeat(start, size)
    parts = letters[:total] * _POWERS[place]
    whole = np.add.reduceat(parts, start, dtype=np.uint32) if total else np.zeros(0, np.uint32)
    orders[0][start] = _finish(whole, _FINISH_WORD, shift)
    return Buckets(orders, start, size)


def _finish(hashes: npt.NDArray[np.uint32], factor: np.uint32, shift: np.uint32) -> npt.NDArray[np.intp]:
    mixed = hashes ^ (hashes >> np.uint32(15))
    mixed *= factor
    mixed >>= shift
    buckets: npt.NDArray[np.intp] = mixed.astype(np.intp)
    return buckets
