"""Features of the lines of a batch of documents, as dense matrices.

Two groups: *alone* is what a line shows by itself, *context* is where it stands on its page and how it
repeats there. Blank lines are no rows of their own: they become features of their neighbours. No feature is a
raw count of characters or words, which mean different things in different scripts: sizes are in Latin
letters' worth (see `ingest.lines.unicode`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.lines import words as w
from ingest.lines.scan import Scan
from ingest.lines.unicode import N_KINDS, Kind
from ingest.models import edges, repeats

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

LONG = 150.0  # Latin letters' worth from which a line counts as long
BUCKETS = 1 << 12  # per document, for counting in how many places a word stands

_LETTERS = (Kind.LOWER, Kind.UPPER, Kind.CASELESS, Kind.IDEOGRAPH, Kind.HANGUL)
_COUNTED = (
    Kind.DIGIT,
    Kind.STOP,
    Kind.COMMA,
    Kind.COLON,
    Kind.QUOTE,
    Kind.BRACKET,
    Kind.DASH,
    Kind.BULLET,
    Kind.SEPARATOR,
    Kind.COPYRIGHT,
    Kind.CURRENCY,
    Kind.SYMBOL,
    Kind.AT,
    Kind.APOSTROPHE,
    Kind.ELLIPSIS,
)
# what a line begins or ends with, pooled so that the script does not show
_EDGE = np.zeros(N_KINDS, np.int64)
for _group, _kinds in enumerate(
    (
        (Kind.OTHER, Kind.MARK, Kind.SYMBOL, Kind.SPACE),
        (Kind.LOWER,),
        (Kind.UPPER,),
        (Kind.CASELESS, Kind.IDEOGRAPH, Kind.HANGUL),
        (Kind.DIGIT, Kind.CURRENCY),
        (Kind.STOP,),
        (Kind.COMMA, Kind.APOSTROPHE),
        (Kind.COLON,),
        (Kind.QUOTE,),
        (Kind.BRACKET,),
        (Kind.DASH,),
        (Kind.BULLET,),
        (Kind.SEPARATOR,),
        (Kind.COPYRIGHT, Kind.AT),
        (Kind.ELLIPSIS,),
    )
):
    _EDGE[list(_kinds)] = _group
N_EDGES = int(_EDGE.max()) + 1


def _flags(*kinds: Kind) -> npt.NDArray[np.bool_]:
    table = np.zeros(N_KINDS, bool)
    table[list(kinds)] = True
    return table


_IS_LETTER = _flags(*_LETTERS).astype(np.float32)
_AFTER_STOP = _flags(Kind.SPACE, Kind.QUOTE, Kind.IDEOGRAPH, Kind.BRACKET)
_CLOSING = _flags(Kind.QUOTE, Kind.BRACKET, Kind.APOSTROPHE)

N_ALONE = 10 + 2 * len(_COUNTED) + 2 * N_EDGES + 8 + edges.N_SHOWN
N_CONTEXT = 29 + repeats.N_REPEATS


@dataclass(frozen=True)
class Features:
    """Features of r non-blank lines.

    rows: int64[r], their numbers among all lines · doc: int64[r], document of each, ascending · size:
    float32[r], Latin letters' worth · alone: float32[r, N_ALONE] · context: float32[r, N_CONTEXT] · head,
    tail: uint64 tokens with `head_row`, `tail_row`: int64, the row (0..r) of each token · words: all words of the rows.
    """

    rows: I64
    doc: I64
    size: F32
    alone: F32
    context: F32
    head: U64
    head_row: I64
    tail: U64
    tail_row: I64
    words: w.Words


def extract(lines: Scan, offsets: npt.NDArray[np.int64]) -> Features:
    """Features of all non-blank lines; document d owns lines offsets[d] to offsets[d + 1]."""
    rows = np.flatnonzero(lines.codes.lengths)
    n = len(rows)
    doc = np.searchsorted(offsets, rows, side="right") - 1
    if not n:
        none, tokens = np.zeros(0, np.int64), np.zeros(0, np.uint64)
        return Features(
            none, none, np.zeros(0, np.float32), np.zeros((0, N_ALONE), np.float32),
            np.zeros((0, N_CONTEXT), np.float32), tokens, none, tokens, none,
            w.Words(tokens, none, np.zeros(1, np.int64), none),
        )  # fmt: skip
    seen = lines.of(rows)
    kinds, size, words = seen.kinds, seen.size, seen.words
    points, start, lengths = seen.codes.points, seen.codes.start, seen.codes.lengths
    cell = np.repeat(np.arange(0, n * N_KINDS, N_KINDS), lengths + 1) + kinds
    counts = np.bincount(cell, minlength=n * N_KINDS).reshape(n, N_KINDS).astype(np.float32)
    lines_hash = w.line_hashes(words.hashes, words.row, n)

    alone = _alone(points, kinds, start, lengths, size, counts, words, seen.codes.indent)
    context = _context(rows, doc, offsets, size, lines_hash, w.start_hashes(words, n), words, alone)
    context[:, -repeats.N_REPEATS :] = repeats.repeats(repeats.masks(words, kinds, n), doc)
    head, head_row, tail, tail_row = w.bags(words, lines_hash, n)
    return Features(rows, doc, size, alone, context, head, head_row, tail, tail_row, words)


def _alone(
    codes: npt.NDArray[np.uint32],
    kinds: npt.NDArray[np.uint8],
    start: I64,
    lengths: I64,
    size: F32,
    counts: F32,
    words: w.Words,
    indent: I64,
) -> F32:
    n = len(size)
    end = start + lengths - 1
    letters = counts @ _IS_LETTER
    visible = np.maximum(lengths + 1 - counts[:, Kind.SPACE], 1)  # a line's end counts as a space
    cased = counts[:, Kind.UPPER] + counts[:, Kind.LOWER]
    first_kind = kinds[words.start]
    n_words = np.diff(words.first).astype(np.float32)
    big = np.bincount(words.row, weights=first_kind == Kind.UPPER, minlength=n)
    small = np.bincount(words.row, weights=first_kind == Kind.LOWER, minlength=n)

    def per_line(places: I64) -> F32:
        """How many of the places lie in each line; the last place of all, a line's end, is none of them."""
        return np.bincount(np.searchsorted(start, places, side="right") - 1, minlength=n).astype(np.float32)

    stop = np.flatnonzero(kinds == Kind.STOP)
    stops = per_line(stop[_AFTER_STOP[kinds[stop + 1]]])
    last, before = kinds[end], kinds[np.maximum(end - 1, start)]
    closed = _CLOSING[last] & (before == Kind.STOP)

    digit = kinds == Kind.DIGIT
    edge = np.flatnonzero(digit & ~np.append(False, digit[:-1]))
    run = np.flatnonzero(digit & ~np.append(digit[1:], False)) - edge + 1
    line_of = np.searchsorted(start, edge, side="right") - 1
    year = (run == 4) & ((codes[edge] & 15) - 1 <= 1)  # 1000 to 2999, in any script whose zero is a multiple of 16
    years = np.bincount(line_of[year], minlength=n)
    short = np.bincount(line_of[run <= 2], minlength=n)
    colon = np.flatnonzero(kinds == Kind.COLON)
    clock = per_line(colon[(kinds[colon - 1] == Kind.DIGIT) & (kinds[colon + 1] == Kind.DIGIT)])
    link = per_line(colon[(codes[colon] == ord(":")) & (codes[colon + 1] == ord("/"))])
    question = np.isin(codes[end], [ord(c) for c in "?？؟"])

    out = np.zeros((n, N_ALONE), np.float32)
    out[:, 0] = np.log1p(size) / 3
    out[:, 1] = np.minimum(size / LONG, 4)
    out[:, 2] = letters / visible
    out[:, 3] = np.where(cased > 0, counts[:, Kind.UPPER] / np.maximum(cased, 1), 0.05)
    out[:, 4] = np.where(big + small > 0, big / np.maximum(big + small, 1), 0.2)
    out[:, 5] = cased > 0
    out[:, 6] = np.log1p(stops)
    out[:, 7] = stops / (size / LONG + 1)
    out[:, 8] = (last == Kind.STOP) | closed
    out[:, 9] = question
    at = 10
    counted = counts[:, _COUNTED]
    out[:, at : at + len(_COUNTED)] = np.log1p(counted)
    at += len(_COUNTED)
    out[:, at : at + len(_COUNTED)] = counted / visible[:, None]
    at += len(_COUNTED)
    for kind in (kinds[start], last):
        out[np.arange(n), at + _EDGE[kind]] = 1
        at += N_EDGES
    out[:, at] = np.log1p(years)
    out[:, at + 1] = np.log1p(short)
    out[:, at + 2] = np.log1p(clock)
    out[:, at + 3] = (years > 0) & (short > 0)
    out[:, at + 4] = np.log1p(link)
    out[:, at + 5] = np.log1p(indent)
    out[:, at + 6] = np.minimum(n_words, 3) / 3
    out[:, at + 7] = np.minimum(small, 6) / 6
    out[:, at + 8 :] = edges.shown(codes, kinds, start, lengths)
    return out


def _context(
    rows: I64,
    doc: I64,
    offsets: npt.NDArray[np.int64],
    size: F32,
    lines_hash: U64,
    starts: U64,
    words: w.Words,
    alone: F32,
) -> F32:
    n = len(rows)
    docs, first, per_doc = np.unique(doc, return_index=True, return_counts=True)
    nth = np.repeat(np.arange(len(docs)), per_doc)  # document of each row, counted without gaps
    last = first + per_doc
    place = np.arange(n) - first[nth]
    length = per_doc[nth].astype(np.float32)
    blank_before = np.diff(rows, prepend=rows[0]).astype(np.float32) - 1
    blank_before[first] = rows[first] - offsets[docs]
    blank_after = np.append(blank_before[1:], 0)
    blank_after[last - 1] = offsets[docs + 1] - rows[last - 1] - 1

    sums = np.concatenate([[0.0], np.cumsum(size, dtype=np.float64)])
    total = (sums[last] - sums[first])[nth]
    above = sums[:-1] - sums[first][nth]
    long = size > LONG
    longest = np.maximum.reduceat(size, first)
    order = np.lexsort((np.arange(n), -size, nth))  # the first of the longest lines of each document
    at_longest = order[first]
    distance = np.arange(n) - at_longest[nth]
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    rank -= first[nth]
    typical = np.add.reduceat(size.astype(np.float64) ** 2, first) / (sums[last] - sums[first]).clip(1)

    _, inverse, times = np.unique(lines_hash + nth.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15),
                                  return_inverse=True, return_counts=True)  # fmt: skip
    repeats = times[inverse] * (lines_hash != 0)
    seen = np.zeros(len(times), np.int64)
    seen[inverse[::-1]] = np.arange(n)[::-1]
    slot = nth[words.row] * BUCKETS + (words.hashes & np.uint64(BUCKETS - 1)).astype(np.int64)
    everywhere = np.bincount(slot, minlength=len(docs) * BUCKETS)
    in_long = np.bincount(slot, weights=long[words.row], minlength=len(docs) * BUCKETS)
    n_words = np.maximum(np.diff(words.first), 1)

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        result: npt.NDArray[np.float64] = np.bincount(words.row, weights=values, minlength=n) / n_words
        return result

    def share(flags: npt.NDArray[np.bool_] | F32) -> F32:
        return (np.add.reduceat(flags, first, dtype=np.float32) / per_doc)[nth].astype(np.float32)

    elsewhere = in_long[slot] - long[words.row]
    out = np.empty((n, N_CONTEXT), np.float32)
    out[:, 0] = np.minimum(blank_before, 3) / 2
    out[:, 1] = np.minimum(blank_after, 3) / 2
    out[:, 2] = ((offsets[docs + 1] - offsets[docs]) / per_doc - 1)[nth].clip(0, 3)
    out[:, 3] = place / length
    out[:, 4] = above / total.clip(1)
    out[:, 5] = np.log1p(place) / 3
    out[:, 6] = np.log1p(length - 1 - place) / 3
    out[:, 7] = np.log1p(above) / 5
    out[:, 8] = np.log1p((total - above - size).clip(0)) / 5
    out[:, 9] = np.sign(distance) * np.log1p(np.abs(distance)) / 3
    out[:, 10] = distance == 0
    out[:, 11] = size / longest[nth].clip(1)
    out[:, 12] = np.log1p(longest[nth]) / 5
    out[:, 13] = np.log1p(total) / 8
    out[:, 14] = np.log1p(length) / 5
    out[:, 15] = share(long)
    out[:, 16] = ((np.add.reduceat(size * long, first)) / (total[first]).clip(1))[nth]
    out[:, 17] = share(alone[:, 8])
    out[:, 18] = np.log1p(repeats)
    out[:, 19] = seen[inverse] == np.arange(n)
    out[:, 20] = mean(np.log1p(everywhere[slot] - 1))
    out[:, 21] = mean(np.log1p(elsewhere))
    out[:, 22] = mean((elsewhere > 0).astype(np.float64))
    out[:, 23] = mean(((elsewhere > 0) & (everywhere[slot] <= 6)).astype(np.float64))
    out[:, 24] = np.log1p(typical[nth]) / 5
    out[:, 25] = np.minimum(size / typical[nth].clip(1), 3)
    out[:, 26] = rank / length
    same = (starts[1:] == starts[:-1]) & (starts[1:] != 0) & (nth[1:] == nth[:-1])  # alt text above its caption
    out[:, 27] = np.append(False, same)
    out[:, 28] = np.append(same, False)
    return out
