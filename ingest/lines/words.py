"""Hashed words of many lines at once.

A word is a run of letters, marks and digits; each Han or Kana character is a word of its own. The hash of
every word is taken from one running polynomial over the whole batch (a prefix sum in which the start's power
is divided out), so that no Python loop runs over words. Arithmetic is modulo 2**64; digits are folded to `0`
and letters to lower case first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ingest.lines.unicode import WORD_KINDS, Kind

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_PAIR = np.uint64(0xA24BAED4963EE407)
_BLANK = np.uint64(0x9FB21C651E98DF25)  # stands for numbers and names

PIECE = 1 << 16  # codes hashed at once

_IN_WORD = np.zeros(256, bool)
_IN_WORD[[*WORD_KINDS, Kind.IDEOGRAPH]] = True

HEAD_WORDS = 8  # words (and pairs of words) taken from the start of a line
TAIL_WORDS = 4  # and from its end
START_WORDS = 5  # lines that have so many first words in common say the same


@dataclass(frozen=True)
class Words:
    """Words of a batch of lines, in reading order.

    hashes: uint64[w] · row: int64[w], the line of each word · first: int64[n + 1], line i owns words
    first[i]:first[i + 1] · start: int64[w], code point index of the word's first character.
    """

    hashes: U64
    row: I64
    first: I64
    start: I64


@lru_cache(maxsize=8)
def _powers(length: int, base: int) -> U64:
    with np.errstate(over="ignore"):
        out = np.full(length, base, np.uint64)
        out[0] = 1
        powers: U64 = np.multiply.accumulate(out)
    return powers


def _mix(hashes: U64) -> U64:
    """Spread the bits: the low ones of a polynomial hash are weak."""
    hashes = (hashes ^ (hashes >> np.uint64(29))) * _MIX
    out: U64 = hashes ^ (hashes >> np.uint64(32))
    return out


def split_words(kinds: npt.NDArray[np.uint8], folded: npt.NDArray[np.uint32], begins: I64, n: int) -> Words:
    """Find and hash the words of `n` lines.

    kinds: uint8[c] classes of the code points, lines separated by a SPACE · folded: uint32[c] · begins: int64[n], where
    each line begins.
    """
    in_word = _IN_WORD.take(kinds)
    lone = kinds == Kind.IDEOGRAPH
    breaks = np.empty(len(kinds), bool)  # a word boundary lies before this code point
    breaks[:1] = True
    breaks[1:] = ~in_word[:-1] | lone[1:] | lone[:-1]
    start = np.flatnonzero(in_word & breaks)
    after = np.empty(len(kinds), bool)
    after[-1:] = True
    after[:-1] = ~in_word[1:] | breaks[1:]
    end = np.flatnonzero(in_word & after)
    hashes = run_hashes(folded, start, end + 1)
    first = np.append(np.searchsorted(start, begins), len(start)).astype(np.int64)
    row = np.repeat(np.arange(n), np.diff(first))
    return Words(hashes, row, first, start.astype(np.int64))


def run_hashes(codes: npt.NDArray[np.uint16] | npt.NDArray[np.uint32], start: I64, end: I64) -> U64:
    """uint64[w]: a hash of each run codes[start[i]:end[i]]; runs ascend."""
    out = np.empty(len(start), np.uint64)
    first = 0
    while first < len(start):  # piece by piece: as many powers stay in memory as a piece has codes
        begin = int(start[first])
        last = max(int(np.searchsorted(start, begin + PIECE)), first + 1)
        length = int(end[last - 1]) - begin
        size = 1 << max(PIECE.bit_length(), length.bit_length())  # powers of two, so that the cache serves every batch
        sums = np.zeros(length + 1, np.uint64)
        np.cumsum((codes[begin : begin + length] + np.uint32(1)) * _powers(size, _BASE)[:length], out=sums[1:])
        at = start[first:last] - begin
        out[first:last] = _mix((sums[end[first:last] - begin] - sums[at]) * _powers(size, _INVERSE)[at])
        first = last
    return out


def line_hashes(hashes: U64, row: I64, n: int) -> U64:
    """uint64[n]: one hash per line over its words in order; 0 for a line without words.

    hashes: uint64[w], words in reading order · row: int64[w], ascending, the line of each.
    """
    first = np.searchsorted(row, np.arange(n + 1)).astype(np.int64)
    order = np.arange(len(hashes)) - first[row]
    size = 1 << max(12, int(order.max(initial=0) + 1).bit_length())
    terms = hashes * _powers(size, int(_PAIR))[order]
    sums = np.zeros(len(terms) + 1, np.uint64)
    np.cumsum(terms, out=sums[1:])
    out: U64 = _mix(sums[first[1:]] - sums[first[:-1]])
    return out


def start_hashes(words: Words, n: int) -> U64:
    """uint64[n]: a hash of the first `START_WORDS` words of each line; 0 for a line that has fewer."""
    out = np.zeros(n, np.uint64)
    long = np.flatnonzero(np.diff(words.first) >= START_WORDS)
    at = words.first[long]
    for step in range(START_WORDS):
        out[long] = pair_hashes(out[long], words.hashes[at + step])
    return out


def blanked_hashes(words: Words, blank: npt.NDArray[np.bool_], n: int) -> U64:
    """uint64[n]: as `line_hashes`, with each run of words where `blank` (bool[w]) holds read as one and the same."""
    first = np.append(True, words.row[1:] != words.row[:-1])[: len(blank)]
    keep = ~(blank & np.append(False, blank[:-1])[: len(blank)] & ~first)
    return line_hashes(np.where(blank, _BLANK, words.hashes)[keep], words.row[keep], n)


def pair_hashes(before: U64, after: U64) -> U64:
    """uint64[n]: a hash of two lines that follow each other, by their hashes."""
    return _mix(before * _PAIR + after)


def bags(words: Words, lines: U64, n: int) -> tuple[U64, I64, U64, I64]:
    """Tokens of the lines' starts and ends: (head tokens, head rows, tail tokens, tail rows).

    The head bag holds the first `HEAD_WORDS` words, the pairs they form and the hash of the whole line; the
    tail bag the last `TAIL_WORDS` words. Rows are int64 line numbers, ascending.
    """
    index = np.arange(len(words.hashes))
    order = index - words.first[words.row]
    head = np.flatnonzero(order < HEAD_WORDS)
    row, order = words.row[head], order[head]
    count = np.minimum(np.diff(words.first), HEAD_WORDS)
    pairs = np.maximum(count - 1, 0)
    begins = np.concatenate([[0], np.cumsum(count + pairs + 1)])
    tokens = np.empty(begins[-1], np.uint64)
    tokens[begins[row] + order] = words.hashes[head]
    second = np.flatnonzero(order)
    place = begins[row[second]] + count[row[second]] + order[second] - 1
    tokens[place] = _mix(words.hashes[head[second] - 1] * _PAIR + words.hashes[head[second]])
    tokens[begins[1:] - 1] = lines
    tail = words.first[words.row + 1] - index <= TAIL_WORDS
    return tokens, np.repeat(np.arange(n), np.diff(begins)), words.hashes[tail], words.row[tail]
